/** The command line, as data. Settings come from the environment, so there is little to parse. */

import { asksForHelp, asksForVersion } from "./asked.js";
import { CHECK } from "./check/command.js";
import type { Command, Prepared } from "./command.js";
import { DEAD_LETTERS } from "./dead-letters/command.js";
import { generalHelp, generalUsage, helpCommand, helpOf, VERSION } from "./help.js";
import { didYouMean, fail, quoted, UsageError } from "./options.js";
import { PREVIEW } from "./preview/command.js";
import { ROUTES } from "./routes/command.js";
import { RUN } from "./run/command.js";
import { SENT } from "./sent/command.js";
import { TRANSLATE } from "./translate/command.js";

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [
  RUN,
  TRANSLATE,
  CHECK,
  DEAD_LETTERS,
  SENT,
  ROUTES,
  PREVIEW,
  helpCommand(() => COMMANDS),
  VERSION,
];

export type ParsedLine =
  | ({ readonly kind: "command"; readonly name: string } & Prepared)
  /** `text` goes to stdout, exit code 0. */
  | { readonly kind: "help"; readonly text: string }
  /** `text` goes to stderr, exit code 64; it ends with the usage. */
  | { readonly kind: "usage-error"; readonly text: string };

/**
 * `argv` without the interpreter and the script; `nowMs`: what `2h` ago is counted from. `--help` and `--version` count wherever they stand,
 * `--help` first.
 */
export const parseCommandLine = (argv: readonly string[], nowMs: number): ParsedLine => {
  const [name, ...rest] = argv;
  const found = COMMANDS.find((one) => one.name === name);
  if (asksForHelp(argv)) return { kind: "help", text: found === undefined ? generalHelp(COMMANDS) : helpOf(found) };
  if (asksForVersion(argv)) return { kind: "command", name: VERSION.name, ...VERSION.prepare([], nowMs) };
  try {
    if (found === undefined) return fail(noCommand(name));
    return { kind: "command", name: found.name, ...found.prepare(rest, nowMs) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const usage = found?.usage ?? generalUsage(COMMANDS);
    return { kind: "usage-error", text: `alert-digest: ${error.message}\n${usage}\n` };
  }
};

const noCommand = (name: string | undefined): string => {
  if (name === undefined) return "a command is missing";
  if (name.startsWith("-")) return `unknown option ${quoted(name)}; settings are environment variables`;
  return `unknown command ${quoted(name)}${didYouMean(
    name,
    COMMANDS.map((one) => one.name),
  )}`;
};
