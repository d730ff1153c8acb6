/** Alerts of an Avro schema whose fields have our names, by their bytes alone. */

import { ANY_TEXT, alertForm, DEVICE_ID, MESSAGE, TYPE } from "../alert-form.js";
import { type AlertWords, PIECES, type TextField } from "../alert-words.js";
import { type Piece, pieceOf } from "../piece.js";
import type { AvroField } from "./avro-schema.js";
import { isPrimitive, type LogicalType, type Read } from "./avro-types.js";
import type { Cursor } from "./cursor.js";
import { type ShortRead, shortRead, type TakeFields } from "./short-read.js";
import { length, zigzag } from "./varint.js";

/** Undefined: one of its fields has another type than alerts have, and each record is read whole. */
export const compileAvroAlert = (fields: readonly AvroField[]): ShortRead | undefined => {
  const steps: Step[] = [];
  for (const field of fields) {
    const step = stepOf(field);
    if (step === undefined) return undefined;
    steps.push(step);
  }
  // Of two with one name the last one counts.
  if (new Set(fields.map(({ name }) => name)).size < fields.length) return undefined;
  if (!steps.some(({ does }) => does === DEVICE_ID) || !steps.some(({ does }) => does === MESSAGE)) return undefined;
  const take: TakeFields = (cursor, words) => readAvro(steps, cursor, words);
  return shortRead(() => take);
};

/** What is done with a field. All have one shape: a record takes each of them once. */
interface Step {
  readonly does: number;
  /** Up to its value, where it has one. */
  readonly piece: Piece;
  /** Which member of a union with null is null; −1: there is no union, or `read` knows of it. */
  readonly nullAt: number;
  /** The whole field, for what is not read here. */
  readonly read: Read;
  /** Of an enum: each symbol with its name in front. */
  readonly symbols: ReadonlyMap<string, Piece>;
}

const DOUBLE = 4;
const MILLIS = 5;
const MICROS = 6;
const TIME_TEXT = 7;
const LABELS = 8;
/** From here on `read` reads all of it. */
const OF_THE_WHOLE = 9;
const NUMBER = 10;
const SEVERITY = 11;
const STATUS = 12;
const TYPE_SYMBOL = 13;
const SYMBOL = 14;
/** It is no field of an alert. */
const OTHER = 15;

const NO_SYMBOLS: ReadonlyMap<string, Piece> = new Map();
const NO_PIECE = pieceOf("");

const stepOf = ({ name, type, read }: AvroField): Step | undefined => {
  const { nullAt, inner } = optional(type);
  const base = baseOf(inner);
  const step = (does: number, piece = NO_PIECE, symbols = NO_SYMBOLS): Step => ({ does, piece, nullAt, read, symbols });
  switch (name) {
    case "severity":
      return step(SEVERITY);
    case "status":
      return step(STATUS);
    case "value":
    case "threshold":
      if (base === "double") return step(DOUBLE, PIECES[name]);
      return NUMBERS.has(base) ? step(NUMBER, PIECES[name]) : undefined;
    case "occurredAt":
      return TIMES[base] === undefined ? undefined : step(TIMES[base], PIECES.occurredAt);
    case "labels":
      return base === "map" && baseOf((inner as AvroMap).values) === "string" ? step(LABELS, PIECES.labels) : undefined;
    case "deviceId":
    case "message":
    case "type":
    case "deviceName":
    case "unit":
    case "alertId":
      if (base === "string") return step(TEXTS[name] ?? ANY_TEXT, PIECES[name]);
      return base === "enum" && TEXTS[name] !== DEVICE_ID && TEXTS[name] !== MESSAGE
        ? symbolStep(name, inner as AvroEnum, step)
        : undefined;
    default:
      return step(OTHER);
  }
};

const symbolStep = (
  field: TextField,
  { symbols }: AvroEnum,
  step: (does: number, piece: Piece, symbols: ReadonlyMap<string, Piece>) => Step,
): Step | undefined => {
  if (!symbols.every((symbol) => /^\w{1,100}$/.test(symbol))) return undefined;
  const pieces = new Map(symbols.map((symbol) => [symbol, pieceOf(`,"${field}":"${symbol}"`)]));
  return step(field === "type" ? TYPE_SYMBOL : SYMBOL, NO_PIECE, pieces);
};

const TEXTS: Partial<Readonly<Record<string, number>>> = { deviceId: DEVICE_ID, message: MESSAGE, type: TYPE };
const TIMES: Partial<Readonly<Record<string, number>>> = {
  string: TIME_TEXT,
  "long timestamp-millis": MILLIS,
  "long timestamp-micros": MICROS,
};

interface AvroEnum {
  readonly symbols: readonly string[];
}

interface AvroMap {
  readonly values: unknown;
}

