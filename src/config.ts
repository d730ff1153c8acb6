/** The only reader of the environment. Pure: the environment and the files come in as arguments. */

import { readDigest, readDigestBy } from "./config/digest.js";
import type { ConfigError } from "./config/errors.js";
import { readKafka } from "./config/kafka.js";
import { readMail } from "./config/mail.js";
import { readProcess } from "./config/process.js";
import { type Environment, EnvReader, type ReadFile } from "./config/reader.js";
import {
  type RoutesSettings,
  readReport,
  readRoutes,
  readRoutesSettings,
  readSources,
  requireRecipients,
} from "./config/recipients.js";
import type { CheckTemplates, Config } from "./config/shape.js";
import { readSmtp } from "./config/smtp.js";
import { unknownNameSentences, unknownNames } from "./config/unknown-names.js";
import { VARIABLE_NAMES, VARIABLES } from "./config/variables.js";

export { type ConfigError, formatConfigErrors, WrongConfiguration } from "./config/errors.js";
export type { Environment, ReadFile } from "./config/reader.js";
export { noRecipients, type RoutesSettings } from "./config/recipients.js";
export { withoutSecrets } from "./config/secrets.js";
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
  const digest = readDigest(reader);
  const report = readReport(reader, { mailTo: mail?.to ?? [], sentTopic: kafka?.sentTopic });
  const rest = readProcess(reader);
  if (reader.errors.length > 0 || !kafka || !smtp || !mail)
    return { ok: false, errors: reader.errors, warnings, routesFile: routes.file };
  const secrets = reader.secrets();
  const settings = reader.settings(VARIABLES, { people: rest.log.recipients === "full" });
  const config = { kafka, ...digest, smtp, mail, routes, report, ...rest, secrets, settings };
  return { ok: true, config, warnings };
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

const unknownNameWarnings = (env: Environment): string[] => unknownNameSentences(unknownNames(env, VARIABLE_NAMES));
