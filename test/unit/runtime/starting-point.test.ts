import assert from "node:assert/strict";
import { test } from "node:test";
import { logName } from "#src/core/log-history.js";
import type { PartitionStart } from "#src/core/partition.js";
import { eventTime } from "#src/core/time.js";
import { encodeCheckpoint as encodeFor } from "#src/runtime/commit-metadata.js";
import { startingPoint } from "#src/runtime/starting-point.js";
import { encodeCheckpoint, TEST_LOG } from "#test/support/checkpoints.js";

const errors: string[] = [];
const warnings: { fields: unknown; text: string }[] = [];
const nothing = (): void => undefined;
const log = {
  debug: nothing,
  info: nothing,
  warn: (fields: unknown, text: string) => void warnings.push({ fields, text }),
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
  log: TEST_LOG,
  offset: start.position,
  metadata: encodeCheckpoint(start).metadata,
  logStart,
  logEnd,
  logStable: logEnd,
});

test("nothing was ever committed: the start of the log", () => {
  const { start, known } = startingPoint(
    { partition: 0, log: TEST_LOG, offset: undefined, metadata: null, logStart: 3, logEnd: 9, logStable: 9 },
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

test("a checkpoint that knows more than the log has: what lies from its end on does not count, and a warning says how much", () => {
  warnings.length = 0;
  const { start, known } = startingPoint(at(startOf(5, [[6, 8]]), 0, 6), undefined, log);
  assert.deepEqual([start.position, start.settled, known?.offset], [5, [], 5]);
  const [warning] = warnings;
  assert.deepEqual(warning?.fields, { partition: 0, committed: 5, logEnd: 6, from: 6, settledOffsets: 3 });
  assert.match(warning?.text ?? "", /new alerts there are mailed/);
  assert.equal(warnings.length, 1);
});

test("what this process knows to be settled does not count beyond the end of the log either", () => {
  warnings.length = 0;
  const { start } = startingPoint(at(startOf(5), 0, 6), startOf(5, [[5, 7]]), log);
  assert.deepEqual(start.settled, [[5, 5]]);
  assert.equal(warnings.length, 1);
});

test("a log as long as what is known of it, or longer, is no reason for a warning", () => {
  warnings.length = 0;
  startingPoint(at({ ...startOf(5, [[6, 8]]), readTo: 9 }, 0, 9), startOf(5, [[6, 8]]), log);
  assert.deepEqual(warnings, []);
});

test("a checkpoint of another cluster, topic or version is an offset and nothing else, and a warning says what it claimed", () => {
  const told = { ...startOf(5, [[6, 7]]), readTo: 9, delivered: [{ recipients: [1], runs: [[5, 5]] }] } as const;
  for (const [metadata, expected] of [
    [encodeFor(told, logName("another-cluster", "alerts", 0)).metadata, "foreign"],
    [encodeFor(told, logName("test-cluster", "alerts-eu", 0)).metadata, "foreign"],
    [encodeFor(told, undefined).metadata, "foreign"],
    [encodeCheckpoint({ ...told, position: 4 }).metadata, "moved"],
    ["another program's", "unreadable"],
  ] as const) {
    warnings.length = 0;
    const { start, known } = startingPoint({ ...at(told), metadata }, undefined, log);
    assert.deepEqual(start, { position: 5, time: undefined, marks: [], settled: [] });
    assert.deepEqual(known, { partition: 0, offset: 5, metadata });
    const claims = expected === "unreadable" ? {} : { settledOffsets: 2, settledFrom: 6, settledTo: 7 };
    assert.deepEqual(warnings[0]?.fields, { partition: 0, committed: 5, checkpoint: expected, ...claims });
    assert.equal(warnings.length, 1);
  }
});

test("an offset without metadata, as the admin tools write it, is no reason for a warning", () => {
  warnings.length = 0;
  for (const metadata of [null, ""]) startingPoint({ ...at(startOf(5)), metadata }, undefined, log);
  assert.deepEqual(warnings, []);
});