/** Of a union with null, which most optional fields are. `nullAt`: which of the two it is; −1: there is no union. */
const optional = (type: unknown): { readonly nullAt: number; readonly inner: unknown } => {
  if (!Array.isArray(type) || type.length !== 2) return { nullAt: NONE, inner: type };
  const nullAt = type.findIndex((one) => baseOf(one) === "null");
  return nullAt === NONE ? { nullAt, inner: type } : { nullAt, inner: type[1 - nullAt] };
};

/** A primitive type, with its logical type if it has one; or `map`, or `enum`. Empty: anything else. */
const baseOf = (type: unknown): string => {
  if (typeof type === "string") return isPrimitive(type) ? type : "";
  if (typeof type !== "object" || type === null || Array.isArray(type)) return "";
  const { type: inner, logicalType } = type as LogicalType & { readonly type?: unknown };
  if (inner === "map" || inner === "enum") return inner;
  if (typeof inner !== "string") return baseOf(inner);
  if (!isPrimitive(inner)) return "";
  // Nothing is made of a logical type of a text.
  return typeof logicalType === "string" && inner !== "string" ? `${inner} ${logicalType}` : inner;
};

const NONE = -1;
const NUMBERS: ReadonlySet<string> = new Set(["int", "long", "float"]);

const readAvro = (steps: readonly Step[], cursor: Cursor, words: AlertWords): boolean => {
  for (let i = 0; i < steps.length; i++) if (!take(steps[i] as Step, cursor, words)) return false;
  return true;
};

const take = (step: Step, cursor: Cursor, words: AlertWords): boolean => {
  const { does, piece } = step;
  if (does > OF_THE_WHOLE) return takeWhole(step, cursor, words);
  if (step.nullAt !== NONE && isNull(cursor, step.nullAt)) return true;
  switch (does) {
    case DEVICE_ID:
    case MESSAGE:
    case TYPE:
    case ANY_TEXT: {
      const from = textFrom(cursor);
      return alertForm.text(does, piece, from, cursor.at);
    }
    case DOUBLE:
      return alertForm.number(piece, cursor.double());
    case MILLIS:
      return instant(zigzag(cursor), 1);
    case MICROS:
      return instant(zigzag(cursor), 1_000);
    case TIME_TEXT: {
      const from = textFrom(cursor);
      return alertForm.time(from, cursor.at);
    }
    default:
      return labels(cursor);
  }
};

/** A field whose value is made. */
const takeWhole = ({ does, piece, read, symbols }: Step, cursor: Cursor, words: AlertWords): boolean => {
  switch (does) {
    case NUMBER: {
      const value = read(cursor);
      return value === null || (typeof value === "number" && alertForm.number(piece, value));
    }
    case SEVERITY: {
      const word = read(cursor);
      return word === null || (typeof word === "string" && alertForm.severity(word, words));
    }
    case STATUS: {
      const word = read(cursor);
      return word === null || (typeof word === "string" && alertForm.status(word, words));
    }
    case TYPE_SYMBOL:
    case SYMBOL: {
      const word = read(cursor);
      const found = symbols.get(word as string);
      if (found !== undefined) alertForm.symbol(does === TYPE_SYMBOL ? TYPE : ANY_TEXT, found, (word as string).length);
      return found !== undefined || word === null;
    }
    default:
      read(cursor);
      return true;
  }
};

/** The start of a text, which is passed. */
const textFrom = (cursor: Cursor): number => {
  const { bytes, at } = cursor;
  const byte = bytes[at] as number;
  // A length below 64 is one byte.
  if ((byte & 0x81) !== 0 || at >= cursor.end) return cursor.skip(length(cursor, true));
  cursor.at = at + 1;
  return cursor.skip(byte >> 1);
};

const isNull = (cursor: Cursor, nullAt: number): boolean => {
  const { bytes, at } = cursor;
  const byte = bytes[at] as number;
  // Both members are one byte.
  if ((byte & ~2) === 0 && at < cursor.end) {
    cursor.at = at + 1;
    return byte >> 1 === nullAt;
  }
  const branch = zigzag(cursor);
  if (branch !== 0 && branch !== 1) cursor.fail("the union has 2 members, and the value names another one");
  return branch === nullAt;
};

const instant = (value: unknown, perMs: 1 | 1_000): boolean => {
  if (typeof value !== "number") return false;
  const ms = perMs === 1 ? value : Math.floor(value / perMs);
  const below = value - ms * perMs;
  return alertForm.instant(ms, below, below === 0 ? 0 : 3);
};

const labels = (cursor: Cursor): boolean => {
  alertForm.beginLabels();
  for (;;) {
    const count = zigzag(cursor);
    if (count === 0) break;
    // A block with its length in front is rare.
    if (typeof count !== "number" || count < 0) return false;
    for (let item = 0; item < count; item++) {
      alertForm.label();
      const name = textFrom(cursor);
      if (!alertForm.labelName(name, cursor.at)) return false;
      const text = textFrom(cursor);
      if (!alertForm.labelText(text, cursor.at)) return false;
    }
  }
  alertForm.endLabels();
  return true;
};
