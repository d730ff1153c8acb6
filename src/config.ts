/** The only reader of the environment. Pure: the environment and the files come in as arguments. */

import { listenHost } from "./config/addresses.js";
import type { ConfigError } from "./config/errors.js";
import { readKafka } from "./config/kafka.js";
import { readMail } from "./config/mail.js";
import { type Environment, EnvReader, type ReadFile } from "./config/reader.js";
import { type RoutesSettings, readReport, readRoutes, readRoutesSettings, readSources } from "./config/recipients.js";
import {
  CATCH_UP_MODES,
  type CheckTemplates,
  type Config,
  DIGEST_BY,
  LOG_FORMATS,
  LOG_LEVELS,
  LOG_RECIPIENTS,
  URGENT_SEVERITIES,
} from "./config/shape.js";
import { readSmtp } from "./config/smtp.js";
import { unknownNameSentences, unknownNames } from "./config/unknown-names.js";
import { duration, integer, oneOf, size } from "./config/values.js";
import { VARIABLES } from "./config/variables.js";

export { type ConfigError, formatConfigErrors, WrongConfiguration } from "./config/errors.js";
export type { Environment, ReadFile } from "./config/reader.js";
export type { RoutesSettings } from "./config/recipients.js";
export { redacted, secretsOf, withoutSecrets } from "./config/secrets.js";
export type { Config } from "./config/shape.js";

/** `warnings` are sentences for the log: nothing in them stops the start. */
export type ConfigResult =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly string[] }
  | {
      readonly ok: false;
      readonly errors: readonly ConfigError[];
      readonly warnings: readonly string[];
      /** `ROUTES_FILE` has errors of its own to be told of. */
      readonly routesFile: string | undefined;
    };

/** The same for commands that talk to Kafka only. */
export type KafkaConfigResult =
  | { readonly ok: true; readonly kafka: Config["kafka"]; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly errors: readonly ConfigError[]; readonly warnings: readonly string[] };

/** Reads the `KAFKA_*` variables and asks for no others. Throws nothing. */
export const parseKafkaConfig = (env: Environment, readFile: ReadFile): KafkaConfigResult => {
  const reader = new EnvReader(env, readFile);
  const warnings = unknownNameWarnings(env);
  const kafka = readKafka(reader, warnings);
  if (reader.errors.length > 0 || !kafka) return { ok: false, errors: reader.errors, warnings };
  return { ok: true, kafka, warnings };
};

/** What is right depends on what else the product holds. */
export interface Known {
  /** Languages that mails can be written in: `mail/texts/`. */
  readonly locales: readonly string[];
  /** Absent: templates are not looked into. */
  readonly checkTemplates?: CheckTemplates;
}

/** Reads every variable, then reports everything that is wrong at once. Throws nothing. */
export const parseConfig = (env: Environment, readFile: ReadFile, known: Known): ConfigResult => {
  const reader = new EnvReader(env, readFile);
  const warnings = unknownNameWarnings(env);
  const kafka = readKafka(reader, warnings);
  const smtp = readSmtp(reader, warnings);
  const mail = readMail(reader, { ...known, warnings });
  const routes = readRoutes(reader);
  requireRecipients(reader);
  const urgent = reader.read("URGENT_SEVERITY", oneOf(URGENT_SEVERITIES, "critical"), "off");
  const digest = {
    by: readDigestBy(reader),
    recipientMaxMails: reader.optional("RECIPIENT_MAX_MAILS", integer(1, 1_000_000, 20)),
    urgentSeverity: urgent === "off" ? undefined : urgent,
  };
  const report = readReport(reader, { mailTo: mail?.to ?? [], sentTopic: kafka?.sentTopic });
  const rest = {
    window: {
      sizeMs: reader.read("WINDOW_SIZE", duration("100ms", "24h", "30s"), 30_000),
      graceMs: reader.read("WINDOW_GRACE", duration("0ms", "1h", "2s"), 2_000),
    },
    catchUp: {
      mode: reader.read("CATCH_UP", oneOf(CATCH_UP_MODES, "merge"), "merge"),
      afterMs: reader.read("CATCH_UP_AFTER", duration("0ms", "168h", "5m"), 300_000),
    },
    buffer: {
      maxAlerts: reader.read("BUFFER_MAX_ALERTS", integer(1, 1_000_000_000, 500_000), 500_000),
      maxBytes: reader.read("BUFFER_MAX_BYTES", size("1KB", "1024GB", "256MB"), 256 * 1024 ** 2),
    },
    http: {
      host: reader.read("HTTP_HOST", listenHost, "127.0.0.1"),
      port: reader.read("HTTP_PORT", integer(0, 65_535, 9464), 9464),
    },
    log: {
      level: reader.read("LOG_LEVEL", oneOf(LOG_LEVELS, "info"), "info"),
      format: reader.read("LOG_FORMAT", oneOf(LOG_FORMATS, "json"), "json"),
      recipients: reader.read("LOG_RECIPIENTS", oneOf(LOG_RECIPIENTS, "masked"), "masked"),
    },
    shutdownTimeoutMs: reader.read("SHUTDOWN_TIMEOUT", duration("100ms", "1h", "25s"), 25_000),
    // A join may take the rebalance timeout of 20 s and a request's deadline: nothing below is a sign of anything.
    watchdogTimeoutMs: reader.read("WATCHDOG_TIMEOUT", duration("30s", "24h", "120s"), 120_000),
  };
  if (reader.errors.length > 0 || !kafka || !smtp || !mail)
    return { ok: false, errors: reader.errors, warnings, routesFile: routes.file };
  return { ok: true, config: { kafka, smtp, mail, digest, routes, report, ...rest }, warnings };
};

