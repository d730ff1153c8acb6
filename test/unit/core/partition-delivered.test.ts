import assert from "node:assert/strict";
import { test } from "node:test";
import type { PendingMail } from "#src/core/partition.js";
import { decodeCheckpoint, encodeCheckpoint } from "#test/support/checkpoints.js";
import { PartitionSteps } from "#test/support/partition-steps.js";

const reach = (steps: PartitionSteps, mail: PendingMail | undefined, ...recipients: number[]): void => {
  assert.ok(mail !== undefined);
  assert.deepEqual(steps.core.step({ kind: "reached", id: mail.id, recipients }), []);
};

const deliveredTo = (steps: PartitionSteps, mail: PendingMail | undefined): number[] => {
  assert.ok(mail !== undefined);
  return [...steps.core.mails.deliveredTo(mail)];
};

/** A new owner, that starts from what the group has, and lets mails go at once (how far was read before is `replay.test.ts`). */
const next = (
  steps: PartitionSteps,
  options: { catchUpAfterMs?: number; windowSizeMs?: number } = {},
): PartitionSteps => {
  const { metadata } = encodeCheckpoint(steps.core.checkpoint());
  const { readTo: _, ...start } = decodeCheckpoint(metadata, steps.core.frontier) ?? assert.fail();
  return new PartitionSteps(options, start);
};

test("who has a mail is known to the next owner, and the one after it, until the mail is settled", () => {
  const first = new PartitionSteps().alert("a", 1).alert("b", 2).alert("a", 3).alert("b", 40);
  reach(first, first.mails[0], 8, 5);
  reach(first, first.mails[0], 6);
  assert.deepEqual(deliveredTo(first, first.mails[0]), [5, 6, 8]);
  assert.deepEqual(deliveredTo(first, first.mails[1]), []);
  const second = next(next(first)).alert("a", 1).alert("b", 2).alert("a", 3).alert("b", 40);
  assert.deepEqual(second.log, ["a 0-30: 0 2", "b 0-30: 1"]);
  assert.deepEqual(deliveredTo(second, second.mails[0]), [5, 6, 8]);
  assert.deepEqual(deliveredTo(second, second.mails[1]), []);
  second.settle(second.mails[0]);
  assert.equal(second.core.checkpoint().delivered, undefined);
});

test("it is known above the frontier as at it, also while the replay has not come there yet", () => {
  const first = new PartitionSteps().alert("a", 1).alert("b", 2).alert("a", 3).alert("b", 40);
  reach(first, first.mails[1], 5);
  const second = next(first).alert("a", 1);
  assert.deepEqual(second.core.checkpoint().delivered, first.core.checkpoint().delivered);
  second.alert("b", 2).alert("a", 3).alert("b", 40);
  assert.deepEqual(deliveredTo(second, second.mails[1]), [5]);
});

test("an alert that joins the window in a replay leaves in a mail of its own, to everybody; the others only to who is behind", () => {
  const first = new PartitionSteps().alert("a", 1).alert("a", 31).alert("a", 2).alert("b", 65);
  assert.deepEqual(first.log, ["a 0-30: 0 2"]);
  reach(first, first.mails[0], 5);
  const more = next(first).alert("a", 1).alert("a", 29).alert("a", 2).alert("b", 65);
  assert.deepEqual(more.log, ["a 0-30: 0 2"]);
  assert.deepEqual(deliveredTo(more, more.mails[0]), [5]);
  more.settle(more.mails[0]);
  assert.deepEqual(more.log.slice(1), ["a 0-30: 1"]);
  assert.deepEqual(deliveredTo(more, more.mails[1]), []);
  assert.equal(more.core.checkpoint().delivered, undefined, "it is not kept for ever");
});

