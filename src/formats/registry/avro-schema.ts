import { type AvroNames, fullName } from "./avro-names.js";
import { isPrimitive, logicalRead, PRIMITIVES, type Read } from "./avro-types.js";
import type { Cursor } from "./cursor.js";
import { assign } from "./objects.js";
import { UnusableSchema } from "./unreadable.js";
import { length, zigzag } from "./varint.js";

/**
 * Avro, read by the schema it was written with: nothing is resolved against another one, because the alert is read kindly afterwards.
 * A schema is made into functions once, and each record only calls them. https://avro.apache.org/docs/1.12.0/specification/
 */

/** Types in types, at most. */
const NESTED_MAX = 64;

/** Where in the schema the compiler is. */
interface Place {
  readonly names: AvroNames;
  readonly namespace: string;
  readonly nested: number;
  /** Records that are being read when this is: each holds the next directly, so none of them can stand here again. */
  readonly within: readonly string[];
}

/** `fields`: gets those of the schema's record, where it is one. */
export const compileAvro = (schema: unknown, names: AvroNames, fields: AvroField[] = []): Read => {
  const place = { names, namespace: "", nested: 0, within: [] };
  const isRecord = typeof schema === "object" && schema !== null && (schema as AvroType).type === "record";
  return isRecord ? recordRead(schema as AvroType, { ...place, nested: 1 }, fields) : readOf(schema, place);
};

/** A field of a record. `type`: as the schema has it. */
export interface AvroField {
  readonly name: string;
  readonly type: unknown;
  readonly read: Read;
}

const readOf = (schema: unknown, outer: Place): Read => {
  const place = { ...outer, nested: outer.nested + 1 };
  if (place.nested > NESTED_MAX) throw new UnusableSchema(`the schema is nested more than ${NESTED_MAX} deep`);
  if (typeof schema === "string") return namedRead(schema, place);
  if (Array.isArray(schema)) return unionRead(schema, place);
  if (typeof schema !== "object" || schema === null) {
    throw new UnusableSchema(`${shown(schema)} stands where a type should`);
  }
  return typeRead(schema as AvroType, place);
};

/** As it stands in the schema: nothing of it is checked yet. */
interface AvroType {
  readonly type?: unknown;
  readonly name?: unknown;
  readonly namespace?: unknown;
  readonly fields?: unknown;
  readonly symbols?: unknown;
  readonly items?: unknown;
  readonly values?: unknown;
  readonly size?: unknown;
  readonly logicalType?: unknown;
  readonly scale?: unknown;
}

const typeRead = (type: AvroType, place: Place): Read => {
  switch (type.type) {
    case "record":
    case "error":
      return recordRead(type, place);
    case "enum":
      return enumRead(type, place);
    case "fixed":
      return fixedRead(type, place);
    case "array":
      return arrayRead(readOf(type.items, { ...place, within: [] }));
    case "map":
      return mapRead(readOf(type.values, { ...place, within: [] }));
    default:
      return (typeof type.type === "string" && logicalRead(type.type, type)) || readOf(type.type, place);
  }
};

const namedRead = (name: string, { names, namespace, within }: Place): Read => {
  if (isPrimitive(name)) return PRIMITIVES[name] as Read;
  const full = fullName(name, namespace);
  if (within.includes(full)) throw new UnusableSchema(`the record ${full} always holds another ${full}: it has no end`);
  const known = names.find(full) ?? names.find(name);
  if (known === undefined)
    throw new UnusableSchema(`the schema names the type ${shown(name)} and does not say what it is`);
  return known;
};

const recordRead = (type: AvroType, place: Place, fields: AvroField[] = []): Read => {
  const { full, namespace, define } = place.names.open(type, place.namespace);
  if (!Array.isArray(type.fields)) throw new UnusableSchema(`the record ${full} has no list of fields`);
  const within = [...place.within, full];
  const read: Read = (cursor) => {
    const from = cursor.at;
    cursor.enter();
    const record: Record<string, unknown> = {};
    for (let index = 0; index < fields.length; index++) {
      const field = fields[index] as AvroField;
      record[field.name] = field.read(cursor);
    }
    cursor.leave(from);
    return record;
  };
  define(read);
  for (const field of type.fields as readonly AvroType[]) {
    const name = field?.name;
    if (typeof name !== "string" || name === "__proto__") {
      throw new UnusableSchema(`the record ${full} has a field with the name ${shown(name)}`);
    }
    fields.push({ name, type: field.type, read: readOf(field.type, { ...place, namespace, within }) });
  }
  return read;
};

const enumRead = (type: AvroType, place: Place): Read => {
  const { full, define } = place.names.open(type, place.namespace);
  const { symbols } = type;
  if (!Array.isArray(symbols) || !symbols.every((symbol) => typeof symbol === "string")) {
    throw new UnusableSchema(`the enum ${full} has no list of symbols`);
  }
  return define((cursor) => symbols[choice(cursor, symbols.length, `enum ${full}`)]);
};

const fixedRead = (type: AvroType, place: Place): Read => {
  const { full, define } = place.names.open(type, place.namespace);
  const { size } = type;
  if (!Number.isInteger(size) || (size as number) < 0) throw new UnusableSchema(`the fixed type ${full} has no size`);
  if (size === 0) return define(PRIMITIVES["null"] as Read);
  return define(logicalRead("fixed", type) ?? ((cursor) => cursor.base64(size as number)));
};

const unionRead = (types: readonly unknown[], place: Place): Read => {
  if (types.length === 0) throw new UnusableSchema("the schema has a union of nothing");
  const reads = types.map((type) => readOf(type, { ...place, within: [] }));
  // What most optional fields are: the branch is one byte, and that byte is 0 or 2.
  return (cursor) => (reads[choice(cursor, reads.length, "union")] as Read)(cursor);
};

/** Which of so many. */
const choice = (cursor: Cursor, count: number, what: string): number => {
  const index = zigzag(cursor);
  return typeof index === "number" && index >= 0 && index < count
    ? index
    : cursor.fail(`the ${what} has ${count} members, and the value names number ${index}`);
};

const arrayRead =
  (item: Read): Read =>
  (cursor) => {
    const items: unknown[] = [];
    cursor.enter();
    const from = cursor.at;
    eachInBlocks(cursor, () => items.push(item(cursor)));
    cursor.leave(from);
    return items;
  };

const mapRead =
  (value: Read): Read =>
  (cursor) => {
    const map: Record<string, unknown> = {};
    cursor.enter();
    const from = cursor.at;
    eachInBlocks(cursor, () => assign(map, cursor.text(length(cursor, true)), value(cursor)));
    cursor.leave(from);
    return map;
  };

/** Blocks of items until one of none. A negative count is followed by the block's length in bytes, which must be right. */
const eachInBlocks = (cursor: Cursor, read: () => void): void => {
  for (;;) {
    let count = zigzag(cursor);
    let end: number | undefined;
    if (typeof count === "number" && count < 0) {
      count = -count;
      const bytes = length(cursor, true);
      end = cursor.at + bytes;
    }
    if (typeof count !== "number") cursor.fail(`a block of ${count} items is impossible`);
    if (count === 0 && end === undefined) return;
    // Each item takes a byte, or counts as a part without one: the loop ends.
    for (let item = 0; item < (count as number); item++) read();
    if (end !== undefined && cursor.at !== end) cursor.fail("a block of items does not end where it says");
  }
};

const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 80) ?? String(value);