/** The same for `preview`, which composes mails and sends none. */
export type PreviewConfigResult =
  | {
      readonly ok: true;
      readonly mail: Config["mail"];
      readonly digestBy: Config["digest"]["by"];
      readonly routesFile: string | undefined;
      /** Recipients may come from a database too. */
      readonly database: boolean;
      readonly warnings: readonly string[];
    }
  | {
      readonly ok: false;
      readonly errors: readonly ConfigError[];
      readonly warnings: readonly string[];
      /** `ROUTES_FILE` has errors of its own to be told of. */
      readonly routesFile: string | undefined;
    };

/** Reads the `MAIL_*` variables, `DIGEST_BY` and who is told; none of them is required. Throws nothing. */
export const parsePreviewConfig = (env: Environment, readFile: ReadFile, known: Known): PreviewConfigResult => {
  const reader = new EnvReader(env, readFile);
  const warnings = unknownNameWarnings(env);
  const sender = { name: "Alerts", address: "alerts@example.com" };
  const mail = readMail(reader, { ...known, sender, warnings });
  const digestBy = readDigestBy(reader);
  const { file: routesFile, database } = readSources(reader);
  if (reader.errors.length > 0 || !mail) return { ok: false, errors: reader.errors, warnings, routesFile };
  return { ok: true, mail, digestBy, routesFile, database, warnings };
};

const readDigestBy = (reader: EnvReader): Config["digest"]["by"] =>
  reader.read("DIGEST_BY", oneOf(DIGEST_BY, "device"), "device");

/** The same for a command that asks who would be told, and tells nobody. */
export type RoutesConfigResult =
  | { readonly ok: true; readonly settings: RoutesSettings; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly errors: readonly ConfigError[]; readonly warnings: readonly string[] };

/** Reads who is told and how mails look by default, and asks for no other variable. Throws nothing. */
export const parseRoutesConfig = (env: Environment, readFile: ReadFile, { locales }: Known): RoutesConfigResult => {
  const reader = new EnvReader(env, readFile);
  const warnings = unknownNameWarnings(env);
  const settings = readRoutesSettings(reader, locales);
  return reader.errors.length > 0 ? { ok: false, errors: reader.errors, warnings } : { ok: true, settings, warnings };
};

/** A start in which nobody could ever be told. One that is set and wrong has its own line. */
const requireRecipients = (reader: EnvReader): void => {
  const isSet = ["MAIL_TO", "ROUTES_FILE"].some((name) => reader.text(name) !== undefined);
  if (!isSet && !reader.hasSecret("RECIPIENTS_DATABASE_URL")) reader.fail("MAIL_TO", NOBODY, SOMEBODY);
};

/** The same for a file without a route: `addressees` say who else is told. */
export const noRecipients = (config: Config, routes: readonly unknown[] | undefined): ConfigError | undefined =>
  routes?.length === 0 && config.mail.to.length === 0 && config.routes.database === undefined
    ? { variable: "MAIL_TO", problem: "it is not set, and ROUTES_FILE has no route: nobody would be told", ...SOMEBODY }
    : undefined;

const NOBODY = "neither it nor ROUTES_FILE nor RECIPIENTS_DATABASE_URL is set: nobody would be told of any alert";
const SOMEBODY = {
  expected: "mail addresses without names, comma separated; or set one of the other two",
  example: "ops@example.com",
};

const unknownNameWarnings = (env: Environment): string[] =>
  unknownNameSentences(unknownNames(env, VARIABLES.flatMap(namesOf)));

const namesOf = (variable: (typeof VARIABLES)[number]): readonly string[] =>
  variable.file === true ? [variable.name, `${variable.name}_FILE`] : [variable.name];
