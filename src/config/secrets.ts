import type { Config, Credentials, KafkaSasl } from "./shape.js";

const REDACTED = "[redacted]";

/**
 * The configuration as it may be logged: nothing of `SMTP_URL`'s credentials, of a password or of a key; how many recipients, not which, unless
 * `LOG_RECIPIENTS` is `full`.
 */
export const redacted = (config: Config): Readonly<Record<string, unknown>> => ({
  ...config,
  kafka: {
    ...config.kafka,
    ssl: config.kafka.ssl && {
      ca: config.kafka.ssl.ca && "given",
      cert: config.kafka.ssl.cert && "given",
      key: config.kafka.ssl.key && REDACTED,
    },
    sasl: redactedSasl(config.kafka.sasl),
  },
  mail: {
    ...config.mail,
    to: shownRecipients(config, config.mail.to),
    dkim: config.mail.dkim && { ...config.mail.dkim, privateKey: REDACTED },
    templates: {
      subject: config.mail.templates.subject?.path,
      text: config.mail.templates.text?.path,
      html: config.mail.templates.html?.path,
    },
  },
  routes: { ...config.routes, database: config.routes.database && { ...config.routes.database, url: REDACTED } },
  report: config.report && { ...config.report, to: shownRecipients(config, config.report.to) },
  smtp: {
    ...config.smtp,
    auth: config.smtp.auth && REDACTED,
    oauth2: config.smtp.oauth2 && { ...config.smtp.oauth2, username: REDACTED },
  },
});

const redactedSasl = (sasl: KafkaSasl | undefined): unknown => {
  if (sasl?.mechanism !== "oauthbearer") return sasl && { ...sasl, password: REDACTED };
  return sasl.oauth.kind === "file" ? sasl : { ...sasl, oauth: { ...sasl.oauth, clientSecret: REDACTED } };
};

/** Of a login at Kafka, as a user and a password. */
const kafkaLogin = (sasl: KafkaSasl | undefined): Credentials | undefined => {
  if (sasl?.mechanism !== "oauthbearer") return sasl;
  const { oauth } = sasl;
  return oauth.kind === "file" ? undefined : { username: oauth.clientId, password: oauth.clientSecret };
};

const shownRecipients = (config: Config, addresses: readonly string[]): readonly string[] | number =>
  config.log.recipients === "full" ? addresses : addresses.length;

/** Every text that must not appear in a log line, in each form in which a library may show it, longest first. */
export const secretsOf = (config: Config): readonly string[] => {
  const forms = [config.smtp.auth, kafkaLogin(config.kafka.sasl)].flatMap((given) =>
    given === undefined
      ? []
      : [
          given.password,
          encodeURIComponent(given.password),
          Buffer.from(given.password).toString("base64"),
          // RFC 4616: what AUTH PLAIN sends.
          Buffer.from(`\0${given.username}\0${given.password}`).toString("base64"),
          // RFC 6749 section 2.3.1: what the token endpoint is sent.
          basicCredentials(given.username, given.password),
        ],
  );
  const { database } = config.routes;
  if (database !== undefined) forms.push(database.url, ...passwordOf(database.url));
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
};

const basicCredentials = (id: string, secret: string): string =>
  Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64");

/** As it stands in the URL, and as it is. */
const passwordOf = (url: string): readonly string[] => {
  const { password } = new URL(url);
  if (password === "") return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
};

/** A text as it may be shown. */
export const withoutSecrets =
  (secrets: readonly string[]) =>
  (text: string): string =>
    secrets.reduce((shown, secret) => (secret === "" ? shown : shown.replaceAll(secret, REDACTED)), text);
