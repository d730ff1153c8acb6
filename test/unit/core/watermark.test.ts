import assert from "node:assert/strict";
import { test } from "node:test";
import { eventTime } from "#src/core/time.js";
import { Watermark } from "#src/core/watermark.js";

const NEW = { time: undefined, marks: [] };
const t = eventTime;

test("the watermark is the highest event time or known end, less grace, and never goes back", () => {
  const watermark = new Watermark(30_000, 2_000, NEW);
  assert.deepEqual([watermark.value, watermark.ledByKnownEnd], [Number.NEGATIVE_INFINITY, false]);
  watermark.observe(t(50_000));
  watermark.observe(t(40_000));
  assert.equal(watermark.value, 48_000);
  watermark.learnEnd(t(45_000), 2);
  assert.deepEqual([watermark.value, watermark.ledByKnownEnd], [48_000, false]);
  watermark.learnEnd(t(60_000), 2);
  assert.deepEqual([watermark.value, watermark.ledByKnownEnd], [58_000, true]);
  watermark.observe(t(61_000));
  assert.deepEqual([watermark.value, watermark.ledByKnownEnd], [59_000, false]);
});

test("a known end is noted only when it closes windows, and dropped once the frontier has passed it", () => {
  const watermark = new Watermark(30_000, 2_000, { time: t(10_000), marks: [] });
  watermark.learnEnd(t(31_999), 5);
  assert.deepEqual(watermark.marksAbove(0), []);
  watermark.learnEnd(t(32_000), 5);
  watermark.learnEnd(t(63_000), 5);
  watermark.learnEnd(t(93_000), 7);
  assert.deepEqual(watermark.marksAbove(4), [
    { offset: 5, time: 63_000 },
    { offset: 7, time: 93_000 },
  ]);
  assert.deepEqual(watermark.marksAbove(5), [{ offset: 7, time: 93_000 }]);
  assert.deepEqual(watermark.marksAbove(7), []);
});

test("a replay passes the noted closings where they were, and keeps those it has not come to", () => {
  const marks = [
    { offset: 5, time: t(63_000) },
    { offset: 7, time: t(93_000) },
  ];
  const watermark = new Watermark(30_000, 2_000, { time: t(10_000), marks });
  assert.equal(watermark.replayMarks(4), false);
  assert.equal(watermark.value, 8_000);
  assert.equal(watermark.replayMarks(6), true);
  assert.equal(watermark.value, 61_000);
  assert.deepEqual(watermark.marksAbove(6), [{ offset: 7, time: 93_000 }]);
  assert.equal(watermark.replayMarks(7), true);
  assert.equal(watermark.value, 91_000);
});

test("a replay's noted closing that says no more than is known moves nothing", () => {
  const marks = [
    { offset: 5, time: t(63_000) },
    { offset: 6, time: t(100_000) },
    { offset: 7, time: t(100_001) },
    { offset: 8, time: t(63_000) },
  ];
  const watermark = new Watermark(30_000, 0, { time: t(100_000), marks });
  assert.equal(watermark.replayMarks(5), false);
  assert.equal(watermark.replayMarks(6), false);
  assert.equal(watermark.replayMarks(7), true);
  assert.equal(watermark.replayMarks(8), false);
  assert.equal(watermark.value, 100_001);
});

test("a closing learned anew replaces the one noted further on that says the same", () => {
  const watermark = new Watermark(30_000, 2_000, { time: t(10_000), marks: [{ offset: 9, time: t(93_000) }] });
  watermark.learnEnd(t(93_000), 7);
  assert.deepEqual(watermark.marksAbove(0), [{ offset: 7, time: 93_000 }]);
});

test("of closings above a frontier that stands still the last 32 are kept", () => {
  const watermark = new Watermark(30_000, 2_000, { time: t(0), marks: [] });
  for (let window = 1; window <= 40; window++) watermark.learnEnd(t(window * 30_000 + 2_000), window);
  assert.deepEqual(
    watermark.marksAbove(0).map((mark) => mark.offset),
    Array.from({ length: 32 }, (_, i) => i + 9),
  );
});

test("a replay paused before it has come to every noted closing keeps the marks in offset order", () => {
  const marks = [
    { offset: 5, time: t(63_000) },
    { offset: 9, time: t(93_000) },
    { offset: 12, time: t(200_000) },
  ];
  const watermark = new Watermark(30_000, 2_000, { time: t(10_000), marks });
  watermark.learnEnd(t(123_000), 7);
  assert.deepEqual(watermark.marksAbove(0), [
    { offset: 5, time: 63_000 },
    { offset: 7, time: 123_000 },
    { offset: 12, time: 200_000 },
  ]);
  assert.equal(watermark.replayMarks(11), false);
  assert.equal(watermark.value, 121_000);
  assert.equal(watermark.replayMarks(12), true);
  assert.equal(watermark.value, 198_000);
});
