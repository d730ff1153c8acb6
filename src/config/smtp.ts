import { heloName, isLoopback, smtpUrl, smtpUrlWithUser } from "./addresses.js";
import { shown } from "./errors.js";
import { authoritiesProblem } from "./pem.js";
import type { EnvReader } from "./reader.js";
import { type Config, SMTP_TLS_MODES } from "./shape.js";
import { duration, integer, name, oneOf, type ValueParser } from "./values.js";

export const readSmtp = (reader: EnvReader, warnings: string[]): Config["smtp"] | undefined => {
  const tokenFile = reader.optional("SMTP_OAUTH2_TOKEN_FILE", TOKEN_FILE);
  const target = reader.secret("SMTP_URL", tokenFile === undefined ? smtpUrl : smtpUrlWithUser);
  if (!reader.hasSecret("SMTP_URL"))
    reader.fail("SMTP_URL", "it is required and neither it nor SMTP_URL_FILE is set", smtpUrl);
  const tlsMode = oneOf(SMTP_TLS_MODES, "require");
  const loopback = target !== undefined && isLoopback(target.host);
  const tls = reader.read("SMTP_TLS", tlsMode, loopback ? "opportunistic" : "require");
  if (tls === "off" && target?.implicitTls) {
    reader.fail("SMTP_TLS", "it is off, but SMTP_URL says smtps://", {
      ...tlsMode,
      expected: "require, opportunistic, or an smtp:// URL",
    });
  }
  if (tls !== "require" && target?.auth && !target.implicitTls && !loopback) {
    const secret = tokenFile === undefined ? "SMTP_URL has a password" : "SMTP_OAUTH2_TOKEN_FILE has a token";
    warnings.push(`SMTP_TLS is ${tls} and ${secret}: it may cross the network readable`);
  }
  if (tokenFile !== undefined && target !== undefined && target.auth?.password !== "") {
    const problem = target.auth === undefined ? "SMTP_URL names no user" : "SMTP_URL has a password as well";
    reader.fail("SMTP_OAUTH2_TOKEN_FILE", problem, { ...TOKEN_FILE, expected: `SMTP_URL=${smtpUrlWithUser.example}` });
  }
  const retryMax = duration("1ms", "24h", "60s");
  const retryInitialMs = reader.read("SMTP_RETRY_INITIAL", duration("1ms", "24h", "1s"), 1_000);
  const retryMaxMs = reader.read("SMTP_RETRY_MAX", retryMax, 60_000);
  if (retryInitialMs > retryMaxMs) {
    const problem = `${retryMaxMs}ms is less than SMTP_RETRY_INITIAL (${retryInitialMs}ms)`;
    reader.fail("SMTP_RETRY_MAX", problem, { ...retryMax, expected: "a duration not below SMTP_RETRY_INITIAL" });
  }
  const ca = readAuthorities(reader);
  if (ca !== undefined && tls !== "require")
    warnings.push(`SMTP_CA_FILE has no effect: SMTP_TLS is ${tls}, which checks no certificate`);
  const numbers = {
    ca,
    helo: reader.optional("SMTP_HELO", heloName),
    connections: reader.read("SMTP_CONNECTIONS", integer(1, 1_000, 8), 8),
    timeoutMs: reader.read("SMTP_TIMEOUT", duration("100ms", "1h", "60s"), 60_000),
    replyTimeoutMs: reader.read("SMTP_REPLY_TIMEOUT", duration("100ms", "1h", "10m"), 600_000),
    mailsPerConnection: reader.read("SMTP_MAILS_PER_CONNECTION", integer(1, 1_000_000, 10), 10),
    retryInitialMs,
    retryMaxMs,
    retryBudgetMs: reader.read("SMTP_RETRY_BUDGET", duration("0ms", "168h", "15m"), 900_000),
  };
  if (target === undefined) return undefined;
  const login =
    tokenFile === undefined
      ? { auth: target.auth, oauth2: undefined }
      : { auth: undefined, oauth2: { username: target.auth?.username ?? "", tokenFile } };
  return { ...target, ...login, tls, ...numbers };
};

/** PEM; undefined: the usual ones, or something is wrong with the file. */
const readAuthorities = (reader: EnvReader): string | undefined => {
  const pem = reader.pemFile("SMTP_CA_FILE", "CA certificates");
  const problem = pem === undefined ? undefined : authoritiesProblem(pem);
  if (problem === undefined) return pem;
  reader.fail("SMTP_CA_FILE", `file ${shown(reader.text("SMTP_CA_FILE") ?? "")}: ${problem}`, {
    expected: "the path of a file with certificates in PEM, each from BEGIN CERTIFICATE to END CERTIFICATE",
    example: "/run/secrets/mail-ca.pem",
  });
  return undefined;
};

/** Not read here: whoever renews the token may come later than we do. */
const TOKEN_FILE: ValueParser<string> = {
  ...name(4_096, "/run/secrets/smtp-token"),
  expected: "the path of a file with an access token; SMTP_URL then has a user and no password",
};
