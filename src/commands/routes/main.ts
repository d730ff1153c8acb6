/** `alert-digest routes`: answers from the file and the configuration, and connects to nothing. */

import { knownFor } from "../../app/known.js";
import { type ConfigError, type Known, parseRoutesConfig, type ReadFile, type RoutesSettings } from "../../config.js";
import { routeWarnings, warningText } from "../../routing/warnings.js";
import { EXIT, type Surroundings } from "../command.js";
import { loadRoutesFile, ROUTES_FILE_RIGHT } from "../routes-file.js";
import { wrongSettings } from "../settings.js";
import type { RoutesCommand } from "./command.js";
import { explain } from "./explain.js";
import { asJson, asText } from "./show.js";

export type RoutesAnswer =
  | { readonly kind: "answered"; readonly text: string; readonly somebody: boolean }
  /** The file, or that there is none, is wrong. */
  | { readonly kind: "wrong"; readonly errors: readonly ConfigError[] };

const runRoutes = (
  command: RoutesCommand,
  settings: RoutesSettings,
  readFile: ReadFile,
  known: Known,
): RoutesAnswer => {
  const file = command.file ?? settings.file;
  if (file === undefined && command.kind === "check") {
    return {
      kind: "wrong",
      errors: [{ variable: "ROUTES_FILE", problem: "it is not set, and --routes is not given", ...ROUTES_FILE_RIGHT }],
    };
  }
  const result = file === undefined ? undefined : loadRoutesFile(file, readFile, known);
  if (result?.ok === false) return { kind: "wrong", errors: result.errors };
  const routes = result?.loaded.routes ?? [];
  if (command.kind === "check") {
    const warnings = routeWarnings(routes, command.nowMs).map((warning) => `warning: ${warningText(warning)}\n`);
    const text = `${file}: no errors; routes: ${routes.length}${warnings.length > 0 ? `; warnings: ${warnings.length}` : ""}\n${warnings.join("")}`;
    return { kind: "answered", text, somebody: true };
  }
  const explanation = explain(command, { file, routes }, settings);
  const text = command.json ? asJson(explanation) : asText(explanation);
  return { kind: "answered", text, somebody: explanation.messages.length > 0 };
};

export const execute = async (command: RoutesCommand, around: Surroundings): Promise<number> => {
  const known = await knownFor(around.env);
  const result = parseRoutesConfig(around.env, around.readFile, known);
  const { warnings } = result;
  if (!result.ok) return wrongSettings({ errors: result.errors, warnings }, around);
  const answer = runRoutes(command, result.settings, around.readFile, known);
  if (answer.kind === "wrong") {
    const typed = { ROUTES_FILE: command.file === undefined ? undefined : "--routes" };
    return wrongSettings({ errors: answer.errors, warnings }, around, typed);
  }
  warnings.forEach(around.error);
  around.out(answer.text);
  return answer.somebody ? EXIT.ok : EXIT.fatal;
};
