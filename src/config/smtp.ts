import { isLoopback, smtpUrl } from "./addresses.js";
import type { EnvReader } from "./reader.js";
import { type Config, SMTP_TLS_MODES } from "./shape.js";
import { duration, integer, oneOf } from "./values.js";

export const readSmtp = (reader: EnvReader, warnings: string[]): Config["smtp"] | undefined => {
  const target = reader.secret("SMTP_URL", smtpUrl);
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
    warnings.push(`SMTP_TLS is ${tls} and SMTP_URL has a password: it may cross the network readable`);
  }
  const retryMax = duration("1ms", "24h", "60s");
  const retryInitialMs = reader.read("SMTP_RETRY_INITIAL", duration("1ms", "24h", "1s"), 1_000);
  const retryMaxMs = reader.read("SMTP_RETRY_MAX", retryMax, 60_000);
  if (retryInitialMs > retryMaxMs) {
    const problem = `${retryMaxMs}ms is less than SMTP_RETRY_INITIAL (${retryInitialMs}ms)`;
    reader.fail("SMTP_RETRY_MAX", problem, { ...retryMax, expected: "a duration not below SMTP_RETRY_INITIAL" });
  }
  const numbers = {
    connections: reader.read("SMTP_CONNECTIONS", integer(1, 1_000, 8), 8),
    timeoutMs: reader.read("SMTP_TIMEOUT", duration("100ms", "1h", "60s"), 60_000),
    retryInitialMs,
    retryMaxMs,
    retryBudgetMs: reader.read("SMTP_RETRY_BUDGET", duration("0ms", "168h", "15m"), 900_000),
  };
  return target && { ...target, tls, ...numbers };
};
