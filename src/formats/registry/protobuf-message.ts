import type { Enum, Field, FieldBase, MapField, Type } from "protobufjs";
import type { Cursor } from "./cursor.js";
import { assign } from "./objects.js";
import { knownMessage } from "./protobuf-known.js";
import {
  END_GROUP,
  int32,
  LENGTH,
  readTag,
  SCALARS,
  type Scalar,
  START_GROUP,
  skipField,
  VARINT,
} from "./protobuf-scalars.js";
import { UnusableSchema } from "./unreadable.js";
import { length } from "./varint.js";

/** Reads the fields of one message, up to the cursor's end. */
export type ReadMessage = (cursor: Cursor) => unknown;

/** Adds what stands on the wire to the message. */
export type ReadField = (cursor: Cursor, wire: number, message: Record<string, unknown>) => void;

/**
 * Messages of one schema, made into functions. protobufjs has read the schema; the bytes are read here, because its own decoder replaces bytes that
 * are not UTF-8, passes over fields of the wrong layout, and writes code of the schema's names.
 */
export class ProtobufMessages {
  readonly #reads = new Map<Type, ReadMessage>();
  readonly #fields = new Map<Type, ReadonlyMap<number, ReadField>>();

  of(type: Type): ReadMessage {
    const known = this.#reads.get(type);
    if (known !== undefined) return known;
    const fields = new Map<number, ReadField>();
    this.#fields.set(type, fields);
    const zeros: [string, unknown][] = [];
    const finish = knownMessage(type.fullName);
    const read: ReadMessage = (cursor) => {
      const message: Record<string, unknown> = {};
      const from = cursor.at;
      cursor.enter();
      while (cursor.at < cursor.end) {
        const tag = readTag(cursor);
        const field = fields.get((tag - (tag % 8)) / 8);
        if (field === undefined) skipField(cursor, tag);
        else field(cursor, tag % 8, message);
      }
      for (const [name, zero] of zeros) if (!Object.hasOwn(message, name)) message[name] = zero;
      cursor.leave(from);
      return finish === undefined ? message : finish(message, cursor);
    };
    this.#reads.set(type, read);
    for (const field of type.fieldsArray) {
      fields.set(field.id, this.#field(field));
      const zero = zeroOf(field);
      if (zero !== undefined) zeros.push([jsonName(field), zero]);
    }
    return read;
  }

  /** By number. */
  fieldsOf(type: Type): ReadonlyMap<number, ReadField> {
    this.of(type);
    return this.#fields.get(type) as ReadonlyMap<number, ReadField>;
  }

  #field(field: FieldBase): ReadField {
    const name = jsonName(field);
    if (field.map) return this.#map(field as FieldBase as MapField, name);
    const element = this.elementOf(field);
    if (!field.repeated) return single(name, element);
    const entry = mapEntryOf(field);
    return entry === undefined ? repeated(name, element) : entries(name, element);
  }

  #map(field: MapField, name: string): ReadField {
    const key = SCALARS[field.keyType] as Scalar;
    const value = this.elementOf(field);
    return (cursor, wire, message) => {
      expectWire(cursor, name, wire, LENGTH);
      const map = mapIn(message, name);
      within(cursor, () => {
        let [entryKey, entryValue] = [key.zero, value.zero];
        while (cursor.at < cursor.end) {
          const tag = readTag(cursor);
          if (tag === 8 + key.wire) entryKey = key.read(cursor);
          else if (tag === 16 + value.wire) entryValue = value.read(cursor);
          else skipField(cursor, tag);
        }
        assign(map, String(entryKey), entryValue);
      });
    };
  }

  /** How one value of the field is read. */
  elementOf(field: FieldBase): Scalar {
    const scalar = Object.hasOwn(SCALARS, field.type) ? SCALARS[field.type] : undefined;
    if (scalar !== undefined) return scalar;
    const type = field.resolvedType;
    if (type === null)
      throw new UnusableSchema(`nothing says what ${field.type} is, the type of ${field.fullName.slice(1)}`);
    if (isEnum(type)) return enumScalar(type);
    const group = (type as Type & { readonly group?: boolean }).group === true;
    return {
      wire: group ? START_GROUP : LENGTH,
      zero: null,
      read: (cursor) => {
        // Made when the first one comes: a message may hold itself.
        const read = this.of(type);
        if (group) return cursor.fail(`${field.fullName.slice(1)} is a group, which is not read`);
        return within(cursor, () => read(cursor));
      },
    };
  }
}

const within = <T>(cursor: Cursor, read: () => T): T => {
  const bytes = length(cursor, false);
  const { end } = cursor;
  cursor.end = cursor.at + bytes;
  const value = read();
  if (cursor.at !== cursor.end) cursor.fail("a part of the message does not end where it says");
  cursor.end = end;
  return value;
};

