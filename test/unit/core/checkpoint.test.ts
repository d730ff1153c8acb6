import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import type { Checkpoint } from "#src/core/checkpoint.js";
import { eventTime } from "#src/core/time.js";
import { CHECKPOINT_MAX_CHARS } from "#src/runtime/commit-metadata.js";
import { CHECKPOINT_HEAD, decodeCheckpoint, encodeCheckpoint } from "#test/support/checkpoints.js";
import { PartitionSteps } from "#test/support/partition-steps.js";
import { checkProperty } from "#test/support/property.js";

const rerun = "npm run test:unit -- core/checkpoint";
const EMPTY: Checkpoint = { position: 0, handingOver: 0, time: undefined, marks: [], settled: [] };

/** Any state a partition can be in: marks and runs ascend, runs do not touch. */
const start = (runs: fc.SizeForArbitrary, maxRuns: number): fc.Arbitrary<Checkpoint> =>
  fc
    .record({
      position: fc.oneof(fc.nat(10_000), fc.nat(2 ** 40)),
      handingOver: fc.nat(200),
      time: fc.option(fc.oneof(fc.nat(5000), fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 })), {
        nil: undefined,
      }),
      marks: fc.array(fc.tuple(fc.nat(500), fc.nat(100_000)), { maxLength: 32 }),
      settled: fc.array(fc.tuple(fc.nat(300), fc.nat(20)), { maxLength: maxRuns, size: runs }),
    })
    .map(({ position, handingOver, time, marks, settled }) => {
      let offset = position;
      let at = time ?? 0;
      const ascending = marks.map(([offsets, ms]) => {
        offset += offsets + 1;
        at += ms;
        return { offset, time: eventTime(at) };
      });
      let next = position;
      const disjoint = settled.map(([gap, length], index): [number, number] => {
        const first = next + gap + (index > 0 ? 1 : 0);
        next = first + length + 1;
        return [first, first + length];
      });
      return {
        position,
        handingOver,
        time: time === undefined ? undefined : eventTime(time),
        marks: ascending,
        settled: disjoint,
      };
    });

const offsetsIn = (runs: Checkpoint["settled"]): Set<number> => {
  const offsets = new Set<number>();
  for (const [first, last] of runs) for (let offset = first; offset <= last; offset++) offsets.add(offset);
  return offsets;
};

test("a new partition's checkpoint, and a full one, come back as they went in", () => {
  for (const one of [
    EMPTY,
    { position: 42, handingOver: 0, time: eventTime(0), marks: [], settled: [] },
    {
      position: 5,
      handingOver: 3,
      time: eventTime(1_790_000_000_123),
      marks: [{ offset: 9, time: eventTime(1_790_000_030_000) }],
      settled: [
        [5, 5],
        [7, 900],
      ],
    },
  ] as Checkpoint[]) {
    const { metadata, overflowed } = encodeCheckpoint(one);
    assert.equal(overflowed, false);
    assert.deepEqual(decodeCheckpoint(metadata, one.position), one);
  }
});

test("whatever fits comes back as it went in, in printable ASCII of at most 4,096 characters", () => {
  checkProperty(
    fc.property(start("medium", 60), (one) => {
      const { metadata, overflowed } = encodeCheckpoint(one);
      assert.match(metadata, /^3\.[A-Za-z0-9_-]{8}\.[0-9a-f]{8}\.[A-Za-z0-9_-]+$/);
      assert.ok(metadata.length <= CHECKPOINT_MAX_CHARS);
      assert.equal(overflowed, false);
      assert.deepEqual(decodeCheckpoint(metadata, one.position), one);
    }),
    { runs: 200, rerun },
  );
});

