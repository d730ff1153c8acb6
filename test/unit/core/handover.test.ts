import assert from "node:assert/strict";
import { test } from "node:test";
import { mergeStarts } from "#src/core/handover.js";
import type { PartitionStart } from "#src/core/partition.js";
import { eventTime } from "#src/core/time.js";

type Runs = PartitionStart["settled"];
const start = (
  position: number,
  settled: Runs,
  time?: number,
  marks: PartitionStart["marks"] = [],
): PartitionStart => ({
  position,
  time: time === undefined ? undefined : eventTime(time),
  marks,
  settled,
});
const mark = (offset: number, time: number): PartitionStart["marks"][number] => ({ offset, time: eventTime(time) });

test("position, time and marks are those of the commit, also when this process was further or knew more of the time", () => {
  const committed = start(5, [], 900, [mark(7, 950), mark(9, 960)]);
  assert.deepEqual(mergeStarts(committed, start(5, [], 990, [mark(6, 995)])), committed);
  assert.deepEqual(mergeStarts(committed, start(4, [], 800, [mark(4, 820)])), committed);
  const { position, time, marks } = mergeStarts(committed, start(8, [], 990, [mark(8, 995), mark(9, 996)]));
  assert.deepEqual({ position, time, marks }, { position: 5, time: 900, marks: committed.marks });
  assert.equal(mergeStarts(start(5, []), start(5, [], 0)).time, undefined);
});

test("how far either had read is how far a replay lets no mail go; below the position it says nothing", () => {
  assert.equal(mergeStarts({ ...start(5, []), readTo: 9 }, { ...start(6, []), readTo: 8 }).readTo, 9);
  assert.equal(mergeStarts({ ...start(5, []), readTo: 9 }, start(7, [])).readTo, 9);
  assert.equal(mergeStarts(start(5, []), start(7, [])).readTo, 7);
  assert.ok(!("readTo" in mergeStarts(start(9, []), { ...start(5, []), readTo: 9 })));
});

test("what either knows to be settled is settled, as ascending runs that neither overlap nor touch", () => {
  const settled = (a: Runs, b: Runs): Runs => mergeStarts(start(0, a), start(0, b)).settled;
  assert.deepEqual(settled([[8, 9]], [[2, 3]]), [
    [2, 3],
    [8, 9],
  ]);
  assert.deepEqual(settled([[2, 5]], [[4, 9]]), [[2, 9]]);
  assert.deepEqual(settled([[2, 3]], [[4, 9]]), [[2, 9]]);
  assert.deepEqual(settled([[2, 3]], [[5, 9]]), [
    [2, 3],
    [5, 9],
  ]);
  assert.deepEqual(
    settled(
      [[2, 9]],
      [
        [4, 5],
        [11, 11],
      ],
    ),
    [
      [2, 9],
      [11, 11],
    ],
  );
  assert.deepEqual(
    settled(
      [
        [1, 2],
        [5, 6],
      ],
      [
        [3, 4],
        [9, 9],
      ],
    ),
    [
      [1, 6],
      [9, 9],
    ],
  );
});

test("below the commit nothing counts; below this process's own position all is settled", () => {
  const own = start(0, [
    [1, 2],
    [4, 9],
    [10, 10],
    [12, 15],
    [30, 31],
  ]);
  assert.deepEqual(mergeStarts(start(10, [[20, 22]]), own).settled, [
    [10, 10],
    [12, 15],
    [20, 22],
    [30, 31],
  ]);
  assert.deepEqual(mergeStarts(start(13, []), own).settled, [
    [13, 15],
    [30, 31],
  ]);
  assert.deepEqual(mergeStarts(own, start(3, [[11, 11]])).settled, [
    [0, 2],
    [4, 15],
    [30, 31],
  ]);
});

test("merging changes neither of the two", () => {
  const [a, b] = [start(0, [[1, 4]]), start(2, [[3, 9]])];
  mergeStarts(a, b);
  assert.deepEqual([a, b], [start(0, [[1, 4]]), start(2, [[3, 9]])]);
});

test("early mails are those of either, as far as they are not below the commit", () => {
  const told = { offset: 6, shift: 0, alerts: 2 };
  const unknown = { offset: 6, shift: 0, alerts: undefined };
  const [below, above] = [
    { offset: 4, shift: 0, alerts: 1 },
    { offset: 9, shift: 1, alerts: 3 },
  ];
  const [early, later] = [
    { ...start(3, []), early: [below, unknown] },
    { ...start(5, []), early: [told, above] },
  ];
  assert.deepEqual(mergeStarts(later, early).early, [told, above]);
  assert.deepEqual(mergeStarts(early, later).early, [below, told, above]);
  assert.ok(!("early" in mergeStarts(start(5, []), { ...start(3, []), early: [below] })));
  assert.deepEqual(
    mergeStarts({ ...start(4, []), early: [told, above] }, early).early,
    [below, told, above],
    "in order",
  );
});

test("under which leaders was read is known of either, each from the lowest offset", () => {
  const known = (...epochs: readonly (readonly [number, number])[]): PartitionStart => ({
    ...start(5, []),
    epochs: epochs.map(([epoch, offset]) => ({ epoch, offset })),
  });
  const merged = known([1, 0], [3, 6], [4, 8]);
  assert.deepEqual(mergeStarts(known([3, 6], [4, 8]), known([1, 0], [3, 7])), merged);
  assert.deepEqual(mergeStarts(known([1, 0], [3, 7]), known([3, 6], [4, 8])), merged);
  assert.deepEqual(mergeStarts(start(5, []), merged), merged);
  assert.deepEqual(mergeStarts(merged, start(5, [])), merged);
});
