import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type Delivered,
  DeliveredBefore,
  grouped,
  isSame,
  mergeDelivered,
  missingOf,
  NOBODY,
  recipientsOf,
  recipientTag,
  within,
} from "#src/core/delivered.js";
import { mergeStarts } from "#src/core/handover.js";
import type { PartitionStart } from "#src/core/partition.js";
import { checkProperty } from "#test/support/property.js";

const start = (more: Partial<PartitionStart> = {}): PartitionStart => ({
  position: 0,
  time: undefined,
  marks: [],
  settled: [],
  ...more,
});

const group = (recipients: readonly number[], ...runs: readonly (readonly [number, number])[]): Delivered => ({
  recipients,
  runs,
});

test("a tag is the same for an address everywhere and always: it is written down", () => {
  assert.equal(recipientTag("oncall@example.com"), 3_666_862_284_420_075);
});

test("100,000 addresses have 100,000 tags that fit seven bytes", () => {
  const tags = new Set(Array.from({ length: 100_000 }, (_, i) => recipientTag(`on-call-${i}@example.com`)));
  assert.equal(tags.size, 100_000);
  for (const tag of tags) assert.ok(Number.isSafeInteger(tag) && tag >= 0);
});

test("recipients are known whatever their order, and one who is new is missing", () => {
  const delivered = new Set(["a@x.org", "b@x.org"].map(recipientTag));
  assert.deepEqual(missingOf(["c@x.org", "b@x.org", "d@x.org", "a@x.org"], delivered), ["c@x.org", "d@x.org"]);
  assert.deepEqual(missingOf(["a@x.org", "b@x.org"], delivered), []);
  assert.deepEqual(missingOf(["a@x.org"], new Set()), ["a@x.org"]);
  assert.deepEqual(missingOf(["A@x.org"], delivered), ["A@x.org"]);
});

test("two recipients with one tag cannot be told apart: both are missing", () => {
  const delivered = new Set(["a@x.org", "b@x.org"].map(recipientTag));
  assert.deepEqual(missingOf(["a@x.org", "b@x.org", "a@x.org"], delivered), ["a@x.org", "a@x.org"]);
});

test("a set of recipients is the same in whatever order it is said, and how often", () => {
  assert.ok(isSame(recipientsOf([3, 1, 2, 1]), recipientsOf([1, 2, 3])));
  assert.deepEqual(recipientsOf([3, 1, 2, 1]).tags, [1, 2, 3]);
  assert.ok(!isSame(recipientsOf([12, 3]), recipientsOf([1, 23])));
  assert.equal(recipientsOf([]), NOBODY);
});

test("of two accounts what either says of an offset counts, in runs that do not overlap", () => {
  assert.deepEqual(mergeDelivered([group([5], [2, 9])], [group([7], [4, 6], [20, 20])]), [
    group([5], [2, 3], [7, 9]),
    group([5, 7], [4, 6]),
    group([7], [20, 20]),
  ]);
  assert.deepEqual(mergeDelivered([group([5], [2, 3])], [group([5], [4, 6], [3, 4])]), [group([5], [2, 6])]);
  assert.deepEqual(mergeDelivered([group([], [1, 9])], []), []);
});

test("merged, each offset has the recipients that any group says, whatever the groups are", () => {
  const tags = fc.uniqueArray(fc.integer({ min: 1, max: 3 }), { maxLength: 3 });
  const run = fc.tuple(fc.nat(20), fc.nat(6)).map(([first, length]): [number, number] => [first, first + length]);
  const groups = fc.array(fc.record({ recipients: tags, runs: fc.array(run, { maxLength: 4 }) }), { maxLength: 5 });
  const of = (all: readonly Delivered[], offset: number): string =>
    recipientsOf(
      all.flatMap(({ recipients, runs }) =>
        runs.some(([first, last]) => first <= offset && offset <= last) ? recipients : [],
      ),
    ).key;
  checkProperty(
    fc.property(groups, groups, fc.nat(25), (a, b, from) => {
      const merged = mergeDelivered(a, b);
      const cursor = new DeliveredBefore(merged);
      const runs = merged.flatMap((one) => one.runs).sort((x, y) => x[0] - y[0]);
      for (const [index, [first]] of runs.entries()) assert.ok(first > (runs[index - 1]?.[1] ?? -1), "they overlap");
      const rest = within(merged, from);
      for (let offset = 0; offset < 30; offset++) {
        assert.equal(of(merged, offset), of([...a, ...b], offset), `offset ${offset}`);
        assert.equal(of(rest, offset), offset < from ? "" : of(merged, offset));
        assert.equal(cursor.of(offset).key, of(merged, offset));
        assert.deepEqual(grouped(cursor.from(offset)), mergeDelivered(within(merged, offset), []));
      }
    }),
    { runs: 500, rerun: "npm run test:unit -- core/delivered" },
  );
});

test("a handover tells what either owner knows of half-delivered alerts, from the committed position on", () => {
  const behind = start({ position: 3, delivered: [group([1], [3, 4], [10, 20])] });
  const further = start({ position: 7, settled: [[9, 11]], delivered: [group([2], [15, 25])] });
  const above = [group([1], [10, 14]), group([1, 2], [15, 20]), group([2], [21, 25])];
  assert.deepEqual(mergeStarts(further, behind), start({ position: 7, settled: [[9, 11]], delivered: above }));
  assert.deepEqual(
    mergeStarts(behind, further).delivered,
    mergeDelivered(behind.delivered ?? [], further.delivered ?? []),
  );
  assert.ok(
    !("delivered" in mergeStarts(start({ position: 9 }), start({ position: 5, delivered: [group([1], [5, 8])] }))),
  );
});
