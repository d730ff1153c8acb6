/** `SMTP_*`. */

import { heloName, isLoopback, smtpUrl, smtpUrlWithUser } from "./addresses.js";
import { authoritiesProblem } from "./pem.js";
import type { EnvReader } from "./reader.js";
import { formsOf } from "./secrets.js";
import { type Config, SMTP_TLS_MODES } from "./shape.js";
import { duration, integer, name, oneOf } from "./values.js";
import { optional, pemFile, secret, variables, withDefault } from "./variable.js";

const USER_ONLY = "smtp://alerts@mail.example.com:587";

export const SMTP = variables({
  SMTP_URL: secret(smtpUrl, {
    says: "mail server: smtp://user:pass@host:587 or smtps://…",
    more: "Without a port, `smtp://` means 587 and `smtps://` means 465.",
    required: true,
    example: "smtp://alerts:secret@mail.example.com:587",
    hides: ({ auth }) => (auth === undefined ? [] : formsOf(auth.password, auth.username)),
    logged: ({ host, port, implicitTls }) =>
      `${implicitTls ? "smtps" : "smtp"}://${host.includes(":") ? `[${host}]` : host}:${port}`,
  }),
  SMTP_OAUTH2_TOKEN_FILE: optional(
    // Not read here: whoever renews the token may come later than we do.
    { ...name(4_096), expected: "the path of a file with an access token; SMTP_URL then has a user and no password" },
    {
      says: "file with an access token, instead of a password (XOAUTH2)",
      more: "It is read again at each login, so something else can renew it. `SMTP_URL` then is `smtp://user@host`.",
      unset: "off",
      example: "/run/secrets/smtp-token",
    },
  ),
  SMTP_TLS: optional(oneOf(SMTP_TLS_MODES), {
    says: "STARTTLS",
    more: "With `opportunistic` the connection is encrypted where the server offers it, and no certificate is checked.",
    unset: "require; opportunistic for a loopback host",
    example: "require",
  }),
  SMTP_CA_FILE: pemFile(
    "certificates in PEM, each from BEGIN CERTIFICATE to END CERTIFICATE",
    {
      says: "PEM file: trust these authorities instead of the usual ones",
      more: "For a mail server with [a private CA](smtp.md#a-private-ca).",
      unset: "those that Node trusts",
      example: "/run/secrets/mail-ca.pem",
    },
    authoritiesProblem,
  ),
  SMTP_HELO: optional(heloName, {
    says: "name said in EHLO",
    more: "Some servers check it. See [the greeting](smtp.md#the-name-in-ehlo).",
    unset: "this host's name where it has a dot, else its address",
    example: "alerts.example.com",
  }),
  SMTP_CONNECTIONS: withDefault(integer(1, 1_000), {
    says: "most connections, so most mails in flight",
    default: "8",
  }),
  SMTP_MAILS_PER_CONNECTION: withDefault(integer(1, 1_000_000), {
    says: "most mails over one connection",
    more: "Some servers delay further ones. See [connections](smtp.md#connections).",
    default: "10",
  }),
  SMTP_TIMEOUT: withDefault(duration("100ms", "1h"), {
    says: "deadline of each step before the end of the message",
    more: "See [deadlines](smtp.md#deadlines).",
    default: "60s",
  }),
  SMTP_REPLY_TIMEOUT: withDefault(duration("100ms", "1h"), {
    says: "deadline of the reply to the end of the message",
    default: "10m",
  }),
  SMTP_RETRY_INITIAL: withDefault(duration("1ms", "24h"), {
    says: "first delay between attempts",
    more: "Each further delay is about twice as long, with some randomness.",
    default: "1s",
  }),
  SMTP_RETRY_MAX: withDefault(duration("1ms", "24h"), {
    says: "longest delay between attempts",
    default: "60s",
  }),
  SMTP_RETRY_BUDGET: withDefault(duration("0ms", "168h"), {
    says: "how long a mail may be refused temporarily",
    more: "After that it becomes a dead letter. Time in which the server cannot be reached does not count.",
    default: "15m",
  }),
});

export const readSmtp = (reader: EnvReader, warnings: string[]): Config["smtp"] | undefined => {
  const tokenFile = reader.read(SMTP.SMTP_OAUTH2_TOKEN_FILE);
  const target = reader.read(SMTP.SMTP_URL, tokenFile === undefined ? smtpUrl : smtpUrlWithUser);
  const loopback = target !== undefined && isLoopback(target.host);
  const tls = reader.read(SMTP.SMTP_TLS) ?? (loopback ? "opportunistic" : "require");
  if (tls === "off" && target?.implicitTls) {
    const expected = "require, opportunistic, or an smtp:// URL";
    reader.fail(SMTP.SMTP_TLS, "it is off, but SMTP_URL says smtps://", { expected });
  }
  if (tls !== "require" && target?.auth && !target.implicitTls && !loopback) {
    const known = tokenFile === undefined ? "SMTP_URL has a password" : "SMTP_OAUTH2_TOKEN_FILE has a token";
    warnings.push(`SMTP_TLS is ${tls} and ${known}: it may cross the network readable`);
  }
  if (tokenFile !== undefined && target !== undefined && target.auth?.password !== "") {
    const problem = target.auth === undefined ? "SMTP_URL names no user" : "SMTP_URL has a password as well";
    reader.fail(SMTP.SMTP_OAUTH2_TOKEN_FILE, problem, { expected: `SMTP_URL=${USER_ONLY}` });
  }
  const retryInitialMs = reader.read(SMTP.SMTP_RETRY_INITIAL);
  const retryMaxMs = reader.read(SMTP.SMTP_RETRY_MAX);
  if (retryInitialMs > retryMaxMs) {
    const [initial, most] = [`${retryInitialMs / 1000}s`, `${retryMaxMs / 1000}s`];
    reader.fail(SMTP.SMTP_RETRY_MAX, `${most} is less than SMTP_RETRY_INITIAL, which is ${initial}`, {
      expected: "a duration not below SMTP_RETRY_INITIAL",
      example: initial,
    });
  }
  const ca = reader.read(SMTP.SMTP_CA_FILE);
  if (ca !== undefined && tls !== "require")
    warnings.push(`SMTP_CA_FILE has no effect: SMTP_TLS is ${tls}, which checks no certificate`);
  const rest = {
    ca,
    helo: reader.read(SMTP.SMTP_HELO),
    connections: reader.read(SMTP.SMTP_CONNECTIONS),
    timeoutMs: reader.read(SMTP.SMTP_TIMEOUT),
    replyTimeoutMs: reader.read(SMTP.SMTP_REPLY_TIMEOUT),
    mailsPerConnection: reader.read(SMTP.SMTP_MAILS_PER_CONNECTION),
    retryInitialMs,
    retryMaxMs,
    retryBudgetMs: reader.read(SMTP.SMTP_RETRY_BUDGET),
  };
  if (target === undefined) return undefined;
  const login =
    tokenFile === undefined
      ? { auth: target.auth, oauth2: undefined }
      : { auth: undefined, oauth2: { username: target.auth?.username ?? "", tokenFile } };
  return { ...target, ...login, tls, ...rest };
};
