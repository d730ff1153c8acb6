/** The command line, as data. Settings come from the environment (`config.ts`), so there is little to parse. */

import { CHECK_HELP, CHECK_USAGE, type CheckCommand, parseCheckArgs } from "./check-command/args.js";
import type { Variable } from "./config/variable.js";
import { VARIABLES } from "./config/variables.js";
import {
  DEAD_LETTERS_HELP,
  DEAD_LETTERS_USAGE,
  type DeadLettersCommand,
  parseDeadLettersArgs,
} from "./dead-letter-commands/args.js";
import { PREVIEW_HELP, PREVIEW_USAGE, type PreviewCommand, parsePreviewArgs } from "./preview-command/args.js";
import { parseRoutesArgs, ROUTES_HELP, ROUTES_USAGE, type RoutesCommand } from "./routes-command/args.js";
import { parseSentArgs, SENT_HELP, SENT_USAGE, type SentCommand } from "./sent-commands/args.js";

export interface Command {
  readonly name: string;
  /** One line of the help. */
  readonly meaning: string;
}

export const COMMANDS = [
  { name: "run", meaning: "read alerts and send mails until SIGTERM or SIGINT" },
  {
    name: "check",
    meaning: "try settings, Kafka, recipients database and mail server, and consume nothing (has its own --help)",
  },
  { name: "dead-letters", meaning: "list, show and redrive what could not be read or delivered (has its own --help)" },
  { name: "sent", meaning: "was I told, when, and what did the server say (has its own --help)" },
  { name: "routes", meaning: "test and check the routes: who would be told of an alert, and why (has its own --help)" },
  { name: "preview", meaning: "show the mails that alerts would become, with your templates (has its own --help)" },
] as const satisfies readonly Command[];

/** 64 and 78 are EX_USAGE and EX_CONFIG of BSD's sysexits. */
export const EXIT = { ok: 0, fatal: 1, usage: 64, config: 78 } as const;

export type ParsedArgs =
  | { readonly kind: "run" }
  | { readonly kind: "check"; readonly command: CheckCommand }
  | { readonly kind: "dead-letters"; readonly command: DeadLettersCommand }
  | { readonly kind: "sent"; readonly command: SentCommand }
  | { readonly kind: "routes"; readonly command: RoutesCommand }
  | { readonly kind: "preview"; readonly command: PreviewCommand }
  /** `text` goes to stdout, exit code 0. */
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" }
  /** `text` goes to stderr, exit code 64; it ends with the usage. */
  | { readonly kind: "usage-error"; readonly text: string };

/**
 * `argv` without the interpreter and the script; `nowMs`: what `2h` ago is counted from. `--help` and `--version` count wherever they stand,
 * `--help` first.
 */
export const parseArgs = (argv: readonly string[], nowMs: number): ParsedArgs => {
  if (argv.some((argument) => argument === "--help" || argument === "-h"))
    return { kind: "help", text: helpOf(argv[0]) };
  if (argv.some((argument) => argument === "--version" || argument === "-v")) return { kind: "version" };
  const [name, ...rest] = argv;
  if (name === undefined) return usageError("a command is missing");
  if (name === "dead-letters") {
    const parsed = parseDeadLettersArgs(rest, nowMs);
    return parsed.ok
      ? { kind: "dead-letters", command: parsed.command }
      : usageError(parsed.problem, DEAD_LETTERS_USAGE);
  }
  if (name === "check") {
    const parsed = parseCheckArgs(rest);
    return parsed.ok ? { kind: "check", command: parsed.command } : usageError(parsed.problem, CHECK_USAGE);
  }
  if (name === "sent") {
    const parsed = parseSentArgs(rest, nowMs);
    return parsed.ok ? { kind: "sent", command: parsed.command } : usageError(parsed.problem, SENT_USAGE);
  }
  if (name === "routes") {
    const parsed = parseRoutesArgs(rest);
    return parsed.ok ? { kind: "routes", command: parsed.command } : usageError(parsed.problem, ROUTES_USAGE);
  }
  if (name === "preview") {
    const parsed = parsePreviewArgs(rest);
    return parsed.ok ? { kind: "preview", command: parsed.command } : usageError(parsed.problem, PREVIEW_USAGE);
  }
  const option = argv.find((argument) => argument.startsWith("-"));
  if (option !== undefined) return usageError(`unknown option ${quoted(option)}; settings are environment variables`);
  if (name !== "run") return usageError(`unknown command ${quoted(name)}`);
  if (rest[0] !== undefined) return usageError(`${name} takes no argument, but ${quoted(rest[0])} was given`);
  return { kind: "run" };
};

const helpOf = (command: string | undefined): string => {
  if (command === "dead-letters") return DEAD_LETTERS_HELP;
  if (command === "check") return CHECK_HELP;
  if (command === "sent") return SENT_HELP;
  if (command === "preview") return PREVIEW_HELP;
  return command === "routes" ? ROUTES_HELP : helpText();
};

const USAGE = `usage: alert-digest ${COMMANDS.map((command) => command.name).join("|")} | --help | --version`;

const usageError = (problem: string, usage = USAGE): ParsedArgs => ({
  kind: "usage-error",
  text: `alert-digest: ${problem}\n${usage}\n`,
});

const quoted = (argument: string): string =>
  JSON.stringify(argument.length > 60 ? `${argument.slice(0, 60)}…` : argument);

const helpText = (): string => `${USAGE}

Reads device alerts from Kafka and sends one e-mail per device and window, losing none.

${table(COMMANDS.map(({ name, meaning }) => [name, meaning]))}
  --help     this text
  --version  the version

Environment variables (default in brackets):

${table(VARIABLES.map((variable) => [variable.name, inOneLine(variable)]))}

Durations are written 250ms 30s 15m 4h, sizes 512KB 256MB. Can be read from a file instead, as in
SMTP_URL_FILE=/run/secrets/smtp: ${VARIABLES.filter(({ secrecy }) => secrecy !== undefined)
  .map(({ name }) => name)
  .join(", ")}.

Exit codes: 0 clean stop, 1 fatal error, 64 wrong usage, 78 wrong configuration.
`;

const inOneLine = ({ says, parser: { words = [] }, required, default: usual, unset }: Variable): string => {
  const what = words.length === 0 ? says : `${says}: ${words.join(", ")}`;
  const without = required ? "required" : (usual ?? unset);
  return without === undefined ? what : `${what} [${without}]`;
};

const table = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max("--version".length, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
};
