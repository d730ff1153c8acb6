/** A file of settings in YAML: its text as data, or what is wrong with it before anybody looks at what it says. */

import { positionIn, readYaml, type YamlText } from "./yaml-text.js";

/** One mistake in a file. */
export interface FileError {
  /** `routes.yaml:12:7`, line and column counted from 1; the path alone when the whole file is meant. */
  readonly where: string;
  readonly problem: string;
  /** What is right there. */
  readonly expected: string;
  /** One line of YAML. */
  readonly example: string;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  /** In the order of the file. */
  | { readonly ok: false; readonly errors: readonly FileError[] };

/** A file that was read and is right. */
export interface LoadedFile<T> {
  readonly path: string;
  readonly text: string;
  readonly value: T;
}

export interface FileKind {
  /** What it holds, as errors name it. */
  readonly what: string;
  readonly example: string;
}

export type Document = Extract<YamlText, { ok: true }> & {
  /** `where` of what is at that place. */
  where(...of: Parameters<Extract<YamlText, { ok: true }>["positionOf"]>): string;
};

/** `path`: as errors name the file. Never throws. */
export const readDocument = (text: string, path: string, { what, example }: FileKind): Parsed<Document> => {
  if (text.length > LENGTH_MAX) {
    const problem = `it has ${text.length} characters, more than the ${LENGTH_MAX} that are read`;
    return { ok: false, errors: [{ where: path, problem, expected: `at most ${LENGTH_MAX} characters`, example }] };
  }
  const where = ({ line, column }: { line: number; column: number }): string => `${path}:${line}:${column}`;
  const foreign = text.indexOf("\uFFFD");
  if (foreign !== -1) {
    // Names and patterns of another encoding would match nothing, and say nothing.
    const problem = "it is not UTF-8: a character that cannot be read";
    const right = { expected: "a file saved as UTF-8", example };
    return { ok: false, errors: [{ where: where(positionIn(text, foreign)), problem, ...right }] };
  }
  const yaml = readYaml(text, what);
  if (!yaml.ok) {
    const right = { expected: "one YAML document", example };
    return {
      ok: false,
      errors: yaml.errors.map((error) => ({ where: where(error), problem: error.problem, ...right })),
    };
  }
  return { ok: true, value: { ...yaml, where: (at, key) => where(yaml.positionOf(at, key)) } };
};

/** The errors of places in a document, in the order of the file. */
export const inOrder = (
  { positionOf, where }: Document,
  errors: readonly (Omit<FileError, "where"> & {
    readonly path: Parameters<typeof positionOf>[0];
    readonly key?: string;
  })[],
): readonly FileError[] =>
  errors
    .map((error) => ({ error, at: positionOf(error.path, error.key) }))
    .sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column)
    .map(({ error: { path, key, problem, expected, example } }) => ({
      where: where(path, key),
      problem,
      expected,
      example,
    }));

/** `read` returns the file's text or throws an error whose `code` says why. Throws nothing. */
export const loadFile = <T>(
  path: string,
  read: (path: string) => string,
  { parse, unreadable }: FileReader<T>,
): { readonly ok: true; readonly loaded: LoadedFile<T> } | Extract<Parsed<T>, { ok: false }> => {
  let text: string;
  try {
    text = read(path);
  } catch (error) {
    return { ok: false, errors: [unreadable(path, error)] };
  }
  const result = parse(text, path);
  return result.ok ? { ok: true, loaded: { path, text, value: result.value } } : result;
};

/** Reads files of one kind. */
export interface FileReader<T> {
  parse(text: string, path: string): Parsed<T>;
  /** Why there is no text. */
  unreadable(path: string, error: unknown): FileError;
}

/** As much as a Kubernetes ConfigMap holds. */
const LENGTH_MAX = 1024 ** 2;
