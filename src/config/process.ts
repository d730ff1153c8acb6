/** `BUFFER_*`, `HTTP_*`, `LOG_*` and the deadlines of the process. */

import { listenHost } from "./addresses.js";
import type { EnvReader } from "./reader.js";
import { type Config, LOG_FORMATS, LOG_LEVELS, LOG_RECIPIENTS } from "./shape.js";
import { duration, integer, oneOf, size } from "./values.js";
import { variables, withDefault } from "./variable.js";

export const PROCESS = variables({
  BUFFER_MAX_ALERTS: withDefault(integer(1, 1_000_000_000), {
    says: "alerts in memory above which reading pauses",
    more: "Nothing is dropped. The limit is looked at after each batch, so one fetch may pass it.",
    default: "500000",
  }),
  BUFFER_MAX_BYTES: withDefault(size("1KB", "1024GB"), {
    says: "bytes of alerts in memory above which reading pauses",
    more: "The same holds as for `BUFFER_MAX_ALERTS`.",
    default: "256MB",
  }),
  HTTP_HOST: withDefault(listenHost, {
    says: "where metrics, health and the live page are served",
    more: "`0.0.0.0` means all IPv4 addresses of this machine, `::` all addresses.",
    default: "127.0.0.1",
  }),
  HTTP_PORT: withDefault(integer(0, 65_535), {
    says: "port for them; 0: any free one",
    default: "9464",
  }),
  LOG_LEVEL: withDefault(oneOf(LOG_LEVELS), {
    says: "how much is logged",
    more: "The log goes to standard output. See [log lines](logs.md).",
    default: "info",
  }),
  LOG_FORMAT: withDefault(oneOf(LOG_FORMATS), {
    says: "how a log line looks",
    more: "`pretty` writes lines for people.",
    default: "json",
  }),
  LOG_RECIPIENTS: withDefault(oneOf(LOG_RECIPIENTS), {
    says: "addresses in the log",
    more: "`masked` means `k***@example.com`. The live page shows addresses in the same way.",
    default: "masked",
  }),
  SHUTDOWN_TIMEOUT: withDefault(duration("100ms", "1h"), {
    says: "deadline of a clean stop",
    more: "Give the process a little longer than this before you kill it.",
    default: "25s",
  }),
  // A join may take the rebalance timeout of 20 s and a request's deadline: nothing below is a sign of anything.
  WATCHDOG_TIMEOUT: withDefault(duration("30s", "24h"), {
    says: "how long the Kafka client may hang",
    more: "After that `/livez` fails and the process ends with exit code 1, so that its supervisor starts a new one.",
    default: "120s",
  }),
});

export const readProcess = (
  reader: EnvReader,
): Pick<Config, "buffer" | "http" | "log" | "shutdownTimeoutMs" | "watchdogTimeoutMs"> => ({
  buffer: {
    maxAlerts: reader.read(PROCESS.BUFFER_MAX_ALERTS),
    maxBytes: reader.read(PROCESS.BUFFER_MAX_BYTES),
  },
  http: { host: reader.read(PROCESS.HTTP_HOST), port: reader.read(PROCESS.HTTP_PORT) },
  log: {
    level: reader.read(PROCESS.LOG_LEVEL),
    format: reader.read(PROCESS.LOG_FORMAT),
    recipients: reader.read(PROCESS.LOG_RECIPIENTS),
  },
  shutdownTimeoutMs: reader.read(PROCESS.SHUTDOWN_TIMEOUT),
  watchdogTimeoutMs: reader.read(PROCESS.WATCHDOG_TIMEOUT),
});
