import assert from "node:assert/strict";
import { test } from "node:test";
import { wallTime } from "#src/core/time.js";
import { ThrottleMeter } from "#src/kafka/throttle-meter.js";

const at = (seconds: number) => wallTime(1_790_000_000_000 + seconds * 1000);

/** Told: [at, for so long], in seconds. */
const meter = (...told: readonly (readonly [number, number])[]): ThrottleMeter => {
  const result = new ThrottleMeter();
  for (const [when, seconds] of told) result.told(at(when), seconds * 1000);
  return result;
};

test("counts what has passed of a wait, not what is to come", () => {
  assert.equal(new ThrottleMeter().seconds(at(0)), 0);
  assert.equal(meter([0, 10]).seconds(at(4)), 4);
  assert.equal(meter([0, 10]).seconds(at(10)), 10);
  assert.equal(meter([0, 10]).seconds(at(40)), 10);
});

test("forgets what is older than a minute, piece by piece", () => {
  assert.equal(meter([0, 10]).seconds(at(65)), 5);
  assert.equal(meter([0, 10]).seconds(at(70)), 0);
  assert.equal(meter([0, 200]).seconds(at(150)), 60);
});

test("counts waits of two brokers at the same time once", () => {
  assert.equal(meter([0, 10], [5, 10]).seconds(at(20)), 15);
  assert.equal(meter([0, 10], [5, 2]).seconds(at(20)), 10);
  assert.equal(meter([0, 2], [10, 3]).seconds(at(20)), 5);
});

test("a clock that was set back makes it no less than nothing", () => {
  assert.equal(meter([100, 10]).seconds(at(50)), 0);
});
