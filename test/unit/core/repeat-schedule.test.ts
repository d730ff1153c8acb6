import assert from "node:assert/strict";
import { test } from "node:test";
import { RepeatSchedule } from "#src/core/repeat-schedule.js";
import { eventTime } from "#src/core/time.js";

test("a device is due after each of the intervals, after the last one again and again, and at once where nobody was told", () => {
  const schedule = new RepeatSchedule([5, 15, 60]);
  assert.equal(schedule.dueAt("a"), Number.NEGATIVE_INFINITY);
  const due: number[] = [];
  let at = 100;
  for (let mail = 0; mail < 5; mail++) {
    schedule.mailed("a", eventTime(at), mail === 0);
    at = schedule.dueAt("a");
    due.push(at);
  }
  assert.deepEqual(due, [105, 120, 180, 240, 300]);
  assert.equal(schedule.dueAt("b"), Number.NEGATIVE_INFINITY);
});

test("news begins the intervals anew, and a mail before its time lengthens none", () => {
  const schedule = new RepeatSchedule([5, 15, 60]);
  schedule.mailed("a", eventTime(100), true);
  schedule.mailed("a", eventTime(103), false);
  assert.equal(schedule.dueAt("a"), 108);
  schedule.mailed("a", eventTime(108), false);
  assert.equal(schedule.dueAt("a"), 123);
  schedule.mailed("a", eventTime(110), true);
  assert.equal(schedule.dueAt("a"), 115);
  schedule.forget("a");
  assert.equal(schedule.dueAt("a"), Number.NEGATIVE_INFINITY);
});

test("of too many devices, those that were mailed of the longest ago are forgotten", () => {
  const schedule = new RepeatSchedule([5], 2);
  for (const device of ["a", "b", "a", "c"]) schedule.mailed(device, eventTime(100), true);
  assert.deepEqual(
    [schedule.dueAt("a"), schedule.dueAt("b"), schedule.dueAt("c")],
    [105, Number.NEGATIVE_INFINITY, 105],
  );
});
