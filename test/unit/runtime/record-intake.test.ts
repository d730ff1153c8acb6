import assert from "node:assert/strict";
import { test } from "node:test";
import { Partition } from "#src/core/partition.js";
import { wallTime } from "#src/core/time.js";
import type { TopWindows } from "#src/core/top-windows.js";
import type { Window, WindowId } from "#src/core/window.js";
import type { Windows } from "#src/core/windows.js";
import type { DeadLetterQueue } from "#src/runtime/dead-letter-queue.js";
import { PartitionLetters } from "#src/runtime/partition-letters.js";
import type { Decoded, EncodedRecord, Metrics, RecordDeadLetter } from "#src/runtime/ports.js";
import { RecordIntake } from "#src/runtime/record-intake.js";
import type { UnreadFields } from "#src/runtime/unread-fields.js";
import { quietMetrics } from "#test/support/quiet.js";
import { written } from "#test/support/written.js";

/** One partition, whose records are what `decode` says of them. */
const setup = (decode: (record: EncodedRecord) => Decoded) => {
  const letters: unknown[] = [];
  const counted: unknown[][] = [];
  const unread: UnreadFields[] = [];
  const metrics = new Proxy(quietMetrics, {
    get:
      (_, name: keyof Metrics) =>
      (...what: unknown[]) =>
        void counted.push([name, ...what]),
  });
  const core = new Partition(
    { windowSizeMs: 30_000, graceMs: 2_000, maxListed: 10, catchUpAfterMs: 300_000 },
    { position: 0, time: undefined, marks: [], settled: [] },
    () => assert.fail("no window is full here"),
  );
  const intake = new RecordIntake({
    topic: "alerts",
    partition: 3,
    core,
    codec: { decode, parse: () => assert.fail("nothing is mailed here") },
    metrics,
    letters: new PartitionLetters(
      { submit: (compose: () => unknown) => void letters.push(compose()) } as unknown as DeadLetterQueue,
      () => true,
    ),
    muted: { take: () => undefined, batchEnded: () => undefined },
    settle: () => undefined,
    onUnread: (fields) => void unread.push(fields),
  });
  const take = (offset: number, more: object = {}) => {
    const record = { offset, timestampMs: Date.UTC(2026, 10, 21), key: null, value: Buffer.from("v"), ...more };
    return intake.take(record, wallTime(Date.UTC(2026, 10, 21) + offset));
  };
  return { core, intake, take, counted, unread, letters };
};

const alert = (more: object = {}): Decoded =>
  ({
    ...{ kind: "alert", deviceId: "d1", severity: "warning", status: "firing", type: undefined, occurredAt: undefined },
    ...{ device: written("d1"), repairs: [], bytes: Buffer.from("own form") },
    ...more,
  }) as Decoded;

test("a record that the settings pass over is settled, and counted as a tombstone is", () => {
  const { core, intake, take, counted } = setup(() => ({ kind: "ignored", detail: "a delete" }));
  assert.deepEqual(take(0), []);
  assert.equal(core.position, 1);
  assert.equal(core.frontier, 1);
  intake.publish(1);
  assert.deepEqual(
    counted.filter(([name]) => name === "alerts"),
    [["alerts", "tombstone", 1]],
  );
});

test("the letter of a record has the severity that its reading has", () => {
  const reading = { kind: "unreadable", reason: "key-mismatch", detail: "why" } as const;
  const severityBy = (decoded: Decoded) => {
    const { take, letters } = setup(() => decoded);
    take(0);
    return (letters[0] as RecordDeadLetter).severity;
  };
  assert.equal(severityBy({ ...reading, severity: "critical" }), "critical");
  assert.equal(severityBy(reading), undefined);
});

test("the codec is given the whole record, with its headers", () => {
  const given: EncodedRecord[] = [];
  const { take } = setup((record) => {
    given.push(record);
    return alert();
  });
  const headers = { ce_subject: Buffer.from("d1") };
  take(0, { key: Buffer.from("k"), headers });
  assert.deepEqual([given[0]?.key?.toString(), given[0]?.headers], ["k", headers]);
});

test("what is buffered of an alert is its own form", () => {
  const { core, take } = setup(() => alert());
  take(0);
  const kept: string[] = [];
  const looking = {
    offer: (_: number, windows: Windows, id: WindowId) => void kept.push(bytesOf(windows.get(id))),
  };
  const bytesOf = (window: Window): string => Buffer.from(core.mails.lastBytes(window) ?? []).toString();
  core.read.offerOpen(3, looking as unknown as TopWindows);
  assert.deepEqual(kept, ["own form"]);
});

test("a time that cannot be counts once as a repair of occurredAt, whoever else complains of it", () => {
  const texts: Readonly<Record<string, string>> = {
    right: "2026-11-21T00:00:00.000Z",
    old: "1970-01-01T00:00:05.000Z",
    epoch: "1970-01-01T00:00:05.000Z",
    ahead: "2099-01-01T00:00:00Z",
  };
  const { take, counted } = setup(({ value }) =>
    alert({ occurredAt: texts[value.toString()], repairs: value.toString() === "epoch" ? ["occurredAt"] : [] }),
  );
  const after = (value: string): number => {
    take(counted.length, { value: Buffer.from(value) });
    return counted.filter(([name, field]) => name === "alertRepaired" && field === "occurredAt").length;
  };
  assert.deepEqual(["right", "old", "epoch", "ahead", "right"].map(after), [0, 1, 2, 3, 3]);
});

test("each field that was not written as documented is counted; of what could not be read somebody is told", () => {
  const { take, counted, unread } = setup(({ value }) =>
    value.toString() === "kind"
      ? alert({ repairs: ["severity", "value"] })
      : alert({ repairs: ["severity", "unit"], asWritten: { severity: "SPAM" } }),
  );
  take(0, { value: Buffer.from("kind") });
  assert.deepEqual(unread, []);
  take(1);
  assert.deepEqual(unread, [{ partition: 3, offset: 1, asWritten: { severity: "SPAM" } }]);
  assert.deepEqual(
    counted.filter(([name]) => name === "alertRepaired").map(([, field]) => field),
    ["severity", "value", "severity", "unit"],
  );
});

test("a record that was too large to be kept is a dead letter without its value, and no tombstone", () => {
  const { core, take, counted, letters } = setup(() => assert.fail("there is nothing to decode"));
  take(0, { key: Buffer.from("d1"), value: null, unkeptBytes: 40_000_000 });
  const [letter] = letters as { reason: string; detail: string; key: Buffer; value: Buffer; isUnkept?: true }[];
  assert.equal(letter?.reason, "too-large");
  assert.match(letter?.detail ?? "", /has 40000000 bytes/);
  assert.deepEqual([String(letter?.key), letter?.value.length, letter?.isUnkept], ["d1", 0, true]);
  assert.deepEqual([core.position, core.frontier], [1, 0]);
  assert.deepEqual(
    counted.filter(([name]) => name === "alerts"),
    [["alerts", "invalid", 1]],
  );
  take(1, { value: null });
  assert.equal(letters.length, 1);
});
