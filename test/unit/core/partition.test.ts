import assert from "node:assert/strict";
import { test } from "node:test";
import type { PartitionStart } from "#src/core/partition.js";
import { eventTime, wallTime } from "#src/core/time.js";
import { decodeCheckpoint, encodeCheckpoint } from "#test/support/checkpoints.js";
import { PartitionSteps } from "#test/support/partition-steps.js";
import { SECOND_0 } from "#test/support/virtual-clock.js";
import { written } from "#test/support/written.js";

const checkpointOf = (steps: PartitionSteps): PartitionStart => {
  const checkpoint = decodeCheckpoint(encodeCheckpoint(steps.core.checkpoint()).metadata, steps.core.frontier);
  assert.ok(checkpoint !== undefined, "the checkpoint can be read back");
  const { handingOver: _, ...start } = checkpoint;
  return start;
};

test("the instant where two windows meet belongs to the later one", () => {
  const steps = new PartitionSteps().alert("a", 29.999).alert("a", 30).alert("a", 59.999).alert("b", 92);
  assert.deepEqual(steps.log, ["a 0-30: 0"]);
  steps.settle(steps.mails[0]);
  assert.deepEqual(steps.log, ["a 0-30: 0", "a 30-60: 1 2"]);
});

test("a window takes alerts until grace after its end, and closes exactly then", () => {
  const steps = new PartitionSteps().alert("a", 10).alert("b", 31.999).alert("a", 29);
  assert.deepEqual(steps.log, []);
  steps.alert("b", 32);
  assert.deepEqual(steps.log, ["a 0-30: 0 2"]);
});

test("a single alert followed by silence is mailed once the log is known to hold nothing older than its window and grace", () => {
  const steps = new PartitionSteps().alert("a", 10).knownEnd(31.999);
  assert.deepEqual(steps.log, []);
  steps.knownEnd(32);
  assert.deepEqual(steps.log, ["a 0-30: 0"]);
  assert.deepEqual(steps.closed, [{ kind: "closed", windowEnd: 30_000, byWallClock: true, alerts: 1, untimed: false }]);
});

test("while records wait unread the wall clock closes nothing", () => {
  const steps = new PartitionSteps().alert("a", 10).knownEnd(500, 2);
  assert.deepEqual(steps.log, []);
});

test("a late alert joins the device's oldest open window, marked late, or opens the one the watermark is in", () => {
  const steps = new PartitionSteps({ graceMs: 40_000 })
    .alert("a", 65)
    .alert("a", 95)
    .alert("b", 110)
    .alert("a", 5)
    .alert("c", 5);
  assert.equal(steps.core.counts.late, 2);
  steps.knownEnd(1000).settle(steps.mails.find((mail) => mail.deviceId === "a"));
  assert.deepEqual(steps.log.sort(), ["a 60-90: 0 3L", "a 90-120: 1", "b 90-120: 2", "c 60-90: 4L"]);
});

test("a closed window takes nothing more, also while its mail waits", () => {
  const steps = new PartitionSteps().alert("a", 10).alert("a", 40).alert("a", 11).alert("a", 12);
  assert.deepEqual(steps.log, ["a 0-30: 0"]);
  assert.deepEqual(steps.core.mails.offsetRuns(steps.mails[0] as (typeof steps.mails)[0]), [[0, 0]]);
  steps.knownEnd(90).settle(steps.mails[0]);
  assert.deepEqual(steps.log[1], "a 30-60: 1 2L 3L");
});

test("a backlog is split by its own time, however late it is read", () => {
  const steps = new PartitionSteps({ catchUpAfterMs: Number.POSITIVE_INFINITY });
  for (let window = 0; window < 4; window++) steps.alert("a", window * 30 + 1).alert("a", window * 30 + 20);
  steps.knownEnd(100_000);
  for (let mail = 0; mail < 4; mail++) steps.settle(steps.mails[mail], 100_000);
  assert.deepEqual(steps.log, ["a 0-30: 0 1", "a 30-60: 2 3", "a 60-90: 4 5", "a 90-120: 6 7"]);
});