test("an alert that is not in the window in a replay goes only to who is behind, wherever it is", () => {
  const first = new PartitionSteps().alert("a", 1).alert("a", 31).alert("a", 2).alert("b", 65);
  reach(first, first.mails[0], 5);
  const less = next(first).alert("a", 1).alert("a", 31).alert("a", 31).alert("b", 65);
  assert.deepEqual(less.log, ["a 0-30: 0"]);
  less.settle(less.mails[0]).settle(less.mails[1]);
  assert.deepEqual(less.log.slice(1), ["a 30-60: 1", "a 30-60: 2"]);
  assert.deepEqual(
    less.mails.map((mail) => deliveredTo(less, mail)),
    [[5], [], [5]],
  );
  const larger = next(first, { windowSizeMs: 60_000 }).alert("a", 1).alert("a", 31).alert("a", 2).alert("b", 65);
  larger.settle(larger.mails[0]);
  assert.deepEqual(larger.log, ["a 0-60: 0 2", "a 0-60: 1"]);
  assert.deepEqual(
    larger.mails.map((mail) => deliveredTo(larger, mail)),
    [[5], []],
  );
});

test("a late alert joins the oldest open window that the same recipients have", () => {
  const read = (steps: PartitionSteps): PartitionSteps => steps.alert("a", 33).alert("a", 2).alert("b", 70);
  const first = read(new PartitionSteps());
  assert.deepEqual(first.log, ["a 30-60: 0 1L"]);
  reach(first, first.mails[0], 5);
  const second = read(next(first)).alert("a", 71).alert("a", 3).alert("b", 200);
  assert.deepEqual(second.log, ["a 30-60: 0 1L", "b 60-90: 2"]);
  second.settle(second.mails[0]);
  assert.deepEqual(second.log.slice(2), ["a 60-90: 3 4L"]);
});

test("an early part that some have and the rest that nobody has stay what they are", () => {
  const read = (steps: PartitionSteps): PartitionSteps =>
    steps.alert("a", 1).urgent("a", 2).alert("a", 3).urgent("a", 4);
  const first = read(new PartitionSteps());
  reach(first, first.mails[0], 5);
  first.pass(first.mails[0]);
  const second = read(next(first)).alert("b", 40);
  assert.deepEqual(second.log, ["a 0-30 early: 0 1"]);
  assert.deepEqual(deliveredTo(second, second.mails[0]), [5]);
  second.pass(second.mails[0]);
  assert.deepEqual(second.log.slice(1), ["a 0-30 after 2: 2 3"]);
  assert.deepEqual(deliveredTo(second, second.mails[1]), []);
});

test("more alerts than a mail lists are known as one run", () => {
  const read = (steps: PartitionSteps): PartitionSteps => {
    for (let alert = 0; alert < 300; alert++) steps.alert("a", 1);
    return steps.alert("b", 40);
  };
  const first = read(new PartitionSteps());
  reach(first, first.mails[0], 5);
  assert.deepEqual(first.core.checkpoint().delivered, [{ recipients: [5], runs: [[0, 299]] }]);
  const second = read(next(first));
  assert.deepEqual(deliveredTo(second, second.mails[0]), [5]);
  assert.deepEqual(second.core.mails.offsetRuns(second.mails[0] ?? assert.fail()), [[0, 299]]);
});

test("with one recipient behind everywhere a thousand devices are one run, over what is settled between them", () => {
  const steps = new PartitionSteps();
  for (let device = 0; device < 1000; device++) steps.alert(`d${device}`, 1 + device / 100);
  steps.tombstone(12).alert("other", 13).alert("z", 95);
  for (const [index, mail] of steps.mails.entries()) {
    if (index % 10 === 1) steps.settle(mail);
    else reach(steps, mail, index === 1000 ? 7 : 5);
  }
  assert.deepEqual(steps.core.checkpoint().delivered, [
    { recipients: [5], runs: [[0, 999]] },
    { recipients: [7], runs: [[1001, 1001]] },
  ]);
  steps.settle(steps.mails[0]).settle(steps.mails[999]);
  assert.deepEqual(steps.core.checkpoint().delivered?.[0]?.runs, [[2, 998]]);
});

