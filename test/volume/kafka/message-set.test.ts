import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import lz4 from "lz4-napi";
import { readMessageSet, type SetUnpacking } from "#src/kafka/message-set.js";
import { unpackerOf } from "#src/kafka/unpackers.js";
import { encodeCompressed, encodeMessage, type OldRecord } from "#test/support/message-sets.js";
import { encodeBatch, plainBatch } from "#test/support/record-batches.js";

const require = createRequire(import.meta.url);
const Decoder = require("kafkajs/src/protocol/decoder.js") as new (data: Buffer) => object;
const byKafkaJs = require("kafkajs/src/protocol/messageSet/decoder.js") as (
  decoder: object,
  size: number,
) => Promise<readonly { offset: string; timestamp?: string; key: Buffer | null; value: Buffer | null }[]>;

const read = (bytes: Buffer, { maxBytes = 1_000_000 }: Partial<SetUnpacking> = {}) =>
  readMessageSet(bytes, {
    decompress: async (codec, data) => (await unpackerOf(codec)).whole(data, maxBytes),
    maxBytes,
    turn: async () => undefined,
  });

/** Of a frame without a size: magic number, flags, size of the blocks, then it. */
const HEAD_CHECKSUM_AT = 6;

const records = (magic: 0 | 1, from: number, values: readonly (string | null)[]): OldRecord[] =>
  values.map((value, index) => ({
    ...{ magic, offset: from + index, timestampMs: 1_000 + index },
    key: index % 2 === 0 ? null : Buffer.from(`key-${index}`),
    value: value === null ? null : Buffer.from(value),
  }));

const shape = ({ offset, timestamp, key, value }: Awaited<ReturnType<typeof byKafkaJs>>[number]) => ({
  offset,
  timestamp: timestamp ?? "-1",
  key: key?.toString(),
  value: value?.toString(),
});

for (const magic of [0, 1] as const)
  test(`messages of format ${magic}, plain and compressed, are what KafkaJS makes of them`, async () => {
    const bytes = Buffer.concat([
      ...records(magic, 5, ["a", null, "", "한글"]).map(encodeMessage),
      encodeCompressed(records(magic, 9, ["x", "y", "z"])),
      ...records(magic, 12, ["last"]).map(encodeMessage),
    ]);
    const { messages, corrupt } = await read(bytes);
    assert.equal(corrupt, undefined);
    assert.deepEqual(messages.map(shape), (await byKafkaJs(new Decoder(bytes), bytes.length)).map(shape));
    assert.deepEqual(
      messages.map(({ offset }) => offset),
      ["5", "6", "7", "8", "9", "10", "11", "12"],
    );
  });

test("LZ4 of format 0 is read, in which Kafka made the checksum of a frame's head of too many bytes", async () => {
  for (const values of [
    ["a", "b"],
    ["a".repeat(5_000_000), "b"],
  ]) {
    const value = lz4.compressFrameSync(Buffer.concat(records(0, 0, values).map(encodeMessage)));
    value.writeUInt8(value.readUInt8(HEAD_CHECKSUM_AT) ^ 0xff, HEAD_CHECKSUM_AT);
    const message = encodeMessage({ offset: 1, magic: 0, value, attributes: 3 });
    const { messages, corrupt } = await read(message, { maxBytes: 10_000_000 });
    assert.equal(corrupt, undefined);
    assert.deepEqual(
      messages.map((message) => message.value?.toString()),
      values,
    );
  }
});

test("where the broker says when they were appended, that is the time of all in a compressed one", async () => {
  const { messages } = await read(encodeCompressed(records(1, 0, ["a", "b"]), 8));
  assert.deepEqual(
    messages.map(({ timestamp }) => timestamp),
    ["1001", "1001"],
  );
});

test("what is cut off at the end is passed over, and so is what a log has that changes over to batches", async () => {
  const whole = records(1, 0, ["a", "b"]).map(encodeMessage);
  const cut = Buffer.concat([...whole, encodeCompressed(records(1, 2, ["c", "d"])).subarray(0, -1)]);
  const batch = encodeBatch(plainBatch(2, []));
  for (const bytes of [cut, Buffer.concat([...whole, batch]), Buffer.concat([...whole, Buffer.alloc(11)])]) {
    const { messages, corrupt } = await read(bytes);
    assert.deepEqual(
      messages.map(({ offset }) => offset),
      ["0", "1"],
    );
    assert.equal(corrupt, undefined);
  }
});

test("one that unpacks to more than there is room for holds its partition, says what to do, and costs nothing before it", async () => {
  const large = encodeCompressed(records(1, 2, ["x".repeat(2_000), "y"]));
  const bytes = Buffer.concat([...records(1, 0, ["a", "b"]).map(encodeMessage), large, large]);
  const { messages, corrupt } = await read(bytes, { maxBytes: 1_000 });
  assert.equal(messages.length, 2);
  assert.equal(corrupt?.isTooLarge, true);
  assert.match(corrupt?.problem ?? "", /unpacks to more than 1000 bytes.*only read whole: raise BATCH_MAX_BYTES/);
  assert.equal((await read(bytes, { maxBytes: 3_000 })).messages.length, 6);
});

test("what is not as it was written is told after what is sound, and nothing of it is believed", async () => {
  const [sound, other] = records(1, 0, ["a", "b"]).map(encodeMessage) as [Buffer, Buffer];
  const changed = (at: number, to: number): Buffer => {
    const bytes = Buffer.from(other);
    bytes[at] = to;
    return bytes;
  };
  const holding = (inner: Buffer): Buffer =>
    encodeMessage({ offset: 1, magic: 1, value: gzipSync(inner), attributes: 1 });
  for (const [bad, problem] of [
    [changed(other.length - 1, 0), /its checksum is/],
    [changed(11, 3), /says that it has 3 bytes/],
    [holding(other.subarray(0, -1)), /ends within a message/],
    [holding(Buffer.alloc(0)), /holds no message/],
    [holding(encodeCompressed(records(1, 0, ["a"]))), /a compressed message is in a compressed one/],
    [encodeMessage({ offset: 1, magic: 1, value: Buffer.from("no gzip"), attributes: 1 }), /incorrect header/],
    [encodeMessage({ offset: 1, magic: 1, value: Buffer.from("x"), attributes: 7 }), /codec that is not known: 7/],
  ] as const) {
    const { messages, corrupt } = await read(Buffer.concat([sound, bad, sound]));
    assert.deepEqual(
      messages.map(({ offset }) => offset),
      ["0"],
    );
    assert.match(corrupt?.problem ?? "", problem);
    assert.equal(corrupt?.isTooLarge, undefined);
  }
});

test("a compressed message may hold more messages than a call takes arguments", async () => {
  const count = 200_000;
  const inner = records(
    0,
    0,
    Array.from({ length: count }, () => null),
  );
  const { messages, corrupt } = await read(encodeCompressed(inner), { maxBytes: 20_000_000 });
  assert.deepEqual([messages.length, corrupt], [count, undefined]);
});
