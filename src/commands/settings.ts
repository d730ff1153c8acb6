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
} from "../config.js";
import type { LoadedRoutes } from "../routing/routes-file.js";
import { EXIT, type Surroundings } from "./command.js";

/** Says what is wrong; returns the exit code. */
export const wrongSettings = (
  { errors, warnings }: { readonly errors: readonly ConfigError[]; readonly warnings: readonly string[] },
  { complain }: Pick<Surroundings, "complain">,
): number => {
  complain(formatConfigErrors(errors) + warnings.map((warning) => `${warning}\n`).join(""));
  return EXIT.config;
};

/** What `run` starts with. A number: it is wrong, has been told, and this is the exit code. */
export const wholeConfig = async (
  around: Surroundings,
): Promise<
  { readonly config: Config; readonly routes: LoadedRoutes | undefined; readonly warnings: readonly string[] } | number
> => {
  const known = await knownFor(around.env);
  const result = parseConfig(around.env, around.readFile, known);
  const { warnings } = result;
  const routes = await routesIn(result.ok ? result.config.routes.file : result.routesFile, known, around);
  if (!result.ok || routes?.ok === false) return wrongSettings({ errors: errorsOf(result, routes), warnings }, around);
  const nobody = noRecipients(result.config, routes?.loaded.routes);
  if (nobody !== undefined) return wrongSettings({ errors: [nobody], warnings }, around);
  return { config: result.config, routes: routes?.loaded, warnings };
};

/** For a command that talks to Kafka only. A number: as above. */
export const kafkaConfig = (around: Surroundings): { readonly kafka: Config["kafka"] } | number => {
  const result = parseKafkaConfig(around.env, around.readFile);
  if (!result.ok) return wrongSettings(result, around);
  result.warnings.forEach(around.error);
  return { kafka: result.kafka };
};

/** The routes of `ROUTES_FILE`; what reads them is loaded only where there is one. */
export const routesIn = async (file: string | undefined, known: Known, { readFile }: Surroundings) => {
  if (file === undefined) return undefined;
  const { loadRoutesFile } = await import("./routes-file.js");
  return loadRoutesFile(file, readFile, known);
};

type Checked = { readonly ok: true } | { readonly ok: false; readonly errors: readonly ConfigError[] };

export const errorsOf = (...checked: readonly (Checked | undefined)[]): readonly ConfigError[] =>
  checked.flatMap((one) => (one?.ok === false ? one.errors : []));
