import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeCheckpoint } from "#src/core/checkpoint.js";
import type { PartitionStart } from "#src/core/partition.js";
import { eventTime } from "#src/core/time.js";
import { startingPoint } from "#src/runtime/starting-point.js";

const errors: string[] = [];
const nothing = (): void => undefined;
const log = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: (_: unknown, text: string) => void errors.push(text),
};

const startOf = (position: number, settled: PartitionStart["settled"] = []): PartitionStart => ({
  position,
  time: eventTime(1_000),
  marks: [],
  settled,
});
const at = (start: PartitionStart, logStart = 0, logEnd = 100) => ({
  partition: 0,
  offset: start.position,
  metadata: encodeCheckpoint(start).metadata,
  logStart,
  logEnd,
  logStable: logEnd,
});

test("nothing was ever committed: the start of the log", () => {
  const { start, known } = startingPoint(
    { partition: 0, offset: undefined, metadata: null, logStart: 3, logEnd: 9, logStable: 9 },
    undefined,
    log,
  );
  assert.deepEqual([start.position, start.settled, known], [3, [], undefined]);
});

test("the checkpoint says what is settled above the committed offset; an unreadable one says nothing", () => {
  const entry = at(startOf(10, [[12, 14]]));
  assert.deepEqual(startingPoint(entry, undefined, log).start.settled, [[12, 14]]);
  assert.deepEqual(startingPoint({ ...entry, metadata: "another program's" }, undefined, log).start, {
    position: 10,
    time: undefined,
    marks: [],
    settled: [],
  });
});

test("what this process knows to be settled counts too, unless it lies beyond the end of the log", () => {
  const entry = at(startOf(10, [[12, 14]]));
  assert.deepEqual(startingPoint(entry, startOf(10, [[20, 21]]), log).start.settled, [
    [12, 14],
    [20, 21],
  ]);
  assert.equal(startingPoint(entry, startOf(500), log).start.position, 10);
});

test("a log that lost its end holds no mail back for records that never come", () => {
  const told = { ...startOf(40), readTo: 120 };
  assert.equal(startingPoint(at(told, 0, 100), undefined, log).start.readTo, 100);
  assert.equal(startingPoint(at(told, 0, 130), undefined, log).start.readTo, 120);
});

test("records that were deleted before they were read are told of, without those that were settled, and the rest is read", () => {
  const { start, known, deleted } = startingPoint(
    at(
      startOf(10, [
        [12, 14],
        [30, 40],
      ]),
      35,
    ),
    undefined,
    log,
  );
  assert.deepEqual([start.position, start.settled], [35, [[30, 40]]]);
  assert.equal(known?.offset, 10);
  // 10 to 34, of which 12, 13, 14 and 30 to 34 were settled.
  assert.deepEqual(deleted, { partition: 0, from: 10, logStart: 35, settled: 8 });
});

test("a committed offset beyond the end of the log: it is another log, read from its beginning and committed anew", () => {
  errors.length = 0;
  const { start, known } = startingPoint(at(startOf(500, [[502, 503]]), 0, 100), undefined, log);
  assert.deepEqual([start.position, start.settled, known], [0, [], undefined]);
  assert.match(errors.join(), /truncated or created anew/);
});
