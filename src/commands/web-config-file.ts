/** `HTTP_WEB_CONFIG_FILE`, its mistakes told as those of a variable. */

import { fileProblem } from "../config/reader.js";
import type { ConfigError, ReadFile } from "../config.js";
import type { WebConfig } from "../http/web-config/web-config.js";
import { webConfigReader } from "../http/web-config/web-config-file.js";
import { type LoadedFile, loadFile } from "../yaml-file/document.js";

export const loadWebConfig = (
  path: string,
  readFile: ReadFile,
):
  | { readonly ok: true; readonly loaded: LoadedFile<WebConfig> }
  | { readonly ok: false; readonly errors: readonly ConfigError[] } => {
  const result = loadFile(path, readFile, webConfigReader({ readFile, fileProblem }));
  if (result.ok) return result;
  const errors = result.errors.map(
    ({ where, problem, expected, example }): ConfigError =>
      // A file that cannot be read is the variable's mistake.
      where === path
        ? { variable: "HTTP_WEB_CONFIG_FILE", problem: `file ${JSON.stringify(path)}: ${problem}`, expected, example }
        : { variable: where, problem, expected, example, inFile: true },
  );
  return { ok: false, errors };
};
