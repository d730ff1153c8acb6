import assert from "node:assert/strict";
import { test } from "node:test";
import type { HoldId } from "#src/core/commit-frontier.js";
import type { Partition } from "#src/core/partition.js";
import { eventTime } from "#src/core/time.js";
import { PartitionSteps } from "#test/support/partition-steps.js";

const offsetsIn = (core: Partition, mail: PartitionSteps["mails"][number] | undefined): number[] =>
  mail === undefined ? assert.fail("no such mail") : core.mails.contents(mail).entries.map(({ offset }) => offset);

test("once somebody has a mail the device's next one leaves, and the first is held until it is settled", () => {
  const steps = new PartitionSteps().alert("a", 1).alert("a", 31).alert("a", 62).alert("b", 95);
  assert.deepEqual(steps.log, ["a 0-30: 0"]);
  const [first] = steps.mails;
  steps.pass(first);
  assert.deepEqual(steps.log, ["a 0-30: 0", "a 30-60: 1"]);
  steps.pass(steps.mails[1]).settle(steps.mails[2]);
  assert.deepEqual(steps.log.slice(2), ["a 60-90: 2"]);
  assert.equal(steps.core.frontier, 0);
  assert.deepEqual(steps.core.checkpoint().settled, [[2, 2]]);
  assert.deepEqual(offsetsIn(steps.core, first), [0]);
  steps.settle(steps.mails[1]);
  assert.deepEqual([steps.core.frontier, steps.core.checkpoint().settled], [0, [[1, 2]]]);
  steps.settle(first);
  assert.equal(steps.core.frontier, 3);
});

test("a passed mail that is settled takes no other out of its device's queue", () => {
  const steps = new PartitionSteps().alert("a", 1).alert("a", 31).alert("a", 62).alert("b", 95);
  steps.pass(steps.mails[0]).settle(steps.mails[0]);
  assert.deepEqual(steps.log, ["a 0-30: 0", "a 30-60: 1"], "the third waits for the second");
  steps.settle(steps.mails[1]);
  assert.deepEqual(steps.log.slice(2), ["a 60-90: 2"]);
  steps.settle(steps.mails[2]);
  assert.deepEqual([steps.core.frontier, steps.core.read.windowsPending, steps.core.read.windowsPassed], [3, 0, 0]);
});

test("what was passed twice, or is settled already, or is no mail, passes nothing else", () => {
  const steps = new PartitionSteps().unreadable(0).alert("a", 1).alert("a", 31).alert("a", 62).alert("b", 95);
  const [first] = steps.mails;
  steps.pass(first).pass(first);
  assert.deepEqual(steps.log, ["a 0-30: 1", "a 30-60: 2"]);
  steps.settle(first).pass(first);
  const [letter] = steps.deadLetters;
  steps.core.step({ kind: "passed", id: letter?.id ?? assert.fail(), now: steps.core.frontier as never });
  assert.deepEqual(steps.log, ["a 0-30: 1", "a 30-60: 2"]);
  assert.equal(steps.core.read.windowsPassed, 0);
});

test("after a mail that is passed the windows that waited too long leave together", () => {
  const steps = new PartitionSteps({ catchUpAfterMs: 60_000 });
  steps.alert("a", 1).alert("a", 31).alert("a", 62).alert("b", 95).pass(steps.mails[0], 500);
  assert.deepEqual(steps.log, ["a 0-30: 0", "a 30-90: 1 2"]);
  steps.pass(steps.mails[1], 500);
  assert.deepEqual([steps.core.read.windowsPassed, steps.core.read.passedAlerts], [3, 3]);
  steps.settle(steps.mails[1]);
  assert.deepEqual([steps.core.read.windowsPassed, steps.core.read.passedAlerts], [1, 1]);
});

