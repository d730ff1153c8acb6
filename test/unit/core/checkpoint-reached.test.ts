import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { CHECKPOINT_MAX_CHARS, type Checkpoint } from "#src/core/checkpoint.js";
import { mergeReached, type Reached } from "#src/core/reached.js";
import { CHECKPOINT_HEAD, decodeCheckpoint, encodeCheckpoint } from "#test/support/checkpoints.js";
import { checkProperty } from "#test/support/property.js";

const rerun = "npm run test:unit -- core/checkpoint-reached";
const EMPTY: Checkpoint = { position: 0, handingOver: 0, time: undefined, marks: [], settled: [] };

/** Half-delivered windows above a position, for a few sets of recipients. */
const reachedAbove = (position: number, size: number): fc.Arbitrary<readonly Reached[]> =>
  fc
    .array(
      fc.record({
        firstOffset: fc.oneof(fc.nat(5000), fc.nat(2 ** 30)).map((gap) => position + gap),
        fingerprint: fc.nat(2 ** 32 - 1),
        recipients: fc.oneof(
          { weight: 3, arbitrary: fc.constantFrom([1], [2 ** 53 - 1], [1, 2 ** 40]) },
          { weight: 1, arbitrary: fc.uniqueArray(fc.maxSafeNat(), { minLength: 1, maxLength: 5 }) },
        ),
      }),
      { maxLength: size, size: "max" },
    )
    .map((all) => mergeReached(all, []));

const checkpoint = (size: number): fc.Arbitrary<Checkpoint> =>
  fc
    .record({
      position: fc.oneof(fc.nat(10_000), fc.nat(2 ** 40)),
      gaps: fc.array(fc.tuple(fc.nat(300), fc.nat(20)), { maxLength: 600, size: "max" }),
    })
    .chain(({ position, gaps }) => {
      let at = position;
      const settled = gaps.map(([gap, length]): [number, number] => {
        const first = at + gap + 1;
        at = first + length + 1;
        return [first, first + length];
      });
      return reachedAbove(position, size).map((reached) => ({ ...EMPTY, position, settled, reached }));
    });

const keys = (reached: readonly Reached[] = []): string[] => reached.map((one) => JSON.stringify(one));

test("half-delivered windows that fit come back as they went in", () => {
  checkProperty(
    fc.property(reachedAbove(7, 12), (reached) => {
      const one = { ...EMPTY, position: 7, settled: [[9, 11]] as [number, number][], reached };
      const { metadata, overflowed } = encodeCheckpoint(one);
      assert.equal(overflowed, false);
      const { reached: _, ...rest } = one;
      assert.deepEqual(decodeCheckpoint(metadata, 7), reached.length === 0 ? rest : one);
    }),
    { runs: 200, rerun },
  );
});

test("they take only the room that settled offsets leave; what does not fit is left out, from the top, and counted", () => {
  checkProperty(
    fc.property(checkpoint(900), (one) => {
      const { metadata, overflowed, settledChars } = encodeCheckpoint(one);
      assert.ok(metadata.length <= CHECKPOINT_MAX_CHARS);
      const { reached = [], ...rest } = one;
      const without = encodeCheckpoint(rest);
      assert.equal(settledChars, without.metadata.length);
      const back = decodeCheckpoint(metadata, one.position);
      assert.deepEqual(back?.settled, decodeCheckpoint(without.metadata, one.position)?.settled);
      const kept = keys(back?.reached);
      assert.deepEqual(kept, keys(reached).slice(0, kept.length));
      assert.equal(overflowed, without.overflowed || kept.length < reached.length);
    }),
    { runs: 60, rerun },
  );
});

test("where the settled offsets fill the checkpoint no half-delivered window is in it", () => {
  const settled = Array.from({ length: 20_000 }, (_, i): [number, number] => [i * 2 + 1, i * 2 + 1]);
  const reached = [{ firstOffset: 0, fingerprint: 1, recipients: [1] }];
  const { metadata, overflowed } = encodeCheckpoint({ ...EMPTY, settled, reached });
  assert.equal(overflowed, true);
  assert.equal(decodeCheckpoint(metadata, 0)?.reached, undefined);
  assert.equal(metadata, encodeCheckpoint({ ...EMPTY, settled }).metadata);
});

