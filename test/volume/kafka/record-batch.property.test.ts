import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import fc from "fast-check";
import { readRecordSet } from "#src/kafka/fetch-answer.js";
import { unpackerOf } from "#src/kafka/unpackers.js";
import { registerCodecs } from "#test/support/kafkajs-codecs.js";
import { checkAsyncProperty } from "#test/support/property.js";
import { type BatchFields, type BatchRecord, encodeBatch } from "#test/support/record-batches.js";

registerCodecs();

interface KafkaJsMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, unknown>;
  readonly isControlRecord: boolean;
  readonly attributes: number;
  readonly magicByte: number;
  readonly batchContext: {
    readonly partitionLeaderEpoch: number;
    readonly inTransaction: boolean;
    readonly isControlBatch: boolean;
    readonly producerId: string | bigint;
  };
}

const require = createRequire(import.meta.url);
const Decoder = require("kafkajs/src/protocol/decoder.js") as new (data: Buffer) => object;
const decodeMessages = require("kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js") as (
  decoder: object,
) => Promise<readonly KafkaJsMessage[]>;

const byKafkaJs = async (bytes: Buffer): Promise<readonly KafkaJsMessage[]> => {
  // It reads the magic byte without looking whether it is there.
  if (bytes.length <= 16) return [];
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return decodeMessages(new Decoder(Buffer.concat([length, bytes])));
};

const ours = (bytes: Buffer) =>
  readRecordSet(bytes, {
    decompress: async (codec, data) => (await unpackerOf(codec)).whole(data, Number.POSITIVE_INFINITY),
    turn: async () => undefined,
  });

const shapeOf = (message: KafkaJsMessage) => ({
  offset: message.offset,
  timestamp: message.timestamp,
  key: message.key === null ? null : message.key.toString("hex"),
  value: message.value === null ? null : message.value.toString("hex"),
  headers: message.headers,
  isControlRecord: message.isControlRecord,
  attributes: message.attributes,
  magicByte: message.magicByte,
  epoch: message.batchContext.partitionLeaderEpoch,
  inTransaction: message.batchContext.inTransaction,
  isControlBatch: message.batchContext.isControlBatch,
  producerId: String(message.batchContext.producerId),
});

const bytes = (max: number) =>
  fc.option(
    fc.uint8Array({ maxLength: max }).map((content) => Buffer.from(content)),
    { freq: 5 },
  );

/** KafkaJS takes what every object inherits for a header that was there before. */
const headerName = fc.string({ maxLength: 10 }).filter((name) => !(name in Object.prototype));

const record: fc.Arbitrary<Omit<BatchRecord, "offsetDelta"> & { readonly gap: number }> = fc.record({
  /** Records before it that compaction has removed. */
  gap: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.nat(300_000)),
  timestampDelta: fc.oneof(fc.nat(100), fc.integer({ min: -(2 ** 45), max: 2 ** 45 })),
  key: bytes(20),
  value: bytes(300),
  headers: fc.array(fc.tuple(fc.oneof(fc.constantFrom("a", "dead-letter.redrives"), headerName), bytes(200)), {
    maxLength: 4,
  }),
});

const batch: fc.Arbitrary<Omit<BatchFields, "baseOffset">> = fc.record({
  leaderEpoch: fc.integer({ min: -1, max: 1_000 }),
  codec: fc.constantFrom(0, 0, 1, 2, 3, 4),
  appendTime: fc.boolean(),
  transactional: fc.boolean(),
  control: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
  baseTimestamp: fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: 2 ** 43 })),
  maxTimestamp: fc.integer({ min: 0, max: 2 ** 43 }),
  producerId: fc.oneof(fc.constant(-1), fc.nat(Number.MAX_SAFE_INTEGER)),
  emptied: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.nat(1_000)),
  records: fc.array(record, { maxLength: 12 }).map((all) => {
    let next = 0;
    return all.map(({ gap, ...one }) => {
      const offsetDelta = next + gap;
      next = offsetDelta + 1;
      return { ...one, offsetDelta };
    });
  }),
});

/** One after the other, from some offset on; `cut`: bytes that the limit of the fetch left off at the end. */
const set = fc.record({
  start: fc.oneof(fc.nat(1_000), fc.nat(2 ** 52)),
  batches: fc.array(batch, { maxLength: 6 }),
  cut: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(200)),
});

