/** The command line of `alert-digest sent`: its options and its help. */

import { namesReadBy } from "../../config/settings-help.js";
import { integer, oneOf } from "../../config/values.js";
import { command } from "../command.js";
import {
  anyText,
  flag,
  moment,
  option,
  optionLines,
  paragraph,
  readOptions,
  timeSpan,
  usageOf,
  withDefault,
} from "../options.js";

/** `partly`: accepted, and somebody will never have it. */
const SENT_OUTCOMES = ["accepted", "partly", "presumed", "dead_lettered", "muted"] as const;
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

const OPTIONS = {
  device: option("ID", anyText, "mails about this device"),
  since: option("TIME", moment, "sent at or after: 2h (ago), 2026-11-21, 2026-11-21T08:30:00Z"),
  until: option("TIME", moment, "sent before"),
  recipient: option("ADDRESS", anyText, "mails that this address got, or should have got"),
  outcome: option(
    "OUTCOME",
    oneOf(SENT_OUTCOMES),
    "accepted: somebody has it; partly: others will never have it; dead_lettered: nobody has it; presumed: it was sent several times, and the server never answered; muted: nobody was mailed, a route says so",
  ),
  "message-id": option("ID", anyText, "with or without angle brackets"),
  limit: withDefault("N", integer(1, 1_000_000_000), "100", "at most N, the newest ones"),
  json: flag("one JSON object a line"),
};

export const SENT = command<SentCommand>({
  name: "sent",
  says: "which mails were sent, when, to whom, and what the server said",
  usage: usageOf("usage: alert-digest sent", OPTIONS),
  help: `Lists the mails on record in KAFKA_SENT_TOPIC, the newest last. Without --device it lists those of all devices, and
the daily reports.

${optionLines(OPTIONS)}

It shows addresses as they are: LOG_RECIPIENTS is about the log, and whoever asks here may read the topic. It names
records that are no mails, and passes over them.

${paragraph(
  `It reads these variables: ${namesReadBy("sent").join(", ")}. Exit codes: 0 answered, also when there is nothing, 1 something could not be read, 64 wrong usage, 78 wrong configuration.`,
)}
`,
  parse(argv, nowMs) {
    const options = readOptions("sent", OPTIONS, argv);
    const { device, recipient, outcome, limit, json } = options;
    const messageId = options["message-id"]?.replace(/^<(.*)>$/, "$1");
    return { device, recipient, outcome, messageId, ...timeSpan(options, nowMs), limit, json };
  },
  load: async () => (await import("./main.js")).execute,
});