test("a device's mails come one after the other, the next only when the one before is settled", () => {
  const steps = new PartitionSteps().alert("a", 1).alert("a", 31).alert("b", 61).alert("a", 200);
  assert.deepEqual(steps.log, ["a 0-30: 0", "b 60-90: 2"]);
  steps.settle(steps.mails[0], 201);
  assert.deepEqual(steps.log, ["a 0-30: 0", "b 60-90: 2", "a 30-60: 1"]);
  assert.equal(steps.core.read.oldestPendingWindowEnd, 60_000);
});

test("windows that waited longer than catchUpAfterMs leave as one mail, in offset order", () => {
  const build = (catchUpAfterMs: number): PartitionSteps => {
    const steps = new PartitionSteps({ catchUpAfterMs, graceMs: 30_000 });
    return steps.alert("a", 1).alert("a", 65).alert("a", 40).alert("a", 300).knownEnd(320);
  };
  const merged = build(60_000);
  merged.settle(merged.mails[0], 300);
  assert.deepEqual(merged.log, ["a 0-30: 0", "a 30-90: 1 2"]);
  merged.settle(merged.mails[1], 300);
  assert.equal(merged.core.frontier, 3);
  const soon = build(60_000);
  soon.settle(soon.mails[0], 120);
  assert.deepEqual(soon.log, ["a 0-30: 0", "a 30-60: 2"]);
  const separate = build(Number.POSITIVE_INFINITY);
  separate.settle(separate.mails[0], 1e9);
  assert.deepEqual(separate.log, ["a 0-30: 0", "a 30-60: 2"]);
});

test("alerts beyond maxListed are counted by severity and type, their bytes not kept", () => {
  const steps = new PartitionSteps({ maxListed: 2 });
  steps.alert("a", 1).alert("a", 2).alert("a", 3, { severity: "critical", type: "HOT" });
  steps.alert("a", 4, { severity: "info", type: "HOT", resolved: true }).alert("a", 5).knownEnd(40);
  const contents = steps.core.mails.contents(steps.mails[0] as (typeof steps.mails)[0]);
  assert.deepEqual(
    contents.entries.map((entry) => entry.offset),
    [2, 4],
    "the critical one, and the newest of the others",
  );
  assert.equal(contents.lastOffset, 4);
  assert.deepEqual(contents.full, {
    count: 5,
    bySeverity: { info: 1, warning: 3, critical: 1 },
    byType: new Map([
      ["", { count: 3, offset: 4, since: 1_000, worst: "warning", resolvedAt: undefined }],
      ["HOT", { count: 2, offset: 3, since: undefined, worst: "info", resolvedAt: 3 }],
    ]),
    otherTypes: 0,
    resolved: 1,
    late: 0,
    othersFiring: undefined,
    first: 1_000,
    last: 5_000,
  });
  assert.equal(steps.closed[0]?.alerts, 5);
  assert.equal(steps.core.read.bufferedAlerts, 2);
});

test("the times of alerts that are only counted are those at which the device saw them, where it says so", () => {
  const steps = new PartitionSteps({ maxListed: 1 });
  const second0 = SECOND_0 / 1000;
  steps.alert("a", second0 + 1).alert("a", second0 + 2, { occurredAt: "2020-01-01T09:00:00+09:00" });
  steps
    .alert("a", second0 + 3)
    .alert("a", second0 + 4, { occurredAt: "2020-01-01T00:00:20" })
    .knownEnd(second0 + 40);
  const { full } = steps.core.mails.contents(steps.mails[0] as (typeof steps.mails)[0]);
  // The last one has no time zone: nobody knows when that was.
  const times = [full?.first, full?.last, full?.byType.get("")?.since];
  assert.deepEqual(times, [SECOND_0, SECOND_0 + 4_000, SECOND_0]);
});

