/** Record batches as a broker keeps them, for tests of what reads them. */

import { gzipSync } from "node:zlib";
import { crc32c } from "@node-rs/crc32";
import lz4 from "lz4-napi";

export interface BatchRecord {
  readonly offsetDelta: number;
  readonly timestampDelta: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [string, Buffer | null])[];
}

export interface BatchFields {
  readonly baseOffset: number;
  readonly leaderEpoch: number;
  /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly codec: number;
  readonly appendTime: boolean;
  readonly transactional: boolean;
  readonly control: boolean;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  /** Offsets after the last record that compaction has emptied. */
  readonly emptied: number;
  readonly records: readonly BatchRecord[];
}

/** Nothing special about it. */
export const plainBatch = (baseOffset: number, records: readonly BatchRecord[]): BatchFields => ({
  baseOffset,
  records,
  leaderEpoch: 0,
  codec: 0,
  appendTime: false,
  transactional: false,
  control: false,
  baseTimestamp: 1,
  maxTimestamp: 1,
  producerId: -1,
  emptied: 0,
});

export const encodeBatch = (batch: BatchFields): Buffer => {
  const { records, codec } = batch;
  const head = Buffer.alloc(61);
  head.writeBigInt64BE(BigInt(batch.baseOffset), 0);
  head.writeInt32BE(batch.leaderEpoch, 12);
  head.writeInt8(2, 16);
  const flags = (batch.appendTime ? 8 : 0) | (batch.transactional ? 16 : 0) | (batch.control ? 32 : 0);
  head.writeInt16BE(codec | flags, 21);
  head.writeInt32BE((records.at(-1)?.offsetDelta ?? 0) + batch.emptied, 23);
  head.writeBigInt64BE(BigInt(batch.baseTimestamp), 27);
  head.writeBigInt64BE(BigInt(batch.maxTimestamp), 35);
  head.writeBigInt64BE(BigInt(batch.producerId), 43);
  head.writeInt16BE(0, 51);
  head.writeInt32BE(0, 53);
  head.writeInt32BE(records.length, 57);
  const body = compressed(codec, Buffer.concat(records.map(encodeRecord)));
  const whole = Buffer.concat([head, body]);
  whole.writeInt32BE(whole.length - 12, 8);
  whole.writeUInt32BE(crc32c(whole.subarray(21)), 17);
  return whole;
};

export const encodeRecord = ({ offsetDelta, timestampDelta, key, value, headers }: BatchRecord): Buffer => {
  const content = Buffer.concat([
    Buffer.from([0]),
    varint(timestampDelta),
    varint(offsetDelta),
    withLength(key),
    withLength(value),
    varint(headers.length),
    ...headers.flatMap(([name, content]) => [withLength(Buffer.from(name)), withLength(content)]),
  ]);
  return Buffer.concat([varint(content.length), content]);
};

const withLength = (bytes: Buffer | null): Buffer =>
  bytes === null ? varint(-1) : Buffer.concat([varint(bytes.length), bytes]);

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let left = value >= 0 ? BigInt(value) * 2n : -BigInt(value) * 2n - 1n;
  for (; left >= 0x80n; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80);
  bytes.push(Number(left));
  return Buffer.from(bytes);
};

const compressed = (codec: number, data: Buffer): Buffer => {
  switch (codec) {
    case 1:
      return gzipSync(data);
    case 2:
      return snappyLiterals(data);
    case 3:
      return lz4.compressFrameSync(data);
    case 4:
      return zstdRaw(data);
    default:
      return data;
  }
};

/** Literals only (format_description.txt of Snappy, section 2.1): as valid as a small one, and no encoder is needed. */
const snappyLiterals = (data: Buffer): Buffer => {
  const length: number[] = [];
  let left = data.length;
  for (; left >= 0x80; left >>>= 7) length.push((left & 0x7f) | 0x80);
  length.push(left);
  const literals: Buffer[] = [];
  for (let at = 0; at < data.length; at += 60) {
    const literal = data.subarray(at, at + 60);
    literals.push(Buffer.from([(literal.length - 1) << 2]), literal);
  }
  return Buffer.concat([Buffer.from(length), ...literals]);
};

/** A frame of raw blocks (RFC 8878 section 3.1.1): as valid as a small one, and no encoder is needed. */
export const zstdRaw = (data: Buffer): Buffer => {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0]);
  head.writeUInt32LE(data.length, 5);
  const blocks: Buffer[] = [];
  for (let at = 0; at === 0 || at < data.length; at += BLOCK) {
    const block = data.subarray(at, at + BLOCK);
    const isLast = at + BLOCK >= data.length;
    blocks.push(zstdRawBlock(block, isLast));
  }
  return Buffer.concat([head, ...blocks]);
};

export const zstdRawBlock = (bytes: Buffer, isLast: boolean): Buffer => {
  const header = Buffer.alloc(3);
  header.writeUIntLE(bytes.length * 8 + (isLast ? 1 : 0), 0, 3);
  return Buffer.concat([header, bytes]);
};

/** A frame of blocks that say "this byte so many times": what compresses best. Not `isAll`: more blocks are to follow. */
export const repeatedZstd = (byte: number, times: number, isAll = true): Buffer => {
  const blocks = Array.from({ length: Math.ceil(times / REPEATED_MAX) }, (_, i): Buffer => {
    const left = times - i * REPEATED_MAX;
    const block = Buffer.from([0, 0, 0, byte]);
    block.writeUIntLE(Math.min(left, REPEATED_MAX) * 8 + 2 + (isAll && left <= REPEATED_MAX ? 1 : 0), 0, 3);
    return block;
  });
  // A window of 1 MB, and no word of how much there is.
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50]), ...blocks]);
};

/** As snappy-java frames what it has packed block after block. */
export const xerial = (data: Buffer, blockBytes: number, pack: (block: Buffer) => Buffer): Buffer => {
  const parts: Buffer[] = [Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])];
  for (let at = 0; at < data.length; at += blockBytes) {
    const block = pack(data.subarray(at, at + blockBytes));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
};

const REPEATED_MAX = 128 * 1024;
const BLOCK = 100_000;
