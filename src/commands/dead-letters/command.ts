/** The command line of `alert-digest dead-letters`: its options and its help. */

import { namesReadBy } from "../../config/settings-help.js";
import { integer, oneOf } from "../../config/values.js";
import { DEAD_LETTER_REASONS, type DeadLetterStage } from "../../runtime/ports.js";
import { command } from "../command.js";
import {
  anyText,
  fail,
  flag,
  moment,
  option,
  optionLines,
  paragraph,
  quoted,
  readOptionsAndArguments,
  subcommand,
  timeSpan,
  type Values,
  withDefault,
} from "../options.js";

/** Where a letter stands in the dead-letter topic. */
export interface LetterPosition {
  readonly partition: number;
  readonly offset: number;
}

/** All that are given must fit. Times are wall clock milliseconds: when the letter was written. */
export interface LetterFilter {
  readonly device: string | undefined;
  readonly reason: string | undefined;
  readonly stage: DeadLetterStage | undefined;
  readonly kind: "record" | "window" | undefined;
  /** Inclusive. */
  readonly sinceMs: number | undefined;
  /** Exclusive. */
  readonly untilMs: number | undefined;
  /** Empty: any. */
  readonly positions: readonly LetterPosition[];
  /** The oldest ones. */
  readonly limit: number;
}

export type DeadLettersCommand =
  | { readonly kind: "list"; readonly filter: LetterFilter; readonly json: boolean }
  | { readonly kind: "show"; readonly position: LetterPosition; readonly raw: boolean }
  | {
      readonly kind: "redrive";
      readonly filter: LetterFilter;
      readonly dryRun: boolean;
      /** Also those that were redriven before. */
      readonly again: boolean;
      /** A window goes back only to those who missed it. */
      readonly toFailedOnly: boolean;
      readonly maxRedrives: number;
      /** `now`: for a topic that takes no old records. */
      readonly timestamp: RedriveTimestamp;
    };

const REDRIVE_TIMESTAMPS = ["original", "now"] as const;
export type RedriveTimestamp = (typeof REDRIVE_TIMESTAMPS)[number];

const STAGES = Object.keys(DEAD_LETTER_REASONS) as DeadLetterStage[];

const FILTERS = {
  device: option("ID", anyText, "key of the letter, or the deviceId in it"),
  stage: option("STAGE", oneOf(STAGES), STAGES.join(", ")),
  reason: option("REASON", anyText, "e.g. not-json, recipient-refused"),
  kind: option("KIND", oneOf(["record", "window"] as const), "record, window"),
  since: option("TIME", moment, "written at or after: 2h (ago), 2026-11-21, 2026-11-21T08:30:00Z"),
  until: option("TIME", moment, "written before"),
  limit: option("N", integer(1, 1_000_000_000), "at most N, the oldest ones"),
};
const OF_LIST = { json: flag("one JSON object a line") };
const OF_SHOW = { raw: flag("its bytes as they are") };
const OF_REDRIVE = {
  all: flag("every letter; without it a filter or a position is required"),
  "dry-run": flag("say what would be written and write nothing"),
  "to-failed-only": flag(
    "a window goes back only to the recipients who missed it and would still be told of the device, in a mail of its own; what nobody got goes to everybody",
  ),
  again: flag("also letters that were redriven before"),
  "max-redrives": withDefault("N", integer(1, 1_000), "3", "refuse alerts that came back N times"),
  timestamp: withDefault(
    "TIMESTAMP",
    oneOf(REDRIVE_TIMESTAMPS),
    "original",
    "now: stamp the records with the time of the redrive, for a topic that refuses old ones (message.timestamp.before.max.ms). They are not late then; alerts of a window get their original time as occurredAt where they have none, and the mail shows that",
  ),
};

