import assert from "node:assert/strict";
import { test } from "node:test";
import { belowEnd, knownTo, upTo } from "#src/core/log-bounds.js";
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
    delivered: [{ recipients: [1], runs: [[5, 8]] }],
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
    [{ delivered: [{ recipients: [1], runs: [[14, 15]] }] }, 14],
    [{ readTo: 11 }, 10],
  ] as const)
    assert.deepEqual(belowEnd({ ...START, ...more }, 10), {
      start: "readTo" in more ? { ...START, readTo: 10 } : START,
      unbelieved: { from, settledOffsets: 0 },
    });
});

test("who has an alert at or above the end does not count; what is said of alerts below stays", () => {
  const delivered = [
    { recipients: [1], runs: [[6, 7]] },
    {
      recipients: [1, 2],
      runs: [
        [8, 9],
        [12, 14],
      ],
    },
    { recipients: [3], runs: [[16, 16]] },
  ] as const;
  const { start, unbelieved } = belowEnd({ ...START, delivered }, 9);
  assert.deepEqual(start, {
    ...START,
    delivered: [
      { recipients: [1], runs: [[6, 7]] },
      { recipients: [1, 2], runs: [[8, 8]] },
    ],
  });
  assert.deepEqual(unbelieved, { from: 9, settledOffsets: 0 });
  assert.equal(belowEnd({ ...START, delivered }, 17).unbelieved, undefined);
  assert.equal(knownTo({ ...START, delivered: delivered.slice(0, 2) }), 15);
  assert.equal(knownTo({ ...START, delivered: delivered.toReversed() }), 17);
});

test("faults count alerts up to where they say: beyond the end they are not believed, at the end they are", () => {
  const faults = { upTo: 10, heardTo: 0, completeFrom: undefined, devices: [] };
  const told: PartitionStart = { ...START, settled: [[6, 20]], faults };
  assert.deepEqual(belowEnd(told, 10), {
    start: { ...START, settled: [[6, 9]], faults },
    unbelieved: { from: 10, settledOffsets: 11 },
  });
  assert.deepEqual(belowEnd({ ...START, faults }, 9), {
    start: START,
    unbelieved: { from: 9, settledOffsets: 0 },
  });
  assert.equal(belowEnd({ ...START, faults }, 10).unbelieved, undefined);
});

test("an early mail at the end itself is of another record", () => {
  const early = [{ offset: 10, shift: 0, alerts: 1 }];
  assert.deepEqual(belowEnd({ ...START, early }, 10), { start: START, unbelieved: { from: 10, settledOffsets: 0 } });
});

test("of a log that is another one from an offset on, what lies below stays, and the time where nothing above was read", () => {
  const epochs = [
    { epoch: 1, offset: 0 },
    { epoch: 2, offset: 5 },
  ];
  const told: PartitionStart = { ...START, settled: [[6, 8]], marks: [{ offset: 6, time: eventTime(150) }], epochs };
  assert.equal(upTo(told, Number.POSITIVE_INFINITY), told);
  assert.deepEqual(upTo(told, 5), { ...START, epochs: epochs.slice(0, 1) });
  assert.deepEqual(upTo(told, 7), { ...told, settled: [[6, 6]] });
  assert.deepEqual(upTo(told, 4), { position: 4, time: undefined, marks: [], settled: [], epochs: epochs.slice(0, 1) });
  const { epochs: _, ...unknown } = told;
  assert.deepEqual(upTo(unknown, 5), START);
  assert.deepEqual(upTo({ ...told, epochs: epochs.slice(1) }, 5), START);
});

test("nothing is said from where the last word of any kind ends", () => {
  assert.equal(knownTo(START), 5);
  for (const more of [
    { readTo: 12 },
    { faults: { upTo: 12, heardTo: 0, completeFrom: undefined, devices: [] } },
    {
      settled: [
        [6, 7],
        [9, 11],
      ],
    },
    {
      early: [
        { offset: 6, shift: 0, alerts: 1 },
        { offset: 8, shift: 0, alerts: 1 },
        { offset: 11, shift: 0, alerts: 1 },
      ],
    },
    {
      delivered: [
        {
          recipients: [1],
          runs: [
            [6, 7],
            [9, 9],
            [11, 11],
          ],
        },
      ],
    },
  ] as const)
    assert.equal(knownTo({ ...START, ...more }), 12);
});
