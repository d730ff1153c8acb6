import { type Cursor, type Whole, wholeOf } from "./cursor.js";

/**
 * Whole numbers of up to 64 bits in groups of seven, the lowest first, as Avro and Protobuf write them.
 * https://protobuf.dev/programming-guides/encoding/#varints, https://avro.apache.org/docs/1.12.0/specification/#binary-encoding
 */

/** Below 2^53 as a number, else undefined and the cursor stays: `bigVarint` reads it. */
const smallVarint = (cursor: Cursor): number | undefined => {
  const { bytes, end } = cursor;
  let at = cursor.at;
  let value = 0;
  for (let scale = 1; scale <= LAST_SMALL_GROUP; scale *= 128) {
    if (at >= end) return undefined;
    const byte = bytes[at++] as number;
    if (byte < 0x80) {
      cursor.at = at;
      return value + byte * scale;
    }
    value += (byte & 0x7f) * scale;
  }
  return undefined;
};

/** Seven groups are 49 bits. */
const LAST_SMALL_GROUP = 2 ** 42;

const bigVarint = (cursor: Cursor): bigint => {
  let value = 0n;
  for (let group = 0n; group < 10n; group++) {
    const byte = cursor.byte();
    if (group === 9n && byte > 1) break;
    value |= BigInt(byte & 0x7f) << (7n * group);
    if (byte < 0x80) return value;
  }
  return cursor.fail("a whole number has more than 64 bits");
};

/** The 64 bits as they are. */
export const unsignedBig = (cursor: Cursor): bigint => {
  const small = smallVarint(cursor);
  return small === undefined ? bigVarint(cursor) : BigInt(small);
};

export const unsigned = (cursor: Cursor): Whole => smallVarint(cursor) ?? wholeOf(bigVarint(cursor));

export const signed = (cursor: Cursor): Whole => smallVarint(cursor) ?? wholeOf(BigInt.asIntN(64, bigVarint(cursor)));

/** Zigzag: 0, −1, 1, −2 are written as 0, 1, 2, 3. */
export const zigzag = (cursor: Cursor): Whole => {
  const small = smallVarint(cursor);
  if (small === undefined) return wholeOf(zigzagOf(bigVarint(cursor)));
  return small % 2 === 0 ? small / 2 : -(small + 1) / 2;
};

const zigzagOf = (value: bigint): bigint => (value >> 1n) ^ -(value & 1n);

/** A length or a count: not negative, and no longer than what is left, unless `most` says so. */
export const length = (cursor: Cursor, zigzagged: boolean): number => {
  const from = cursor.at;
  const value = zigzagged ? zigzag(cursor) : unsigned(cursor);
  if (typeof value === "number" && value >= 0 && value <= cursor.end - cursor.at) return value;
  cursor.at = from;
  return cursor.fail(`a length of ${value} is impossible where ${cursor.end - from} bytes are left`);
};
