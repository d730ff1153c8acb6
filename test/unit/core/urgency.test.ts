/** An urgent alert sends its window at once, as it is so far: once per device and window, in order, and the same after a restart. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { HoldId } from "#src/core/commit-frontier.js";
import { mergeStarts } from "#src/core/handover.js";
import type { PartitionStart } from "#src/core/partition.js";
import { TopWindows } from "#src/core/top-windows.js";
import { decodeCheckpoint, encodeCheckpoint } from "#test/support/checkpoints.js";
import { PartitionSteps } from "#test/support/partition-steps.js";

const committed = ({ core }: PartitionSteps): PartitionStart => {
  const start = decodeCheckpoint(encodeCheckpoint(core.checkpoint()).metadata, core.frontier);
  assert.ok(start !== undefined, "the checkpoint can be read back");
  return start;
};

test("an urgent alert sends what its device has told in the window so far; what follows comes at the window's end", () => {
  const steps = new PartitionSteps().alert("a", 1).alert("b", 2).urgent("a", 3);
  assert.deepEqual(steps.log, ["a 0-30 early: 0 2"]);
  steps.settle(steps.mails[0]).alert("a", 4).alert("a", 5).knownEnd(40);
  assert.deepEqual(steps.log, ["a 0-30 early: 0 2", "b 0-30: 1", "a 0-30 after 2: 3 4"]);
});

test("there is one early mail per device and window: the next window may have one again, another device at once", () => {
  const steps = new PartitionSteps().urgent("a", 1).urgent("b", 2).urgent("a", 3).urgent("a", 31);
  assert.deepEqual(steps.log, ["a 0-30 early: 0", "b 0-30 early: 1"]);
  steps.settle(steps.mails[0]).knownEnd(33);
  assert.deepEqual(steps.log.slice(2), ["a 0-30 after 1: 2"]);
  steps.settle(steps.mails[2]);
  assert.deepEqual(steps.log.slice(3), ["a 30-60 early: 3"]);
});

test("the rest waits for an early mail that is under way: a device's mails leave in order", () => {
  const steps = new PartitionSteps().urgent("a", 1).alert("a", 2).knownEnd(40);
  assert.deepEqual(steps.log, ["a 0-30 early: 0"]);
  assert.deepEqual(
    [steps.core.read.windowsPending, steps.core.read.windowsDue, steps.core.read.oldestPendingWindowEnd],
    [2, 2, 30_000],
  );
  steps.settle(steps.mails[0], 41);
  assert.deepEqual(steps.log[1], "a 0-30 after 1: 1");
});

test("while an older window of the device still takes alerts, the early mail waits for it, and nothing else counts on it", () => {
  const steps = new PartitionSteps().alert("a", 29).alert("b", 29).urgent("a", 31);
  assert.deepEqual(steps.log, []);
  assert.deepEqual(
    [steps.core.read.windowsPending, steps.core.read.windowsDue, steps.core.read.pendingAlerts],
    [1, 0, 0],
  );
  steps.alert("a", 29.5).alert("a", 31.5).knownEnd(32);
  assert.deepEqual(steps.log, ["a 0-30: 0 3", "b 0-30: 1"]);
  assert.deepEqual(
    [steps.core.read.windowsPending, steps.core.read.windowsDue, steps.core.read.pendingAlerts],
    [3, 3, 4],
  );
  steps.settle(steps.mails[0], 33);
  assert.deepEqual(steps.log[2], "a 30-60 early: 2");
});

test("a window that opens behind an early mail, although it is older, leaves after it", () => {
  const steps = new PartitionSteps().urgent("a", 31).alert("a", 29);
  steps.knownEnd(32).settle(steps.mails[0]);
  assert.deepEqual(steps.log, ["a 30-60 early: 0", "a 0-30: 1"]);
  steps.settle(steps.mails[1]).knownEnd(70);
  assert.deepEqual([steps.core.frontier, steps.core.read.windowsPending], [2, 0]);
});

test("a late alert is urgent as well, for the window it joins", () => {
  const steps = new PartitionSteps().alert("b", 40).alert("a", 41).urgent("a", 5).urgent("a", 42).knownEnd(70);
  assert.deepEqual(steps.log, ["a 30-60 early: 1 2L", "b 30-60: 0"]);
  steps.settle(steps.mails[0]);
  assert.deepEqual(steps.log[2], "a 30-60 after 2: 3");
});

test("an alert that the wall clock made late makes the early mail wait for a commit, too", () => {
  const steps = new PartitionSteps().alert("b", 5).knownEnd(35).urgent("a", 1);
  assert.deepEqual(steps.log, ["b 0-30: 0", "a 30-60 early: 1L"]);
  assert.equal(steps.mails[1]?.commitFirst, true);
});

test("an early mail goes before others that wait, also where its severity is no critical one", () => {
  const steps = new PartitionSteps().alert("a", 1, { severity: "warning", urgent: true });
  assert.equal(steps.mails[0]?.critical, true);
});

test("only a window's own closing counts as one, not that of its early part", () => {
  const steps = new PartitionSteps().urgent("a", 1).urgent("b", 2).alert("b", 3).alert("b", 4).knownEnd(40);
  assert.deepEqual(
    steps.closed.map(({ alerts }) => alerts),
    [2],
  );
});

test("a window of which everything was told early leaves nothing behind", () => {
  const steps = new PartitionSteps().urgent("a", 1).settle({ id: 0 as HoldId });
  assert.deepEqual([steps.core.frontier, steps.core.position], [0, 1], "the frontier stays until the window is over");
  assert.equal(steps.core.read.oldestUnsettledEventTime, undefined, "and still nothing is unsettled");
  steps.knownEnd(31.999);
  assert.equal(steps.core.frontier, 0);
  steps.knownEnd(32);
  assert.equal(steps.core.frontier, 1);
  assert.deepEqual(steps.core.checkpoint().early, undefined);
});

test("folded alerts are told early as well, and counted", () => {
  const steps = new PartitionSteps({ maxListed: 2 }).alert("a", 1).alert("a", 2).alert("a", 3).urgent("a", 4);
  assert.equal(steps.core.mails.contents(steps.mails[0] as (typeof steps.mails)[0]).full?.count, 4);
  steps.settle(steps.mails[0]).alert("a", 5).knownEnd(40);
  assert.deepEqual(steps.log[1], "a 0-30 after 4: 4");
});

test("the page shows what still fills, not what was sent", () => {
  const steps = new PartitionSteps().alert("a", 1).urgent("a", 2).alert("b", 3);
  const top = new TopWindows(5);
  steps.core.read.offerOpen(0, top);
  assert.deepEqual(
    top.list.map(({ window }) => window.deviceId),
    ["b"],
  );
});

test("after a restart between the early mail and the window's end there is no second one, and nothing is told twice", () => {
  const before = new PartitionSteps().alert("a", 1).alert("b", 1).urgent("a", 2).alert("a", 3);
  before.settle(before.mails[0]);
  const start = committed(before);
  assert.deepEqual(
    [start.position, start.settled, start.early],
    [
      0,
      [
        [0, 0],
        [2, 2],
      ],
      [{ offset: 2, shift: 0, alerts: 2 }],
    ],
  );
  const after = new PartitionSteps({}, start);
  after.alert("a", 1).alert("b", 1).urgent("a", 2).alert("a", 3).urgent("a", 4).gap(5);
  assert.deepEqual(after.log, []);
  // Nor after another one, from a checkpoint of the replay.
  const again = new PartitionSteps({}, committed(after));
  again.alert("b", 1).urgent("a", 2).alert("a", 3).urgent("a", 4).gap(5).knownEnd(40);
  assert.deepEqual(again.log.sort(), ["a 0-30 after 2: 3 4", "b 0-30: 1"]);
});

test("a restart with the early mail under way sends the same alerts under the same Message-ID, and the rest apart", () => {
  const before = new PartitionSteps().alert("a", 1).urgent("a", 2).alert("a", 3);
  const after = new PartitionSteps({}, committed(before)).alert("a", 1).urgent("a", 2).alert("a", 3).gap(3);
  assert.deepEqual(after.log, before.log);
  assert.equal(after.core.mails.contents(after.mails[0] as (typeof after.mails)[0]).idOffset, 0);
});

test("a replay that lets no mail go yet holds early ones back as well, and merges what waited for long", () => {
  const replay = (now: number) =>
    new PartitionSteps({ catchUpAfterMs: 60_000 }, { readTo: 4 })
      .urgent("a", 1)
      .alert("a", 2)
      .urgent("a", 31)
      .alert("a", 70)
      .gap(4, now);
  assert.deepEqual(replay(75).log, ["a 0-30 early: 0"]);
  assert.deepEqual(replay(1_000).log, ["a 0-60: 0 1 2"]);
});

test("in which window a late urgent alert left early follows from the checkpoint, not from the records", () => {
  // It joined the window 60-90, which was open, and not the one that the watermark is in.
  const grace = { graceMs: 40_000 };
  const before = new PartitionSteps(grace).alert("b", 95).alert("a", 65).urgent("a", 5).alert("a", 66);
  assert.deepEqual(before.log, ["a 60-90 early: 1 2L"]);
  before.settle(before.mails[0]);
  const start = committed(before);
  assert.deepEqual(start.early, [{ offset: 2, shift: 2, alerts: 2 }]);
  const after = new PartitionSteps(grace, start).alert("b", 95).alert("a", 65).urgent("a", 5).alert("a", 66);
  after.urgent("a", 67).gap(5).knownEnd(200);
  assert.deepEqual(after.log.sort(), ["a 60-90 after 2: 3 4", "b 90-120: 0"]);
});

test("without the facts of the checkpoint a replay still knows of the early mail, only not how many it told", () => {
  const before = new PartitionSteps().alert("a", 1).urgent("a", 2).alert("a", 3);
  before.settle(before.mails[0]);
  const { early: _, ...start } = committed(before);
  const after = new PartitionSteps({}, start).alert("a", 1).urgent("a", 2).alert("a", 3).urgent("a", 4).gap(4);
  assert.deepEqual(after.log, []);
  after.knownEnd(40);
  assert.deepEqual(after.log, ["a 0-30 after ?: 2 3"]);
});

test("an old owner's account, merged into what stands committed, tells the next owner of the early mail", () => {
  const before = new PartitionSteps().alert("a", 1).urgent("a", 2);
  const stands = committed(before);
  before.settle(before.mails[0]);
  const after = new PartitionSteps({}, mergeStarts(stands, committed(before)));
  after.alert("a", 1).urgent("a", 2).urgent("a", 3).gap(3).knownEnd(40);
  assert.deepEqual(after.log, ["a 0-30 after 2: 2"]);
});

test("a log that lost the urgent alert starts anew: then the window may have a second early mail", () => {
  const before = new PartitionSteps().urgent("a", 1);
  before.settle(before.mails[0]);
  const after = new PartitionSteps({}, { ...committed(before), position: 1, settled: [] }).urgent("a", 2).gap(2);
  assert.deepEqual(after.log, ["a 0-30 early: 1"]);
  after.settle(after.mails[0]).knownEnd(40);
  assert.equal(after.core.frontier, 2);
});

test("windows told early and settled before they end leave nothing behind, however many there are", () => {
  const steps = new PartitionSteps();
  const bytes: number[] = [];
  for (let round = 0; round < 500; round++) {
    steps.urgent("d", round * 30 + 1).settle(steps.mails.at(-1));
    steps.knownEnd(round * 30 + 33);
    bytes.push(steps.core.read.bufferedBytes);
  }
  assert.equal(steps.mails.length, 500);
  assert.ok(Math.max(...bytes) - Math.min(...bytes) < 2_000, "but the room for some alerts");
});
