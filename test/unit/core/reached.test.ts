import assert from "node:assert/strict";
import { test } from "node:test";
import { mergeStarts } from "#src/core/handover.js";
import type { PartitionStart } from "#src/core/partition.js";
import { mergeReached, missingOf, ReachedWindows, recipientTag, windowFingerprint } from "#src/core/reached.js";

const start = (more: Partial<PartitionStart> = {}): PartitionStart => ({
  position: 0,
  time: undefined,
  marks: [],
  settled: [],
  ...more,
});

test("a tag is the same for an address everywhere and always: it is written down", () => {
  assert.equal(recipientTag("oncall@example.com"), 3_666_862_284_420_075);
  assert.equal(windowFingerprint("boiler", [[3, 5]]), 681_483_496);
});

test("100,000 addresses have 100,000 tags that fit seven bytes", () => {
  const tags = new Set(Array.from({ length: 100_000 }, (_, i) => recipientTag(`on-call-${i}@example.com`)));
  assert.equal(tags.size, 100_000);
  for (const tag of tags) assert.ok(Number.isSafeInteger(tag) && tag >= 0);
});

test("the device and every offset are in a window's fingerprint, which fits four bytes", () => {
  const windows: [string, [number, number][]][] = [
    ["boiler", [[3, 5]]],
    ["boiler", [[3, 4]]],
    [
      "boiler",
      [
        [3, 3],
        [5, 5],
      ],
    ],
    ["boiler", [[3, 3]]],
    ["boiler 2", [[3, 5]]],
  ];
  const fingerprints = windows.map(([device, runs]) => windowFingerprint(device, runs));
  assert.equal(new Set(fingerprints).size, windows.length);
  for (const one of fingerprints) assert.ok(Number.isInteger(one) && one >= 0 && one < 2 ** 32);
});

test("recipients are known whatever their order, and one who is new is missing", () => {
  const reached = new Set(["a@x.org", "b@x.org"].map(recipientTag));
  assert.deepEqual(missingOf(["c@x.org", "b@x.org", "d@x.org", "a@x.org"], reached), ["c@x.org", "d@x.org"]);
  assert.deepEqual(missingOf(["a@x.org", "b@x.org"], reached), []);
  assert.deepEqual(missingOf(["a@x.org"], new Set()), ["a@x.org"]);
  assert.deepEqual(missingOf(["A@x.org"], reached), ["A@x.org"]);
});

test("two recipients with one tag cannot be told apart: both are missing", () => {
  const reached = new Set(["a@x.org", "b@x.org"].map(recipientTag));
  assert.deepEqual(missingOf(["a@x.org", "b@x.org", "a@x.org"], reached), ["a@x.org", "a@x.org"]);
});

test("two accounts of one window are one, of two windows with the same first offset two", () => {
  const merged = mergeReached(
    [
      { firstOffset: 9, fingerprint: 1, recipients: [5] },
      { firstOffset: 4, fingerprint: 2, recipients: [7] },
    ],
    [
      { firstOffset: 4, fingerprint: 1, recipients: [8] },
      { firstOffset: 9, fingerprint: 1, recipients: [5, 3] },
    ],
  );
  assert.deepEqual(merged, [
    { firstOffset: 4, fingerprint: 1, recipients: [8] },
    { firstOffset: 4, fingerprint: 2, recipients: [7] },
    { firstOffset: 9, fingerprint: 1, recipients: [3, 5] },
  ]);
});

test("what is known of a window counts for exactly its fingerprint, which is asked for only where something is known", () => {
  const windows = new ReachedWindows([{ firstOffset: 4, fingerprint: 2, recipients: [7] }]);
  windows.add({ firstOffset: 4, fingerprint: 2, recipients: [3] });
  windows.add({ firstOffset: 4, fingerprint: 9, recipients: [1] });
  assert.deepEqual([windows.of(4, () => 2), windows.of(4, () => 9), windows.of(4, () => 8)], [[3, 7], [1], []]);
  assert.deepEqual(
    windows.of(5, () => assert.fail("asked")),
    [],
  );
  windows.forget(4);
  assert.deepEqual(
    windows.unsettled(() => false),
    [],
  );
});

test("what is settled is forgotten", () => {
  const windows = new ReachedWindows(
    [4, 1, 8].map((firstOffset) => ({ firstOffset, fingerprint: 0, recipients: [1] })),
  );
  const offsets = (): number[] => windows.unsettled((offset) => offset === 4).map(({ firstOffset }) => firstOffset);
  assert.deepEqual(offsets(), [1, 8]);
  assert.deepEqual(
    windows.of(4, () => 0),
    [],
  );
});

test("a handover tells what either owner knows of half-delivered windows, but for those that are settled", () => {
  const reached = (...offsets: number[]) =>
    offsets.map((firstOffset) => ({ firstOffset, fingerprint: 0, recipients: [1] }));
  const merged = mergeStarts(
    start({ position: 3, reached: reached(3, 10, 20) }),
    start({ position: 7, settled: [[9, 11]], reached: reached(8, 20) }),
  );
  assert.deepEqual(merged, start({ position: 7, settled: [[9, 11]], reached: reached(8, 20) }));
  assert.deepEqual(
    mergeStarts(start({ position: 5, reached: reached(5) }), start({ position: 5, settled: [[5, 5]] })),
    start({ position: 5, settled: [[5, 5]] }),
  );
});
