/** Who gets which mail: `ROUTES_FILE`, `RECIPIENTS_*` and `REPORT_*`. */

import type { Mailbox } from "../runtime/ports.js";
import { isLoopback } from "./addresses.js";
import { type ConfigError, shownSetting } from "./errors.js";
import { KAFKA } from "./kafka.js";
import { addresses, MAIL, readAddresses, readLook } from "./mail.js";
import type { EnvReader } from "./reader.js";
import { formsOfUrl } from "./secrets.js";
import type { Config } from "./shape.js";
import { duration, hasControlCharacter, integer, parsed, type ValueParser, wrong } from "./values.js";
import { optional, secret, variables, withDefault } from "./variable.js";

const path: ValueParser<string> = {
  expected: "the path of a YAML file",
  parse: (text) => (hasControlCharacter(text) ? wrong("it contains a control character") : parsed(text)),
};

/** The value is a secret: no problem quotes it. */
const databaseUrl: ValueParser<string> = {
  expected: "postgres://user:password@host:port/database; @ : / ? # % in the user or password percent-encoded",
  parse(text) {
    if (/\s/.test(text) || hasControlCharacter(text)) return wrong("it contains a space or a control character");
    if (!/^postgres(ql)?:\/\//i.test(text)) return wrong("it does not begin with postgres:// or postgresql://");
    const url = URL.canParse(text) ? new URL(text) : undefined;
    // postgres:///alerts?host=/var/run/postgresql is a socket.
    if (url === undefined || (url.hostname === "" && !url.searchParams.get("host"))) return wrong("it is not a URL");
    const mode = url.searchParams.get("sslmode");
    return mode === null || SSL_MODES.includes(mode)
      ? parsed(text)
      : wrong(`its sslmode is none of ${SSL_MODES.join(", ")}`);
  },
};

/** What pg knows. Any other word it takes for the strictest, and the server looks as if it were away. */
const SSL_MODES: readonly string[] = ["disable", "prefer", "require", "verify-ca", "verify-full", "no-verify"];

const query: ValueParser<string> = {
  expected: "one SELECT with $1 (device ID) and, where wanted, $2 (labels)",
  parse(text) {
    const statement = text.replace(/;\s*$/, "");
    // After comments and parentheses.
    return /^(?:[\s(]|--.*[\r\n]|\/\*[\s\S]*?\*\/)*(?:select|with|table|values)\b/i.test(statement)
      ? parsed(statement)
      : wrong(`${shownSetting(text)} does not begin with SELECT or WITH`);
  },
};

const timeOfDay: ValueParser<number> = {
  expected: "a time of day, HH:MM from 00:00 to 23:59",
  parse(text) {
    const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
    return match
      ? parsed(Number(match[1]) * 60 + Number(match[2]))
      : wrong(`${shownSetting(text)} is not a time of day`);
  },
};

export const RECIPIENTS = variables({
  ROUTES_FILE: optional(path, {
    says: "YAML file: who is told about what",
    more: "See [recipients](recipients.md).",
    unset: "everything goes to MAIL_TO",
    example: "/etc/alert-digest/routes.yaml",
    readBy: ["preview", "routes"],
  }),
  RECIPIENTS_DATABASE_URL: secret(databaseUrl, {
    says: "PostgreSQL database with recipients: postgres://user:pass@host/db",
    more: "`preview` and `routes` only look whether it is set, and connect to nothing.",
    unset: "off",
    example: "postgres://alerts:secret@db.example.com/alerts",
    readBy: ["preview", "routes"],
    hides: formsOfUrl,
  }),
  RECIPIENTS_QUERY: optional(query, {
    says: "one SELECT: $1 is the device ID, $2 the labels (jsonb)",
    unset: "the table alert_recipients",
    example: "SELECT address FROM alert_recipients WHERE device_id = $1",
  }),
  RECIPIENTS_CONNECTIONS: withDefault(integer(1, 100), {
    says: "most connections to that database, so most queries at once",
    default: "2",
  }),
  RECIPIENTS_MAX: withDefault(integer(1, 100_000), {
    says: "most recipients of one mail that the database may name",
    more: "Where it names more, none of them is told: `MAIL_TO` is, and it counts as a fault.",
    default: "1000",
  }),
  RECIPIENTS_CACHE_TTL: withDefault(duration("1s", "24h"), {
    says: "how long an answer of that database counts",
    default: "5m",
  }),
  RECIPIENTS_CACHE_MAX: withDefault(integer(1, 10_000_000), { says: "most answers kept", default: "10000" }),
});

export const REPORT = variables({
  REPORT_AT: optional(timeOfDay, {
    says: "HH:MM in MAIL_TIMEZONE: a daily report at that time",
    more: "It needs `KAFKA_SENT_TOPIC`.",
    unset: "off",
    example: "00:00",
  }),
  REPORT_TO: optional(addresses, {
    says: "recipients of the report, comma separated",
    unset: "MAIL_TO",
    example: "team@example.com",
    people: true,
  }),
});

/** Whether what goes over the network to that database can be read there. */
const isReadable = (text: string): boolean => {
  const { hostname, searchParams } = new URL(text);
  const host = searchParams.get("host") ?? decodeURIComponent(hostname).replace(/^\[(.*)\]$/, "$1");
  if (host.startsWith("/") || isLoopback(host)) return false;
  const mode = searchParams.get("sslmode");
  return mode === null ? !["true", "1"].includes(searchParams.get("ssl") ?? "") : mode === "disable";
};

export const LETTERS = variables({
  DEAD_LETTER_TO: optional(addresses, {
    says: "who is told of dead letters, comma separated",
    more: "See [dead letters](dead-letters.md#somebody-is-told).",
    unset: "nobody",
    example: "oncall@example.com",
    people: true,
  }),
  DEAD_LETTER_INTERVAL: withDefault(duration("1s", "24h"), {
    says: "at most one such mail in so long; one with a critical alert opens it at once",
    default: "15m",
  }),
});

export const readLetters = (reader: EnvReader): Config["letters"] => {
  const to = readAddresses(reader, LETTERS.DEAD_LETTER_TO);
  const intervalMs = reader.read(LETTERS.DEAD_LETTER_INTERVAL);
  return to.length === 0 ? undefined : { to, intervalMs };
};

export const readRoutes = (reader: EnvReader, warnings: string[]): Config["routes"] => {
  const file = reader.read(RECIPIENTS.ROUTES_FILE);
  const url = reader.read(RECIPIENTS.RECIPIENTS_DATABASE_URL);
  const database = {
    query: reader.read(RECIPIENTS.RECIPIENTS_QUERY),
    connections: reader.read(RECIPIENTS.RECIPIENTS_CONNECTIONS),
    recipientsMax: reader.read(RECIPIENTS.RECIPIENTS_MAX),
    cacheTtlMs: reader.read(RECIPIENTS.RECIPIENTS_CACHE_TTL),
    cacheMax: reader.read(RECIPIENTS.RECIPIENTS_CACHE_MAX),
  };
  if (database.query !== undefined && !reader.isSet(RECIPIENTS.RECIPIENTS_DATABASE_URL))
    reader.fail(RECIPIENTS.RECIPIENTS_DATABASE_URL, "it is not set, but RECIPIENTS_QUERY is");
  if (url !== undefined && isReadable(url))
    warnings.push(
      "RECIPIENTS_DATABASE_URL asks for no TLS: its password and the addresses may cross the network readable; add sslmode=verify-full",
    );
  return { file, database: url === undefined ? undefined : { url, ...database } };
};

/** What is needed to say who would be told. */
export interface RoutesSettings
  extends Pick<Config["mail"], "to" | "locale" | "timezone" | "replyTo" | "links" | "hideRecipients"> {
  readonly file: string | undefined;
  /** Undefined: a sender is not needed for that. */
  readonly from: Mailbox | undefined;
  /** Recipients may come from a database too. */
  readonly database: boolean;
}

/** Where recipients come from beside `MAIL_TO`; the database is asked for nothing. */
export const readSources = (reader: EnvReader): Pick<RoutesSettings, "file" | "database"> => ({
  file: reader.read(RECIPIENTS.ROUTES_FILE),
  database: reader.isSet(RECIPIENTS.RECIPIENTS_DATABASE_URL),
});

export const readRoutesSettings = (reader: EnvReader, locales: readonly string[]): RoutesSettings => ({
  ...readSources(reader),
  to: readAddresses(reader, MAIL.MAIL_TO),
  from: reader.given(MAIL.MAIL_FROM),
  ...readLook(reader, locales),
});

export const readReport = (
  reader: EnvReader,
  { mailTo, sentTopic }: { mailTo: readonly string[]; sentTopic: string | undefined },
): Config["report"] => {
  const { REPORT_AT, REPORT_TO } = REPORT;
  const atMinute = reader.read(REPORT_AT);
  const given = readAddresses(reader, REPORT_TO);
  if (!reader.isSet(REPORT_AT)) return undefined;
  const to = given.length > 0 ? given : mailTo;
  const { KAFKA_SENT_TOPIC } = KAFKA;
  if (!reader.isSet(KAFKA_SENT_TOPIC) && sentTopic === undefined)
    reader.fail(KAFKA_SENT_TOPIC, "it is not set, but REPORT_AT is: the report is made of it");
  if (to.length === 0 && !reader.isSet(REPORT_TO) && !reader.isSet(MAIL.MAIL_TO))
    reader.fail(REPORT_TO, "REPORT_AT is set, but neither REPORT_TO nor MAIL_TO is");
  return atMinute === undefined ? undefined : { atMinute, to };
};

/** A start in which nobody could ever be told. One that is set and wrong has its own line. */
export const requireRecipients = (reader: EnvReader): void => {
  const sources = [MAIL.MAIL_TO, RECIPIENTS.ROUTES_FILE, RECIPIENTS.RECIPIENTS_DATABASE_URL];
  if (!sources.some((variable) => reader.isSet(variable)))
    reader.fail(
      MAIL.MAIL_TO,
      "neither it nor ROUTES_FILE nor RECIPIENTS_DATABASE_URL is set: nobody would be told of any alert",
      SOMEBODY,
    );
};

/** The same for a file without a route: `addressees` say who else is told. */
export const noRecipients = (config: Config, routes: readonly unknown[] | undefined): ConfigError | undefined =>
  routes?.length === 0 && config.mail.to.length === 0 && config.routes.database === undefined
    ? { variable: "MAIL_TO", problem: "it is not set, and ROUTES_FILE has no route: nobody would be told", ...SOMEBODY }
    : undefined;

const SOMEBODY = {
  expected: "mail addresses without names, comma separated; or set one of the other two",
  example: "ops@example.com",
};