const single =
  (name: string, { wire: expected, read }: Scalar): ReadField =>
  (cursor, wire, message) => {
    if (wire !== expected) expectWire(cursor, name, wire, expected);
    message[name] = read(cursor);
  };

/** Numbers may stand one by one or in a row, whatever the schema says. */
const repeated =
  (name: string, element: Scalar): ReadField =>
  (cursor, wire, message) => {
    const list = listIn(message, name);
    if (wire === LENGTH && element.wire !== LENGTH) {
      within(cursor, () => {
        while (cursor.at < cursor.end) list.push(element.read(cursor));
      });
      return;
    }
    expectWire(cursor, name, wire, element.wire);
    list.push(element.read(cursor));
  };

const entries =
  (name: string, element: Scalar): ReadField =>
  (cursor, wire, message) => {
    expectWire(cursor, name, wire, LENGTH);
    const map = mapIn(message, name);
    const { key, value } = element.read(cursor) as { key?: unknown; value?: unknown };
    assign(map, String(key ?? ""), value ?? null);
  };

/** Names are the schema's: `constructor` is one like any other. */
const listIn = (message: Record<string, unknown>, name: string): unknown[] => {
  if (!Object.hasOwn(message, name)) message[name] = [];
  return message[name] as unknown[];
};

const mapIn = (message: Record<string, unknown>, name: string): Record<string, unknown> => {
  if (!Object.hasOwn(message, name)) message[name] = {};
  return message[name] as Record<string, unknown>;
};

const expectWire = (cursor: Cursor, name: string, wire: number, expected: number): void => {
  if (wire !== expected) {
    cursor.fail(
      `the field ${name} has the layout ${wire}${wire === END_GROUP ? " (the end of a group)" : ""}, its type has ${expected}`,
    );
  }
};

/**
 * Some registries give a map back as the list of entries that it is on the wire. The name of the entries' type, which nobody else may choose,
 * tells it (https://protobuf.dev/programming-guides/proto3/#backwards).
 */
const mapEntryOf = ({ name, resolvedType, parent }: FieldBase): Type | undefined => {
  if (resolvedType === null || isEnum(resolvedType) || resolvedType.parent !== parent) return undefined;
  const hidden = `${camelCase(`_${name}`)}Entry`;
  const { key, value } = resolvedType.fields as Record<string, FieldBase | undefined>;
  const isEntry =
    resolvedType.name === hidden && key?.id === 1 && value?.id === 2 && resolvedType.fieldsArray.length === 2;
  return isEntry ? resolvedType : undefined;
};

/**
 * A field without presence that is not there has its zero: it was written so, and left out. An enum's zero that says "unspecified" or "unknown" is
 * what its name says: nothing.
 */
export const zeroOf = (field: FieldBase): unknown => {
  if (field.repeated || field.map || (field as Field).hasPresence) return undefined;
  if (Object.hasOwn(SCALARS, field.type)) return SCALARS[field.type]?.zero;
  const type = field.resolvedType;
  return type !== null && isEnum(type) ? enumScalar(type).zero : undefined;
};

const enumScalar = (type: Enum): Scalar => {
  const texts = new Map<number, string>();
  const prefix = `${type.name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toUpperCase()}_`;
  const symbols = Object.keys(type.values);
  const cut = symbols.every((symbol) => symbol.startsWith(prefix) && symbol.length > prefix.length) ? prefix.length : 0;
  for (const symbol of symbols) {
    const value = type.values[symbol] as number;
    if (!texts.has(value)) texts.set(value, symbol.slice(cut));
  }
  const zero = texts.get(0);
  const saysNothing = zero !== undefined && /^(.*_)?(UNSPECIFIED|UNKNOWN)$/i.test(zero);
  return {
    wire: VARINT,
    zero: saysNothing ? undefined : zero,
    read: (cursor) => {
      const value = int32(cursor);
      return value === 0 && saysNothing ? undefined : (texts.get(value) ?? String(value));
    },
  };
};

const isEnum = (type: Type | Enum): type is Enum => "values" in type;

/** The name that the field has in Protobuf's JSON: `device_id` is `deviceId`. */
export const jsonName = (field: FieldBase): string => {
  const given: unknown = field.options?.["json_name"] ?? field.options?.["jsonName"];
  const name = typeof given === "string" && given !== "" ? given : camelCase(field.name);
  if (name === "__proto__")
    throw new UnusableSchema(`the message ${field.parent?.name} has a field with the name __proto__`);
  return name;
};

const camelCase = (name: string): string => name.replace(/_+(.?)/g, (_, letter: string) => letter.toUpperCase());
