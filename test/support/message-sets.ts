/** Messages of the formats from before Kafka 0.11 as a broker keeps them, for tests of what reads them. */

import { crc32, gzipSync } from "node:zlib";

export interface OldRecord {
  readonly offset: number;
  readonly magic: 0 | 1;
  readonly timestampMs?: number;
  readonly key?: Buffer | null;
  readonly value: Buffer | null;
  /** Codec and the flag for the time of appending. */
  readonly attributes?: number;
}

const field = (bytes: Buffer | null): Buffer => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes?.length ?? -1);
  return Buffer.concat([length, bytes ?? Buffer.alloc(0)]);
};

export const encodeMessage = ({
  offset,
  magic,
  timestampMs = 1,
  key = null,
  value,
  attributes = 0,
}: OldRecord): Buffer => {
  const timestamp = Buffer.alloc(8);
  timestamp.writeBigInt64BE(BigInt(timestampMs));
  const checked = Buffer.concat([
    Buffer.from([magic, attributes]),
    ...(magic === 1 ? [timestamp] : []),
    field(key),
    field(value),
  ]);
  const head = Buffer.alloc(16);
  head.writeBigInt64BE(BigInt(offset));
  head.writeInt32BE(4 + checked.length, 8);
  head.writeUInt32BE(crc32(checked), 12);
  return Buffer.concat([head, checked]);
};

/** One message that holds the others, gzipped; those of format 1 count from 0 in it. */
export const encodeCompressed = (records: readonly OldRecord[], attributes = 0): Buffer => {
  const [first, last] = [records[0], records.at(-1)];
  if (first === undefined || last === undefined) throw new Error("no records");
  const inner = records.map((record) =>
    encodeMessage(record.magic === 1 ? { ...record, offset: record.offset - first.offset } : record),
  );
  const { offset, magic, timestampMs = 1 } = last;
  const value = gzipSync(Buffer.concat(inner));
  return encodeMessage({ offset, magic, timestampMs, value, attributes: attributes | 1 });
};
