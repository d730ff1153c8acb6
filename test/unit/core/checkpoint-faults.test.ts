import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SEVERITIES } from "#src/core/alert.js";
import { checkpointBytes, checkpointOf } from "#src/core/checkpoint.js";
import { ByteReader } from "#src/core/checkpoint-bytes.js";
import { decodeFaults, encodeFaults, type FaultFacts } from "#src/core/checkpoint-faults.js";
import { deviceHashes, typeWord } from "#src/core/faults.js";
import { mergeStarts } from "#src/core/handover.js";
import { belowEnd, knownTo, upTo } from "#src/core/log-history.js";
import type { PartitionStart } from "#src/core/partition.js";

const NOW = 1_795_000_000;
const POSITION = 5_000_000;

/** As many devices as told, each with a type that fires. */
const firing = (devices: number, parts: Partial<FaultFacts> = {}): FaultFacts => ({
  upTo: POSITION + 100,
  heardTo: NOW,
  completeFrom: undefined,
  devices: Array.from({ length: devices }, (_, index) => ({
    ...deviceHashes(Buffer.from(`sensor-${index}`)),
    isFull: false,
    faults: [
      {
        type: typeWord(index % 2 === 0 ? "TEMPERATURE_HIGH" : "DOOR_OPEN"),
        began: NOW - 3_600 - index,
        from: POSITION,
        to: undefined,
        heard: NOW - 30,
        worst: "warning",
      },
    ],
  })),
  ...parts,
});

const starting = (parts: Partial<PartitionStart>): PartitionStart => ({
  position: POSITION,
  time: undefined,
  marks: [],
  settled: [],
  ...parts,
});

const again = (start: PartitionStart, maxBytes = 3_000) => {
  const { bytes, ...encoded } = checkpointBytes(start, maxBytes);
  return { ...encoded, size: bytes?.length ?? 0, checkpoint: checkpointOf(bytes as Uint8Array) };
};

const anyFacts = (): fc.Arbitrary<FaultFacts> => {
  const fault = fc
    .record({
      type: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      began: fc.option(fc.integer({ min: NOW - 10_000_000, max: NOW + 86_400 }), { nil: undefined }),
      from: fc.integer({ min: POSITION, max: POSITION + 1_000_000 }),
      length: fc.option(fc.nat(1_000), { nil: undefined }),
      heard: fc.integer({ min: NOW - 10_000, max: NOW }),
      worst: fc.constantFrom(...SEVERITIES),
    })
    .map(({ length, ...one }) => ({ ...one, to: length === undefined ? undefined : one.from + length }));
  const device = fc.record(
    {
      hash: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      more: fc.nat(0xffff),
      isFull: fc.boolean(),
      faults: fc.array(fault, { minLength: 1, maxLength: 4 }),
    },
    { noNullPrototype: true },
  );
  return fc.record(
    {
      upTo: fc.integer({ min: POSITION, max: POSITION + 1_000_000 }),
      heardTo: fc.constant(NOW),
      completeFrom: fc.option(fc.integer({ min: NOW - 10_000, max: NOW }), { nil: undefined }),
      devices: fc.array(device, { maxLength: 6 }),
    },
    { noNullPrototype: true },
  );
};

const decoded = (bytes: readonly number[]): FaultFacts | undefined =>
  decodeFaults(new ByteReader(Uint8Array.from(bytes)), POSITION);

test("for any faults, a checkpoint that has room says all of them", () => {
  fc.assert(
    fc.property(anyFacts(), (one) => {
      const bytes = encodeFaults(one, POSITION, 3_000);
      assert.deepEqual(decoded(bytes), one);
      assert.ok(bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256));
    }),
  );
});

test("for any faults and any room, as many are said as fit, those heard of last, and of which types they are, and of no others", () => {
  fc.assert(
    fc.property(anyFacts(), fc.nat(300), (one, room) => {
      const bytes = encodeFaults(one, POSITION, room);
      assert.ok(bytes.length <= room);
      const all = one.devices;
      const said = decoded(bytes)?.devices.length ?? 0;
      if (bytes.length > 0) assert.deepEqual(decoded(bytes)?.devices, all.slice(all.length - said));
      const alone = (count: number, of = one): number[] =>
        encodeFaults({ ...of, devices: all.slice(all.length - count) }, POSITION, 3_000);
      if (said === all.length) return;
      assert.ok(alone(said + 1).length + 6 > room, "one more would have fit");
      if (bytes.length > 0) assert.deepEqual(bytes, alone(said, { ...one, completeFrom: one.heardTo }));
    }),
    { numRuns: 300 },
  );
});

