import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { decodeFetchesByNumbers, type FetchedPartition } from "#src/kafka/fetch-decoding.js";
import { fetchedMemory } from "#src/kafka/fetched-memory.js";
import { encodeCompressed, encodeMessage } from "#test/support/message-sets.js";
import { encodeBatch, plainBatch } from "#test/support/record-batches.js";

decodeFetchesByNumbers();
const { decode } = createRequire(import.meta.url)("kafkajs/src/protocol/requests/fetch/v4/response.js") as {
  decode(data: Buffer): Promise<{ responses: readonly { partitions: readonly FetchedPartition[] }[] }>;
};

/** As a broker answers for one partition. */
const answer = (records: Buffer): Buffer => {
  const head = Buffer.alloc(4 + 4 + 2 + 1 + 4 + 4 + 2 + 8 + 8 + 4 + 4);
  let at = head.writeInt32BE(0, 0);
  at = head.writeInt32BE(1, at);
  at = head.writeInt16BE(1, at);
  at += head.write("t", at);
  at = head.writeInt32BE(1, at);
  at = head.writeInt32BE(0, at);
  at = head.writeInt16BE(0, at);
  at = head.writeBigInt64BE(0n, at);
  at = head.writeBigInt64BE(0n, at);
  at = head.writeInt32BE(0, at);
  head.writeInt32BE(records.length, at);
  return Buffer.concat([head, records]);
};

const partitionOf = async (records: Buffer): Promise<FetchedPartition> => {
  const { responses } = await decode(answer(records));
  const partition = responses[0]?.partitions[0];
  assert.ok(partition);
  return partition;
};

const gzipped = (bytes: number): Buffer =>
  encodeBatch({
    ...plainBatch(0, [{ offsetDelta: 0, timestampDelta: 0, key: null, value: Buffer.alloc(bytes, "x"), headers: [] }]),
    codec: 1,
  });

const bounded = async (maxBytes: number, run: () => Promise<void>): Promise<void> => {
  const before = fetchedMemory.maxBytes;
  fetchedMemory.maxBytes = fetchedMemory.bytes + maxBytes;
  try {
    await run();
  } finally {
    fetchedMemory.maxBytes = before;
  }
};

test("two brokers whose batches are unpacked at once have no more room together than one: what is beyond it is left packed", () =>
  bounded(5_000_000, async () => {
    const both = await Promise.all([partitionOf(gzipped(4_000_000)), partitionOf(gzipped(4_000_000))]);
    assert.deepEqual(both.map(({ messages, large }) => [messages.length, large !== undefined]).sort(), [
      [0, true],
      [1, false],
    ]);
    for (const { held } of both) held?.release();
    const after = await partitionOf(gzipped(4_000_000));
    assert.equal(after.messages.length, 1, "there is room again");
    after.held?.release();
  }));

test("messages from before Kafka 0.11 count as held, and one that there is no room for is told", () =>
  bounded(1_000_000, async () => {
    const before = fetchedMemory.bytes;
    const small = encodeMessage({ offset: 0, magic: 1, value: Buffer.from("small") });
    const large = (bytes: number): Buffer =>
      encodeCompressed([{ offset: 1, magic: 1, value: Buffer.alloc(bytes, "x") }]);
    const fits = await partitionOf(Buffer.concat([small, large(500_000)]));
    assert.equal(fits.messages.length, 2);
    assert.ok(fetchedMemory.bytes - before > 500_000);
    fits.held?.release();
    assert.equal(fetchedMemory.bytes, before);
    const beyond = await partitionOf(Buffer.concat([small, large(2_000_000)]));
    assert.deepEqual([beyond.messages.length, beyond.corrupt?.isTooLarge], [1, true]);
    beyond.held?.release();
  }));
