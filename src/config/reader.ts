import { type ConfigError, shown } from "./errors.js";
import { accessToken, type Parsed, parsed, type ValueParser, wrong } from "./values.js";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Returns the file's text (UTF-8) or throws an error whose `code` says why (`ENOENT`, `EACCES`, …). */
export type ReadFile = (path: string) => string;

/** The half of an error that does not depend on the value. */
type Right = Pick<ValueParser<unknown>, "expected" | "example">;

/** Reads variables one by one and gathers what is wrong with them, so that one report can name everything. */
export class EnvReader {
  readonly errors: ConfigError[] = [];
  readonly #env: Environment;
  readonly #readFile: ReadFile;

  constructor(env: Environment, readFile: ReadFile) {
    this.#env = env;
    this.#readFile = readFile;
  }

  /** Undefined: not set. An empty or blank variable counts as not set: that is what compose files make of a missing one. */
  text(variable: string): string | undefined {
    const text = this.#env[variable]?.trim();
    return text === "" ? undefined : text;
  }

  /** The fallback, also after an error: the caller looks at `errors` before it uses anything. */
  read<T>(variable: string, parser: ValueParser<T>, fallback: T): T {
    return this.optional(variable, parser) ?? fallback;
  }

  optional<T>(variable: string, parser: ValueParser<T>): T | undefined {
    const text = this.text(variable);
    return text === undefined ? undefined : this.#take(variable, parser, parser.parse(text));
  }

  required<T>(variable: string, parser: ValueParser<T>): T | undefined {
    if (this.text(variable) === undefined) this.fail(variable, "it is required and not set", parser);
    return this.optional(variable, parser);
  }

  /** From the variable or from the file that `VARIABLE_FILE` names. The value is never quoted, the path is. */
  secret<T>(variable: string, parser: ValueParser<T>): T | undefined {
    const fileVariable = `${variable}_FILE`;
    const path = this.text(fileVariable);
    // A password may begin or end with a space; only a wholly blank one counts as not set.
    const text = this.text(variable) === undefined ? undefined : this.#env[variable];
    if (path === undefined) return text === undefined ? undefined : this.#take(variable, parser, parser.parse(text));
    if (text !== undefined) {
      this.fail(fileVariable, `both ${variable} and ${fileVariable} are set`, secretFile(variable));
      return undefined;
    }
    const content = this.#contentOf(path);
    if (!content.ok) return this.#take(fileVariable, secretFile(variable), content);
    const withoutNewline = content.value.replace(/[\r\n]+$/, "");
    const result = withoutNewline.trim() === "" ? wrong("it is empty") : parser.parse(withoutNewline);
    return this.#take(
      fileVariable,
      secretFile(variable),
      result.ok ? result : wrong(`file ${shown(path)}: ${result.problem}`),
    );
  }

  /** Whether a secret was given at all, rightly or wrongly. */
  hasSecret(variable: string): boolean {
    return this.text(variable) !== undefined || this.text(`${variable}_FILE`) !== undefined;
  }

  /** The text of the PEM file that the variable names. */
  pemFile(variable: string, what: string): string | undefined {
    const path = this.text(variable);
    if (path === undefined) return undefined;
    const file = {
      expected: `the path of a readable file with ${what} in PEM`,
      example: `/run/secrets/${what.replace(/\W+/g, "-")}.pem`,
    };
    const content = this.#contentOf(path);
    const result =
      content.ok && !content.value.includes("-----BEGIN ")
        ? wrong(`file ${shown(path)}: it has no PEM block`)
        : content;
    return this.#take(variable, file, result);
  }

  /** The path of a file whose token something else renews: it has to hold one now, and is read again whenever one is needed. */
  tokenFile(variable: string): string | undefined {
    const path = this.text(variable);
    if (path === undefined) return undefined;
    const { expected, example } = accessToken;
    const right = { expected: `the path of a readable file with ${expected}`, example };
    const content = this.#contentOf(path);
    const token = content.ok ? accessToken.parse(content.value.trim()) : content;
    const result = content.ok && !token.ok ? wrong(`file ${shown(path)}: ${token.problem}`) : token;
    return this.#take(variable, right, result) === undefined ? undefined : path;
  }

  /** The path and the text of the file that the variable names. */
  textFile(variable: string, what: string): { readonly path: string; readonly text: string } | undefined {
    const path = this.text(variable);
    if (path === undefined) return undefined;
    const right = {
      expected: `the path of a readable file with ${what}`,
      example: `/etc/alert-digest/${variable.toLowerCase()}.eta`,
    };
    const text = this.#take(variable, right, this.#contentOf(path));
    return text === undefined ? undefined : { path, text };
  }

  fail(variable: string, problem: string, right: Right): void {
    this.errors.push({ variable, problem, expected: right.expected, example: right.example });
  }

  #take<T>(variable: string, right: Right, result: Parsed<T>): T | undefined {
    if (result.ok) return result.value;
    this.fail(variable, result.problem, right);
    return undefined;
  }

  #contentOf(path: string): Parsed<string> {
    try {
      return parsed(this.#readFile(path));
    } catch (error) {
      return wrong(`file ${shown(path)}: ${fileProblem(error)}`);
    }
  }
}

const secretFile = (variable: string): Right => ({
  expected: `the path of a readable file with the value of ${variable} alone, and ${variable} itself not set`,
  example: `/run/secrets/${variable.toLowerCase().replaceAll("_", "-")}`,
});

/** By its code alone: a message of the system may repeat what must not be shown. */
export const fileProblem = (error: unknown): string => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
  const known: Readonly<Record<string, string>> = {
    ENOENT: "it does not exist",
    EACCES: "this user may not read it",
    EPERM: "this user may not read it",
    EISDIR: "it is a directory",
    ENOTDIR: "a part of the path is not a directory",
  };
  return known[code] ?? `it cannot be read (${code})`;
};
