import assert from "node:assert/strict";
import { test } from "node:test";
import { belowEnd } from "#src/core/log-bounds.js";
import type { PartitionStart } from "#src/core/partition.js";
import { eventTime } from "#src/core/time.js";

const START: PartitionStart = { position: 5, time: eventTime(100), marks: [], settled: [] };

test("settled offsets at or above the end of the log do not count: other records get them", () => {
  const told: PartitionStart = { ...START, settled: [[6, 8]] };
  assert.deepEqual(belowEnd(told, 6), {
    start: { ...START, settled: [] },
    unbelieved: { from: 6, settledOffsets: 3 },
  });
  assert.deepEqual(belowEnd(told, 8), {
    start: { ...START, settled: [[6, 7]] },
    unbelieved: { from: 8, settledOffsets: 1 },
  });
  const apart: PartitionStart = {
    ...START,
    settled: [
      [6, 6],
      [8, 9],
      [20, 29],
    ],
  };
  assert.deepEqual(belowEnd(apart, 15), {
    start: {
      ...START,
      settled: [
        [6, 6],
        [8, 9],
      ],
    },
    unbelieved: { from: 20, settledOffsets: 10 },
  });
});

test("a log that goes as far as the checkpoint, or further, changes nothing", () => {
  const told: PartitionStart = {
    ...START,
    settled: [[6, 8]],
    marks: [{ offset: 9, time: eventTime(200) }],
    early: [{ offset: 8, shift: 0, alerts: 1 }],
    reached: [{ firstOffset: 5, fingerprint: 1, recipients: [1] }],
    readTo: 9,
  };
  for (const end of [9, 10, 1_000]) {
    const { start, unbelieved } = belowEnd(told, end);
    assert.equal(start, told);
    assert.equal(unbelieved, undefined);
  }
});

test("early mails, marks and the read position above the end do not count; what lies below stays", () => {
  const { start, unbelieved } = belowEnd(
    {
      ...START,
      marks: [
        { offset: 7, time: eventTime(150) },
        { offset: 10, time: eventTime(200) },
        { offset: 11, time: eventTime(250) },
      ],
      early: [
        { offset: 9, shift: 0, alerts: 1 },
        { offset: 10, shift: 0, alerts: 1 },
      ],
      readTo: 12,
    },
    10,
  );
  assert.deepEqual(start, {
    ...START,
    marks: [
      { offset: 7, time: 150 },
      { offset: 10, time: 200 },
    ],
    early: [{ offset: 9, shift: 0, alerts: 1 }],
    readTo: 10,
  });
  assert.deepEqual(unbelieved, { from: 10, settledOffsets: 0 });
  for (const [more, from] of [
    [{ early: [{ offset: 13, shift: 0, alerts: 1 }] }, 13],
    [{ marks: [{ offset: 11, time: eventTime(1) }] }, 10],
    [{ reached: [{ firstOffset: 14, fingerprint: 1, recipients: [1] }] }, 14],
    [{ readTo: 11 }, 10],
  ] as const)
    assert.deepEqual(belowEnd({ ...START, ...more }, 10), {
      start: "readTo" in more ? { ...START, readTo: 10 } : START,
      unbelieved: { from, settledOffsets: 0 },
    });
});

test("where anything above the end was known, no window is half delivered: it may reach over the end", () => {
  const reached = [{ firstOffset: 6, fingerprint: 1, recipients: [1] }];
  assert.deepEqual(belowEnd({ ...START, reached, readTo: 9 }, 8).start, { ...START, readTo: 8 });
  assert.deepEqual(belowEnd({ ...START, reached, readTo: 8 }, 8).start.reached, reached);
});