test("passed windows are pending and buffered, and are counted apart; they make no age", () => {
  const steps = new PartitionSteps().alert("a", 1).alert("a", 2).alert("a", 31).alert("b", 33).alert("b", 95);
  steps.pass(steps.mails[0]);
  const { core } = steps;
  assert.deepEqual(
    [core.read.windowsPending, core.read.windowsDue, core.read.pendingAlerts, core.read.bufferedAlerts],
    [3, 3, 4, 5],
  );
  assert.deepEqual([core.read.windowsPassed, core.read.passedAlerts], [1, 2]);
  assert.equal(core.read.oldestPendingWindowEnd, eventTime(60_000), "of what others wait for");
  assert.equal(core.read.oldestUnsettledEventTime, eventTime(31_000));
  for (const mail of steps.mails.slice(1)) steps.pass(mail);
  assert.equal(core.read.oldestPendingWindowEnd, undefined);
  assert.equal(core.read.oldestUnsettledEventTime, eventTime(95_000));
  for (const mail of steps.mails) steps.settle(mail);
  assert.deepEqual(
    [core.read.windowsPassed, core.read.passedAlerts, core.read.bufferedAlerts, core.frontier],
    [0, 0, 1, 4],
  );
});

test("the alerts of passed mails stay readable when the buffer is packed anew", () => {
  const steps = new PartitionSteps();
  const large = new Uint8Array(30_000).fill(7);
  // One small alert in each slab keeps it from being given back.
  for (let slab = 0; slab < 100; slab++)
    steps
      .alert(`small-${slab}`, 1, { bytes: new Uint8Array([slab, 2, 3]) })
      .alert(`large-${slab}`, 2, { bytes: large })
      .alert(`large-${slab}`, 2, { bytes: large });
  steps.alert("z", 95);
  const isSmall = ({ deviceId }: (typeof steps.mails)[number]): boolean => deviceId.startsWith("small");
  for (const mail of steps.mails.filter(isSmall)) steps.pass(mail);
  for (const mail of steps.mails.filter((each) => !isSmall(each))) steps.settle(mail);
  assert.ok(steps.core.read.bufferedBytes < 3_000_000, `it was packed: ${steps.core.read.bufferedBytes}`);
  for (const [slab, mail] of steps.mails.filter(isSmall).entries()) {
    const [entry, ...others] = steps.core.mails.contents(mail).entries;
    assert.deepEqual([entry?.offset, [...(entry?.bytes ?? [])], others], [slab * 3, [slab, 2, 3], []]);
  }
});

test("a device has one early mail in a window, also where that one is passed when the window is over", () => {
  const steps = new PartitionSteps().urgent("a", 1).alert("a", 5);
  assert.deepEqual(steps.log, ["a 0-30 early: 0"]);
  steps.pass(steps.mails[0]).urgent("a", 7);
  assert.deepEqual(steps.log, ["a 0-30 early: 0"]);
  steps.alert("b", 40);
  assert.deepEqual(steps.log.slice(1), ["a 0-30 after 1: 1 2"]);
  steps.settle(steps.mails[1]);
  const contents = steps.core.mails.contents(steps.mails[0] ?? assert.fail());
  assert.equal(contents.part, "early", "its window is over, the rest is settled, and it is what it was");
  steps.settle(steps.mails[0]);
  assert.equal(steps.core.frontier, 3);
});

test("an early mail that is settled is remembered as long as the rest of its window is passed", () => {
  const steps = new PartitionSteps()
    .urgent("a", 1)
    .alert("a", 5)
    .settle({ id: 0 as HoldId })
    .alert("b", 40);
  const rest = steps.mails[1] ?? assert.fail();
  steps.pass(rest);
  assert.deepEqual(steps.core.checkpoint().early, [{ offset: 0, shift: 0, alerts: 1 }]);
  assert.deepEqual([steps.core.mails.contents(rest).part, steps.core.mails.contents(rest).toldEarly], ["rest", 1]);
  assert.equal(steps.core.frontier, 0, "a restart reads the urgent alert again");
  steps.settle(rest);
  assert.deepEqual([steps.core.checkpoint().early, steps.core.frontier], [undefined, 2]);
});

test("a window that opens after others of its device were passed leaves in its turn", () => {
  const steps = new PartitionSteps()
    .alert("a", 1)
    .alert("b", 33)
    .pass({ id: 0 } as never);
  steps.alert("a", 2).alert("a", 34).alert("b", 66);
  assert.deepEqual(steps.log, ["a 0-30: 0", "b 30-60: 1", "a 30-60: 2L 3"]);
});

test("a mail that nobody got is settled as others are where no repetition is held", () => {
  const steps = new PartitionSteps().alert("a", 1).alert("b", 40);
  assert.equal(steps.giveUp(steps.mails[0]).core.frontier, 1);
});
