/** `MAPPING_FILE`, its mistakes told as those of a variable. */

import { createMappingChecks } from "../config/mapping-checks.js";
import type { ConfigError, ReadFile } from "../config.js";
import type { Mapping } from "../formats/mapping/compile.js";
import { type Mappings, mappingsReader } from "../formats/mapping/mapping-file.js";
import { runMappingReader } from "../formats/mapping/run-mapping.js";
import { translateMappingReader } from "../formats/mapping/translate-mapping.js";
import { type FileError, type FileReader, type LoadedFile, loadFile } from "../yaml-file/document.js";

export type LoadedMapping<T> =
  | { readonly ok: true; readonly loaded: LoadedFile<T> }
  | { readonly ok: false; readonly errors: readonly ConfigError[] };

/** The mapping that `run` reads the topic with. */
export const loadRunMapping = (path: string, topic: string, readFile: ReadFile): LoadedMapping<Mapping> =>
  load(path, readFile, runMappingReader(createMappingChecks(), topic));

/** The mappings that `translate` reads its topics with. */
export const loadTranslateMappings = (
  path: string,
  topics: readonly string[],
  readFile: ReadFile,
): LoadedMapping<Mappings> => load(path, readFile, translateMappingReader(createMappingChecks(), topics));

/** Every mapping of the file, also those that make several alerts of a record. */
export const loadMappings = (path: string, readFile: ReadFile): LoadedMapping<Mappings> =>
  load(path, readFile, mappingsReader(createMappingChecks()));

const load = <T>(path: string, readFile: ReadFile, reader: FileReader<T>): LoadedMapping<T> => {
  const result = loadFile(path, readFile, reader);
  return result.ok ? result : { ok: false, errors: result.errors.map((error) => configError(path, error)) };
};

const configError = (path: string, { where, problem, expected, example }: FileError): ConfigError =>
  // A file that cannot be read is the variable's mistake.
  where === path
    ? { variable: "MAPPING_FILE", problem: `file ${JSON.stringify(path)}: ${problem}`, expected, example }
    : { variable: where, problem, expected, example, inFile: true };
