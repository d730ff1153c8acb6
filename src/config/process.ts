/** `BUFFER_*`, `HTTP_*`, `LOG_*` and the deadlines of the process. */

import { hostNames, isLoopback, listenHost } from "./addresses.js";
import type { EnvReader } from "./reader.js";
import { type Config, LOG_FORMATS, LOG_LEVELS, LOG_RECIPIENTS } from "./shape.js";
import { duration, hidingLogins, integer, oneOf, size, yamlPath } from "./values.js";
import { optional, type Reader, variables, withDefault } from "./variable.js";

/** Commands whose process goes on, beside `run`. */
const STAYS: readonly Reader[] = ["translate"];

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
    readBy: STAYS,
    says: "where metrics, health and the live page are served",
    more: "`0.0.0.0` means all IPv4 addresses of this machine, `::` all addresses.",
    default: "127.0.0.1",
  }),
  HTTP_PORT: withDefault(integer(0, 65_535), {
    readBy: STAYS,
    says: "port for them; 0: any free one",
    default: "9464",
  }),
  HTTP_PROBE_PORT: optional(integer(0, 65_535), {
    readBy: STAYS,
    says: "a port of their own for `/livez`, `/readyz` and `/metrics`",
    more: "What comes to the page and its streams cannot crowd them out there. They are served on `HTTP_PORT` as well. 0: any free one.",
    example: "9465",
  }),
  HTTP_ALLOWED_HOSTS: optional(hidingLogins(hostNames), {
    readBy: STAYS,
    says: "names that a request may give this server, comma separated",
    more: "IP addresses, `localhost` and this host's name are always right. Any other name gets 421: see [Who may look](operating.md#who-may-look).",
    example: "alerts.example.com",
  }),
  HTTP_WEB_CONFIG_FILE: optional(yamlPath, {
    readBy: STAYS,
    says: "YAML file: TLS and logins for `HTTP_PORT`",
    more: "In the format of Prometheus' exporters: see [Who may look](operating.md#who-may-look).",
    unset: "plain HTTP, for everybody",
    example: "/etc/alert-digest/web.yaml",
  }),
  LOG_LEVEL: withDefault(oneOf(LOG_LEVELS), {
    readBy: STAYS,
    says: "how much is logged",
    more: "The log goes to standard output. See [log lines](logs.md).",
    default: "info",
  }),
  LOG_FORMAT: withDefault(oneOf(LOG_FORMATS), {
    readBy: STAYS,
    says: "how a log line looks",
    more: "`pretty` writes lines for people.",
    default: "json",
  }),
  LOG_RECIPIENTS: withDefault(oneOf(LOG_RECIPIENTS), {
    readBy: STAYS,
    says: "addresses in the log",
    more: "`masked` means `k***@example.com`. The live page shows addresses in the same way.",
    default: "masked",
  }),
  SHUTDOWN_TIMEOUT: withDefault(duration("100ms", "1h"), {
    readBy: STAYS,
    says: "deadline of a clean stop",
    more: "Give the process a little longer than this before you kill it.",
    default: "25s",
  }),
  // A join may take the rebalance timeout of 20 s and a request's deadline: nothing below is a sign of anything.
  WATCHDOG_TIMEOUT: withDefault(duration("30s", "24h"), {
    readBy: STAYS,
    says: "how long the Kafka client may hang",
    more: "After that `/livez` fails and the process ends with exit code 1, so that its supervisor starts a new one.",
    default: "120s",
  }),
});

/** What every process that stays needs. */
export const readService = (
  reader: EnvReader,
  warnings: string[],
): Pick<Config, "http" | "log" | "shutdownTimeoutMs" | "watchdogTimeoutMs"> => ({
  http: readHttp(reader, warnings),
  log: {
    level: reader.read(PROCESS.LOG_LEVEL),
    format: reader.read(PROCESS.LOG_FORMAT),
    recipients: reader.read(PROCESS.LOG_RECIPIENTS),
  },
  shutdownTimeoutMs: reader.read(PROCESS.SHUTDOWN_TIMEOUT),
  watchdogTimeoutMs: reader.read(PROCESS.WATCHDOG_TIMEOUT),
});

const OPEN_TO_ALL =
  "HTTP_HOST lets other machines look at the live page and the metrics, and nothing says who may: set HTTP_WEB_CONFIG_FILE (logins, TLS), or HTTP_ALLOWED_HOSTS with the names it is reached by";

const readHttp = (reader: EnvReader, warnings: string[]): Config["http"] => {
  const port = reader.read(PROCESS.HTTP_PORT);
  const probePort = reader.read(PROCESS.HTTP_PROBE_PORT);
  if (probePort !== undefined && probePort !== 0 && probePort === port)
    reader.fail(PROCESS.HTTP_PROBE_PORT, `it is HTTP_PORT, ${port}`, { expected: "another port than HTTP_PORT" });
  const host = reader.read(PROCESS.HTTP_HOST);
  const allowedHosts = reader.read(PROCESS.HTTP_ALLOWED_HOSTS) ?? [];
  const webConfigFile = reader.read(PROCESS.HTTP_WEB_CONFIG_FILE);
  if (!isLoopback(host) && allowedHosts.length === 0 && webConfigFile === undefined) warnings.push(OPEN_TO_ALL);
  return { host, port, probePort, allowedHosts, webConfigFile };
};

export const readBuffer = (reader: EnvReader): Config["buffer"] => ({
  maxAlerts: reader.read(PROCESS.BUFFER_MAX_ALERTS),
  maxBytes: reader.read(PROCESS.BUFFER_MAX_BYTES),
});
