/**
 * Batches that unpack to far more than they are: a small alert, a record with a value of one byte so many times, a small alert. They are made without
 * what they unpack to ever being in memory.
 */

import { once } from "node:events";
import { constants, createGzip } from "node:zlib";
import kafkajs from "kafkajs";
import lz4 from "lz4-napi";
import { quietClient } from "./kafka-admin.js";
import { encodeRecord, repeatedZstd, zstdRawBlock } from "./record-batches.js";

export type Codec = "gzip" | "snappy" | "lz4" | "zstd";

const TYPES = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;

/** What comes before the byte that is repeated, and after it. */
interface Frame {
  readonly before: Buffer;
  readonly times: number;
  readonly after: Buffer;
}

const FILLER = 0x20;

/** One batch of three records; resolves with its size as it is sent. */
export const produceLargeBatch = async (
  brokers: string,
  topic: string,
  codec: Codec,
  records: { readonly small: readonly [Alert, Alert]; readonly valueBytes: number },
): Promise<number> => {
  const packed = await PACKERS[codec](framed(records));
  const { CompressionCodecs } = kafkajs;
  const before = CompressionCodecs[TYPES[codec]];
  const pack = { compress: async () => packed, decompress: () => Promise.reject(new Error("only written here")) };
  CompressionCodecs[TYPES[codec]] = () => pack;
  // The broker unpacks it first. Asked again meanwhile, it would have the batch twice.
  const producer = quietClient(brokers, { requestTimeout: 240_000 }).producer({ allowAutoTopicCreation: false });
  try {
    await producer.connect();
    // KafkaJS makes the head of the batch from these: three records of one time.
    const messages = Array.from({ length: 3 }, () => ({ value: "", timestamp: String(Date.now()), partition: 0 }));
    const [first] = messages;
    await producer.send({
      topic,
      acks: -1,
      timeout: 240_000,
      compression: TYPES[codec],
      messages: messages.map((message) => ({ ...message, timestamp: first?.timestamp as string })),
    });
  } finally {
    if (before === undefined) delete (CompressionCodecs as Record<number, unknown>)[TYPES[codec]];
    else CompressionCodecs[TYPES[codec]] = before;
    await producer.disconnect();
  }
  return packed.length;
};

export interface Alert {
  readonly key: string;
  readonly value: string;
}

const framed = ({
  small: [first, last],
  valueBytes,
}: {
  small: readonly [Alert, Alert];
  valueBytes: number;
}): Frame => {
  const record = (offsetDelta: number, key: Buffer, value: Buffer): Buffer =>
    encodeRecord({ offsetDelta, timestampDelta: 0, key, value, headers: [] });
  const alert = (offsetDelta: number, { key, value }: Alert): Buffer =>
    record(offsetDelta, Buffer.from(key), Buffer.from(value));
  // Its value lies at its end, before the number of its headers.
  const key = Buffer.from("large");
  const head = Buffer.concat([Buffer.from([0, 0, 2, 2 * key.length]), key, varint(valueBytes)]);
  return {
    before: Buffer.concat([alert(0, first), varint(head.length + valueBytes + 1), head]),
    times: valueBytes,
    after: Buffer.concat([Buffer.from([0]), alert(2, last)]),
  };
};

/** Zigzag, as a record has its lengths. */
const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let left = BigInt(value) * 2n;
  for (; left >= 0x80n; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80);
  bytes.push(Number(left));
  return Buffer.from(bytes);
};

const gzipped = async ({ before, times, after }: Frame): Promise<Buffer> => {
  const stream = createGzip({ level: constants.Z_BEST_COMPRESSION });
  const packed: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => void packed.push(chunk));
  const write = async (chunk: Buffer): Promise<void> => {
    if (!stream.write(chunk)) await once(stream, "drain");
  };
  await write(before);
  const filler = Buffer.alloc(1024 * 1024, FILLER);
  for (let left = times; left > 0; left -= filler.length) await write(filler.subarray(0, left));
  await write(after);
  stream.end();
  await once(stream, "end");
  return Buffer.concat(packed);
};

/** One raw block: literals, then copies of 64 bytes one byte back. */
const snappied = async ({ before, times, after }: Frame): Promise<Buffer> => {
  const length: number[] = [];
  let left = before.length + times + after.length;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) length.push((left % 0x80) | 0x80);
  length.push(left);
  const copies = Buffer.alloc(3 * Math.floor((times - 1) / 64), Buffer.from([(63 << 2) | 2, 1, 0]));
  const rest = Buffer.alloc((times - 1) % 64, FILLER);
  return Buffer.concat([
    Buffer.from(length),
    ...literals(Buffer.concat([before, Buffer.from([FILLER])])),
    copies,
    ...literals(Buffer.concat([rest, after])),
  ]);
};

const literals = (bytes: Buffer): Buffer[] => {
  const all: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 60) {
    const literal = bytes.subarray(at, at + 60);
    all.push(Buffer.from([(literal.length - 1) << 2]), literal);
  }
  return all;
};

const LZ4_BLOCK = 64 * 1024;

/** Blocks of 64 KB of the filler, each a match that overlaps itself; what is around them as it is. */
const lz4ed = async ({ before, times, after }: Frame): Promise<Buffer> => {
  const head = lz4.compressFrameSync(Buffer.from("x")).subarray(0, 7);
  const whole = repeatedLz4Block(LZ4_BLOCK);
  const count = Math.floor(times / LZ4_BLOCK);
  const rest = Buffer.alloc(times % LZ4_BLOCK, FILLER);
  const blocks = Array.from({ length: count }, () => whole);
  const raw = [before, Buffer.concat([rest, after])];
  const [front, back] = raw.map((bytes) => sized(bytes, 0x80000000)) as [Buffer, Buffer];
  return Buffer.concat([head, front, ...blocks, back, Buffer.alloc(4)]);
};

const sized = (bytes: Buffer, flag: number): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(flag + bytes.length);
  return Buffer.concat([length, bytes]);
};

/** A literal, a match one byte back, and the twelve literals that the end of a block needs. */
const repeatedLz4Block = (bytes: number): Buffer => {
  const more = bytes - 1 - 12 - 4 - 15;
  const length = Buffer.concat([Buffer.alloc(Math.floor(more / 255), 255), Buffer.from([more % 255])]);
  const end = Buffer.concat([Buffer.from([0xc0]), Buffer.alloc(12, FILLER)]);
  return sized(Buffer.concat([Buffer.from([0x1f, FILLER, 1, 0]), length, end]), 0);
};

const zstded = async ({ before, times, after }: Frame): Promise<Buffer> => {
  const repeated = repeatedZstd(FILLER, times, false);
  const head = repeated.subarray(0, 6);
  return Buffer.concat([head, zstdRawBlock(before, false), repeated.subarray(6), zstdRawBlock(after, true)]);
};

const PACKERS: Record<Codec, (frame: Frame) => Promise<Buffer>> = {
  gzip: gzipped,
  snappy: snappied,
  lz4: lz4ed,
  zstd: zstded,
};