test("a device clock that cannot be right moves none of these times: before 2000, or a day ahead of its record", () => {
  const steps = new PartitionSteps({ maxListed: 1 });
  const second0 = SECOND_0 / 1000;
  steps.alert("a", second0 + 1);
  for (const [index, occurredAt] of ["1970-01-01T00:00:12Z", "1999-12-31T23:59:59Z", "2020-01-02T00:00:05Z"].entries())
    steps.alert("a", second0 + 2 + index, { occurredAt });
  steps.knownEnd(second0 + 40);
  const { full } = steps.core.mails.contents(steps.mails[0] as (typeof steps.mails)[0]);
  assert.deepEqual([full?.first, full?.last], [SECOND_0 + 1_000, SECOND_0 + 4_000]);
});

test("late alerts that are only counted are counted as late", () => {
  const steps = new PartitionSteps({ maxListed: 1 });
  steps.alert("b", 70).alert("a", 71).alert("a", 5).alert("a", 72).alert("a", 6).knownEnd(100);
  const mail = steps.mails.find(({ deviceId }) => deviceId === "a");
  assert.ok(mail);
  assert.deepEqual([steps.core.mails.contents(mail).full?.count, steps.core.mails.contents(mail).full?.late], [4, 2]);
});

test("20,000 alerts of one device in one window take bounded memory and are one mail that knows how many", () => {
  const steps = new PartitionSteps();
  for (let i = 0; i < 20_000; i++)
    steps.alert("storm", 1 + i / 1000, { type: `TYPE_${i % 500}`, bytes: Buffer.alloc(260, `${i} `) });
  assert.ok(steps.core.read.bufferedBytes < 300_000, `${steps.core.read.bufferedBytes} bytes`);
  steps.knownEnd(40);
  const contents = steps.core.mails.contents(steps.mails[0] as (typeof steps.mails)[0]);
  assert.equal(contents.entries.length, 200);
  assert.equal(contents.full?.count, 20_000);
  assert.equal(contents.full?.byType.size, 100);
  assert.equal(
    [...(contents.full?.byType.values() ?? [])].reduce((sum, { count }) => sum + count, 0) +
      (contents.full?.otherTypes ?? 0),
    20_000,
  );
  steps.settle(steps.mails[0]);
  assert.equal(steps.core.frontier, 20_000);
});

test("a window has the highest count of redrives of its alerts, folded ones too", () => {
  const steps = new PartitionSteps({ maxListed: 1 });
  steps.alert("a", 1).alert("a", 2, { redrives: 2 }).alert("a", 3, { redrives: 1 }).alert("b", 3).knownEnd(40);
  const counts = steps.mails.map(({ deviceId, windows }) => [deviceId, windows[0]?.redrives]);
  assert.deepEqual(counts, [
    ["a", 2],
    ["b", 0],
  ]);
});

test("an unreadable record holds the frontier until its dead letter is written; tombstones and gaps hold nothing", () => {
  const steps = new PartitionSteps().tombstone(1).unreadable(2).tombstone(3).gap(10).unreadable(4);
  assert.deepEqual(
    steps.deadLetters.map(({ offset }) => offset),
    [1, 10],
  );
  assert.equal(steps.core.frontier, 1);
  assert.deepEqual(steps.core.checkpoint().settled, [[2, 9]]);
  steps.settle(steps.deadLetters[0]);
  assert.equal(steps.core.frontier, 10);
  steps.settle(steps.deadLetters[1]);
  assert.equal(steps.core.frontier, 11);
  assert.equal(steps.core.counts.tombstone, 2);
  assert.throws(() => steps.settle(steps.deadLetters[1]), /settled twice/);
});