test("an alert that nobody has is in no run, and a restart mails it to everybody", () => {
  const read = (steps: PartitionSteps): PartitionSteps => {
    for (let device = 0; device < 6; device++) steps.alert(`d${device}`, 1);
    return steps.alert("z", 95);
  };
  const first = read(new PartitionSteps());
  for (const [index, mail] of first.mails.entries()) if (index !== 3) reach(first, mail, 5);
  assert.deepEqual(first.core.checkpoint().delivered?.[0]?.runs, [
    [0, 2],
    [4, 5],
  ]);
  const second = read(next(first));
  assert.deepEqual(
    second.mails.map((mail) => deliveredTo(second, mail).length),
    [1, 1, 1, 0, 1, 1],
  );
});

test("passed mails that a restart finds again leave one after the other, each only to who is behind", () => {
  const read = (steps: PartitionSteps): PartitionSteps =>
    steps.alert("a", 1).alert("a", 31).alert("a", 62).alert("b", 95);
  const first = read(new PartitionSteps());
  reach(first, first.mails[0], 5);
  first.pass(first.mails[0]);
  reach(first, first.mails[1], 5);
  first.pass(first.mails[1]);
  assert.deepEqual(first.log, ["a 0-30: 0", "a 30-60: 1", "a 60-90: 2"]);
  const second = read(next(first));
  second.pass(second.mails[0]).pass(second.mails[1]);
  assert.deepEqual(second.log, first.log);
  assert.deepEqual(
    second.mails.map((mail) => deliveredTo(second, mail)),
    [[5], [5], []],
  );
  const late = read(next(first, { catchUpAfterMs: 0 }));
  assert.deepEqual(late.log, ["a 0-30: 0"]);
  assert.deepEqual(late.pass(late.mails[0], 500).log.slice(1), ["a 30-60: 1"], "the third nobody has");
  assert.deepEqual(late.pass(late.mails[1], 500).log.slice(2), ["a 60-90: 2"]);
});

test("a mail of several windows may come apart at the next owner: who had it has all its windows", () => {
  const read = (steps: PartitionSteps): PartitionSteps =>
    steps.alert("a", 1).alert("a", 31).alert("a", 61).alert("a", 91);
  const first = read(new PartitionSteps({ catchUpAfterMs: 0 })).knownEnd(500);
  first.settle(first.mails[0], 1000);
  assert.deepEqual(first.log, ["a 0-30: 0", "a 30-120: 1 2 3"]);
  reach(first, first.mails[1], 5);
  const second = next(first, { catchUpAfterMs: 0 }).alert("a", 31).alert("a", 61).alert("a", 91).knownEnd(500);
  assert.deepEqual(second.log, ["a 30-60: 1"]);
  assert.deepEqual(deliveredTo(second, second.mails[0]), [5]);
  second.settle(second.mails[0], 1000);
  assert.deepEqual(second.log.slice(1), ["a 60-120: 2 3"]);
  assert.deepEqual(deliveredTo(second, second.mails[1]), [5]);
});

test("windows that some recipients have are not put into one mail with a window they don't have", () => {
  const read = (steps: PartitionSteps): PartitionSteps =>
    steps.alert("a", 1).alert("a", 31).alert("a", 61).alert("a", 91).knownEnd(500);
  const first = read(new PartitionSteps({ catchUpAfterMs: Number.POSITIVE_INFINITY }));
  first.settle(first.mails[0], 1000);
  reach(first, first.mails[1], 5);
  // What was settled of the first window did not reach the group: it comes again, and the others wait behind it.
  const { readTo: _, ...start } = first.core.checkpoint();
  const second = read(new PartitionSteps({ catchUpAfterMs: 0 }, { ...start, position: 0 }));
  for (let mail = 0; mail < 3; mail++) second.settle(second.mails[mail], 1000);
  assert.deepEqual(second.log, ["a 0-30: 0", "a 30-60: 1", "a 60-120: 2 3"]);
});

test("an answer that comes for a settled mail says nothing", () => {
  const steps = new PartitionSteps().alert("a", 1).alert("b", 40);
  const [mail] = steps.mails;
  steps.settle(mail);
  reach(steps, mail, 5);
  assert.equal(steps.core.checkpoint().delivered, undefined);
});
