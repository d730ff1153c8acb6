/** The only reader of the environment. Pure: the environment and the files come in as arguments. */

import { readDigest, readDigestBy } from "./config/digest.js";
import type { ConfigError } from "./config/errors.js";
import { readFormats } from "./config/formats.js";
import { readKafka } from "./config/kafka.js";
import { readMail } from "./config/mail.js";
import { readBuffer, readService } from "./config/process.js";
import { type Environment, EnvReader, type ReadFile } from "./config/reader.js";
import {
  type RoutesSettings,
  readLetters,
  readReport,
  readRoutes,
  readRoutesSettings,
  readSources,
  requireRecipients,
} from "./config/recipients.js";
import { readSchemaRegistry } from "./config/schema-registry.js";
import type { CheckTemplates, Config } from "./config/shape.js";
import { readSmtp } from "./config/smtp.js";
import { readTranslate, type TranslateConfig } from "./config/translate.js";
import { unknownNameSentences, unknownNames } from "./config/unknown-names.js";
import type { Reader } from "./config/variable.js";
import { isReadBy, VARIABLE_NAMES, VARIABLES } from "./config/variables.js";

export { type ConfigError, formatConfigErrors, WrongConfiguration } from "./config/errors.js";
export type { Environment, ReadFile } from "./config/reader.js";
export { noRecipients, type RoutesSettings } from "./config/recipients.js";
export type { Config } from "./config/shape.js";
export type { TranslateConfig } from "./config/translate.js";

/** `warnings` are sentences for the log: nothing in them stops the start. */
export type ConfigResult =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly string[] }
  | ({
      readonly ok: false;
      readonly errors: readonly ConfigError[];
      readonly warnings: readonly string[];
    } & OwnFiles &
      ServiceFiles);

/** Files that have errors of their own to be told of. */
export interface OwnFiles {
  /** `ROUTES_FILE` */
  readonly routesFile: string | undefined;
  /** `MAPPING_FILE` */
  readonly mappingFile: string | undefined;
}

/** The same of a process that stays. */
interface ServiceFiles {
  /** `HTTP_WEB_CONFIG_FILE` */
  readonly webConfigFile: string | undefined;
}

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

/** The same for `dead-letters`, which reads alerts again. */
export type DeadLettersConfigResult =
  | (Extract<KafkaConfigResult, { ok: true }> & Pick<Config, "formats" | "schemaRegistry">)
  | Extract<KafkaConfigResult, { ok: false }>;

/** Reads the `KAFKA_*` variables and how alerts are written, and asks for no others. Throws nothing. */
export const parseDeadLettersConfig = (env: Environment, readFile: ReadFile): DeadLettersConfigResult => {
  const reader = new EnvReader(env, readFile);
  const warnings = unknownNameWarnings(env);
  const kafka = readKafka(reader, warnings);
  const formats = readFormats(reader);
  const schemaRegistry = readSchemaRegistry(reader, warnings);
  if (reader.errors.length > 0 || !kafka) return { ok: false, errors: reader.errors, warnings };
  return { ok: true, kafka, formats, schemaRegistry, warnings };
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
  const formats = readFormats(reader);
  const schemaRegistry = readSchemaRegistry(reader, warnings);
  const smtp = readSmtp(reader, warnings);
  const mail = readMail(reader, { ...known, warnings });
  const routes = readRoutes(reader, warnings);
  requireRecipients(reader);
  const digest = readDigest(reader);
  const letters = readLetters(reader);
  const report = readReport(reader, { mailTo: mail?.to ?? [], sentTopic: kafka?.sentTopic });
  const rest = { buffer: readBuffer(reader), ...readService(reader, warnings) };
  if (reader.errors.length > 0 || !kafka || !smtp || !mail)
    return {
      ok: false,
      errors: reader.errors,
      warnings,
      routesFile: routes.file,
      mappingFile: formats.mappingFile,
      webConfigFile: rest.http.webConfigFile,
    };
  const secrets = reader.secrets();
  const settings = settingsOf(reader, "run", rest);
  const config = {
    kafka,
    formats,
    schemaRegistry,
    ...digest,
    smtp,
    mail,
    routes,
    report,
    letters,
    ...rest,
    secrets,
    settings,
  };
  return { ok: true, config, warnings };
};

/** The same for `translate`, which sends no mail. */
export type TranslateConfigResult =
  | {
      readonly ok: true;
      readonly config: TranslateConfig;
      readonly warnings: readonly string[];
    }
  | ({
      readonly ok: false;
      readonly errors: readonly ConfigError[];
      readonly warnings: readonly string[];
      /** `MAPPING_FILE` has errors of its own to be told of. */
      readonly mappingFile: string | undefined;
    } & ServiceFiles);

/** Reads the variables of Kafka, of the process and of the translation. Throws nothing. */
export const parseTranslateConfig = (env: Environment, readFile: ReadFile): TranslateConfigResult => {
  const reader = new EnvReader(env, readFile);
  const warnings = unknownNameWarnings(env);
  const kafka = readKafka(reader, warnings);
  const formats = readFormats(reader);
  const schemaRegistry = readSchemaRegistry(reader, warnings);
  const from = readTranslate(reader, kafka);
  const service = readService(reader, warnings);
  if (reader.errors.length > 0 || !kafka)
    return {
      ok: false,
      errors: reader.errors,
      warnings,
      mappingFile: formats.mappingFile,
      webConfigFile: service.http.webConfigFile,
    };
  const settings = settingsOf(reader, "translate", service);
  return {
    ok: true,
    config: { kafka, formats, schemaRegistry, from, ...service, secrets: reader.secrets(), settings },
    warnings,
  };
};

/** The same for `preview`, which composes mails and sends none. */
export type PreviewConfigResult =
  | {
      readonly ok: true;
      readonly mail: Config["mail"];
      readonly digestBy: Config["digest"]["by"];
      readonly routesFile: string | undefined;
      readonly formats: Config["formats"];
      /** Recipients may come from a database too. */
      readonly database: boolean;
      readonly warnings: readonly string[];
    }
  | ({
      readonly ok: false;
      readonly errors: readonly ConfigError[];
      readonly warnings: readonly string[];
    } & OwnFiles);

/** Reads the `MAIL_*` variables, `DIGEST_BY`, how alerts are written and who is told; none of them is required. Throws nothing. */
export const parsePreviewConfig = (env: Environment, readFile: ReadFile, known: Known): PreviewConfigResult => {
  const reader = new EnvReader(env, readFile);
  const warnings = unknownNameWarnings(env);
  const sender = { name: "Alerts", address: "alerts@example.com" };
  const mail = readMail(reader, { ...known, sender, warnings });
  const digestBy = readDigestBy(reader);
  const { file: routesFile, database } = readSources(reader);
  const formats = readFormats(reader);
  const { mappingFile } = formats;
  if (reader.errors.length > 0 || !mail) return { ok: false, errors: reader.errors, warnings, routesFile, mappingFile };
  return { ok: true, mail, digestBy, routesFile, formats, database, warnings };
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

/** What the log shows of the variables that a command reads. */
const settingsOf = (reader: EnvReader, command: Reader, { log }: Pick<Config, "log">): Config["settings"] =>
  reader.settings(
    VARIABLES.filter((variable) => isReadBy(variable, command)),
    { people: log.recipients === "full" },
  );

const unknownNameWarnings = (env: Environment): string[] => unknownNameSentences(unknownNames(env, VARIABLE_NAMES));
