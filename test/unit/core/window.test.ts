import assert from "node:assert/strict";
import { test } from "node:test";
import { eventTime, eventTimeOf, wallTime } from "#src/core/time.js";
import { addFold, emptyFold, fold, MAX_FOLDED_TYPES, windowStart } from "#src/core/window.js";

test("windows are aligned to the epoch; a boundary is the start of the later one", () => {
  for (const [time, start] of [
    [0, 0],
    [29_999, 0],
    [30_000, 30_000],
    [1_790_000_015_000, 1_790_000_010_000],
    [-1, -30_000],
  ] as const) {
    assert.equal(windowStart(time, 30_000), start);
  }
});

test("event time is the record's timestamp, never later than the moment it is read, nor one that is none", () => {
  const now = wallTime(1_000_000);
  for (const [timestamp, expected] of [
    [5, 5],
    [0, 0],
    [999_999, 999_999],
    [1_000_000, 1_000_000],
    [1_000_001, 1_000_000],
    [1e15, 1_000_000],
    [-1, 1_000_000],
    [Number.NaN, 1_000_000],
  ] as const) {
    assert.equal(eventTimeOf(timestamp, now), eventTime(expected));
  }
});

test("folded alerts are counted by severity and by at most 100 types, the rest together", () => {
  const folded = emptyFold();
  for (let i = 0; i < 150; i++) fold(folded, "info", `T${i}`);
  for (let i = 0; i < 3; i++) fold(folded, "critical", "T0");
  fold(folded, "warning", "T149");
  assert.equal(folded.count, 154);
  assert.deepEqual(folded.bySeverity, { info: 150, warning: 1, critical: 3 });
  assert.deepEqual([folded.byType.size, folded.byType.get("T0"), folded.otherTypes], [MAX_FOLDED_TYPES, 4, 51]);
});

test("alerts without a type count under the empty one; types like object members are types like any other", () => {
  const folded = emptyFold();
  for (const type of [undefined, "", "__proto__", "constructor"]) fold(folded, "info", type);
  assert.deepEqual(
    [...folded.byType],
    [
      ["", 2],
      ["__proto__", 1],
      ["constructor", 1],
    ],
  );
});

test("adding two folds keeps every count and the bound", () => {
  const [one, two] = [emptyFold(), emptyFold()];
  for (let i = 0; i < 120; i++) fold(one, "info", `A${i}`);
  for (let i = 0; i < 130; i++) fold(two, "warning", `B${i}`);
  fold(two, "critical", "A5");
  addFold(one, two);
  assert.equal(one.count, 251);
  assert.deepEqual(one.bySeverity, { info: 120, warning: 130, critical: 1 });
  assert.equal(one.byType.size, MAX_FOLDED_TYPES);
  assert.equal([...one.byType.values()].reduce((a, b) => a + b, 0) + one.otherTypes, 251);
});

test("adding folds adds the counts of types both know, also when there is no room for another, and the rest to the rest", () => {
  const [one, two] = [emptyFold(), emptyFold()];
  for (let i = 0; i < MAX_FOLDED_TYPES; i++) fold(one, "info", `T${i}`);
  for (let i = 0; i < MAX_FOLDED_TYPES; i++) fold(two, "info", `T${i + 1}`);
  fold(two, "info", "T1");
  fold(two, "info", "other");
  addFold(one, two);
  assert.equal(one.byType.size, MAX_FOLDED_TYPES);
  assert.deepEqual([one.byType.get("T0"), one.byType.get("T1"), one.byType.get("T2")], [1, 3, 2]);
  assert.equal(one.otherTypes, 2, "T100 and the other one");
});

test("a type of up to 100 characters is kept whole, a longer one is cut and says so", () => {
  const folded = emptyFold();
  fold(folded, "info", "a".repeat(100));
  fold(folded, "info", "b".repeat(101));
  fold(folded, "info", `${"b".repeat(100)} and more`);
  assert.deepEqual(
    [...folded.byType],
    [
      ["a".repeat(100), 1],
      [`${"b".repeat(100)}…`, 2],
    ],
  );
});