test("six bytes of room beside them are kept free for what is longer in others, and no more", () => {
  const facts = firing(3);
  const all = encodeFaults(facts, POSITION, 3_000);
  assert.deepEqual(encodeFaults(facts, POSITION, all.length + 6), all);
  assert.equal(decoded(encodeFaults(facts, POSITION, all.length + 5))?.devices.length, 2);
});

test("that nothing fires is said where there is room for just that", () => {
  const none = encodeFaults(firing(0), POSITION, 3_000);
  assert.deepEqual(encodeFaults(firing(0), POSITION, none.length), none);
  assert.deepEqual(encodeFaults(firing(0), POSITION, none.length - 1), []);
});

test("whichever byte is another one, they are not known, or each has a type and a severity", () => {
  const bytes = encodeFaults(firing(2, { completeFrom: NOW - 5 }), POSITION, 3_000);
  for (let at = 0; at < bytes.length; at++)
    for (let byte = 0; byte < 256; byte++)
      for (const { faults } of decoded(bytes.with(at, byte))?.devices ?? [])
        for (const { type, worst } of faults) assert.ok(Number.isInteger(type) && SEVERITIES.includes(worst));
});

test("cut at any byte, they are not known, and what is settled is", () => {
  const bytes = encodeFaults(firing(3, { completeFrom: NOW - 5 }), POSITION, 3_000);
  for (let length = 0; length < bytes.length; length++) {
    const cut = decodeFaults(new ByteReader(Uint8Array.from(bytes.slice(0, length))), POSITION);
    assert.ok(cut === undefined || cut.devices.length < 3);
  }
});

test("of what does not fit, those heard of last are kept, and no other is taken for silent", () => {
  const { checkpoint, overflowed, size } = again(starting({ faults: firing(300) }), 500);
  assert.ok(size <= 500);
  assert.equal(overflowed, false, "it costs no repeats");
  const { devices, completeFrom } = checkpoint?.faults ?? assert.fail("no faults");
  assert.deepEqual(devices, firing(300).devices.slice(-devices.length));
  assert.ok(devices.length > 30 && devices.length < 45, `${devices.length} devices`);
  assert.equal(completeFrom, NOW);
});

test("a checkpoint of Kafka's usual size has room for more than two hundred devices that fire", () => {
  const { checkpoint, size } = again(starting({ faults: firing(300) }), 3_057);
  assert.ok(size <= 3_057);
  assert.ok((checkpoint?.faults?.devices.length ?? 0) > 230, `${checkpoint?.faults?.devices.length} devices`);
});

test("what is settled and half delivered comes first, and does not pay for faults", () => {
  const settled = Array.from({ length: 150 }, (_, index): [number, number] => [
    POSITION + 1 + index * 7,
    POSITION + 2 + index * 7 + (index % 3),
  ]);
  const delivered = [{ recipients: [1, 2], runs: [[POSITION, POSITION] as const] }];
  const { size: least } = again(starting({ settled, delivered }));
  for (let maxBytes = least - 30; maxBytes < least + 100; maxBytes++) {
    const without = again(starting({ settled, delivered }), maxBytes);
    const { checkpoint, overflowed, size, settledBytes } = again(
      starting({ settled, delivered, faults: firing(300) }),
      maxBytes,
    );
    assert.ok(size <= maxBytes, `${size} of ${maxBytes} bytes`);
    assert.deepEqual(checkpoint?.settled, without.checkpoint?.settled);
    assert.deepEqual(checkpoint?.delivered, without.checkpoint?.delivered);
    assert.deepEqual([overflowed, settledBytes], [without.overflowed, without.settledBytes]);
  }
});

test("of two accounts the one that has counted more of the log counts, and none of a log that is gone", () => {
  const [less, more] = [firing(1, { upTo: POSITION + 5 }), firing(2, { upTo: POSITION + 9 })];
  const merged = (committed: FaultFacts | undefined, own: FaultFacts | undefined) =>
    mergeStarts(
      starting(committed === undefined ? {} : { faults: committed }),
      starting(own === undefined ? {} : { faults: own }),
    ).faults;
  assert.deepEqual([merged(less, more), merged(more, less)], [more, more]);
  assert.deepEqual([merged(less, undefined), merged(undefined, less)], [less, less]);
  const start = starting({ faults: more });
  assert.equal(knownTo(start), POSITION + 9);
  assert.deepEqual(belowEnd(start, POSITION + 9).start.faults, more);
  assert.equal(belowEnd(start, POSITION + 8).start.faults, undefined);
  assert.equal(upTo(start, POSITION + 8).faults, undefined);
});
