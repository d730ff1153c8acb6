/** The command line of `alert-digest sent`, as data. Pure: the clock comes in as an argument. */

import { fail, oneOf, parsed, quoted, splitOptions, timeSpan, whole } from "../dead-letter-commands/options.js";

/** `partly`: accepted, and somebody will never have it. */
export const SENT_OUTCOMES = ["accepted", "partly", "presumed", "dead_lettered"] as const;
export type SentOutcome = (typeof SENT_OUTCOMES)[number];

/** All that are given must fit. Times are wall clock milliseconds: when the mail was through. */
export interface SentCommand {
  readonly device: string | undefined;
  /** Told, or not told. */
  readonly recipient: string | undefined;
  readonly outcome: SentOutcome | undefined;
  /** Without angle brackets. */
  readonly messageId: string | undefined;
  /** Inclusive. */
  readonly sinceMs: number | undefined;
  /** Exclusive. */
  readonly untilMs: number | undefined;
  /** The newest ones. */
  readonly limit: number;
  readonly json: boolean;
}

export type ParsedSentArgs =
  | { readonly ok: true; readonly command: SentCommand }
  | { readonly ok: false; readonly problem: string };

const DEFAULT_LIMIT = 100;

export const SENT_USAGE =
  "usage: alert-digest sent [--device ID] [--since TIME] [--until TIME] [--recipient ADDRESS] [--outcome OUTCOME]\n" +
  "                         [--message-id ID] [--limit N] [--json]";

export const SENT_HELP = `${SENT_USAGE}

Was I told, when, and what did the server say: the mails on record in KAFKA_SENT_TOPIC, the newest last. Without
--device those of all devices, and the daily reports.

  --device ID            of this device
  --since TIME           through at or after: 2h (ago), 2026-11-21, 2026-11-21T08:30:00Z
  --until TIME           through before
  --recipient ADDRESS    told, or not told
  --outcome OUTCOME      accepted: somebody has it; partly: others will never have it; dead_lettered: nobody has it;
                         presumed: it was sent several times, and the server never answered
  --message-id ID        with or without angle brackets
  --limit N              at most N, the newest ones [${DEFAULT_LIMIT}]
  --json                 one JSON object a line

Addresses are shown as they are: LOG_RECIPIENTS is about the log, and who asks here may read the topic. What is no such
record is told of and passed over. Only the KAFKA_* variables are read. Exit codes: 0 answered, also when there is
nothing, 1 something could not be read, 64 wrong usage, 78 wrong configuration.
`;

const TEXTS = ["device", "since", "until", "recipient", "outcome", "message-id", "limit"];

/** `argv` after `sent`. */
export const parseSentArgs = (argv: readonly string[], nowMs: number): ParsedSentArgs =>
  parsed(() => {
    const { options, positionals } = splitOptions("sent", argv, { known: [...TEXTS, "json"], texts: TEXTS });
    if (positionals[0] !== undefined) return fail(`sent takes options only, but ${quoted(positionals[0])} was given`);
    return {
      device: options.get("device"),
      recipient: options.get("recipient"),
      outcome: oneOf(options, "outcome", SENT_OUTCOMES),
      messageId: options.get("message-id")?.replace(/^<(.*)>$/, "$1"),
      ...timeSpan(options, nowMs),
      limit: whole(options, "limit", 1, 1_000_000_000) ?? DEFAULT_LIMIT,
      json: options.has("json"),
    };
  });
