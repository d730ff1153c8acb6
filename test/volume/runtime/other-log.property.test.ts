import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { recipientTag } from "#src/core/delivered.js";
import { logName } from "#src/core/log-history.js";
import { Partition, type PartitionStart, type PendingMail } from "#src/core/partition.js";
import { eventTime, wallTime } from "#src/core/time.js";
import { encodeCheckpoint } from "#src/runtime/commit-metadata.js";
import { startingPoint } from "#src/runtime/starting-point.js";
import { checkProperty } from "#test/support/property.js";
import { quietLog } from "#test/support/quiet.js";
import { written } from "#test/support/written.js";

const rerun = "npm run test:volume -- other-log";
const HERE = logName("cluster-1", "alerts", 0);
const THERE = logName("cluster-2", "alerts", 0);
const OPTIONS = { windowSizeMs: 30, graceMs: 2, maxListed: 3, catchUpAfterMs: 100 };
const READER = recipientTag("late@example.com");

interface Alert {
  /** Stands for what the alert says: two alerts with one number are the same alert. */
  readonly uid: number;
  readonly device: string;
  readonly at: number;
  readonly urgent: boolean;
}

/** Reads a log, mails what is due, and keeps the books by what alerts say, not by their offsets. */
class Reader {
  readonly core: Partition;
  /** In a mail that all have, or that only one recipient has. */
  readonly mailed = new Set<number>();
  readonly reached = new Set<number>();
  readonly #log: readonly (Alert | undefined)[];
  readonly #waiting = new Map<number, PendingMail>();
  readonly #uids = new Map<number, number[]>();

  constructor(log: readonly (Alert | undefined)[], start: PartitionStart) {
    this.#log = log;
    this.core = new Partition(OPTIONS, start, () => ({ severity: "warning", status: "firing" }));
  }

  readTo(end: number): void {
    for (let offset = this.core.position; offset < end; offset = Math.max(offset + 1, this.core.position)) {
      const alert = this.#log[offset];
      const now = wallTime(this.#wall());
      if (alert === undefined) this.#take(this.core.step({ kind: "gap", nextOffset: offset + 1, now }));
      else
        this.#take(
          this.core.step({
            kind: "alert",
            offset,
            eventTime: eventTime(alert.at),
            device: written(alert.device),
            says: {
              severity: "warning",
              status: "firing",
              type: undefined,
              occurredAt: undefined,
              bytes: Buffer.from(String(alert.uid)),
            },
            urgent: alert.urgent,
          }),
        );
    }
  }

  knownEnd(at: number): void {
    this.#take(this.core.step({ kind: "known-end", at: wallTime(at), endOffset: this.core.position }));
  }

  /** Ends the mail that waits at this place among those that do. */
  settle(which: number): void {
    const mail = [...this.#waiting.values()][which % Math.max(1, this.#waiting.size)];
    if (mail === undefined) return;
    for (const uid of this.#uidsOf(mail)) this.mailed.add(uid);
    this.#waiting.delete(mail.id);
    this.#take(this.core.step({ kind: "settled", id: mail.id, now: wallTime(this.#wall()) }));
  }

  /** One recipient has it, others are still to get it. */
  reach(which: number): void {
    const mail = [...this.#waiting.values()][which % Math.max(1, this.#waiting.size)];
    if (mail === undefined) return;
    for (const uid of this.#uidsOf(mail)) this.reached.add(uid);
    this.core.step({ kind: "reached", id: mail.id, recipients: [READER] });
  }

  settleAll(): void {
    while (this.#waiting.size > 0) this.settle(0);
  }

  /** Of mails that wait, those that one recipient is taken to have already. */
  takenAsReached(): number[] {
    return [...this.#waiting.values()].flatMap((mail) =>
      this.core.mails.deliveredTo(mail).has(READER) ? this.#uidsOf(mail) : [],
    );
  }

  #uidsOf(mail: PendingMail): readonly number[] {
    return this.#uids.get(mail.id) ?? [];
  }

  #take(effects: ReturnType<Partition["step"]>): void {
    for (const effect of effects) {
      if (effect.kind !== "mail") continue;
      this.#waiting.set(effect.mail.id, effect.mail);
      // Also of those that are only counted.
      const uids = this.core.mails
        .offsetRuns(effect.mail)
        .flatMap(([first, last]) =>
          Array.from({ length: last - first + 1 }, (_, i) => this.#log[first + i]?.uid ?? -1),
        );
      this.#uids.set(effect.mail.id, uids);
    }
  }

  #wall(): number {
    return 10_000;
  }
}

const alert = fc.record({
  device: fc.constantFrom("a", "b", "c"),
  at: fc.integer({ min: 1, max: 300 }),
  urgent: fc.boolean(),
});
/** Undefined: a marker of a transaction, or deleted by compaction. */
const records = fc.array(fc.option(alert, { nil: undefined, freq: 6 }), { maxLength: 14 });
const doings = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("read" as const), n: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constant("end" as const), n: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ kind: fc.constant("settle" as const), n: fc.nat(5) }),
    fc.record({ kind: fc.constant("reach" as const), n: fc.nat(5) }),
  ),
  { maxLength: 25 },
);

const numbered = (some: readonly (Omit<Alert, "uid"> | undefined)[], from: number): (Alert | undefined)[] =>
  some.map((one, index) => one && { ...one, uid: from + index });

