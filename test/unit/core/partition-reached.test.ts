import assert from "node:assert/strict";
import { test } from "node:test";
import type { PendingMail } from "#src/core/partition.js";
import { decodeCheckpoint, encodeCheckpoint } from "#test/support/checkpoints.js";
import { PartitionSteps } from "#test/support/partition-steps.js";

const reach = (steps: PartitionSteps, mail: PendingMail | undefined, ...recipients: number[]): void => {
  assert.ok(mail !== undefined);
  assert.deepEqual(steps.core.step({ kind: "reached", id: mail.id, recipients }), []);
};

const reachedBy = (steps: PartitionSteps, mail: PendingMail | undefined): number[] => {
  assert.ok(mail !== undefined);
  return [...steps.core.reachedBy(mail)];
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
  assert.deepEqual(reachedBy(first, first.mails[0]), [5, 6, 8]);
  assert.deepEqual(reachedBy(first, first.mails[1]), []);
  const second = next(next(first)).alert("a", 1).alert("b", 2).alert("a", 3).alert("b", 40);
  assert.deepEqual(second.log, ["a 0-30: 0 2", "b 0-30: 1"]);
  assert.deepEqual(reachedBy(second, second.mails[0]), [5, 6, 8]);
  assert.deepEqual(reachedBy(second, second.mails[1]), []);
  second.settle(second.mails[0]);
  assert.equal(second.core.checkpoint().reached, undefined);
});

test("it is known above the frontier as at it, also while the replay has not come there yet", () => {
  const first = new PartitionSteps().alert("a", 1).alert("b", 2).alert("a", 3).alert("b", 40);
  reach(first, first.mails[1], 5);
  const second = next(first).alert("a", 1);
  assert.deepEqual(second.core.checkpoint().reached, first.core.checkpoint().reached);
  second.alert("b", 2).alert("a", 3).alert("b", 40);
  assert.deepEqual(reachedBy(second, second.mails[1]), [5]);
});

test("one alert more, or one less, or a window of another size, and everybody gets the mail", () => {
  const first = new PartitionSteps().alert("a", 1).alert("a", 31).alert("a", 2).alert("b", 65);
  assert.deepEqual(first.log, ["a 0-30: 0 2"]);
  reach(first, first.mails[0], 5);
  const replays = {
    same: next(first).alert("a", 1).alert("a", 31).alert("a", 2).alert("b", 65),
    more: next(first).alert("a", 1).alert("a", 29).alert("a", 2).alert("b", 65),
    less: next(first).alert("a", 1).alert("a", 31).alert("a", 31).alert("b", 65),
    larger: next(first, { windowSizeMs: 60_000 }).alert("a", 1).alert("a", 31).alert("a", 2).alert("b", 65),
  };
  for (const [name, steps] of Object.entries(replays))
    assert.deepEqual(reachedBy(steps, steps.mails[0]), name === "same" ? [5] : [], name);
  replays.more.settle(replays.more.mails[0]);
  assert.equal(replays.more.core.checkpoint().reached, undefined, "it is not kept for ever");
});

test("a fact about a window that the replay does not begin is forgotten once its offset is settled", () => {
  const first = new PartitionSteps().alert("b", 1).alert("a", 2).alert("a", 40);
  reach(first, first.mails[1], 5);
  const second = next(first).alert("b", 1).alert("b", 2).alert("a", 40);
  assert.notEqual(second.core.checkpoint().reached, undefined);
  second.settle(second.mails[0]);
  assert.equal(second.core.checkpoint().reached, undefined);
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
  assert.deepEqual(reachedBy(second, second.mails[0]), [5]);
  second.settle(second.mails[0], 1000);
  assert.deepEqual(second.log.slice(1), ["a 60-120: 2 3"]);
  assert.deepEqual(reachedBy(second, second.mails[1]), [5]);
});

test("windows that some recipients have are not put into one mail with a window they don't have", () => {
  const read = (steps: PartitionSteps): PartitionSteps =>
    steps.alert("a", 1).alert("a", 31).alert("a", 61).alert("a", 91).knownEnd(500);
  const first = read(new PartitionSteps({ catchUpAfterMs: Number.POSITIVE_INFINITY }));
  first.settle(first.mails[0], 1000);
  reach(first, first.mails[1], 5);
  // What was settled of the first window did not reach the group: it comes again, and the others wait behind it.
  const { reached = [], readTo: _, ...start } = first.core.checkpoint();
  const second = read(new PartitionSteps({ catchUpAfterMs: 0 }, { ...start, position: 0, reached }));
  for (let mail = 0; mail < 3; mail++) second.settle(second.mails[mail], 1000);
  assert.deepEqual(second.log, ["a 0-30: 0", "a 30-60: 1", "a 60-120: 2 3"]);
});

test("an answer that comes for a settled mail says nothing", () => {
  const steps = new PartitionSteps().alert("a", 1).alert("b", 40);
  const [mail] = steps.mails;
  steps.settle(mail);
  reach(steps, mail, 5);
  assert.equal(steps.core.checkpoint().reached, undefined);
});
