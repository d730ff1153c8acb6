import assert from "node:assert/strict";
import { test } from "node:test";
import type { PendingMail } from "#src/core/partition.js";
import { PartitionSteps } from "#test/support/partition-steps.js";

const held = () => new PartitionSteps({ repeatIntervalsMs: [300_000] });

/** Fires in each window, and the first mail is accepted. */
const firing = (steps: PartitionSteps, to: number): PartitionSteps => {
  for (let at = 0; at < to; at += 10) {
    steps.knownEnd(at);
    if (steps.mails.length === 1 && at === 40) steps.settle(steps.mails[0], at);
    steps.alert("a", at, { type: "A" });
  }
  return steps;
};

/** Of each alert, whether its way is timed. */
const timed = (steps: PartitionSteps, mail: PendingMail): boolean[] =>
  steps.core.mails.contents(mail).entries.map(({ untimed }) => !untimed);

/** By the contents, which have them with everything else. */
const assertTimes = (steps: PartitionSteps, mail: PendingMail): void => {
  const { entries } = steps.core.mails.contents(mail);
  for (const max of [1, 2, entries.length, 1_000]) {
    const expected = entries.slice(0, max).filter(({ untimed }) => !untimed);
    assert.deepEqual(
      steps.core.mails.times(mail, max),
      expected.map(({ eventTime }) => eventTime),
      `the first ${max}`,
    );
  }
};

test("the times of a window's alerts are those that its mail lists first", () => {
  const steps = new PartitionSteps().alert("a", 1).alert("b", 2).alert("a", 9).alert("a", 5).knownEnd(40);
  const mail = steps.mails.find(({ deviceId }) => deviceId === "a") as PendingMail;
  assert.deepEqual(timed(steps, mail), [true, true, true]);
  assertTimes(steps, mail);
});

test("a window that was held is timed no more", () => {
  const steps = firing(held(), 60).knownEnd(62).letGo();
  const mail = steps.mails.at(-1) as PendingMail;
  assert.deepEqual([mail.windows.length, new Set(timed(steps, mail))], [1, new Set([false])]);
  assertTimes(steps, mail);
});

test("of several windows, those that were held are not timed, and the one they leave with is", () => {
  const steps = firing(held(), 120).knownEnd(122).alert("a", 125, { type: "B" }).knownEnd(155);
  const mail = steps.mails.at(-1) as PendingMail;
  assert.ok(mail.windows.length > 1);
  assert.deepEqual(new Set(timed(steps, mail)), new Set([false, true]));
  assertTimes(steps, mail);
});
