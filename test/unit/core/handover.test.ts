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

/** Both ways round: who comes first makes no difference. */
const merged = (a: PartitionStart, b: PartitionStart): PartitionStart => {
  const one = mergeStarts(a, b);
  assert.deepEqual(mergeStarts(b, a), one);
  return one;
};

test("position, time and marks are those of the account that is further", () => {
  const behind = start(5, [], 900, [mark(7, 950), mark(9, 960)]);
  const further = start(6, [], 100, [mark(8, 200)]);
  assert.deepEqual(merged(behind, further), further);
});

test("how far either had read is how far a replay lets no mail go; below the position it says nothing", () => {
  assert.equal(merged({ ...start(5, []), readTo: 9 }, { ...start(6, []), readTo: 8 }).readTo, 9);
  assert.equal(merged({ ...start(5, []), readTo: 9 }, start(7, [])).readTo, 9);
  assert.ok(!("readTo" in merged({ ...start(5, []), readTo: 9 }, start(9, []))));
});

test("of two at the same position the one counts that knows more of the time: a later one, any rather than none, more marks", () => {
  assert.deepEqual(merged(start(5, [], 100), start(5, [], 200)), start(5, [], 200));
  assert.deepEqual(merged(start(5, []), start(5, [], 0)), start(5, [], 0));
  assert.deepEqual(merged(start(5, [], 7), start(5, [], 7, [mark(6, 8)])), start(5, [], 7, [mark(6, 8)]));
  assert.deepEqual(merged(start(5, []), start(5, [], undefined, [mark(6, 8)])).marks, [mark(6, 8)]);
});

test("what either knows to be settled is settled, as ascending runs that neither overlap nor touch", () => {
  const settled = (a: Runs, b: Runs): Runs => merged(start(0, a), start(0, b)).settled;
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

test("of the account that is behind only what is settled at or above the position counts", () => {
  const behind = start(0, [
    [1, 2],
    [4, 9],
    [10, 10],
    [12, 15],
    [30, 31],
  ]);
  assert.deepEqual(merged(behind, start(10, [[20, 22]])).settled, [
    [10, 10],
    [12, 15],
    [20, 22],
    [30, 31],
  ]);
  assert.deepEqual(merged(behind, start(13, [])).settled, [
    [13, 15],
    [30, 31],
  ]);
});

test("merging changes neither of the two", () => {
  const [a, b] = [start(0, [[1, 4]]), start(2, [[3, 9]])];
  merged(a, b);
  assert.deepEqual([a, b], [start(0, [[1, 4]]), start(2, [[3, 9]])]);
});

test("early mails are those of either, as far as they are not below the further position", () => {
  const told = { offset: 6, shift: 0, alerts: 2 };
  const unknown = { offset: 6, shift: 0, alerts: undefined };
  const [below, above] = [
    { offset: 4, shift: 0, alerts: 1 },
    { offset: 9, shift: 1, alerts: 3 },
  ];
  const one = merged({ ...start(3, []), early: [below, unknown] }, { ...start(5, []), early: [told, above] });
  assert.deepEqual(one.early, [told, above]);
  assert.ok(!("early" in merged({ ...start(3, []), early: [below] }, start(5, []))));
});
