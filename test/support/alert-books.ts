/** The tests' books: which alert was produced where, against the mails that came. */

import type { MailFacts } from "./mail-facts.js";

export interface ProducedAlert {
  /** Unique in the test, ascending per device in the order it was produced; `#17#` in the message. */
  readonly ordinal: number;
  readonly device: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
}

export interface BookResult {
  /** Alerts in no mail. */
  readonly missing: readonly number[];
  /** Alerts that more than one accepted mail lists. */
  readonly repeated: readonly number[];
  /** Everything else that does not add up, one line each. */
  readonly problems: readonly string[];
}

/** `mails`: in the order they were accepted, none folded. `elsewhere`: alerts that need no mail. */
export function checkAlertBooks(
  produced: readonly ProducedAlert[],
  mails: readonly MailFacts[],
  elsewhere: ReadonlySet<number> = new Set(),
): BookResult {
  const byOrdinal = new Map(produced.map((alert) => [alert.ordinal, alert]));
  const times = new Map<number, number>();
  const lastOffset = new Map<string, number>();
  const problems: string[] = [];
  for (const mail of mails) {
    const name = `mail of ${mail.device} ${mail.partition}/${mail.firstOffset}-${mail.lastOffset}`;
    if (mail.count !== mail.alerts.length) problems.push(`${name} says ${mail.count}, lists ${mail.alerts.length}`);
    let repeats = false;
    for (const ordinal of mail.alerts) {
      const alert = byOrdinal.get(ordinal);
      repeats ||= times.has(ordinal);
      times.set(ordinal, (times.get(ordinal) ?? 0) + 1);
      if (alert === undefined || alert.device !== mail.device) problems.push(`${name} lists ${ordinal}, not of it`);
    }
    if (repeats) continue;
    const place = `${mail.device} ${mail.partition}`;
    for (const ordinal of mail.alerts) {
      const offset = byOrdinal.get(ordinal)?.offset ?? 0;
      const before = lastOffset.get(place) ?? -1;
      if (offset <= before) problems.push(`${name}: offset ${offset} comes after ${before}`);
      lastOffset.set(place, offset);
    }
  }
  const ordinals = produced.map(({ ordinal }) => ordinal);
  return {
    missing: ordinals.filter((ordinal) => !times.has(ordinal) && !elsewhere.has(ordinal)),
    repeated: ordinals.filter((ordinal) => (times.get(ordinal) ?? 0) > 1),
    problems,
  };
}