test("an alert of 1 MiB is kept whole, and its memory comes back", () => {
  const steps = new PartitionSteps();
  const big = Buffer.alloc(1024 * 1024, 7);
  steps.alert("a", 1).alert("a", 2, { bytes: big }).alert("a", 3).knownEnd(40);
  const contents = steps.core.mails.contents(steps.mails[0] as (typeof steps.mails)[0]);
  assert.deepEqual(
    contents.entries.map((entry) => entry.bytes.length),
    [7, big.length, 7],
  );
  assert.ok(big.equals(contents.entries[1]?.bytes as Uint8Array));
  steps.settle(steps.mails[0]);
  assert.ok(steps.core.read.bufferedBytes < 100_000);
});

test("memory comes back although a few old alerts lie in every slab", () => {
  const steps = new PartitionSteps({ maxListed: 1_000_000 });
  for (let i = 0; i < 40_000; i++)
    steps.alert(i % 100 === 0 ? "keeper" : `noise ${i % 7}`, i % 100 === 0 ? 31 : 1, { bytes: Buffer.alloc(200, i) });
  const full = steps.core.read.bufferedBytes;
  steps.alert("other", 33);
  for (const mail of [...steps.mails]) steps.settle(mail);
  assert.ok(steps.core.read.bufferedBytes < full / 4, `${steps.core.read.bufferedBytes} of ${full} bytes`);
  steps.alert("keeper", 34, { bytes: Buffer.alloc(200, steps.core.position) }).knownEnd(70);
  const keeper = steps.mails.find((mail) => mail.deviceId === "keeper");
  const { entries } = steps.core.mails.contents(keeper as NonNullable<typeof keeper>);
  assert.equal(entries.length, 401, "the window that was open meanwhile goes on");
  for (const { offset, bytes } of entries) assert.ok(Buffer.alloc(200, offset).equals(bytes), `bytes of ${offset}`);
});

test("a restart skips what was settled and closes again what the wall clock had closed", () => {
  const before = new PartitionSteps()
    .alert("a", 1)
    .alert("b", 2)
    .alert("a", 3)
    .knownEnd(32)
    .alert("a", 4)
    .alert("b", 35);
  before.settle(before.mails.find((mail) => mail.deviceId === "b"));
  assert.deepEqual(before.log, ["a 0-30: 0 2", "b 0-30: 1"]);
  const after = new PartitionSteps({}, checkpointOf(before));
  assert.equal(after.core.position, 0);
  after.alert("a", 1).alert("b", 2).alert("a", 3).alert("a", 4).alert("b", 35).knownEnd(100);
  assert.deepEqual(after.log, ["a 0-30: 0 2", "b 30-60: 4"]);
  after.settle(after.mails[0]);
  assert.equal(after.log[2], "a 30-60: 3L");
  assert.equal(after.core.counts.replayed, 1);
  assert.equal(after.core.counts.late, 1);
});

test("a replay that ends in offsets without records comes past every closing in them and can be checkpointed", () => {
  // The log was seen to end at 2; then came an offset without a record (a transaction's marker).
  const before = new PartitionSteps().alert("a", 1).alert("b", 2).knownEnd(32).gap(3);
  const start = checkpointOf(before);
  const after = new PartitionSteps({}, start).alert("a", 1).alert("b", 2).gap(3);
  assert.deepEqual(after.log, ["a 0-30: 0", "b 0-30: 1"]);
  for (const mail of [...after.mails]) after.settle(mail);
  const { faults: _, ...known } = checkpointOf(after);
  assert.deepEqual(known, { position: 3, time: 32_000, marks: [], settled: [] });
});

test("a start above closings that were noted (their records were deleted) knows them as passed", () => {
  const steps = new PartitionSteps(
    {},
    { position: 10, time: eventTime(1_000), marks: [{ offset: 5, time: eventTime(32_000) }] },
  );
  assert.deepEqual(checkpointOf(steps), { position: 10, time: 32_000, marks: [], settled: [] });
  steps.alert("a", 1).knownEnd(70);
  assert.deepEqual(steps.log, ["a 30-60: 10L"]);
});

