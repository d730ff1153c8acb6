/** Reads declared variables from the environment and from files. */

import { type ConfigError, shownSetting } from "./errors.js";
import { type Parsed, parsed, type ValueParser, wrong } from "./values.js";
import type { Variable } from "./variable.js";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Returns the file's text (UTF-8) or throws an error whose `code` says why (`ENOENT`, `EACCES`, …). */
export type ReadFile = (path: string) => string;

/** The half of an error that does not depend on the value. */
type Right = Pick<Variable, "expected" | "example">;

/** Reads variables one by one and gathers what is wrong with them, so that one report can name everything. */
export class EnvReader {
  readonly errors: ConfigError[] = [];
  readonly #env: Environment;
  readonly #readFile: ReadFile;
  readonly #secrets = new Set<string>();
  /** What the log shows in place of a secret. */
  readonly #masks = new Map<string, string>();

  constructor(env: Environment, readFile: ReadFile) {
    this.#env = env;
    this.#readFile = readFile;
  }

  /** Undefined: not set. An empty or blank variable counts as not set: that is what compose files make of a missing one. */
  text({ name }: { readonly name: string }): string | undefined {
    const text = this.#env[name]?.trim();
    return text === "" ? undefined : text;
  }

  /** Whether it was given at all, rightly or wrongly. */
  isSet(variable: Variable): boolean {
    return this.text(variable) !== undefined || (variable.secrecy !== undefined && this.#fileOf(variable).isSet);
  }

  /** Its value, or what applies without it, also after an error: the caller looks at `errors` before it uses anything. */
  read<V, F>(variable: Variable<V, F>, parser?: ValueParser<V>): V | F {
    if (variable.required && !this.isSet(variable)) {
      const neither = `neither it nor ${variable.name}_FILE is set`;
      this.fail(variable, `it is required and ${variable.secrecy ? neither : "not set"}`);
    }
    return this.given(variable, parser) ?? variable.fallback;
  }

  /** Its value; undefined when it is not set, or wrong. `parser`: a stricter one, or one that knows more than the declaration. */
  given<V>(variable: Variable<V>, parser: ValueParser<unknown> = variable.parser): V | undefined {
    if (variable.secrecy !== undefined) return this.#secret(variable, parser as ValueParser<V>);
    const text = this.text(variable);
    if (text === undefined) return undefined;
    const { file } = variable;
    if (file === undefined) return this.#take(variable, parser.parse(text) as Parsed<V>, parser.expected);
    const content = this.#contentOf(text);
    const result = content.ok ? inFile(text, parser.parse(content.value)) : content;
    return this.#take(variable, result.ok && content.ok ? parsed(file(text, content.value)) : (result as Parsed<V>));
  }

  fail({ name, expected, example }: Right & { readonly name: string }, problem: string, right?: Partial<Right>): void {
    this.errors.push({ variable: name, problem, expected, example, ...right });
  }

  /** Every text that no line of the log may contain, in each form in which a library may show it, longest first. */
  secrets(): readonly string[] {
    return [...this.#secrets].filter((text) => text !== "").sort((a, b) => b.length - a.length);
  }

  /** What applies, as it would be written: for the log. `people`: who, and not only how many. */
  settings(
    variables: readonly Variable[],
    { people }: { readonly people: boolean },
  ): Readonly<Record<string, string | number>> {
    const all: Record<string, string | number> = {};
    for (const variable of variables) {
      const text = this.text(variable) ?? variable.default;
      if (variable.secrecy !== undefined) {
        if (this.isSet(variable)) all[variable.name] = this.#masks.get(variable.name) ?? REDACTED;
      } else if (text !== undefined) {
        all[variable.name] = variable.people && !people ? new Set(text.split(/\s*,\s*/)).size : text;
      }
    }
    return all;
  }

  /** From the variable or from the file that `NAME_FILE` names. The value is never quoted, the path is. */
  #secret<V>(variable: Variable<V>, parser: ValueParser<V>): V | undefined {
    const { name } = variable;
    const { path, right } = this.#fileOf(variable);
    // A password may begin or end with a space; only a wholly blank one counts as not set.
    const text = this.text(variable) === undefined ? undefined : this.#env[name];
    if (path === undefined) {
      if (text === undefined) return undefined;
      return this.#keep(variable, this.#take(variable, parser.parse(text), parser.expected));
    }
    if (text !== undefined) {
      this.fail(right, `both ${name} and ${right.name} are set`);
      return undefined;
    }
    const content = this.#contentOf(path);
    if (!content.ok) return this.#take(right, content);
    const withoutNewline = content.value.replace(/[\r\n]+$/, "");
    const result = withoutNewline.trim() === "" ? wrong("it is empty") : parser.parse(withoutNewline);
    return this.#keep(variable, this.#take(right, inFile(path, result)));
  }

  #keep<V>({ name, secrecy }: Variable<V>, value: V | undefined): V | undefined {
    if (value === undefined || secrecy === undefined) return value;
    for (const text of secrecy.hides(value, (other) => this.text({ name: other }))) this.#secrets.add(text);
    const mask = secrecy.logged?.(value);
    if (mask !== undefined) this.#masks.set(name, mask);
    return value;
  }

  /** `NAME_FILE` of a secret. */
  #fileOf({ name }: Variable) {
    const file = `${name}_FILE`;
    const expected = `the path of a readable file with the value of ${name} alone, and ${name} itself not set`;
    const right = { name: file, expected, example: `/run/secrets/${name.toLowerCase().replaceAll("_", "-")}` };
    const path = this.text(right);
    return { path, isSet: path !== undefined, right };
  }

  #take<T>(right: Right & { readonly name: string }, result: Parsed<T>, expected = right.expected): T | undefined {
    if (result.ok) return result.value;
    this.fail(right, result.problem, { expected });
    return undefined;
  }

  #contentOf(path: string): Parsed<string> {
    try {
      return parsed(this.#readFile(path));
    } catch (error) {
      return wrong(`file ${shownSetting(path)}: ${fileProblem(error)}`);
    }
  }
}

const REDACTED = "[redacted]";

const inFile = <T>(path: string, result: Parsed<T>): Parsed<T> =>
  result.ok ? result : wrong(`file ${shownSetting(path)}: ${result.problem}`);

/** By its code alone: a message of the system may repeat what must not be shown. */
export const fileProblem = (error: unknown): string => {
  // The one sentence that is our own: it has the limit.
  if (error instanceof Error && error.name === "FileTooLarge") return error.message;
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
