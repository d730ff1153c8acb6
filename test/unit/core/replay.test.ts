/** G3: what was in one mail before a restart is, after it, in the mail with the same Message-ID. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { mergeStarts } from "#src/core/handover.js";
import type { PartitionStart } from "#src/core/partition.js";
import { eventTime } from "#src/core/time.js";
import { decodeCheckpoint, encodeCheckpoint } from "#test/support/checkpoints.js";
import { PartitionSteps } from "#test/support/partition-steps.js";

const committed = ({ core }: PartitionSteps): PartitionStart => {
  const start = decodeCheckpoint(encodeCheckpoint(core.checkpoint()).metadata, core.frontier);
  assert.ok(start !== undefined);
  return start;
};

/** Windows 0, 30 and 60 of `a` are closed and the first one is mailed; then the other two, merged. */
const caughtUp = (): PartitionSteps => {
  const steps = new PartitionSteps({ catchUpAfterMs: 60_000 })
    .alert("a", 1)
    .alert("a", 31)
    .alert("a", 61)
    .alert("b", 95);
  return steps.settle(steps.mails[0], 1000);
};

test("a replay lets no mail go before it has come as far as was read: what was merged is merged again, from the same window", () => {
  const before = caughtUp();
  assert.deepEqual(before.log, ["a 0-30: 0", "a 30-90: 1 2"]);
  const start = committed(before);
  assert.deepEqual([start.position, start.readTo], [1, 4]);
  const after = new PartitionSteps({ catchUpAfterMs: 60_000 }, start).alert("a", 31).alert("a", 61);
  after.gap(3, 1000);
  assert.deepEqual(after.log, []);
  after.alert("b", 95).alert("a", 96).alert("c", 130);
  assert.deepEqual([after.log, after.core.read.holdsBack, after.core.read.windowsPending], [[], true, 4]);
  after.gap(6, 1000);
  assert.deepEqual(after.log, ["a 30-120: 1 2 4", "b 90-120: 3"]);
  assert.equal(after.core.read.holdsBack, false);
  after.knownEnd(170);
  assert.equal(after.log.at(-1), "c 120-150: 5", "from then on windows leave as they close");
});

test("the first window's own offset identifies a mail, whatever joins it", () => {
  const steps = new PartitionSteps({ catchUpAfterMs: 60_000 }, { readTo: 3 })
    .alert("a", 61)
    .alert("a", 60)
    .alert("a", 59)
    .gap(3)
    .knownEnd(1000);
  const contents = steps.core.mails.contents(steps.mails[0] as (typeof steps.mails)[0]);
  assert.deepEqual([contents.idOffset, contents.firstOffset], [2, 2], "alone");
  const merged = new PartitionSteps({ catchUpAfterMs: 60_000 }, { readTo: 4 })
    .alert("a", 61)
    .alert("a", 59)
    .alert("b", 95)
    .gap(4, 1000);
  const { idOffset, firstOffset } = merged.core.mails.contents(merged.mails[0] as (typeof merged.mails)[0]);
  assert.deepEqual([idOffset, firstOffset], [1, 0], "with a later window that began at a lower offset");
});

test("a replay that ends halfway tells how far its predecessor had read", () => {
  const start = committed(caughtUp());
  const halfway = new PartitionSteps({}, start).alert("a", 31);
  assert.equal(committed(halfway).readTo, 4);
  assert.equal(committed(new PartitionSteps({}, start)).readTo, 4);
});

test("what a replay holds back goes when it cannot read on, or when there is nothing more to read", () => {
  const start = committed(caughtUp());
  const held = () => new PartitionSteps({ catchUpAfterMs: 60_000 }, start).alert("a", 31).alert("a", 95);
  const paused = held();
  assert.deepEqual([paused.log, paused.core.read.windowsPending], [[], 1]);
  paused.release(1000);
  assert.deepEqual(paused.log, ["a 30-60: 1"]);
  const cutOff = held().knownEnd(1000, 4);
  assert.deepEqual(cutOff.log, []);
  assert.deepEqual(cutOff.knownEnd(1000).log, ["a 30-120: 1 2"]);
});

test("a replay that ends in offsets without records has come as far as was read", () => {
  const before = new PartitionSteps().alert("a", 1).alert("b", 35).gap(10);
  const after = new PartitionSteps({}, committed(before)).alert("a", 1).alert("b", 35);
  assert.deepEqual(after.log, []);
  assert.deepEqual(after.gap(10).log, ["a 0-30: 0"]);
});

