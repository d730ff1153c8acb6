import assert from "node:assert/strict";
import { test } from "node:test";
import { wallTime } from "#src/core/time.js";
import { FaultLimiter } from "#src/runtime/fault-limiter.js";

test("the first fault is told at once, later ones once per interval with a count of those kept back", () => {
  const limiter = new FaultLimiter(10_000);
  assert.deepEqual(limiter.admit("broker", wallTime(0)), { suppressed: 0 });
  for (let at = 1; at <= 9; at++) assert.equal(limiter.admit("broker", wallTime(at * 1_000)), undefined);
  assert.deepEqual(limiter.admit("broker", wallTime(10_000)), { suppressed: 9 });
  assert.equal(limiter.admit("broker", wallTime(19_999)), undefined);
});

test("kinds do not silence each other", () => {
  const limiter = new FaultLimiter(10_000);
  limiter.admit("broker", wallTime(0));
  assert.deepEqual(limiter.admit("smtp", wallTime(1)), { suppressed: 0 });
});

test("a fault that was over is told at once when it returns", () => {
  const limiter = new FaultLimiter(10_000);
  limiter.admit("broker", wallTime(0));
  limiter.admit("broker", wallTime(1));
  assert.equal(limiter.clear("broker"), 1);
  assert.deepEqual(limiter.admit("broker", wallTime(2)), { suppressed: 0 });
});

test("the number of kinds remembered is bounded, and a clock set back silences nothing", () => {
  const limiter = new FaultLimiter(10_000, 2);
  for (const kind of ["a", "b", "c"]) limiter.admit(kind, wallTime(50_000));
  assert.deepEqual(limiter.admit("a", wallTime(50_001)), { suppressed: 0 });
  assert.equal(limiter.admit("c", wallTime(50_001)), undefined);
  assert.deepEqual(limiter.admit("c", wallTime(0)), { suppressed: 1 });
});