test("the age of the oldest unsettled record is that of the lowest unsettled offset", () => {
  const steps = new PartitionSteps().alert("a", 20).alert("b", 10);
  assert.equal(steps.core.read.oldestUnsettledEventTime, 20_000);
  steps.knownEnd(40);
  steps.settle(steps.mails.find((mail) => mail.deviceId === "a"));
  assert.equal(steps.core.read.oldestUnsettledEventTime, 10_000);
  steps.settle(steps.mails.find((mail) => mail.deviceId === "b"));
  assert.equal(steps.core.read.oldestUnsettledEventTime, undefined);
});

test("muted alerts that share a hold keep the frontier until all of them are settled, and open no window", () => {
  const steps = new PartitionSteps().mute(1).alert("a", 2);
  const [hold] = steps.muted;
  steps.mute(3, hold).tombstone(4);
  assert.deepEqual([steps.muted, steps.deadLetters], [[hold, hold], []]);
  steps.knownEnd(40).settle(steps.mails[0]);
  assert.deepEqual([steps.core.frontier, steps.core.counts.muted], [0, 2]);
  assert.deepEqual(steps.core.checkpoint().settled, [
    [1, 1],
    [3, 3],
  ]);
  steps.settle({ id: hold ?? assert.fail() });
  assert.deepEqual([steps.core.frontier, steps.log], [4, ["a 0-30: 1"]]);
});

test("what is told to close all closes windows that are not over, and their mails leave", () => {
  const { core } = new PartitionSteps().alert("a", 1).alert("b", 15);
  const left = core
    .step({ kind: "close-all", now: wallTime(16_000) })
    .flatMap((effect) => (effect.kind === "mail" ? [effect.mail.deviceId] : []));
  assert.deepEqual([left, core.read.windowsPending], [["a", "b"], 2]);
});

test("an alert that is written where the next one belongs is the same as one that is handed in", () => {
  const { core } = new PartitionSteps();
  const says = { severity: "warning", status: "firing", bytes: Buffer.from("first") } as const;
  const record = { kind: "alert", device: written("a"), eventTime: eventTime(1_000), says } as const;
  core.step({ ...record, offset: 0 });
  const { room } = core;
  room.bytes.set(Buffer.from("second"), room.from);
  const place = { memory: room.bytes, from: room.from, to: room.from + 6 };
  core.step({ ...record, offset: 1, says: { ...says, bytes: Buffer.from("another"), written: place } });
  const [mail] = core
    .step({ kind: "known-end", at: wallTime(40_000), endOffset: 2 })
    .flatMap((effect) => (effect.kind === "mail" ? [effect.mail] : []));
  const { entries } = core.mails.contents(mail ?? assert.fail());
  assert.deepEqual(
    entries.map(({ bytes }) => Buffer.from(bytes).toString()),
    ["first", "second"],
  );
});

test("a replay that comes past an urgent alert whose window is over keeps nothing of it", () => {
  const after = new PartitionSteps({}, { time: eventTime(100_000), readTo: 2, settled: [[0, 0]] });
  after.urgent("a", 10);
  assert.deepEqual([after.core.frontier, after.core.counts.replayed], [1, 1]);
});

test("of what was deleted unread nobody knows what it said: since when a fault lasts is not known any more", () => {
  const since = (isMissed: boolean) => {
    const steps = new PartitionSteps().alert("a", 0, { type: "HOT" });
    if (isMissed) steps.core.step({ kind: "missed", nextOffset: 5 });
    steps.gap(5).alert("a", 10, { type: "HOT" }).alert("b", 40);
    const [mail] = steps.mails;
    assert.ok(mail);
    return steps.core.mails.began(mail, "HOT", 5);
  };
  assert.deepEqual([since(false), since(true)], [0, undefined]);
});
