/** How a command reads its settings, and what it says when they are wrong. */

import { knownFor } from "../app/known.js";
import {
  type Config,
  type ConfigError,
  formatConfigErrors,
  type Known,
  noRecipients,
  parseConfig,
  parseKafkaConfig,
  parseTranslateConfig,
  type TranslateConfig,
} from "../config.js";
import type { Mapping } from "../formats/mapping/compile.js";
import type { Mappings } from "../formats/mapping/mapping-file.js";
import type { WebConfig } from "../http/web-config/web-config.js";
import type { LoadedRoutes } from "../routing/routes-file.js";
import type { LoadedFile } from "../yaml-file/document.js";
import { EXIT, type Surroundings } from "./command.js";
import type { LoadedMapping } from "./mapping-file.js";

/** Says what is wrong; returns the exit code. `typed`: options that were given, by the variable that each is instead of; their mistakes are told as theirs. */
export const wrongSettings = (
  { errors, warnings }: { readonly errors: readonly ConfigError[]; readonly warnings: readonly string[] },
  { complain }: Pick<Surroundings, "complain">,
  typed: Readonly<Record<string, string | undefined>> = {},
): number => {
  const told = errors.map((error) => ({ ...error, variable: typed[error.variable] ?? error.variable }));
  complain(formatConfigErrors(told) + warnings.map((warning) => `${warning}\n`).join(""));
  return EXIT.config;
};

/** What `run` starts with. A number: it is wrong, has been told, and this is the exit code. */
export const wholeConfig = async (
  around: Surroundings,
): Promise<
  | {
      readonly config: Config;
      readonly routes: LoadedRoutes | undefined;
      readonly mapping: LoadedFile<Mapping> | undefined;
      readonly webConfig: LoadedFile<WebConfig> | undefined;
      readonly warnings: readonly string[];
    }
  | number
> => {
  const known = await knownFor(around.env);
  const result = parseConfig(around.env, around.readFile, known);
  const { warnings } = result;
  const routes = await routesIn(result.ok ? result.config.routes.file : result.routesFile, known, around);
  const mapping = await mappingIn(
    result.ok ? result.config.formats.mappingFile : result.mappingFile,
    result.ok ? result.config.kafka.alertsTopic : undefined,
    around,
  );
  const web = await webConfigIn(result.ok ? result.config.http.webConfigFile : result.webConfigFile, around);
  if (!result.ok || routes?.ok === false || mapping?.ok === false || web?.ok === false)
    return wrongSettings({ errors: errorsOf(result, routes, mapping, web), warnings }, around);
  const nobody = noRecipients(result.config, routes?.loaded.routes);
  if (nobody !== undefined) return wrongSettings({ errors: [nobody], warnings }, around);
  const { config } = result;
  return { config, routes: routes?.loaded, mapping: mapping?.loaded, webConfig: web?.loaded, warnings };
};

/** For a command that talks to Kafka only. A number: as above. */
export const kafkaConfig = (around: Surroundings): { readonly kafka: Config["kafka"] } | number => {
  const result = parseKafkaConfig(around.env, around.readFile);
  if (!result.ok) return wrongSettings(result, around);
  result.warnings.forEach(around.error);
  return { kafka: result.kafka };
};

/** For `translate`. A number: as above. */
export const translateConfig = async (
  around: Surroundings,
): Promise<
  | {
      readonly config: TranslateConfig;
      readonly mappings: LoadedFile<Mappings> | undefined;
      readonly webConfig: LoadedFile<WebConfig> | undefined;
      readonly warnings: readonly string[];
    }
  | number
> => {
  const result = parseTranslateConfig(around.env, around.readFile);
  const { warnings } = result;
  const file = result.ok ? result.config.formats.mappingFile : result.mappingFile;
  const { loadTranslateMappings } = await import("./mapping-file.js");
  // With wrong settings the file is looked into for its own mistakes only.
  const mappings =
    file === undefined ? undefined : loadTranslateMappings(file, result.ok ? result.config.from : [], around.readFile);
  const web = await webConfigIn(result.ok ? result.config.http.webConfigFile : result.webConfigFile, around);
  if (!result.ok || mappings?.ok === false || web?.ok === false)
    return wrongSettings({ errors: errorsOf(result, mappings, web), warnings }, around);
  return { config: result.config, mappings: mappings?.loaded, webConfig: web?.loaded, warnings };
};

/** The routes of `ROUTES_FILE`; what reads them is loaded only where there is one. */
export const routesIn = async (file: string | undefined, known: Known, { readFile }: Surroundings) => {
  if (file === undefined) return undefined;
  const { loadRoutesFile } = await import("./routes-file.js");
  return loadRoutesFile(file, readFile, known);
};

/** Who may look, as `HTTP_WEB_CONFIG_FILE` says; what reads it is loaded only where there is one. */
const webConfigIn = async (file: string | undefined, { readFile }: Pick<Surroundings, "readFile">) => {
  if (file === undefined) return undefined;
  const { loadWebConfig } = await import("./web-config-file.js");
  return loadWebConfig(file, readFile);
};

/** The mapping of `MAPPING_FILE` for a topic. `topic`: undefined where the settings are wrong; the file is looked into for its mistakes then. */
export const mappingIn = async (
  file: string | undefined,
  topic: string | undefined,
  { readFile }: Pick<Surroundings, "readFile">,
): Promise<LoadedMapping<Mapping> | undefined> => {
  if (file === undefined) return undefined;
  const { loadMappings, loadRunMapping } = await import("./mapping-file.js");
  if (topic !== undefined) return loadRunMapping(file, topic, readFile);
  const all = loadMappings(file, readFile);
  return all.ok ? undefined : all;
};

/** All mappings of a file, also those that make several alerts of a record. */
export const mappingsIn = async (
  file: string | undefined,
  { readFile }: Pick<Surroundings, "readFile">,
): Promise<LoadedMapping<Mappings> | undefined> => {
  if (file === undefined) return undefined;
  const { loadMappings } = await import("./mapping-file.js");
  return loadMappings(file, readFile);
};

type Checked = { readonly ok: true } | { readonly ok: false; readonly errors: readonly ConfigError[] };

export const errorsOf = (...checked: readonly (Checked | undefined)[]): readonly ConfigError[] =>
  checked.flatMap((one) => (one?.ok === false ? one.errors : []));
