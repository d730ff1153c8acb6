/** Alerts of a Protobuf message whose fields have our names, by their bytes alone. */

import type { FieldBase, MapField, Type } from "protobufjs";
import { ANY_TEXT, alertForm, DEVICE_ID, MESSAGE, TYPE } from "../alert-form.js";
import { type AlertWords, PIECES } from "../alert-words.js";
import type { Piece } from "../piece.js";
import type { Cursor } from "./cursor.js";
import { knownMessage } from "./protobuf-known.js";
import { jsonName, type ProtobufMessages, type ReadField, zeroOf } from "./protobuf-message.js";
import { LENGTH, readTag, SCALARS, type Scalar, skipField } from "./protobuf-scalars.js";
import type { TakeFields } from "./short-read.js";
import { length, signed } from "./varint.js";

/** The messages of one schema. */
export class ProtobufAlerts {
  readonly #messages: ProtobufMessages;
  readonly #takes = new Map<Type, TakeFields | undefined>();

  constructor(messages: ProtobufMessages) {
    this.#messages = messages;
  }

  /** Undefined: a field has another type than alerts have, and each record is read whole. */
  of(type: Type): TakeFields | undefined {
    if (this.#takes.has(type)) return this.#takes.get(type);
    const take = compiled(type, this.#messages);
    this.#takes.set(type, take);
    return take;
  }
}

const compiled = (type: Type, messages: ProtobufMessages): TakeFields | undefined => {
  if (knownMessage(type.fullName) !== undefined) return undefined;
  const steps = new Map<number, Step>();
  for (const field of type.fieldsArray) {
    const step = stepOf(field, steps.size, messages);
    if (step === undefined) return undefined;
    if (step !== OTHER) steps.set(field.id, step);
  }
  const all = [...steps.values()];
  // Of two with one name in JSON the last one counts.
  if (new Set(type.fieldsArray.map(jsonName)).size < type.fieldsArray.length) return undefined;
  if (!all.some(({ does }) => does === DEVICE_ID) || !all.some(({ does }) => does === MESSAGE)) return undefined;
  const zeros = all.filter(({ zero }) => zero !== undefined && zero !== "");
  const others = messages.fieldsOf(type);
  return (cursor, words) => takeFields(cursor, words, steps, zeros, others);
};

/** What is done with a field. All have one shape. */
interface Step {
  readonly does: number;
  /** Of this field among those that were seen. */
  readonly bit: number;
  readonly wire: number;
  /** Up to its value. */
  readonly piece: Piece;
  readonly read: Scalar["read"];
  /** What it is when it is not there. */
  readonly zero: unknown;
}

const NUMBER = 4;
const SEVERITY = 5;
const STATUS = 6;
const TIMESTAMP = 7;
const TIME_TEXT = 8;
const LABELS = 9;

/** It is no field of an alert. */
const OTHER: Step = { does: -1, bit: 0, wire: 0, piece: PIECES.value, read: () => undefined, zero: undefined };

const stepOf = (field: FieldBase, number: number, messages: ProtobufMessages): Step | undefined => {
  const name = jsonName(field);
  if (!Object.hasOwn(PIECES, name) && name !== "severity" && name !== "status") return OTHER;
  const { type, map, repeated } = field;
  if (map) return name === "labels" ? labelsStep(field, number) : undefined;
  if (repeated) return undefined;
  const isEnum = field.resolvedType !== null && "values" in field.resolvedType;
  const step = (does: number, piece: Piece = PIECES.value): Step => {
    const { wire, read } = messages.elementOf(field);
    return { does, bit: 1 << number, wire, piece, read, zero: zeroOf(field) };
  };
  switch (name) {
    case "severity":
    case "status":
      return type === "string" || isEnum ? step(name === "severity" ? SEVERITY : STATUS) : undefined;
    case "value":
    case "threshold":
      return NUMBERS.has(type) ? step(NUMBER, PIECES[name]) : undefined;
    case "occurredAt":
      if (type === "string") return step(TIME_TEXT);
      return field.resolvedType?.fullName === ".google.protobuf.Timestamp" ? step(TIMESTAMP) : undefined;
    case "labels":
      return undefined;
    default:
      return type === "string" ? step(TEXTS[name] ?? ANY_TEXT, PIECES[name as keyof typeof PIECES]) : undefined;
  }
};

const labelsStep = (field: FieldBase, number: number): Step | undefined => {
  const isText = (field as FieldBase as MapField).keyType === "string" && field.type === "string";
  return isText ? { ...OTHER, does: LABELS, bit: 1 << number, wire: LENGTH } : undefined;
};

const TEXTS: Partial<Readonly<Record<string, number>>> = { deviceId: DEVICE_ID, message: MESSAGE, type: TYPE };
const NUMBERS: ReadonlySet<string> = new Set(
  Object.keys(SCALARS).filter((type) => type !== "bool" && type !== "string" && type !== "bytes"),
);

const takeFields = (
  cursor: Cursor,
  words: AlertWords,
  steps: ReadonlyMap<number, Step>,
  zeros: readonly Step[],
  others: ReadonlyMap<number, ReadField>,
): boolean => {
  let seen = 0;
  cursor.enter();
  while (cursor.at < cursor.end) {
    const tag = tagAt(cursor);
    const number = (tag - (tag % 8)) / 8;
    const step = steps.get(number);
    if (step === undefined) {
      const other = others.get(number);
      if (other === undefined) skipField(cursor, tag);
      else other(cursor, tag % 8, {});
      continue;
    }
    // Of one that is there twice the last counts.
    if (tag % 8 !== step.wire || (seen & step.bit) !== 0) return false;
    seen |= step.bit;
    if (!take(step, tag, cursor, words)) return false;
  }
  for (const step of zeros) if ((seen & step.bit) === 0 && !put(step, step.zero, words)) return false;
  return true;
};

const tagAt = (cursor: Cursor): number => {
  const byte = cursor.bytes[cursor.at] as number;
  if (byte >= 0x80 || byte < 8) return readTag(cursor);
  cursor.at++;
  return byte;
};

const take = (step: Step, tag: number, cursor: Cursor, words: AlertWords): boolean => {
  switch (step.does) {
    case DEVICE_ID:
    case MESSAGE:
    case TYPE:
    case ANY_TEXT: {
      const from = partFrom(cursor);
      return alertForm.text(step.does, step.piece, from, cursor.at);
    }
    case TIME_TEXT: {
      const from = partFrom(cursor);
      // Blank is absent.
      return from === cursor.at || alertForm.time(from, cursor.at);
    }
    case TIMESTAMP:
      return timestamp(cursor);
    case LABELS:
      return labels(cursor, tag);
    default:
      return put(step, step.read(cursor), words);
  }
};

/** A value that was read. Undefined: it says nothing. */
const put = ({ does, piece }: Step, value: unknown, words: AlertWords): boolean => {
  if (does === NUMBER) return typeof value === "number" && alertForm.number(piece, value);
  if (value === undefined || value === "") return true;
  if (typeof value !== "string") return false;
  return does === SEVERITY ? alertForm.severity(value, words) : alertForm.status(value, words);
};

/** The start of a part with a length in front, which is passed. */
const partFrom = (cursor: Cursor): number => {
  const byte = cursor.bytes[cursor.at] as number;
  // A length below 128 is one byte.
  if (byte >= 0x80 || cursor.at >= cursor.end) return cursor.skip(length(cursor, false));
  cursor.at++;
  return cursor.skip(byte);
};

/** Seconds and nanoseconds, each once at most. */
const timestamp = (cursor: Cursor): boolean => {
  let at = partFrom(cursor);
  const end = cursor.at;
  const outer = cursor.end;
  let [seconds, nanos]: (number | string)[] = [0, 0];
  cursor.at = at;
  cursor.end = end;
  if (cursor.at < end && cursor.bytes[cursor.at] === SECONDS_TAG) {
    cursor.at++;
    seconds = signed(cursor);
  }
  if (cursor.at < end && cursor.bytes[cursor.at] === NANOS_TAG) {
    cursor.at++;
    nanos = signed(cursor);
  }
  at = cursor.at;
  cursor.end = outer;
  if (at !== end || typeof seconds !== "number" || typeof nanos !== "number") return false;
  if (!(seconds >= 0 && nanos >= 0 && nanos < 1_000_000_000)) return false;
  const ms = Math.floor(nanos / 1_000_000);
  const below = nanos - ms * 1_000_000;
  const micros = below % 1_000 === 0;
  return alertForm.instant(seconds * 1_000 + ms, micros ? below / 1_000 : below, below === 0 ? 0 : micros ? 3 : 6);
};

/** All of them in a row, as serializers write them. */
const labels = (cursor: Cursor, tag: number): boolean => {
  alertForm.beginLabels();
  for (;;) {
    const from = partFrom(cursor);
    const end = cursor.at;
    cursor.at = from;
    alertForm.label();
    if (end - from < 4 || cursor.bytes[from] !== KEY_TAG) return false;
    cursor.at++;
    const name = partFrom(cursor);
    if (!alertForm.labelName(name, cursor.at)) return false;
    if (cursor.at >= end || cursor.bytes[cursor.at] !== VALUE_TAG) return false;
    cursor.at++;
    const text = partFrom(cursor);
    if (!alertForm.labelText(text, cursor.at) || cursor.at !== end) return false;
    if (tag >= 0x80 || cursor.at >= cursor.end || cursor.bytes[cursor.at] !== tag) break;
    cursor.at++;
  }
  alertForm.endLabels();
  return true;
};

const SECONDS_TAG = 0x08;
const NANOS_TAG = 0x10;
const KEY_TAG = 0x0a;
const VALUE_TAG = 0x12;
