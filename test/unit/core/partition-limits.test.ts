import assert from "node:assert/strict";
import { test } from "node:test";
import { eventTime } from "#src/core/time.js";
import { PartitionSteps } from "#test/support/partition-steps.js";

test("a mail is critical when one of its alerts is, a folded one or one of a merged window too", () => {
  const steps = new PartitionSteps({ maxListed: 1, catchUpAfterMs: 0 })
    .alert("a", 1)
    .alert("b", 1)
    .alert("b", 2, { severity: "critical" })
    .alert("b", 3)
    .alert("c", 1)
    .alert("c", 31)
    .alert("c", 61, { severity: "critical" })
    .knownEnd(100);
  steps.settle(
    steps.mails.find(({ deviceId }) => deviceId === "c"),
    100,
  );
  assert.deepEqual(
    steps.mails.map(({ deviceId, critical }) => [deviceId, critical]),
    [
      ["a", false],
      ["b", true],
      ["c", false],
      ["c", true],
    ],
  );
});

test("whatever was settled before a restart is counted as replayed: no second dead letter, no second mail", () => {
  const steps = new PartitionSteps(
    {},
    {
      settled: [
        [1, 3],
        [6, 6],
      ],
    },
  )
    .alert("a", 1)
    .tombstone(1)
    .unreadable(1)
    .alert("a", 1)
    .tombstone(1)
    .unreadable(1)
    .tombstone(1);
  const bySeverity = { info: 0, warning: 1, critical: 0 };
  assert.deepEqual(steps.core.counts, { windowed: 1, late: 0, replayed: 4, tombstone: 1, muted: 0, bySeverity });
  assert.deepEqual(
    steps.deadLetters.map(({ offset }) => offset),
    [5],
  );
  assert.deepEqual([steps.core.frontier, steps.core.position], [0, 7]);
  assert.deepEqual(steps.core.checkpoint().settled, [
    [1, 4],
    [6, 6],
  ]);
});

test("what was settled before a restart and is not read again yet stays in the checkpoint, joined where it touches", () => {
  const steps = new PartitionSteps(
    {},
    {
      settled: [
        [1, 4],
        [6, 6],
        [9, 12],
      ],
    },
  )
    .alert("a", 1)
    .tombstone(1);
  assert.deepEqual(steps.core.checkpoint().settled, [
    [1, 4],
    [6, 6],
    [9, 12],
  ]);
  steps.gap(6);
  assert.deepEqual(steps.core.checkpoint().settled, [
    [1, 6],
    [9, 12],
  ]);
  steps.gap(20);
  assert.deepEqual(steps.core.checkpoint().settled, [[1, 19]]);
});

test("a window that ended exactly catchUpAfterMs ago still leaves alone, a millisecond later with the next ones", () => {
  for (const [seconds, expected] of [
    [120, "a 30-60: 1"],
    [120.001, "a 30-90: 1 2"],
  ] as const) {
    const steps = new PartitionSteps({ catchUpAfterMs: 60_000 })
      .alert("a", 1)
      .alert("a", 31)
      .alert("a", 61)
      .knownEnd(100);
    steps.settle(steps.mails[0], seconds);
    assert.equal(steps.log[1], expected);
  }
});

test("an alert is listed, however far it is from its window's first offset", () => {
  const steps = new PartitionSteps()
    .alert("a", 1)
    .alert("a", 2, { offset: 0xffffffff })
    .alert("a", 3, { offset: 0x100000000 })
    .gap(0x100000001);
  assert.equal(steps.core.read.bufferedAlerts, 3);
  steps.knownEnd(40);
  assert.deepEqual(steps.log, ["a 0-30: 0 4294967295 4294967296"]);
  assert.equal(steps.closed[0]?.alerts, 3);
});

const HOLD_BYTES = 25;
/** Room for fifteen windows, fifteen devices and their IDs. */
const WINDOWS_BYTES = 16 * 40 + 16 * 20 + 16 * 4 + 256;

test("memory is what slabs, offsets, holds and windows take, open or waiting", () => {
  const steps = new PartitionSteps();
  assert.equal(steps.core.read.bufferedBytes, 0);
  steps.alert("a", 1).alert("b", 31);
  assert.deepEqual([steps.core.read.windowsOpen, steps.core.read.windowsPending], [2, 0]);
  assert.equal(steps.core.read.bufferedBytes, 65_536 + 4 * 4096 + 2 * HOLD_BYTES + WINDOWS_BYTES);
  steps.knownEnd(40);
  assert.deepEqual([steps.core.read.windowsOpen, steps.core.read.windowsPending], [1, 1]);
  assert.equal(steps.core.read.bufferedBytes, 65_536 + 4 * 4096 + 2 * HOLD_BYTES + WINDOWS_BYTES);
});

test("a checkpoint with nothing held has the time itself, before anything is known none", () => {
  const steps = new PartitionSteps();
  assert.equal(steps.core.checkpoint().time, undefined);
  steps.tombstone(5);
  assert.equal(steps.core.checkpoint().time, 5_000);
  steps.alert("a", 7);
  assert.equal(steps.core.checkpoint().time, 5_000, "the time before the alert that is held");
});

test("offsets said to be without records again, or below the position, change nothing", () => {
  const steps = new PartitionSteps().alert("a", 1).tombstone(1).gap(2).gap(1).gap(0);
  assert.equal(steps.core.position, 2);
  assert.deepEqual(steps.core.checkpoint().settled, [[1, 1]]);
});

test("a window that closes while an earlier one of its device waits is mailed after it; nothing is pending at the end", () => {
  const steps = new PartitionSteps().alert("a", 1).alert("a", 31).knownEnd(100);
  assert.equal(steps.core.read.oldestPendingWindowEnd, 30_000);
  steps.settle(steps.mails[0], 100);
  assert.equal(steps.core.read.oldestPendingWindowEnd, 60_000);
  steps.settle(steps.mails[1], 100);
  assert.deepEqual(
    [
      steps.core.read.oldestPendingWindowEnd,
      steps.core.read.windowsPending,
      steps.core.read.windowsOpen,
      steps.core.read.bufferedAlerts,
    ],
    [undefined, 0, 0, 0],
  );
});

test("an alert at the very end of a window plus grace is late from then on, not before", () => {
  const before = new PartitionSteps().alert("a", 31.999).alert("b", 29.999);
  assert.equal(before.core.counts.late, 0);
  const after = new PartitionSteps().alert("a", 32).alert("b", 29.999).alert("b", 30);
  assert.deepEqual([after.core.counts.late, after.core.counts.windowed], [1, 2]);
  after.knownEnd(100);
  assert.deepEqual(after.log, ["a 30-60: 0", "b 30-60: 1L 2"]);
});

test("restored time closes nothing by itself and is the watermark of the first record", () => {
  const steps = new PartitionSteps({}, { position: 10, time: eventTime(40_000) }).alert("a", 5);
  assert.deepEqual(steps.log, []);
  assert.deepEqual([steps.core.counts.late, steps.core.checkpoint().time], [1, 40_000]);
});
