import { type Ledger, quantile } from "./books.js";
import type { InboxMail } from "./inbox.js";

export interface Outcome {
  readonly ledger: Ledger;
  readonly mails: readonly InboxMail[];
  readonly tombstones: number;
  /** By Kafka's committed offsets, after the product has stopped. */
  readonly finalLag: number;
  /** Of accepted attempts, seconds, from the product's own histogram; undefined when it has none. */
  readonly sendP50: number | undefined;
  readonly sendP99: number | undefined;
  readonly exitCode: number | null;
}

const SHOWN_PROBLEMS = 20;

const ms = (seconds: number | undefined): string =>
  seconds === undefined ? "unknown" : `${(seconds * 1_000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;

const number = (value: number): string => value.toLocaleString("en-US");

/** The table at the end, one line each. */
export function reportLines(outcome: Outcome): string[] {
  const { ledger, mails } = outcome;
  const perMail = mails.length === 0 ? 0 : ledger.alerts.length / mails.length;
  const afterEnd = mails.map((mail) => (mail.receivedAtMs - mail.windowEndMs) / 1_000);
  const largest = mails.reduce((most, mail) => Math.max(most, mail.count), 0);
  const rows: [string, string][] = [
    ["alerts", `${number(ledger.alerts.length)} of ${new Set(ledger.alerts.map((a) => a.deviceId)).size} devices`],
    ["mails", number(mails.length)],
    ["alerts per mail", `${perMail.toFixed(1)}, at most ${number(largest)}`],
    [
      "dead letters",
      `${ledger.deadLetters.length} (bad records sent: ${ledger.badRecords.length}, tombstones: ${outcome.tombstones})`,
    ],
    ["final lag", number(outcome.finalLag)],
    ["send latency", `p50 ${ms(outcome.sendP50)}, p99 ${ms(outcome.sendP99)}`],
    ["window end to inbox", `p50 ${ms(quantile(afterEnd, 0.5))}, p99 ${ms(quantile(afterEnd, 0.99))}`],
  ];
  return rows.map(([label, value]) => `  ${label.padEnd(20)} ${value}`);
}

/** The verdict: every alert in exactly one mail, every bad record in the dead letters once, nothing left behind. */
export function verdictLines(problems: readonly string[], ledger: Ledger): string[] {
  if (problems.length === 0) {
    const alerts = `every one of ${number(ledger.alerts.length)} alerts is in exactly one mail`;
    return [`books: right; ${alerts}, every one of ${ledger.badRecords.length} bad records is one dead letter`];
  }
  const shown = problems.slice(0, SHOWN_PROBLEMS).map((problem) => `  ${problem}`);
  const more = problems.length > SHOWN_PROBLEMS ? [`  and ${number(problems.length - SHOWN_PROBLEMS)} more`] : [];
  return [`books: WRONG, ${number(problems.length)} entries do not add up`, ...shown, ...more];
}