test("300 half-delivered windows of one recipient fit beside little else", () => {
  const reached = Array.from({ length: 300 }, (_, i) => ({ firstOffset: i * 40, fingerprint: i, recipients: [5] }));
  const { metadata, overflowed } = encodeCheckpoint({ ...EMPTY, settled: [[12_100, 90_000]], reached });
  assert.equal(overflowed, false);
  assert.deepEqual(decodeCheckpoint(metadata, 0)?.reached, reached);
});

test("damage never makes anybody reached who was not", () => {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  checkProperty(
    fc.property(checkpoint(8), fc.nat(), fc.integer({ min: 1, max: 63 }), (one, at, by) => {
      const whole = encodeCheckpoint(one).metadata;
      const intact = decodeCheckpoint(whole, one.position);
      const index = at % whole.length;
      const digit = digits[(digits.indexOf(whole[index] as string) + 64 + by) % 64] as string;
      for (const damaged of [whole.slice(0, index) + digit + whole.slice(index + 1), whole.slice(0, index)]) {
        const back = decodeCheckpoint(damaged, one.position);
        // The last digit has bits that say nothing.
        if (damaged !== whole && back !== undefined) assert.deepEqual(back, intact);
      }
    }),
    { runs: 300, rerun },
  );
});

const lengthOf = (bytes: readonly number[]): number[] =>
  bytes.length < 128 ? [bytes.length] : [(bytes.length % 128) + 128, bytes.length >> 7];
/** A checkpoint with these sections, as a later version may write it. */
const withSections = (...bytes: number[]): string => {
  const body = Uint8Array.from([0, 0, 0, 0, ...lengthOf(bytes), ...bytes, 0, 0, 0]);
  return `${CHECKPOINT_HEAD}.${crc32(body).toString(16).padStart(8, "0")}.${Buffer.from(body).toString("base64url")}`;
};
const UNSAFE_TAG = [255, 255, 255, 255, 255, 255, 255];
/** 2^53 − 1 as a varint. */
const FARTHEST = [255, 255, 255, 255, 255, 255, 255, 15];
const WINDOW = [1, 0, 0, 0, 0, 0, 0, 9, 1, 3, 0, 0, 0, 4];

test("sections of a later version are passed over, and what is known before and after them counts", () => {
  const settled = [[0, 0]];
  const reached = [{ firstOffset: 3, fingerprint: 4, recipients: [9] }];
  assert.deepEqual(decodeCheckpoint(withSections(), 0), { ...EMPTY, settled });
  assert.deepEqual(decodeCheckpoint(withSections(1, WINDOW.length, ...WINDOW), 0), { ...EMPTY, settled, reached });
  assert.deepEqual(decodeCheckpoint(withSections(7, 2, 1, 1, 1, WINDOW.length, ...WINDOW, 8, 0), 0), {
    ...EMPTY,
    settled,
    reached,
  });
  const long = [7, 172, 2, ...Array.from({ length: 300 }, () => 255)];
  assert.deepEqual(decodeCheckpoint(withSections(...long, 1, WINDOW.length, ...WINDOW, 2, 1, 5), 0), {
    ...EMPTY,
    settled,
    reached,
    readTo: 5,
  });
});

test("a section that is not whole reaches nobody, and takes nothing from what is settled", () => {
  const settled = [[0, 0]];
  for (const section of [
    [1, WINDOW.length + 1, ...WINDOW],
    [1, WINDOW.length - 1, ...WINDOW.slice(0, -1)],
    [1],
    [1, 200],
    [1, 3, 255, 255, 255],
    [1, 14, 1, ...UNSAFE_TAG, 1, 3, 0, 0, 0, 4],
    [1, 21, 2, 0, 0, 0, 0, 0, 0, 9, ...UNSAFE_TAG, 1, 3, 0, 0, 0, 4],
    [1, 33, 1, 0, 0, 0, 0, 0, 0, 9, 2, ...FARTHEST, 0, 0, 0, 4, ...FARTHEST, 0, 0, 0, 4],
  ])
    assert.deepEqual(decodeCheckpoint(withSections(...section), 0), { ...EMPTY, settled }, section.join());
  const [unreadable, readTo] = [
    [1, 3, 255, 255, 255],
    [2, 1, 5],
  ];
  for (const both of [
    [...unreadable, ...readTo],
    [...readTo, ...unreadable],
  ])
    assert.deepEqual(decodeCheckpoint(withSections(...both), 0), { ...EMPTY, settled, readTo: 5 }, both.join());
});
