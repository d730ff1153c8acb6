import { type Ledger, quantile } from "./books.js";
import type { InboxMail } from "./inbox.js";
import { type DemoTexts, table } from "./texts.js";

export interface Outcome {
  readonly ledger: Ledger;
  readonly mails: readonly InboxMail[];
  readonly tombstones: number;
  /** By Kafka's committed offsets. */
  readonly finalLag: number;
  /** Of accepted attempts, seconds, from the product's own histograms; undefined when they have none. */
  readonly sendP50: number | undefined;
  readonly sendP99: number | undefined;
}

const SHOWN_PROBLEMS = 20;

const number = (value: number): string => value.toLocaleString("en-US");

/** The table at the end, one line each. */
export function reportLines(outcome: Outcome, { report }: DemoTexts): string[] {
  const { ledger, mails } = outcome;
  const ms = (seconds: number | undefined): string =>
    seconds === undefined ? report.unknown : `${(seconds * 1_000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
  const perMail = mails.length === 0 ? 0 : ledger.alerts.length / mails.length;
  const afterEnd = mails.map((mail) => (mail.receivedAtMs - mail.windowEndMs) / 1_000);
  const largest = mails.reduce((most, mail) => Math.max(most, mail.count), 0);
  const devices = new Set(ledger.alerts.map((alert) => alert.deviceId)).size;
  const [alertsLabel, alertsValue] = report.alerts;
  const [perMailLabel, perMailValue] = report.perMail;
  const [lettersLabel, lettersValue] = report.deadLetters;
  const [committedLabel, committedValue] = report.committed;
  return table([
    [alertsLabel, alertsValue(number(ledger.alerts.length), devices)],
    [report.mails, number(mails.length)],
    [perMailLabel, perMailValue(perMail.toFixed(1), number(largest))],
    [lettersLabel, lettersValue(ledger.deadLetters.length, ledger.badRecords.length, outcome.tombstones)],
    [committedLabel, committedValue(outcome.finalLag)],
    [report.send, `p50 ${ms(outcome.sendP50)}, p99 ${ms(outcome.sendP99)}`],
    [report.windowEnd, `p50 ${ms(quantile(afterEnd, 0.5))}, p99 ${ms(quantile(afterEnd, 0.99))}`],
  ]);
}

/** The verdict: every alert in exactly one mail, every bad record in the dead letters once, nothing left behind. */
export function verdictLines(problems: readonly string[], ledger: Ledger, texts: DemoTexts): string[] {
  if (problems.length === 0) return [texts.right(number(ledger.alerts.length), ledger.badRecords.length)];
  const shown = problems.slice(0, SHOWN_PROBLEMS).map((problem) => `  ${problem}`);
  const left = problems.length - SHOWN_PROBLEMS;
  return [texts.wrong(number(problems.length)), ...shown, ...(left > 0 ? [`  ${texts.more(number(left))}`] : [])];
}
