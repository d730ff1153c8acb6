/** `alert-digest routes`: answers from the file and the configuration, and connects to nothing. */

import { createRoutesChecks } from "../config/routes-checks.js";
import type { ConfigError, Known, ReadFile, RoutesSettings } from "../config.js";
import { type LoadedRoutes, loadRoutes } from "../routing/routes-file.js";
import type { RoutesCommand } from "./args.js";
import { explain } from "./explain.js";
import { asJson, asText } from "./show.js";

export type RoutesAnswer =
  | { readonly kind: "answered"; readonly text: string; readonly somebody: boolean }
  /** The file, or that there is none, is wrong. */
  | { readonly kind: "wrong"; readonly errors: readonly ConfigError[] };

export const runRoutes = (
  command: RoutesCommand,
  settings: RoutesSettings,
  readFile: ReadFile,
  known: Known,
): RoutesAnswer => {
  const file = command.file ?? settings.file;
  if (file === undefined && command.kind === "check") {
    return {
      kind: "wrong",
      errors: [{ variable: "ROUTES_FILE", problem: "it is not set, and --routes is not given", ...FILE }],
    };
  }
  const result = file === undefined ? undefined : loadRoutesFile(file, readFile, known);
  if (result?.ok === false) return { kind: "wrong", errors: result.errors };
  const routes = result?.loaded.routes ?? [];
  if (command.kind === "check") {
    const text = `${file}: no errors; routes: ${routes.length}\n`;
    return { kind: "answered", text, somebody: true };
  }
  const explanation = explain(command.alert, { file, routes }, settings);
  const text = command.json ? asJson(explanation) : asText(explanation);
  return { kind: "answered", text, somebody: explanation.messages.length > 0 };
};

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
        ? { variable: "ROUTES_FILE", problem: `file ${JSON.stringify(path)}: ${problem}`, ...FILE }
        : { variable: where, problem, expected, example, inFile: true },
  );
  return { ok: false, errors };
};

const FILE = { expected: "the path of a readable YAML file", example: "/etc/alert-digest/routes.yaml" };
