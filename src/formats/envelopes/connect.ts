/** `RECORD_ENVELOPE=connect`: what Kafka Connect's JsonConverter writes, with and without schemas. */

import { isUtf8 } from "node:buffer";
import { BRACE, QUOTE } from "../../core/ascii.js";
import { opened } from "../opened.js";
import { readJsonText } from "../plain-json.js";
import { keyOf, type RecordKey, soleField } from "../record-key.js";
import { meant } from "./connect-schema.js";
import { type Envelope, ignored, isObject } from "./envelope.js";

export const connectEnvelope: Envelope = {
  keyIn: (key) => keyIn(key),

  open(record, read) {
    const json = read(record);
    if (!json.ok) return { kind: "unreadable", reason: json.reason, detail: json.detail };
    const payload = unwrapped(json.value);
    // What a connector's source had as text or bytes.
    const content = typeof payload === "string" ? (opened(payload) ?? payload) : payload;
    if (content === null) return ignored("its payload is null: a tombstone");
    return { kind: "content", value: content, whole: content, key: keyIn(record.key) };
  },

  alertOf: (value) => value,
};

/** Of `{"schema": …, "payload": …}` the payload, as its schema means it; anything else as it is. */
export const unwrapped = (value: unknown): unknown => {
  if (!isObject(value) || !Object.hasOwn(value, "schema") || !Object.hasOwn(value, "payload")) return value;
  const { schema, payload } = value;
  if (Object.keys(value).length !== 2 || !(schema === null || isObject(schema))) return value;
  return meant(payload, schema);
};

/**
 * The key as JsonConverter writes it: wrapped, in quotes, or an object. Of an object with one field that field names the device; one with several is
 * taken as it is written. Anything else is a text, as StringConverter writes it.
 */
export const keyIn = (key: Buffer | null): RecordKey | undefined => {
  if (key === null || !isUtf8(key) || !(key[0] === BRACE || key[0] === QUOTE)) return keyOf(key);
  const json = readJsonText(key.toString());
  if (!json.ok) return keyOf(key);
  const content = unwrapped(json.value);
  if (content === null || content === undefined) return undefined;
  const named = soleField(content);
  return typeof named === "object" ? keyOf(key) : { text: String(named), isUtf8: true };
};