const encoded = ({ start, batches, cut }: typeof set extends fc.Arbitrary<infer T> ? T : never) => {
  let baseOffset = start;
  const all = batches.map((one) => {
    const whole = { ...one, baseOffset };
    baseOffset += (one.records.at(-1)?.offsetDelta ?? 0) + one.emptied + 1;
    return { fields: whole, bytes: encodeBatch(whole) };
  });
  const joined = Buffer.concat(all.map((one) => one.bytes));
  return { all, bytes: joined.subarray(0, Math.max(0, joined.length - cut)) };
};

const rerun = "npm run test:volume -- kafka/record-batch.property";

test("every record is as KafkaJS's own decoder has it, whatever the codec, flags, headers and gaps, and wherever the fetch was cut", async () => {
  await checkAsyncProperty(
    fc.asyncProperty(set, async (drawn) => {
      const { bytes: fetched } = encoded(drawn);
      const found = await ours(fetched);
      assert.equal(found.corrupt, undefined);
      assert.deepEqual(
        found.messages.map((message) => shapeOf(message as unknown as KafkaJsMessage)),
        (await byKafkaJs(fetched)).map(shapeOf),
      );
    }),
    { runs: 300, rerun },
  );
});

test("headers may have the names of what every object inherits", async () => {
  const headers = ["toString", "constructor", "__proto__", "toString"].map((name) => [name, Buffer.from("x")] as const);
  const one = { offsetDelta: 0, timestampDelta: 0, key: null, value: null, headers };
  const [plain] = fc.sample(batch, { numRuns: 1, seed: 1 });
  const bytes = encodeBatch({ ...(plain as BatchFields), baseOffset: 0, codec: 0, records: [one] });
  const [found] = (await ours(bytes)).messages;
  const names = Object.entries(found?.headers ?? {}).map(([name, value]) => [name, String(value)]);
  assert.deepEqual(names, [
    ["toString", "x,x"],
    ["constructor", "x"],
    ["__proto__", "x"],
  ]);
});

test("it says how far whole batches reach, also where compaction has left nothing of them", async () => {
  await checkAsyncProperty(
    fc.asyncProperty(set, async (drawn) => {
      const { all, bytes: fetched } = encoded(drawn);
      let left = fetched.length;
      let coveredTo: number | undefined;
      for (const { fields, bytes: one } of all) {
        left -= one.length;
        if (left < 0) break;
        coveredTo = fields.baseOffset + (fields.records.at(-1)?.offsetDelta ?? 0) + fields.emptied + 1;
      }
      assert.equal((await ours(fetched)).coveredTo, coveredTo);
    }),
    { runs: 200, rerun },
  );
});

test("one flipped bit is found: what comes before is delivered, nothing from there on, and nothing throws", async () => {
  await checkAsyncProperty(
    fc.asyncProperty(set, fc.nat(), fc.nat(7), async (drawn, where, bit) => {
      const { all, bytes: fetched } = encoded({ ...drawn, cut: 0 });
      if (fetched.length === 0) return;
      const at = where % fetched.length;
      const damaged = Buffer.from(fetched);
      damaged[at] = (damaged[at] as number) ^ (1 << bit);
      let [begin, index] = [0, 0];
      for (; begin + (all[index] as (typeof all)[0]).bytes.length <= at; index++)
        begin += (all[index] as (typeof all)[0]).bytes.length;
      // The base offset, the leader's epoch and the magic byte are outside the checksum; a length that grows looks like the end of the fetch.
      if (at - begin < 17) return;
      const found = await ours(damaged);
      const sound = await ours(fetched.subarray(0, begin));
      assert.equal(found.corrupt?.offset, (all[index] as (typeof all)[0]).fields.baseOffset);
      assert.deepEqual(
        found.messages.map(({ offset }) => offset),
        sound.messages.map(({ offset }) => offset),
      );
      assert.equal(found.coveredTo, sound.coveredTo);
    }),
    { runs: 300, rerun },
  );
});

test("bytes of any kind throw nothing and take no memory that they have not", async () => {
  const junk = fc.uint8Array({ maxLength: 400 }).map((content) => {
    const some = Buffer.from(content);
    if (some.length > 61) {
      some.writeInt32BE(some.length - 12, 8);
      some.writeInt8(2, 16);
    }
    return some;
  });
  await checkAsyncProperty(
    fc.asyncProperty(junk, async (content) => {
      const found = await ours(content);
      assert.ok(found.messages.length <= content.length);
    }),
    { runs: 500, rerun },
  );
});
