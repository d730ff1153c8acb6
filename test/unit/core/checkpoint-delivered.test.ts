import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import type { Checkpoint } from "#src/core/checkpoint.js";
import { encodeDelivered } from "#src/core/checkpoint-sections.js";
import { type Delivered, mergeDelivered } from "#src/core/delivered.js";
import { CHECKPOINT_MAX_CHARS } from "#src/runtime/commit-metadata.js";
import { CHECKPOINT_HEAD, decodeCheckpoint, encodeCheckpoint } from "#test/support/checkpoints.js";
import { checkProperty } from "#test/support/property.js";

const rerun = "npm run test:unit -- core/checkpoint-delivered";
const EMPTY: Checkpoint = { position: 0, handingOver: 0, time: undefined, marks: [], settled: [] };

/** Half-delivered alerts above a position, for a few sets of recipients. */
const deliveredAbove = (position: number, size: number): fc.Arbitrary<readonly Delivered[]> =>
  fc
    .array(
      fc.record({
        gap: fc.oneof(fc.nat(50), fc.nat(2 ** 20)),
        length: fc.oneof(fc.nat(3), fc.nat(500)),
        recipients: fc.oneof(
          { weight: 3, arbitrary: fc.constantFrom([1], [2 ** 53 - 1], [1, 2 ** 40]) },
          { weight: 1, arbitrary: fc.uniqueArray(fc.maxSafeNat(), { minLength: 1, maxLength: 5 }) },
        ),
      }),
      { maxLength: size, size: "max" },
    )
    .map((all) => {
      let at = position;
      const runs = all.map(({ gap, length, recipients }): Delivered => {
        const first = at + gap;
        at = first + length + 1;
        return { recipients: recipients.toSorted((x, y) => x - y), runs: [[first, first + length]] };
      });
      return mergeDelivered(runs, []);
    });

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
      return deliveredAbove(position, size).map((delivered) => ({ ...EMPTY, position, settled, delivered }));
    });

test("half-delivered alerts that fit come back as they went in", () => {
  checkProperty(
    fc.property(deliveredAbove(7, 12), (delivered) => {
      const one = { ...EMPTY, position: 7, settled: [[9, 11]] as [number, number][], delivered };
      const { metadata, overflowed } = encodeCheckpoint(one);
      assert.equal(overflowed, false);
      const { delivered: _, ...rest } = one;
      assert.deepEqual(decodeCheckpoint(metadata, 7), delivered.length === 0 ? rest : one);
    }),
    { runs: 200, rerun },
  );
});

test("they take only the room that settled offsets leave; what does not fit is left out, and counted", () => {
  checkProperty(
    fc.property(checkpoint(900), (one) => {
      const { metadata, overflowed, settledChars } = encodeCheckpoint(one);
      assert.ok(metadata.length <= CHECKPOINT_MAX_CHARS);
      const { delivered = [], ...rest } = one;
      const without = encodeCheckpoint(rest);
      assert.equal(settledChars, without.metadata.length);
      const back = decodeCheckpoint(metadata, one.position);
      assert.deepEqual(back?.settled, decodeCheckpoint(without.metadata, one.position)?.settled);
      const kept = back?.delivered ?? [];
      for (const { recipients, runs } of kept) {
        const all = delivered.find((each) => each.recipients.join() === recipients.join())?.runs ?? [];
        const isIn = ([first, last]: readonly [number, number]): boolean =>
          all.some(([from, to]) => from <= first && last <= to);
        assert.ok(runs.every(isIn), "nobody is said to have what they do not have");
        assert.deepEqual(runs[0]?.[0], all[0]?.[0], "what is left out is left out from the top");
      }
      const isWhole = JSON.stringify(kept) === JSON.stringify(delivered);
      assert.equal(overflowed, without.overflowed || !isWhole);
    }),
    { runs: 60, rerun },
  );
});

test("where the settled offsets fill the checkpoint no half-delivered alert is in it", () => {
  const settled = Array.from({ length: 20_000 }, (_, i): [number, number] => [i * 2 + 1, i * 2 + 1]);
  const delivered: Delivered[] = [{ recipients: [1], runs: [[0, 0]] }];
  const { metadata, overflowed } = encodeCheckpoint({ ...EMPTY, settled, delivered });
  assert.equal(overflowed, true);
  assert.equal(decodeCheckpoint(metadata, 0)?.delivered, undefined);
  assert.equal(metadata, encodeCheckpoint({ ...EMPTY, settled }).metadata);
});

test("recipients of whose alerts none fits are not written, and those after them get the room", () => {
  const far: Delivered = { recipients: [1, 2, 3], runs: [[400, 400]] };
  const near: Delivered = { recipients: [4], runs: [[0, 0]] };
  const alone = encodeDelivered([near], 0, 100).bytes;
  for (const room of [alone.length + 1, alone.length + 13, alone.length + 14])
    assert.deepEqual(encodeDelivered([near, far], 0, room), { bytes: alone, complete: room > 100 }, `${room} bytes`);
  const none = encodeDelivered([far], 0, 25);
  assert.deepEqual(none, { bytes: [], complete: false }, "with room for its head alone");
});

