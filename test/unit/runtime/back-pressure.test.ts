import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answersMakeRoom,
  BUFFER_MARKS,
  bufferLevel,
  CHECKPOINT_MARKS,
  heldBy,
  isHeldBySmtp,
  isPaused,
  type Marks,
} from "#src/runtime/back-pressure.js";

/** The levels at which it switches, on the way up to 1.2 and down again, in steps of a hundredth. */
const switches = (marks: Marks): string[] => {
  const up = Array.from({ length: 121 }, (_, step) => step / 100);
  let paused = false;
  const seen: string[] = [];
  for (const level of [...up, ...up.reverse()]) {
    const next = isPaused(paused, level, marks);
    if (next !== paused) seen.push(`${next ? "pauses" : "goes on"} at ${level}`);
    paused = next;
  }
  return seen;
};

test("reading pauses at the high mark and goes on at the low mark, not between", () => {
  assert.deepEqual(switches(BUFFER_MARKS), ["pauses at 1", "goes on at 0.8"]);
  assert.deepEqual(switches(CHECKPOINT_MARKS), ["pauses at 0.75", "goes on at 0.5"]);
});

test("the buffer's level is that of the limit which is nearer, over all partitions", () => {
  const held = heldBy([
    { bufferedAlerts: 10, bufferedBytes: 2_000, pendingAlerts: 4 },
    { bufferedAlerts: 20, bufferedBytes: 1_000, pendingAlerts: 0 },
  ]);
  assert.deepEqual(held, { alerts: 30, bytes: 3_000, pendingAlerts: 4 });
  assert.equal(bufferLevel(held, { bufferMaxAlerts: 60, bufferMaxBytes: 10_000 }), 0.5);
  assert.equal(bufferLevel(held, { bufferMaxAlerts: 300, bufferMaxBytes: 4_000 }), 0.75);
});

test("an unreachable SMTP server is the cause where half of what is held waits for it", () => {
  const held = (pendingAlerts: number) => ({ alerts: 100, bytes: 0, pendingAlerts });
  assert.deepEqual(
    [0, 49, 50, 100].map((pending) => isHeldBySmtp(held(pending), true)),
    [false, false, true, true],
  );
  assert.equal(isHeldBySmtp(held(100), false), false);
  assert.equal(isHeldBySmtp({ alerts: 0, bytes: 0, pendingAlerts: 0 }, true), false);
});

test("answers make room where a fifth of the alerts in memory waits for them, whatever the number of windows", () => {
  const held = (pendingAlerts: number) => ({ alerts: 100, bytes: 0, pendingAlerts });
  assert.deepEqual(
    [0, 19, 20, 100].map((pending) => answersMakeRoom(held(pending))),
    [false, false, true, true],
  );
  assert.equal(answersMakeRoom({ alerts: 0, bytes: 0, pendingAlerts: 0 }), false);
});
