import type { Cursor } from "./cursor.js";
import { dateText, decimalText, durationText, instantText, type PerSecond, timeOfDayText } from "./instants.js";
import { length, zigzag } from "./varint.js";

/** Reads one value of a schema. */
export type Read = (cursor: Cursor) => unknown;

/** Avro's primitive types. Bytes become base64, as in Protobuf's JSON and in Connect's. */
export const PRIMITIVES: Readonly<Record<string, Read>> = {
  null: (cursor) => {
    cursor.emptyPart();
    return null;
  },
  boolean: (cursor) => {
    const byte = cursor.byte();
    return byte > 1 ? cursor.fail(`a boolean is the byte ${byte}, it should be 0 or 1`) : byte === 1;
  },
  int: (cursor) => {
    const value = zigzag(cursor);
    const fits = typeof value === "number" && value >= -0x80000000 && value <= 0x7fffffff;
    return fits ? value : cursor.fail("an int has more than 32 bits");
  },
  long: zigzag,
  float: (cursor) => cursor.float(),
  double: (cursor) => cursor.double(),
  bytes: (cursor) => cursor.base64(length(cursor, true)),
  string: (cursor) => cursor.text(length(cursor, true)),
};

export const isPrimitive = (name: string): boolean => Object.hasOwn(PRIMITIVES, name);

/** A type of the schema that has a `logicalType`. */
export interface LogicalType {
  readonly logicalType?: unknown;
  readonly scale?: unknown;
  readonly size?: unknown;
}

const instant =
  (perSecond: PerSecond, zone: "Z" | ""): Read =>
  (cursor) =>
    instantText(zigzag(cursor), perSecond, zone);

const LONGS: Readonly<Record<string, Read>> = {
  "timestamp-millis": instant(1_000, "Z"),
  "timestamp-micros": instant(1_000_000, "Z"),
  "timestamp-nanos": instant(1_000_000_000, "Z"),
  "local-timestamp-millis": instant(1_000, ""),
  "local-timestamp-micros": instant(1_000_000, ""),
  "local-timestamp-nanos": instant(1_000_000_000, ""),
  "time-micros": (cursor) => timeOfDayText(zigzag(cursor), 1_000_000),
};

const INTS: Readonly<Record<string, Read>> = {
  date: (cursor) => dateText(PRIMITIVES["int"]?.(cursor) as number),
  "time-millis": (cursor) => timeOfDayText(PRIMITIVES["int"]?.(cursor) as number, 1_000),
};

/**
 * The reader of a logical type on a primitive or a `fixed`. Undefined: it has none that changes what an alert shows. Avro asks readers to pass over a
 * logical type that is not as it should be: the value is then what the type below it says.
 */
export const logicalRead = (base: string, type: LogicalType): Read | undefined => {
  const name = type.logicalType;
  if (typeof name !== "string") return undefined;
  const { size } = type;
  if (base === "long") return own(LONGS, name);
  if (base === "int") return own(INTS, name);
  if (base === "bytes" && name === "decimal") return decimal(type, (cursor) => length(cursor, true));
  if (base !== "fixed" || typeof size !== "number") return undefined;
  if (name === "decimal") return decimal(type, () => size);
  if (name === "uuid" && size === 16) return uuid;
  if (name === "duration" && size === 12) return duration;
  return undefined;
};

const own = (reads: Readonly<Record<string, Read>>, name: string): Read | undefined =>
  Object.hasOwn(reads, name) ? reads[name] : undefined;

/** More digits than that belong to no measurement, and their text would cost more the longer it is. */
const DECIMAL_BYTES_MAX = 256;

const decimal = ({ scale = 0 }: LogicalType, lengthOf: (cursor: Cursor) => number): Read | undefined => {
  if (!Number.isInteger(scale) || (scale as number) < 0 || (scale as number) > 1_000) return undefined;
  return (cursor) => {
    const bytes = lengthOf(cursor);
    if (bytes > DECIMAL_BYTES_MAX) cursor.fail(`a decimal has ${bytes} bytes, at most ${DECIMAL_BYTES_MAX} are read`);
    const from = cursor.skip(bytes);
    return decimalText(cursor.bytes.subarray(from, cursor.at), scale as number);
  };
};

const uuid: Read = (cursor) => {
  const from = cursor.skip(16);
  return cursor.bytes.toString("hex", from, cursor.at).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};

const duration: Read = (cursor) => {
  const from = cursor.skip(12);
  const [months, days, ms] = [0, 4, 8].map((at) => cursor.bytes.readUInt32LE(from + at)) as [number, number, number];
  return durationText(months, days, ms);
};
