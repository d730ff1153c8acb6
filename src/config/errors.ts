/** Wrong variables, and the report on them. */

/** One wrong variable: what is wrong, what would be right, and a line that works. Never contains a secret. */
export interface ConfigError {
  readonly variable: string;
  readonly problem: string;
  readonly expected: string;
  /** A value, to be written after `VARIABLE=`. */
  readonly example: string;
  /** In a file: `variable` says where, and the example is a line of it. */
  readonly inFile?: true;
}

/** Found at the start, by asking others: what the configuration names does not take it. */
export class WrongConfiguration extends Error {
  override readonly name = "WrongConfiguration";
  readonly errors: readonly ConfigError[];

  constructor(errors: readonly ConfigError[]) {
    super(errors.map(({ variable, problem }) => `${variable}: ${problem}`).join("; "));
    this.errors = errors;
  }
}

/** The report an operator reads: every error at once, then what else was noticed; ends with a line break. */
export const formatConfigErrors = (errors: readonly ConfigError[], warnings: readonly string[] = []): string => {
  const head = `The configuration has ${errors.length} ${errors.length === 1 ? "error" : "errors"}:`;
  const blocks = errors.map(
    ({ variable, problem, expected, example, inFile }) =>
      `  ${variable}: ${problem}\n    expected: ${expected}\n    example:  ${inFile ? "" : assigned(variable)}${example}\n`,
  );
  const noticed = warnings.length === 0 ? "" : `\nAlso noticed:\n${warnings.map((text) => `  ${text}\n`).join("")}`;
  return `${head}\n\n${blocks.join("\n")}${noticed}`;
};

/** What stands before a value of a variable, or of an option of a command. */
const assigned = (name: string): string => (name.startsWith("--") ? `${name} ` : `${name}=`);

const SHOWN_LENGTH_MAX = 80;

/** Part of a value or of a file as an error may show it: one line, bounded, and without the login of a URL. */
export const shown = (value: string): string => {
  const masked = value.replace(/\/\/.*@/gs, "//[redacted]@");
  const cut = masked.length > SHOWN_LENGTH_MAX ? `${masked.slice(0, SHOWN_LENGTH_MAX)}…` : masked;
  return JSON.stringify(cut);
};

/**
 * A value of a variable that never has an `@`, as an error may show it: with one it may be a login that was meant for another variable, and where its password
 * ends nobody can tell.
 */
export const shownSetting = (value: string): string =>
  value.includes("@") ? "a value with an @ (not shown, it may hold a password)" : shown(value);
