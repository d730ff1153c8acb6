import type { Mailbox } from "../runtime/ports.js";
import { shown } from "./errors.js";
import { readAddresses, readLook } from "./mail.js";
import { mailbox } from "./mailbox.js";
import type { EnvReader } from "./reader.js";
import type { Config } from "./shape.js";
import { duration, hasControlCharacter, integer, parsed, type ValueParser, wrong } from "./values.js";

export const readRoutes = (reader: EnvReader): Config["routes"] => {
  const file = reader.optional("ROUTES_FILE", path);
  const url = reader.secret("RECIPIENTS_DATABASE_URL", databaseUrl);
  const database = {
    query: reader.optional("RECIPIENTS_QUERY", query),
    connections: reader.read("RECIPIENTS_CONNECTIONS", integer(1, 100, 2), 2),
    cacheTtlMs: reader.read("RECIPIENTS_CACHE_TTL", duration("1s", "24h", "5m"), 300_000),
    cacheMax: reader.read("RECIPIENTS_CACHE_MAX", integer(1, 10_000_000, 10_000), 10_000),
  };
  if (database.query !== undefined && !reader.hasSecret("RECIPIENTS_DATABASE_URL"))
    reader.fail("RECIPIENTS_DATABASE_URL", "it is not set, but RECIPIENTS_QUERY is", databaseUrl);
  return { file, database: url === undefined ? undefined : { url, ...database } };
};

/** What is needed to say who would be told. */
export interface RoutesSettings extends Pick<Config["mail"], "to" | "locale" | "timezone" | "replyTo"> {
  readonly file: string | undefined;
  /** Undefined: a sender is not needed for that. */
  readonly from: Mailbox | undefined;
  /** Recipients may come from a database too. */
  readonly database: boolean;
}

/** Where recipients come from beside `MAIL_TO`; the database is asked for nothing. */
export const readSources = (reader: EnvReader): Pick<RoutesSettings, "file" | "database"> => ({
  file: reader.optional("ROUTES_FILE", path),
  database: reader.hasSecret("RECIPIENTS_DATABASE_URL"),
});

export const readRoutesSettings = (reader: EnvReader, locales: readonly string[]): RoutesSettings => ({
  ...readSources(reader),
  to: readAddresses(reader, "MAIL_TO"),
  from: reader.optional("MAIL_FROM", mailbox),
  ...readLook(reader, locales),
});

export const readReport = (
  reader: EnvReader,
  { mailTo, sentTopic }: { mailTo: readonly string[]; sentTopic: string | undefined },
): Config["report"] => {
  const atMinute = reader.optional("REPORT_AT", timeOfDay);
  const given = readAddresses(reader, "REPORT_TO");
  if (reader.text("REPORT_AT") === undefined) return undefined;
  const to = given.length > 0 ? given : mailTo;
  if (reader.text("KAFKA_SENT_TOPIC") === undefined && sentTopic === undefined)
    reader.fail("KAFKA_SENT_TOPIC", "it is not set, but REPORT_AT is: the report is made of it", {
      expected: "a topic name",
      example: "alerts.sent",
    });
  if (to.length === 0 && reader.text("REPORT_TO") === undefined && reader.text("MAIL_TO") === undefined)
    reader.fail("REPORT_TO", "REPORT_AT is set, but neither REPORT_TO nor MAIL_TO is", {
      expected: "mail addresses without names, comma separated",
      example: "team@example.com",
    });
  return atMinute === undefined ? undefined : { atMinute, to };
};

const path: ValueParser<string> = {
  expected: "the path of a YAML file",
  example: "/etc/alert-digest/routes.yaml",
  parse: (text) => (hasControlCharacter(text) ? wrong("it contains a control character") : parsed(text)),
};

/** The value is a secret: no problem quotes it. */
const databaseUrl: ValueParser<string> = {
  expected: "postgres://user:password@host:port/database; @ : / ? # % in the user or password percent-encoded",
  example: "postgres://alerts:secret@db.example.com/alerts",
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
  example: "SELECT address FROM alert_recipients WHERE device_id = $1",
  parse(text) {
    const statement = text.replace(/;\s*$/, "");
    // After comments and parentheses.
    return /^(?:[\s(]|--.*[\r\n]|\/\*[\s\S]*?\*\/)*(?:select|with|table|values)\b/i.test(statement)
      ? parsed(statement)
      : wrong(`${shown(text)} does not begin with SELECT or WITH`);
  },
};

const timeOfDay: ValueParser<number> = {
  expected: "a time of day, HH:MM from 00:00 to 23:59",
  example: "00:00",
  parse(text) {
    const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
    return match ? parsed(Number(match[1]) * 60 + Number(match[2])) : wrong(`${shown(text)} is not a time of day`);
  },
};
