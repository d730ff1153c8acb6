import assert from "node:assert/strict";
import type { Digest, RecordDeadLetter, WindowDeadLetter } from "#src/runtime/ports.js";

export const RECIPIENTS = ["one@example.org", "two@example.org"] as const;

interface Fate {
  /** Recipient → how often the SMTP server accepted a mail with this alert for it. */
  readonly accepted: Map<string, number>;
  readonly deadFor: Set<string>;
}

/** What the outside world has in its hands: mails the SMTP server accepted, dead letters the topic acknowledged. */
export class Ledger {
  readonly #fates = new Map<string, Fate>();
  readonly #deadRecords = new Set<string>();
  readonly #highest = new Map<string, number>();
  /** Whether event times ascend with offsets, so that mails must come in offset order, whatever happens. */
  readonly inOrder: boolean;

  constructor(inOrder: boolean) {
    this.inOrder = inOrder;
  }

  accepted(digest: Digest, recipients: readonly string[]): void {
    assert.equal(digest.folded, undefined);
    const offsets = digest.listed.map((entry) => entry.offset);
    assert.deepEqual(
      offsets,
      [...offsets].sort((a, b) => a - b),
      "a mail lists its alerts in offset order",
    );
    for (const recipient of recipients) {
      for (const offset of offsets) {
        const { accepted, deadFor } = this.#fate(digest.partition, offset);
        const times = accepted.get(recipient) ?? 0;
        accepted.set(recipient, times + 1);
        const reader = `${digest.deviceId} ${recipient}`;
        const highest = this.#highest.get(reader) ?? -1;
        // One that had been given up may still get it from a replay.
        if (times === 0 && this.inOrder && !deadFor.has(recipient))
          assert.ok(offset > highest, `G2: ${reader} got alert ${offset} after ${highest}`);
        this.#highest.set(reader, Math.max(highest, offset));
      }
    }
  }

  deadLetter(letter: WindowDeadLetter | RecordDeadLetter): void {
    if (letter.kind === "record") {
      this.#deadRecords.add(`${letter.partition}/${letter.offset}`);
      return;
    }
    const { partition, listed } = letter.digest;
    assert.deepEqual(
      letter.offsetRuns.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i)),
      listed.map((entry) => entry.offset),
    );
    for (const { offset } of listed)
      for (const { address } of letter.recipients) this.#fate(partition, offset).deadFor.add(address);
  }

  /** Whether the record needs nothing more. */
  isSettled(kind: "alert" | "tombstone" | "unreadable" | "marker", partition: number, offset: number): boolean {
    if (kind === "tombstone" || kind === "marker") return true;
    if (kind === "unreadable") return this.#deadRecords.has(`${partition}/${offset}`);
    const fate = this.#fate(partition, offset);
    return RECIPIENTS.every((recipient) => fate.accepted.has(recipient) || fate.deadFor.has(recipient));
  }

  timesMailed(partition: number, offset: number): number {
    return Math.max(0, ...this.#fate(partition, offset).accepted.values());
  }

  #fate(partition: number, offset: number): Fate {
    const key = `${partition}/${offset}`;
    let fate = this.#fates.get(key);
    if (fate === undefined) {
      fate = { accepted: new Map(), deadFor: new Set() };
      this.#fates.set(key, fate);
    }
    return fate;
  }
}