test("a commit has to come first for merged windows, and for alerts that the wall clock made late", () => {
  assert.deepEqual(
    caughtUp().mails.map((mail) => mail.commitFirst),
    [false, true],
  );
  const byRecord = new PartitionSteps().alert("b", 35).alert("a", 1).alert("b", 70);
  assert.deepEqual(byRecord.log, ["b 30-60: 0", "a 30-60: 1L"]);
  assert.deepEqual(
    byRecord.mails.map((mail) => mail.commitFirst),
    [false, false],
  );
  const byClock = new PartitionSteps().alert("b", 5).knownEnd(35).alert("a", 1).knownEnd(70);
  assert.deepEqual(byClock.log, ["b 0-30: 0", "a 30-60: 1L"]);
  assert.deepEqual(
    byClock.mails.map((mail) => mail.commitFirst),
    [false, true],
  );
});

test("a record before which the wall clock closed a window and which closes another itself lets both mails go", () => {
  const start: PartitionStart = {
    position: 0,
    time: undefined,
    marks: [{ offset: 2, time: eventTime(32_000) }],
    settled: [],
  };
  const after = new PartitionSteps({}, start).alert("a", 1).alert("b", 31).alert("c", 95);
  assert.deepEqual(after.log, ["a 0-30: 0", "b 30-60: 1"]);
});

test("what the wall clock closed here, and nobody committed, moves no alert that another owner mailed meanwhile", () => {
  const stands = committed(new PartitionSteps());
  const mailed = new PartitionSteps({}, stands).alert("a", 1).alert("a", 35);
  assert.deepEqual(mailed.log, ["a 0-30: 0"]);
  const cutOff = new PartitionSteps().knownEnd(100).alert("a", 1);
  const after = new PartitionSteps({}, mergeStarts(stands, committed(cutOff)));
  after.alert("a", 1).alert("a", 35).gap(2);
  assert.deepEqual(after.log, mailed.log, "not late, in a window of that time");
});

test("nor does one of which was settled more here than is committed; what was settled stays so", () => {
  const start = { position: 0, time: eventTime(1_000), marks: [] };
  const mailed = new PartitionSteps({}, start).alert("a", 1).alert("b", 2).alert("c", 35);
  assert.deepEqual(mailed.log, ["a 0-30: 0", "b 0-30: 1"]);
  const cutOff = new PartitionSteps({}, start).alert("a", 1).knownEnd(40);
  cutOff.settle(cutOff.mails[0]).knownEnd(100).alert("b", 2);
  assert.equal(cutOff.core.frontier, 1);
  const after = new PartitionSteps({}, mergeStarts(committed(new PartitionSteps({}, start)), committed(cutOff)));
  after.alert("a", 1).alert("b", 2).alert("c", 35).gap(3);
  assert.deepEqual(after.log, ["b 0-30: 1"]);
});

test("what was settled at the very offset of a restart is not mailed again, nor are the only settled ones above it", () => {
  for (const [settled, log] of [
    [[[5, 5]], ["a 0-30: 6 7"]],
    [[[6, 7]], ["a 0-30: 5"]],
  ] as const) {
    const after = new PartitionSteps({}, { position: 5, settled }).gap(5).alert("a", 1).alert("a", 2).alert("a", 3);
    assert.deepEqual(after.gap(8).knownEnd(40).log, log);
  }
});

test("a partition that has read nothing tells its successor nothing but where it stands", () => {
  const told = new PartitionSteps({}, { position: 5 }).core.checkpoint();
  assert.deepEqual(told, { position: 5, time: undefined, marks: [], settled: [] });
});

test("a mail read again counts for the service level, but for one that may have been held as a repetition", () => {
  const untimed = (repeatIntervalsMs?: number[], isUrgent = false): boolean | undefined => {
    const options = { firingForgetMs: 3_600_000, ...(repeatIntervalsMs && { repeatIntervalsMs }) };
    const read = new PartitionSteps(options).alert("a", 1).core;
    const after = new PartitionSteps(options, read.checkpoint());
    (isUrgent ? after.urgent("a", 1) : after.alert("a", 1)).gap(2).knownEnd(40);
    return after.mails[0]?.windows[0]?.isUntimed;
  };
  assert.deepEqual([untimed(), untimed([60_000]), untimed([60_000], true)], [false, true, false]);
});