test("a million alerts that one recipient is behind with take 24 characters; each second one of 10,000 takes a bit", () => {
  const size = (delivered: readonly Delivered[]): number => {
    const { metadata, overflowed } = encodeCheckpoint({ ...EMPTY, delivered });
    assert.equal(overflowed, false);
    assert.deepEqual(decodeCheckpoint(metadata, 0)?.delivered, delivered);
    return metadata.length - encodeCheckpoint(EMPTY).metadata.length;
  };
  assert.equal(size([{ recipients: [5], runs: [[0, 999_999]] }]), 24);
  const runs = Array.from({ length: 5_000 }, (_, i): [number, number] => [i * 2, i * 2]);
  assert.ok(size([{ recipients: [5], runs }]) < 10_000 / 6 + 30);
});

test("damage never says that somebody has what they do not have", () => {
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
  const body = Uint8Array.from([0, 0, 0, 0, ...lengthOf(bytes), ...bytes, BITS, 1]);
  return `${CHECKPOINT_HEAD}.${crc32(body).toString(16).padStart(8, "0")}.${Buffer.from(body).toString("base64url")}`;
};
const [BITS, RICE] = [1, 2];
const UNSAFE_TAG = [255, 255, 255, 255, 255, 255, 255];
/** One recipient, 9, has what these bytes say. */
const groupOf = (...runs: number[]): number[] => [1, 0, 0, 0, 0, 0, 0, 9, ...lengthOf(runs), ...runs];
/** The alerts 3 and 4. */
const GROUP = groupOf(BITS, 0b11000);
/** An alert beyond 2^53: its gap is 8,200 times 2^40. */
const TOO_FAR = groupOf(RICE, 40, 0, 1, ...Array.from({ length: 1_025 }, () => 255), 0, 0, 0, 0, 0, 0);
/** As half-delivered windows were written once: recipients, first offset, fingerprint. */
const OF_ONCE = [1, 14, 1, 0, 0, 0, 0, 0, 0, 9, 1, 3, 0, 0, 0, 4];
const KNOWN: Delivered[] = [{ recipients: [9], runs: [[3, 4]] }];

test("sections of a later version are passed over, and what is known before and after them counts", () => {
  const [settled, delivered] = [[[0, 0]], KNOWN];
  const section = [5, GROUP.length, ...GROUP];
  assert.deepEqual(decodeCheckpoint(withSections(), 0), { ...EMPTY, settled });
  assert.deepEqual(decodeCheckpoint(withSections(...section), 0), { ...EMPTY, settled, delivered });
  assert.deepEqual(decodeCheckpoint(withSections(7, 2, 1, 1, ...section, 8, 0), 0), { ...EMPTY, settled, delivered });
  const long = [7, 172, 2, ...Array.from({ length: 300 }, () => 255)];
  assert.deepEqual(decodeCheckpoint(withSections(...long, ...section, 2, 1, 5), 0), {
    ...EMPTY,
    settled,
    delivered,
    readTo: 5,
  });
});

test("half-delivered windows as the version before wrote them say nothing, and take nothing from the rest", () => {
  const settled = [[0, 0]];
  assert.deepEqual(decodeCheckpoint(withSections(...OF_ONCE, 2, 1, 5), 0), { ...EMPTY, settled, readTo: 5 });
});

test("a section that is not whole says of nobody that they have anything, and takes nothing from what is settled", () => {
  const settled = [[0, 0]];
  for (const section of [
    [5, GROUP.length + 1, ...GROUP],
    [5, GROUP.length - 1, ...GROUP.slice(0, -1)],
    [5],
    [5, 200],
    [5, 3, 255, 255, 255],
    [5, 11, 1, 0, 0, 0, 0, 0, 0, 9, 3, BITS, 0b11000],
    [5, 11, 1, ...UNSAFE_TAG, 2, BITS, 0b11000],
    ...[groupOf(9, 0b11000), groupOf(RICE, 0, 0, 1), TOO_FAR].map((group) => [5, ...lengthOf(group), ...group]),
  ])
    assert.deepEqual(decodeCheckpoint(withSections(...section), 0), { ...EMPTY, settled }, section.join());
  const [unreadable, readTo] = [
    [5, 3, 255, 255, 255],
    [2, 1, 5],
  ];
  for (const both of [
    [...unreadable, ...readTo],
    [...readTo, ...unreadable],
  ])
    assert.deepEqual(decodeCheckpoint(withSections(...both), 0), { ...EMPTY, settled, readTo: 5 }, both.join());
});
