import assert from "node:assert/strict";
import { test } from "node:test";
import { addRuns, type WrittenRun } from "#src/kafka/redrive-writer.js";

test("what is written one behind another is one run; what others wrote between parts two", () => {
  const runs: WrittenRun[] = [];
  addRuns(runs, [{ partition: 1, baseOffset: "10" }], 5);
  addRuns(runs, [{ partition: 1, baseOffset: "15" }], 2);
  addRuns(runs, [{ partition: 1, baseOffset: "18" }], 1);
  assert.deepEqual(runs, [
    { partition: 1, first: 10, last: 16 },
    { partition: 1, first: 18, last: 18 },
  ]);
});

test("an answer without an offset says nothing of where the records are", () => {
  const runs: WrittenRun[] = [];
  addRuns(runs, [{ partition: 1, baseOffset: "-1" }], 5);
  addRuns(runs, [{ partition: 1 }], 5);
  assert.deepEqual(runs, []);
});