/** A process that ran on the log for a while, and what it left in the group. */
const ranOn = (log: readonly (Alert | undefined)[], steps: readonly { kind: string; n: number }[]): Reader => {
  const reader = new Reader(log, { position: 0, time: undefined, marks: [], settled: [] });
  for (const { kind, n } of steps) {
    if (kind === "read") reader.readTo(Math.min(log.length, reader.core.position + n));
    else if (kind === "end") reader.knownEnd(n);
    else if (kind === "settle") reader.settle(n);
    else reader.reach(n);
  }
  return reader;
};

/** Reads the log from where a partition starts that finds `metadata` beside `offset`; `unread`: written after it started. */
const readOn = (
  log: readonly (Alert | undefined)[],
  unread: readonly (Alert | undefined)[],
  committed: { offset: number; metadata: string; log: string | undefined; logStart: number },
): { reader: Reader; from: number; takenAsReached: readonly number[] } => {
  const entry = { ...committed, partition: 0, logEnd: log.length, logStable: log.length };
  const { start } = startingPoint(entry, undefined, quietLog);
  const all = [...log, ...unread];
  const reader = new Reader(all, start);
  reader.readTo(all.length);
  reader.knownEnd(100_000);
  const takenAsReached = reader.takenAsReached();
  reader.settleAll();
  return { reader, from: start.position, takenAsReached };
};

test("a log that lost its end: whatever its checkpoint says, every alert that is in it and in no mail is mailed", () => {
  checkProperty(
    fc.property(records, doings, fc.nat(14), records, (before, steps, kept, after) => {
      const old = numbered(before, 0);
      const first = ranOn(old, steps);
      const { metadata } = encodeCheckpoint(first.core.checkpoint(), HERE);
      const now = old.slice(0, kept);
      const offset = first.core.frontier;
      const unread = numbered(after, 1_000);
      const { reader, from, takenAsReached } = readOn(now, unread, { offset, metadata, log: HERE, logStart: 0 });
      for (const one of [...now, ...unread])
        if (one !== undefined)
          assert.ok(
            first.mailed.has(one.uid) || reader.mailed.has(one.uid),
            `alert ${one.uid} is in no mail; it was read from ${from} on`,
          );
      for (const uid of takenAsReached) assert.ok(first.reached.has(uid), `alert ${uid} never reached the recipient`);
    }),
    { runs: 3_000, rerun },
  );
});

/** Where the group is in the other log: anywhere, or at the same offset. */
const translated = fc.option(fc.nat(20), { nil: undefined, freq: 2 });

test("a log of another cluster: from the committed offset on every alert is mailed, whatever the checkpoint says", () => {
  checkProperty(
    fc.property(records, doings, records, translated, records, (before, steps, elsewhere, other, after) => {
      const first = ranOn(numbered(before, 0), steps);
      const { metadata } = encodeCheckpoint(first.core.checkpoint(), HERE);
      const offset = other ?? first.core.frontier;
      const there = numbered(elsewhere, 1_000);
      const unread = numbered(after, 2_000);
      const { reader, takenAsReached } = readOn(there, unread, { offset, metadata, log: THERE, logStart: 0 });
      // An offset beyond the end cannot be one of this log.
      const owed = offset > there.length ? [...there, ...unread] : [...there, ...unread].slice(offset);
      for (const one of owed) if (one !== undefined) assert.ok(reader.mailed.has(one.uid), `${one.uid} is in no mail`);
      assert.deepEqual(takenAsReached, []);
    }),
    { runs: 2_000, rerun },
  );
});

test("metadata of any bytes, and any damage to a checkpoint: from the committed offset on nothing is skipped that was not mailed", () => {
  const spoilt = fc.oneof(
    fc.record({
      kind: fc.constant("any" as const),
      text: fc.string({ maxLength: 300 }),
      at: fc.nat(),
      by: fc.nat(255),
    }),
    fc.record({
      kind: fc.constantFrom("changed" as const, "cut" as const, "repeated" as const),
      text: fc.constant(""),
      at: fc.nat(),
      by: fc.integer({ min: 32, max: 126 }),
    }),
  );
  checkProperty(
    fc.property(records, doings, spoilt, fc.nat(3), (before, steps, { kind, text, at, by }, logStart) => {
      const log = numbered(before, 0);
      const first = ranOn(log, steps);
      const whole = encodeCheckpoint(first.core.checkpoint(), HERE).metadata;
      const place = at % whole.length;
      const metadata =
        kind === "any"
          ? text
          : kind === "changed"
            ? whole.slice(0, place) + String.fromCharCode(by) + whole.slice(place + 1)
            : kind === "cut"
              ? whole.slice(0, place)
              : whole + whole.slice(place);
      const offset = first.core.frontier;
      const { reader, takenAsReached } = readOn(log, [], { offset, metadata, log: HERE, logStart });
      for (const one of log.slice(logStart))
        if (one !== undefined)
          assert.ok(first.mailed.has(one.uid) || reader.mailed.has(one.uid), `alert ${one.uid} is in no mail`);
      for (const uid of takenAsReached) assert.ok(first.reached.has(uid), `alert ${uid} never reached the recipient`);
    }),
    { runs: 2_000, rerun },
  );
});