test("what does not fit is left out from the top: never an offset more than was settled", () => {
  checkProperty(
    fc.property(start("max", 3000), (one) => {
      const { metadata, overflowed } = encodeCheckpoint(one);
      assert.ok(metadata.length <= CHECKPOINT_MAX_CHARS);
      const back = decodeCheckpoint(metadata, one.position);
      assert.ok(back !== undefined);
      assert.deepEqual([back.position, back.time, back.marks], [one.position, one.time, one.marks]);
      const [all, kept] = [offsetsIn(one.settled), offsetsIn(back.settled)];
      for (const offset of kept) assert.ok(all.has(offset), `${offset} was never settled`);
      const highest = back.settled.at(-1)?.[1] ?? -1;
      for (const offset of all)
        assert.ok(offset > highest || kept.has(offset), `${offset} is left out below ${highest}`);
      assert.equal(overflowed, kept.size < all.size);
    }),
    { runs: 12, rerun },
  );
});

test("with less room it is as short as it has to be: settled offsets go first from the top, then marks, then all of it", () => {
  checkProperty(
    fc.property(start("medium", 60), fc.integer({ min: 0, max: 400 }), (one, room) => {
      const { metadata, overflowed, settledChars } = encodeCheckpoint(one, room);
      assert.ok(metadata.length <= room && settledChars <= room);
      if (metadata === "") {
        assert.ok(room < 64, `nothing at all in ${room} characters`);
        assert.equal(overflowed, one.settled.length > 0 || one.marks.length > 0);
        return;
      }
      const back = decodeCheckpoint(metadata, one.position);
      assert.ok(back !== undefined);
      assert.deepEqual([back.position, back.handingOver, back.time], [one.position, one.handingOver, one.time]);
      assert.deepEqual(back.marks, one.marks.slice(0, back.marks.length));
      const [all, kept] = [offsetsIn(one.settled), offsetsIn(back.settled)];
      for (const offset of kept) assert.ok(all.has(offset), `${offset} was never settled`);
      assert.equal(overflowed, kept.size < all.size || back.marks.length < one.marks.length);
    }),
    { runs: 300, rerun },
  );
});

test("a mark that would fit, beside a head that does not, overflows with it", () => {
  const position = 2 ** 40;
  const one = { ...EMPTY, position, handingOver: 150, time: eventTime(1_700_000_000_000) };
  const marks = [{ offset: position + 1, time: one.time }];
  assert.deepEqual(encodeCheckpoint({ ...one, marks }, 40), { metadata: "", overflowed: true, settledChars: 0 });
  assert.deepEqual(encodeCheckpoint(one, 40), { metadata: "", overflowed: false, settledChars: 0 });
});

test("20,000 offsets settled in single gaps fit as bits; single ones far apart as runs", () => {
  const alternating = {
    ...EMPTY,
    settled: Array.from({ length: 10_000 }, (_, i): [number, number] => [i * 2 + 1, i * 2 + 1]),
  };
  const apart = {
    ...EMPTY,
    settled: Array.from({ length: 700 }, (_, i): [number, number] => [i * 100_000 + 1, i * 100_000 + 1]),
  };
  for (const one of [alternating, apart]) {
    const { metadata, overflowed } = encodeCheckpoint(one);
    assert.equal(overflowed, false);
    assert.deepEqual(decodeCheckpoint(metadata, 0), one);
  }
});

test("how far was read comes back beside what is settled and who has what, also where what is settled does not fit", () => {
  const delivered = [{ recipients: [1, 2], runs: [[12, 12]] }] as const;
  for (const one of [
    { ...EMPTY, position: 10, settled: [[11, 11]] as const, readTo: 2 ** 40 },
    { ...EMPTY, position: 10, settled: [[11, 11]] as const, delivered, readTo: 15 },
  ]) {
    const { metadata, overflowed } = encodeCheckpoint(one);
    assert.equal(overflowed, false);
    assert.deepEqual(decodeCheckpoint(metadata, 10), one);
  }
  const settled = Array.from({ length: 20_000 }, (_, i): [number, number] => [i * 2 + 1, i * 2 + 1]);
  const full = decodeCheckpoint(encodeCheckpoint({ ...EMPTY, settled, delivered, readTo: 50_000 }).metadata, 0);
  assert.equal(full?.readTo, 50_000);
  assert.equal(full?.delivered, undefined);
  assert.ok((full?.settled.at(-1)?.[1] ?? 0) > 24_000);
});

