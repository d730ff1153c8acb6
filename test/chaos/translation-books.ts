/** Books of a translation: each record of the input is one alert for a reader of committed records. Pure. */

import type { AlertInLog } from "./books.js";

export interface WrittenAlert {
  readonly partition: number;
  readonly offset: number;
  readonly value: Buffer | null;
  readonly headers: ReadonlyMap<string, string>;
}

export interface TranslationAccount {
  /** Records of the input. */
  readonly alerts: number;
  readonly lost: readonly string[];
  /** Sources that are there more than once. */
  readonly repeated: readonly string[];
  /** Devices. */
  readonly outOfOrder: readonly string[];
  readonly missed: readonly string[];
}

export function translationAccount(ledger: {
  readonly input: string;
  readonly sent: readonly AlertInLog[];
  readonly acknowledged: readonly string[];
  /** By partition and offset. */
  readonly written: readonly WrittenAlert[];
  readonly deadLetters: number;
}): TranslationAccount {
  const { input, sent, acknowledged, written, deadLetters } = ledger;
  const wanted = new Map(sent.map((alert) => [`${input}/${alert.partition}/${alert.offset}`, alert]));
  const found = new Set<string>();
  const repeated: string[] = [];
  const unknown: string[] = [];
  const outOfOrder = new Set<string>();
  const last = new Map<string, number>();
  for (const { headers } of written) {
    const source = headers.get("alert-digest.source") ?? "";
    const alert = wanted.get(source);
    if (alert === undefined) unknown.push(source);
    else if (found.has(source)) repeated.push(source);
    else {
      found.add(source);
      if ((last.get(alert.deviceId) ?? -1) > alert.offset) outOfOrder.add(alert.deviceId);
      last.set(alert.deviceId, alert.offset);
    }
  }
  const lost = [...wanted.keys()].filter((source) => !found.has(source));
  const inLog = new Set(sent.map(({ alertId }) => alertId));
  const lostByBroker = acknowledged.filter((id) => !inLog.has(id));
  const some = (what: string, list: readonly string[]): string[] =>
    list.length === 0 ? [] : [`${what} ${list.length}: ${list.slice(0, 5).join(" ")}`];
  return {
    alerts: sent.length,
    lost,
    repeated,
    outOfOrder: [...outOfOrder],
    missed: [
      ...some("lost", lost),
      ...some("repeated", repeated),
      ...some("devices out of order", [...outOfOrder]),
      ...some("written, never sent", unknown),
      ...some("the broker lost what it had acknowledged", lostByBroker),
      ...(deadLetters === 0 ? [] : [`${deadLetters} dead letters though every record can be read`]),
    ],
  };
}
