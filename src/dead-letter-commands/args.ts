/** The command line of `alert-digest dead-letters`, as data. Pure: the clock comes in as an argument. */

import { DEAD_LETTER_REASONS, type DeadLetterStage } from "../runtime/ports.js";
import { fail, type Options, oneOf, parsed, quoted, splitOptions, timeSpan, whole } from "./options.js";

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

export type ParsedDeadLettersArgs =
  | { readonly ok: true; readonly command: DeadLettersCommand }
  | { readonly ok: false; readonly problem: string };

export const REDRIVE_TIMESTAMPS = ["original", "now"] as const;
export type RedriveTimestamp = (typeof REDRIVE_TIMESTAMPS)[number];

export const DEFAULT_MAX_REDRIVES = 3;

export const DEAD_LETTERS_USAGE = `usage: alert-digest dead-letters list [FILTERS] [--json]
       alert-digest dead-letters show PARTITION/OFFSET [--raw]
       alert-digest dead-letters redrive FILTERS | PARTITION/OFFSET ... | --all [--dry-run] [--again] [--max-redrives N]
                                         [--timestamp original|now] [--to-failed-only]`;

export const DEAD_LETTERS_HELP = `${DEAD_LETTERS_USAGE}

list     one line per dead letter, oldest first
show     headers and content of one; --raw: its bytes as they are
redrive  writes letters back to the alerts topic: a record as it was, a window as its alerts, each with its original
         timestamp; they come late into the mails. Each letter is written whole or not at all, and once.

Filters:

  --device ID            key of the letter, or the deviceId in it
  --stage STAGE          ${Object.keys(DEAD_LETTER_REASONS).join(", ")}
  --reason REASON        e.g. not-json, recipient-refused
  --kind KIND            record, window
  --since TIME           written at or after: 2h (ago), 2026-11-21, 2026-11-21T08:30:00Z
  --until TIME           written before
  --limit N              at most N, the oldest ones

Redrive:

  --all                  every letter; without it a filter or a position is required
  --dry-run              say what would be written and write nothing
  --to-failed-only       a window goes back only to the recipients who missed it, as far as they are told of the device
                         now; in a mail of its own. What nobody got goes to everybody
  --again                also letters that were redriven before
  --max-redrives N       refuse alerts that came back N times [${DEFAULT_MAX_REDRIVES}]
  --timestamp now        stamp the records with the time of the redrive, for a topic that refuses old ones
                         (message.timestamp.before.max.ms). They are not late then; alerts of a window get their
                         original time as occurredAt where they have none, and the mail shows that [original]

Only the KAFKA_* variables are read. Exit codes: 0 all done, 1 something could not be read or was refused, 64 wrong
usage, 78 wrong configuration.
`;

const FILTERS = ["device", "stage", "reason", "kind", "since", "until", "limit"] as const;
const TEXTS: readonly string[] = [...FILTERS, "max-redrives", "timestamp"];
const OPTIONS = {
  list: [...FILTERS, "json"],
  show: ["raw"],
  redrive: [...FILTERS, "all", "dry-run", "again", "to-failed-only", "max-redrives", "timestamp"],
} as const satisfies Record<string, readonly string[]>;

/** `argv` after `dead-letters`. */
export const parseDeadLettersArgs = (argv: readonly string[], nowMs: number): ParsedDeadLettersArgs =>
  parsed(() => parse(argv, nowMs));

const parse = ([name, ...rest]: readonly string[], nowMs: number): DeadLettersCommand => {
  if (name === undefined) return fail("dead-letters: list, show or redrive is missing");
  if (name !== "list" && name !== "show" && name !== "redrive")
    return fail(`unknown command ${quoted(`dead-letters ${name}`)}`);
  const { options, positionals } = splitOptions(`dead-letters ${name}`, rest, { known: OPTIONS[name], texts: TEXTS });
  const flag = (option: string): boolean => options.has(option);
  const positions = positionals.map(position);
  if (name === "show") {
    const [first, ...more] = positions;
    if (first === undefined || more.length > 0) return fail("dead-letters show takes one PARTITION/OFFSET");
    return { kind: "show", position: first, raw: flag("raw") };
  }
  const filter = { ...filterOf(options, nowMs), positions };
  if (name === "list") return { kind: "list", filter, json: flag("json") };
  const chosen = positions.length > 0 || FILTERS.some((option) => option !== "limit" && options.has(option));
  if (!chosen && !flag("all")) return fail("dead-letters redrive needs a filter, a PARTITION/OFFSET, or --all");
  if (chosen && flag("all")) return fail("--all does not go together with a filter or a PARTITION/OFFSET");
  return {
    kind: "redrive",
    filter,
    dryRun: flag("dry-run"),
    again: flag("again"),
    toFailedOnly: flag("to-failed-only"),
    maxRedrives: whole(options, "max-redrives", 1, 1_000) ?? DEFAULT_MAX_REDRIVES,
    timestamp: oneOf(options, "timestamp", REDRIVE_TIMESTAMPS) ?? "original",
  };
};

const filterOf = (options: Options, nowMs: number): Omit<LetterFilter, "positions"> => {
  const stage = oneOf(options, "stage", Object.keys(DEAD_LETTER_REASONS) as DeadLetterStage[]);
  const reasons: readonly string[] = stage
    ? DEAD_LETTER_REASONS[stage]
    : [...new Set(Object.values(DEAD_LETTER_REASONS).flat())];
  return {
    device: options.get("device"),
    stage,
    reason: oneOf(options, "reason", reasons),
    kind: oneOf(options, "kind", ["record", "window"] as const),
    ...timeSpan(options, nowMs),
    limit: whole(options, "limit", 1, 1_000_000_000) ?? Number.POSITIVE_INFINITY,
  };
};

const position = (text: string): LetterPosition => {
  const match = /^(\d{1,9})\/(\d{1,15})$/.exec(text);
  if (match === null) return fail(`${quoted(text)} is not PARTITION/OFFSET, like 0/17`);
  return { partition: Number(match[1]), offset: Number(match[2]) };
};