test("a checkpoint beside another committed offset says nothing", () => {
  const { metadata } = encodeCheckpoint({ ...EMPTY, position: 7, settled: [[8, 9]] });
  assert.ok(decodeCheckpoint(metadata, 7));
  for (const offset of [6, 8, 0, -1]) assert.equal(decodeCheckpoint(metadata, offset), undefined);
});

test("damage, strangers' metadata, other versions and nothing at all say nothing", () => {
  const { metadata } = encodeCheckpoint({ ...EMPTY, settled: [[3, 4]] });
  for (const other of [
    null,
    "",
    "1",
    "1.",
    "{}",
    "offset reset by hand",
    `1${metadata.slice(1)}`,
    `2${metadata.slice(1)}`,
    `4${metadata.slice(1)}`,
    ` ${metadata}`,
    `${metadata}\n`,
    metadata.slice(0, -1),
    `${metadata}${"A".repeat(5000)}`,
  ]) {
    assert.equal(decodeCheckpoint(other, 0), undefined, JSON.stringify(other));
  }
  checkProperty(
    fc.property(start("small", 20), fc.nat(), fc.nat(), fc.integer({ min: 1, max: 63 }), (one, at, to, by) => {
      const whole = encodeCheckpoint(one).metadata;
      const index = at % whole.length;
      const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      const digit = digits[(digits.indexOf(whole[index] as string) + 64 + by) % 64] as string;
      for (const damaged of [
        whole.slice(0, index) + digit + whole.slice(index + 1),
        whole.slice(0, index),
        whole.slice(0, index) + whole.slice(index + 1 + (to % 3)),
      ]) {
        if (damaged === whole) continue;
        // The last digit has bits that say nothing: then it may say the same as before, but never anything else.
        const back = decodeCheckpoint(damaged, one.position);
        if (back !== undefined) assert.deepEqual(back, one);
      }
    }),
    { runs: 300, rerun },
  );
});

test("a right checksum over nonsense is still no reason to hang, throw or invent", () => {
  checkProperty(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (bytes) => {
      const sum = zlibCrc32(bytes).toString(16).padStart(8, "0");
      const metadata = `${CHECKPOINT_HEAD}.${sum}.${Buffer.from(bytes).toString("base64url")}`;
      const back = decodeCheckpoint(metadata, bytes[0] as number);
      if (back === undefined) return;
      for (const [first, last] of back.settled) assert.ok(first >= back.position && first <= last);
    }),
    { runs: 2000, rerun },
  );
  const huge = Buffer.from([0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]);
  assert.equal(
    decodeCheckpoint(
      `${CHECKPOINT_HEAD}.${zlibCrc32(huge).toString(16).padStart(8, "0")}.${huge.toString("base64url")}`,
      0,
    ),
    undefined,
  );
});

test("after more than 32 closings by the wall clock a replay judges lateness milder, and loses nothing", () => {
  const before = new PartitionSteps().alert("held", 1).knownEnd(32).alert("b", 2);
  for (let window = 2; window <= 40; window++) before.knownEnd(window * 30 + 2);
  assert.equal(before.core.counts.late, 1);
  const checkpoint = decodeCheckpoint(encodeCheckpoint(before.core.checkpoint()).metadata, 0);
  assert.deepEqual(
    checkpoint?.marks.map((mark) => mark.offset),
    [1, 2],
    "closings at the same offset are one mark",
  );
  const many = new PartitionSteps().alert("held", 1);
  for (let window = 1; window <= 40; window++) many.knownEnd(window * 30 + 2).alert(`d${window}`, 2);
  const marks = decodeCheckpoint(encodeCheckpoint(many.core.checkpoint()).metadata, 0);
  assert.equal(marks?.marks.length, 32);
  const after = new PartitionSteps({}, marks).alert("held", 1);
  for (let window = 1; window <= 40; window++) after.alert(`d${window}`, 2);
  after.knownEnd(5000);
  assert.equal(many.core.counts.late, 40);
  assert.equal(after.core.counts.late, 32);
  assert.equal(after.log.length, 41);
});
