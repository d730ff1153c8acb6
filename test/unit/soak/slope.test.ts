import assert from "node:assert/strict";
import { test } from "node:test";
import { median, type Point, slopeOf, studentQuantile } from "#test/soak/slope.js";
import { seededRandom } from "#tools/simulator/random.js";

/** One point a minute around a line; `noise` is asked for each. */
const line = (group: string, fromMinute: number, count: number, valueAt: (minute: number) => number): Point[] =>
  Array.from({ length: count }, (_, at) => ({
    hours: (fromMinute + at) / 60,
    value: valueAt(fromMinute + at),
    group,
  }));

/** Between -1 and 1. */
const noiseOf = (seed: number) => {
  const random = seededRandom(seed);
  return (): number => random.next() * 2 - 1;
};

test("stretches at different heights have one slope: a step between them is no growth", () => {
  const points = [
    ...line("low", 0, 20, (minute) => 20 + minute / 30),
    ...line("high", 30, 20, (minute) => 90 + minute / 30),
  ];
  const slope = slopeOf(points);
  assert.ok(slope !== undefined && Math.abs(slope.perHour - 2) < 1e-9, String(slope?.perHour));
  assert.equal(slope.points, 40);
});

test("the interval holds the true slope in about 95 of 100 runs", () => {
  let held = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const noise = noiseOf(seed);
    const slope = slopeOf(line("A", 0, 60, (minute) => 50 + 3 * (minute / 60) + noise()));
    if (slope !== undefined && Math.abs(slope.perHour - 3) <= slope.plusMinus) held++;
  }
  assert.ok(held >= 180 && held <= 199, String(held));
});

test("samples that resemble their neighbours widen the interval", () => {
  const noise = noiseOf(7);
  const apart = Array.from({ length: 90 }, noise);
  const alike = apart.map((_, at) => apart[at - (at % 10)] as number);
  const widthOf = (of: readonly number[]): number => {
    const slope = slopeOf(line("A", 0, of.length, (minute) => of[minute] as number));
    const spread = Math.sqrt(of.reduce((sum, value) => sum + value * value, 0));
    return (slope?.plusMinus ?? Number.NaN) / spread;
  };
  assert.ok(widthOf(alike) > 1.5 * widthOf(apart), `${widthOf(alike)} ${widthOf(apart)}`);
});

test("too few points say nothing", () => {
  assert.equal(slopeOf([]), undefined);
  assert.equal(slopeOf(line("A", 0, 4, (minute) => minute)), undefined);
  assert.equal(
    slopeOf([...line("A", 0, 1, () => 1), ...line("B", 1, 1, () => 9), ...line("C", 2, 1, () => 1)]),
    undefined,
  );
  assert.notEqual(slopeOf(line("A", 0, 5, (minute) => minute)), undefined);
});

test("Student's quantile is that of the tables", () => {
  for (const [free, quantile] of [
    [3, 3.182],
    [5, 2.571],
    [10, 2.228],
    [30, 2.042],
    [1_000, 1.962],
  ] as const)
    assert.ok(Math.abs(studentQuantile(free) / quantile - 1) < 0.02, `${free}: ${studentQuantile(free)}`);
});

test("the median of an even number lies between the two in the middle", () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([9, 1, 5, 6]), 5.5);
});
