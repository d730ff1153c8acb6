/** What a command is. Its table of options and its help are pure; what it does is loaded when it runs. */

import type { Environment, ReadFile } from "../config.js";

/** 64 and 78 are EX_USAGE and EX_CONFIG of BSD's sysexits. */
export const EXIT = { ok: 0, fatal: 1, usage: 64, config: 78 } as const;

export interface Build {
  readonly version: string;
  readonly revision: string;
}

/** Where the answer of a command goes. */
export interface Output {
  out(text: string | Buffer): void;
  /** One line for people, without its end. */
  error(line: string): void;
}

/** What a command gets of its process. */
export interface Surroundings extends Output {
  readonly env: Environment;
  readonly readFile: ReadFile;
  readonly build: Build;
  /** Whole lines for people, as they are. */
  complain(text: string): void;
}

/** A command, ready to be run. */
export interface Prepared {
  /** What the command line says. */
  readonly args: unknown;
  /** The exit code; undefined: the process goes on and ends itself. */
  execute(around: Surroundings): Promise<number | undefined>;
}

export interface Command {
  readonly name: string;
  /** One line of the list of commands. */
  readonly says: string;
  /** How it is written: "usage: …", without a line break at the end. */
  readonly usage: string;
  /** What follows the usage in its help; ends with a line break. */
  readonly help: string;
  /** `argv` after the command's name; `nowMs`: what `2h` ago is counted from. Throws a `UsageError`. */
  prepare(argv: readonly string[], nowMs: number): Prepared;
}

/** A command from its parts: `load` brings what runs it. */
export const command = <A>({
  parse,
  load,
  ...words
}: Omit<Command, "prepare"> & {
  parse(argv: readonly string[], nowMs: number): A;
  load(): Promise<(args: A, around: Surroundings) => Promise<number | undefined>>;
}): Command => ({
  ...words,
  prepare(argv, nowMs) {
    const args = parse(argv, nowMs);
    return { args, execute: async (around) => (await load())(args, around) };
  },
});
