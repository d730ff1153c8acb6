/**
 * The demo's own books: what was produced against what came out. Pure. An alert is known by its partition and offset; a
 * mail says in its headers which offsets of which device it holds and how many (alerts it counts but does not list too).
 */

import type { SentAlert, SentBadRecord } from "#tools/simulator/sender.js";

export interface ReceivedMail {
  readonly subject: string;
  readonly deviceId: string;
  readonly partition: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly count: number;
  readonly windowEndMs: number;
  readonly text: string;
}

export interface ReceivedDeadLetter {
  readonly kind: string;
  readonly partition: number;
  readonly offset: number;
}

export interface Ledger {
  readonly alerts: readonly SentAlert[];
  readonly badRecords: readonly SentBadRecord[];
  /** In the order of their arrival. */
  readonly mails: readonly ReceivedMail[];
  readonly deadLetters: readonly ReceivedDeadLetter[];
  /** `MAIL_MAX_ALERTS`: a mail with more does not list each one. */
  readonly mailMaxAlerts: number;
}

const place = (item: { readonly partition: number; readonly offset: number }): string =>
  `${item.partition}/${item.offset}`;

const deviceAndPartition = (item: { readonly deviceId: string; readonly partition: number }): string =>
  `${item.partition} ${item.deviceId}`;

const nameOf = (alert: SentAlert): string => `alert ${alert.alertId} of ${alert.deviceId} (${place(alert)})`;

/** White space aside: mail bodies are wrapped. */
const compact = (text: string): string => text.replace(/\s+/g, "");

/** Everything that does not add up, one line each; empty when the books are right. */
export function checkBooks(ledger: Ledger): string[] {
  return [...checkAlerts(ledger), ...checkDeadLetters(ledger)];
}

function checkAlerts(ledger: Ledger): string[] {
  const problems: string[] = [];
  // A record without a key may be on another partition than its device's others; order is kept within one.
  const byDevice = groupBy(ledger.alerts, deviceAndPartition);
  const mailsOf = groupBy(ledger.mails, deviceAndPartition);

  for (const [device, mails] of mailsOf) {
    const alerts = byDevice.get(device) ?? [];
    let previous: ReceivedMail | undefined;
    for (const mail of mails) {
      problems.push(...checkMail(mail, alerts, ledger.mailMaxAlerts));
      if (previous && mail.firstOffset < previous.firstOffset) {
        problems.push(`mails of ${mail.deviceId} out of order: ${rangeOf(mail)} came after ${rangeOf(previous)}`);
      }
      previous = mail;
    }
  }
  for (const [device, alerts] of byDevice) {
    const mails = mailsOf.get(device) ?? [];
    for (const alert of alerts) {
      const holders = mails.filter((mail) => holds(mail, alert));
      if (holders.length === 0) problems.push(`${nameOf(alert)} is in no mail`);
      if (holders.length > 1) problems.push(`${nameOf(alert)} is in ${holders.length} mails`);
    }
  }
  return problems;
}

const rangeOf = (mail: ReceivedMail): string => `${mail.partition}/${mail.firstOffset}-${mail.lastOffset}`;

const holds = (mail: ReceivedMail, alert: SentAlert): boolean =>
  mail.partition === alert.partition && alert.offset >= mail.firstOffset && alert.offset <= mail.lastOffset;

/** The headers must agree with what was produced, the body with the headers. */
function checkMail(mail: ReceivedMail, alertsOfDevice: readonly SentAlert[], mailMaxAlerts: number): string[] {
  const problems: string[] = [];
  const held = alertsOfDevice.filter((alert) => holds(mail, alert));
  const title = `mail ${JSON.stringify(mail.subject)} (${rangeOf(mail)})`;
  if (held.length !== mail.count)
    problems.push(`${title} says ${mail.count} alerts, ${held.length} were produced there`);
  const early = held.find(({ timestamp }) => timestamp >= mail.windowEndMs);
  if (early) problems.push(`${title} holds ${nameOf(early)}, which is of a later window`);
  if (mail.count > mailMaxAlerts) return problems;
  const text = compact(mail.text);
  const unlisted = held.filter(({ message }) => !text.includes(compact(message)));
  for (const alert of unlisted) problems.push(`${title} does not list ${nameOf(alert)}`);
  return problems;
}

function checkDeadLetters({ badRecords, deadLetters }: Ledger): string[] {
  const problems: string[] = [];
  const expected = new Map(badRecords.map((bad) => [place(bad), bad]));
  const found = groupBy(deadLetters, place);
  for (const [where, bad] of expected) {
    const times = found.get(where)?.length ?? 0;
    if (times !== 1) problems.push(`bad record ${where} (${bad.what}) is in the dead-letter topic ${times} times`);
  }
  for (const letter of deadLetters) {
    if (letter.kind !== "record" || !expected.has(place(letter))) {
      problems.push(`dead letter ${place(letter)} of kind ${letter.kind} was not expected`);
    }
  }
  return problems;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

/** Value at quantile `q` (0–1) of the sorted copy, nearest rank; undefined for none. */
export function quantile(values: readonly number[], q: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))];
}
