import type { Config } from "./shape.js";

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
    sasl: config.kafka.sasl && { ...config.kafka.sasl, password: REDACTED },
  },
  mail: { ...config.mail, to: config.log.recipients === "full" ? config.mail.to : config.mail.to.length },
  smtp: { ...config.smtp, auth: config.smtp.auth && REDACTED },
});

/** Every text that must not appear in a log line, in each form in which a library may show it, longest first. */
export const secretsOf = (config: Config): readonly string[] => {
  const forms = [config.smtp.auth, config.kafka.sasl].flatMap((given) =>
    given === undefined
      ? []
      : [
          given.password,
          encodeURIComponent(given.password),
          Buffer.from(given.password).toString("base64"),
          // RFC 4616: what AUTH PLAIN sends.
          Buffer.from(`\0${given.username}\0${given.password}`).toString("base64"),
        ],
  );
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
};

/** A text as it may be shown. */
export const withoutSecrets =
  (secrets: readonly string[]) =>
  (text: string): string =>
    secrets.reduce((shown, secret) => (secret === "" ? shown : shown.replaceAll(secret, REDACTED)), text);
