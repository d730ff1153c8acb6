/** `ROUTES_FILE`, its mistakes told as those of a variable. */

import { createRoutesChecks } from "../config/routes-checks.js";
import type { ConfigError, Known, ReadFile } from "../config.js";
import { type LoadedRoutes, loadRoutes } from "../routing/routes-file.js";

/** The routes of the file, or its errors as those of the configuration are told. */
export const loadRoutesFile = (
  path: string,
  readFile: ReadFile,
  { locales }: Known,
):
  | { readonly ok: true; readonly loaded: LoadedRoutes }
  | { readonly ok: false; readonly errors: readonly ConfigError[] } => {
  const result = loadRoutes(path, readFile, createRoutesChecks(locales));
  if (result.ok) return result;
  const errors = result.errors.map(
    ({ where, problem, expected, example }): ConfigError =>
      // A file that cannot be read is the variable's mistake.
      where === path
        ? { variable: "ROUTES_FILE", problem: `file ${JSON.stringify(path)}: ${problem}`, ...ROUTES_FILE_RIGHT }
        : { variable: where, problem, expected, example, inFile: true },
  );
  return { ok: false, errors };
};

export const ROUTES_FILE_RIGHT = {
  expected: "the path of a readable YAML file",
  example: "/etc/alert-digest/routes.yaml",
};
