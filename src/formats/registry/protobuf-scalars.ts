import type { Cursor } from "./cursor.js";
import { length, signed, unsigned, unsignedBig, zigzag } from "./varint.js";

/** How a value is laid out on the wire. https://protobuf.dev/programming-guides/encoding/ */
export const VARINT = 0;
export const FIXED_64 = 1;
export const LENGTH = 2;
export const START_GROUP = 3;
export const END_GROUP = 4;
export const FIXED_32 = 5;

export interface Scalar {
  readonly wire: number;
  readonly read: (cursor: Cursor) => unknown;
  /** What a field without a value of its own is. */
  readonly zero: unknown;
}

const scalar = (wire: number, read: (cursor: Cursor) => unknown, zero: unknown = 0): Scalar => ({ wire, read, zero });

/** Negative numbers have all 64 bits, also those of 32: the lower half counts. */
const low32 = (cursor: Cursor): number => Number(BigInt.asIntN(32, unsignedBig(cursor)));

export const int32 = (cursor: Cursor): number => {
  const byte = cursor.bytes[cursor.at] as number;
  return byte < 0x80 && cursor.at < cursor.end ? cursor.byte() : low32(cursor);
};

const wide = (value: bigint): number | string =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);

export const SCALARS: Readonly<Record<string, Scalar>> = {
  double: scalar(FIXED_64, (cursor) => cursor.double()),
  float: scalar(FIXED_32, (cursor) => cursor.float()),
  int32: scalar(VARINT, int32),
  int64: scalar(VARINT, signed),
  uint32: scalar(VARINT, (cursor) => int32(cursor) >>> 0),
  uint64: scalar(VARINT, unsigned),
  sint32: scalar(VARINT, zigzag),
  sint64: scalar(VARINT, zigzag),
  fixed32: scalar(FIXED_32, (cursor) => cursor.bytes.readUInt32LE(cursor.skip(4))),
  fixed64: scalar(FIXED_64, (cursor) => wide(cursor.bytes.readBigUInt64LE(cursor.skip(8)))),
  sfixed32: scalar(FIXED_32, (cursor) => cursor.bytes.readInt32LE(cursor.skip(4))),
  sfixed64: scalar(FIXED_64, (cursor) => wide(cursor.bytes.readBigInt64LE(cursor.skip(8)))),
  bool: scalar(VARINT, (cursor) => unsigned(cursor) !== 0, false),
  string: scalar(LENGTH, (cursor) => cursor.text(length(cursor, false)), ""),
  bytes: scalar(LENGTH, (cursor) => cursor.base64(length(cursor, false)), ""),
};

export interface Tag {
  readonly number: number;
  readonly wire: number;
}

/** Number and layout of the next field, as one number: `number * 8 + wire`. */
export const readTag = (cursor: Cursor): number => {
  const tag = unsigned(cursor);
  if (typeof tag !== "number" || tag < 8 || tag > 0xffffffff) cursor.fail(`${tag} is no field`);
  return tag as number;
};

/** A field that the schema does not have. */
export const skipField = (cursor: Cursor, tag: number): void => {
  switch (tag % 8) {
    case VARINT:
      unsigned(cursor);
      return;
    case FIXED_64:
      cursor.skip(8);
      return;
    case LENGTH:
      cursor.skip(length(cursor, false));
      return;
    case START_GROUP:
      skipGroup(cursor, Math.floor(tag / 8));
      return;
    case FIXED_32:
      cursor.skip(4);
      return;
    default:
      cursor.fail(`field ${Math.floor(tag / 8)} has a layout that does not exist, ${tag % 8}`);
  }
};

const skipGroup = (cursor: Cursor, number: number): void => {
  const from = cursor.at;
  cursor.enter();
  for (;;) {
    const tag = readTag(cursor);
    if (tag % 8 === END_GROUP) {
      if (Math.floor(tag / 8) !== number) cursor.fail(`the group ${number} ends as another one`);
      break;
    }
    skipField(cursor, tag);
  }
  cursor.leave(from);
};