export const DEAD_LETTERS = command<DeadLettersCommand>({
  name: "dead-letters",
  says: "list, show and redrive what could not be read or delivered",
  usage: `usage: alert-digest dead-letters list [FILTERS] [--json]
       alert-digest dead-letters show PARTITION/OFFSET [--raw]
       alert-digest dead-letters redrive FILTERS | PARTITION/OFFSET ... | --all [--dry-run] [--again] [--max-redrives N]
                                         [--timestamp original|now] [--to-failed-only]`,
  help: `list     one line per dead letter, oldest first
show     headers and content of one
redrive  writes letters back to the alerts topic: a record as it was, a window as its alerts, each with its original
         timestamp; they come late into the mails. Each letter is written whole or not at all, and once.

Filters:

${optionLines(FILTERS)}

list:

${optionLines(OF_LIST)}

show:

${optionLines(OF_SHOW)}

redrive:

${optionLines(OF_REDRIVE)}

${paragraph(
  `It reads these variables: ${namesReadBy("dead-letters").join(", ")}. Exit codes: 0 all done, 1 something could not be read or was refused, 64 wrong usage, 78 wrong configuration.`,
)}
`,
  parse(argv, nowMs) {
    const [name, rest] = subcommand("dead-letters", ["list", "show", "redrive"], argv);
    if (name === "list") return list(rest, nowMs);
    return name === "show" ? show(rest) : redrive(rest, nowMs);
  },
  load: async () => (await import("./main.js")).execute,
});

const list = (argv: readonly string[], nowMs: number): DeadLettersCommand => {
  const { options, positionals } = readOptionsAndArguments("dead-letters list", { ...FILTERS, ...OF_LIST }, argv);
  return { kind: "list", filter: filterOf(options, positionals, nowMs), json: options.json };
};

const show = (argv: readonly string[]): DeadLettersCommand => {
  const { options, positionals } = readOptionsAndArguments("dead-letters show", OF_SHOW, argv);
  const [first, ...more] = positionals.map(position);
  if (first === undefined || more.length > 0) return fail("dead-letters show takes one PARTITION/OFFSET");
  return { kind: "show", position: first, raw: options.raw };
};

const redrive = (argv: readonly string[], nowMs: number): DeadLettersCommand => {
  const table = { ...FILTERS, ...OF_REDRIVE };
  const { options, positionals } = readOptionsAndArguments("dead-letters redrive", table, argv);
  const { limit: _, ...chosenBy } = FILTERS;
  const isChosen = Object.keys(chosenBy).some((name) => options[name as keyof typeof chosenBy] !== undefined);
  const chosen = positionals.length > 0 || isChosen;
  if (!chosen && !options.all) return fail("dead-letters redrive needs a filter, a PARTITION/OFFSET, or --all");
  if (chosen && options.all) return fail("--all does not go together with a filter or a PARTITION/OFFSET");
  return {
    kind: "redrive",
    filter: filterOf(options, positionals, nowMs),
    dryRun: options["dry-run"],
    again: options.again,
    toFailedOnly: options["to-failed-only"],
    maxRedrives: options["max-redrives"],
    timestamp: options.timestamp,
  };
};

const filterOf = (options: Values<typeof FILTERS>, positionals: readonly string[], nowMs: number): LetterFilter => {
  const { device, stage, reason, kind, limit = Number.POSITIVE_INFINITY } = options;
  const reasons: readonly string[] = stage
    ? DEAD_LETTER_REASONS[stage]
    : [...new Set(Object.values(DEAD_LETTER_REASONS).flat())];
  if (reason !== undefined && !reasons.includes(reason))
    fail(`--reason ${quoted(reason)}: expected one of ${reasons.join(", ")}`);
  return { device, stage, reason, kind, ...timeSpan(options, nowMs), positions: positionals.map(position), limit };
};

const position = (text: string): LetterPosition => {
  const match = /^(\d{1,9})\/(\d{1,15})$/.exec(text);
  if (match === null) return fail(`${quoted(text)} is not PARTITION/OFFSET, like 0/17`);
  return { partition: Number(match[1]), offset: Number(match[2]) };
};
