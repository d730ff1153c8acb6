import assert from "node:assert/strict";
import { test } from "node:test";
import type { SourceRecord, SourceRecords } from "#src/runtime/ports.js";
import { ReadLog } from "#src/runtime/read-log.js";

/** Read up to 8 before a restart at 2: from 0 on under leader 0, from 6 on under leader 2. */
const log = () =>
  new ReadLog(undefined, {
    position: 2,
    time: undefined,
    marks: [],
    settled: [[4, 7]],
    epochs: [
      { epoch: 0, offset: 0 },
      { epoch: 2, offset: 6 },
    ],
  });

/** From offset 3 on. */
const records = (...epochs: readonly (number | undefined)[]): SourceRecord[] =>
  epochs.map((leaderEpoch, at) => ({
    ...{ offset: 3 + at, timestampMs: 0, key: null, value: null },
    ...(leaderEpoch !== undefined && { leaderEpoch }),
  }));

const offsets = (taken: SourceRecords): number[] => taken.slice().map(({ offset }) => offset);

test("what is read again is taken whole while the leaders are those under which it was read", () => {
  assert.deepEqual(offsets(log().continuing(records(0, 0, 0, 2, 2))), [3, 4, 5, 6, 7]);
});

test("what another leader has put where records were read is not taken together with what lies before it", () => {
  assert.deepEqual(offsets(log().continuing(records(0, 0, 0, 3, 3))), [3, 4, 5]);
  assert.deepEqual(offsets(log().continuing(records(0, 1, 1))), [3]);
  assert.deepEqual(offsets(log().continuing(records(3, 3))), [3, 4], "the first one was judged before");
});

test("a leader whose records nobody has read yet, and records without an epoch, are taken", () => {
  assert.deepEqual(offsets(log().continuing(records(0, 0, 0, 2, 2, 5, 7))), [3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(offsets(log().continuing(records(undefined, undefined, undefined))), [3, 4, 5]);
});
