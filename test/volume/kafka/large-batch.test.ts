import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readRecordSet } from "#src/kafka/fetch-answer.js";
import { type LargeBatch, type RecordGroup, recordGroups } from "#src/kafka/large-batch.js";
import type { FetchedRecord } from "#src/kafka/record-batch.js";
import { UnkeptRecord } from "#src/kafka/record-cursor.js";
import { checkAsyncProperty } from "#test/support/property.js";
import { type BatchRecord, encodeBatch, plainBatch } from "#test/support/record-batches.js";

const CODECS = [1, 2, 3, 4] as const;

const record = (offsetDelta: number, more: Partial<BatchRecord> = {}): BatchRecord => ({
  offsetDelta,
  timestampDelta: offsetDelta,
  key: Buffer.from(`device-${offsetDelta}`),
  value: Buffer.from(`value ${offsetDelta}`),
  headers: [],
  ...more,
});

/** As a fetch without any room finds it. */
const largeOf = async (codec: number, records: readonly BatchRecord[], baseOffset = 100): Promise<LargeBatch> => {
  const bytes = encodeBatch({ ...plainBatch(baseOffset, records), codec });
  const { large, messages, coveredTo } = await readRecordSet(bytes, {
    decompress: async () => undefined,
    turn: async () => undefined,
  });
  assert.deepEqual([messages, coveredTo], [[], undefined]);
  return large as LargeBatch;
};

const groupsOf = async (large: LargeBatch): Promise<readonly RecordGroup[]> => {
  const groups: RecordGroup[] = [];
  for await (const group of recordGroups(large)) groups.push(group);
  return groups;
};

const seen = (one: FetchedRecord) => ({
  offset: one.offsetNumber,
  timestampMs: one.timestampMs,
  key: one.key && String(one.key),
  value: one.value && one.value.length < 100 ? String(one.value) : (one.value?.length ?? null),
  headers: Object.keys(one.headers),
});

test("its records come in groups, whatever their sizes and the codec: the same that come of it all at once", async () => {
  const sizes = fc.array(
    fc.oneof({ weight: 5, arbitrary: fc.nat(2_000) }, fc.integer({ min: 300_000, max: 1_048_576 })),
    {
      minLength: 1,
      maxLength: 12,
    },
  );
  await checkAsyncProperty(
    fc.asyncProperty(sizes, fc.constantFrom(...CODECS), async (drawn, codec) => {
      const records = drawn.map((size, i) => record(2 * i, { value: Buffer.alloc(size, i), headers: [["a", null]] }));
      const groups = await groupsOf(await largeOf(codec, records));
      const whole = await readRecordSet(encodeBatch(plainBatch(100, records)), {
        decompress: async () => undefined,
        turn: async () => undefined,
      });
      assert.deepEqual(
        groups.flatMap((group) => group.records.map(seen)),
        whole.messages.map(seen),
      );
      assert.equal(groups.at(-1)?.next, whole.coveredTo);
      for (const { records: some, next } of groups) assert.ok(some.every(({ offsetNumber }) => offsetNumber < next));
      const largest = Math.max(
        ...groups.map(({ records: some }) => some.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)),
      );
      assert.ok(largest < 6 * 1024 * 1024, `${largest}`);
    }),
    { runs: 20, rerun: "npm run test:volume -- kafka/large-batch" },
  );
});

for (const codec of CODECS) {
  test(`a value over 1 MiB is passed over as it comes, and its record is told without it (codec ${codec})`, async () => {
    const large = await largeOf(codec, [
      record(0),
      record(1, { value: Buffer.alloc(8_000_000, "x"), headers: [["trace", Buffer.from("t")]] }),
      record(2, { value: Buffer.alloc(1024 * 1024, "y") }),
      record(3, { value: Buffer.alloc(1024 * 1024 + 1, "z"), key: null }),
      record(4),
    ]);
    const groups = await groupsOf(large);
    const all = groups.flatMap(({ records }) => records);
    assert.deepEqual(all.map(seen), [
      { offset: 100, timestampMs: 1, key: "device-0", value: "value 0", headers: [] },
      { offset: 101, timestampMs: 2, key: "device-1", value: null, headers: [] },
      { offset: 102, timestampMs: 3, key: "device-2", value: 1024 * 1024, headers: [] },
      { offset: 103, timestampMs: 4, key: null, value: null, headers: [] },
      { offset: 104, timestampMs: 5, key: "device-4", value: "value 4", headers: [] },
    ]);
    assert.deepEqual(
      all.map((one) => (one instanceof UnkeptRecord ? one.unkeptBytes : 0)),
      [0, 8_000_000, 0, 1024 * 1024 + 1, 0],
    );
    // While the large one passes there are places to do something else.
    assert.ok(groups.length >= 3, `${groups.length} groups`);
  });
}

test("a record whose headers are too large is not kept either; one with a large key is, as long as it is no larger than 2 MiB", async () => {
  const large = await largeOf(1, [
    record(0, { headers: [["a", Buffer.alloc(3_000_000)]] }),
    record(1, { key: Buffer.alloc(100_000, "k") }),
    record(2, { key: Buffer.alloc(3_000_000, "k") }),
  ]);
  const all = (await groupsOf(large)).flatMap(({ records }) => records);
  assert.deepEqual(
    all.map((one) => [one.offsetNumber, one instanceof UnkeptRecord, one.key?.length ?? null]),
    [
      [100, true, 8],
      [101, false, 100_000],
      [102, true, null],
    ],
  );
});

test("one that ends too early, or has a length that cannot be, says so after what is sound", async () => {
  const sound = await largeOf(1, [record(0), record(1)]);
  const missing = { ...sound, head: { ...sound.head, count: 3 } };
  await assert.rejects(groupsOf(missing), /ends before the last of its 3 records/);
  const cut = { ...sound, data: sound.data.subarray(0, sound.data.length - 12) };
  await assert.rejects(groupsOf(cut), Error);
});
