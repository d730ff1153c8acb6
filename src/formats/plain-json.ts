import { isUtf8 } from "node:buffer";
import type { DecodeReason } from "../runtime/ports.js";
import { briefJson } from "./brief-json.js";
import { withExactNumbers } from "./json-tokens.js";
import { shallow } from "./shallow.js";

/** A value as JSON says it. `asItStands`: `JSON.parse` reads the same of its bytes. */
export type JsonReading =
  | { readonly ok: true; readonly value: unknown; readonly asItStands: boolean }
  | { readonly ok: false; readonly reason: DecodeReason; readonly detail: string };

/**
 * Reads JSON in UTF-8, and what producers take for it: behind a byte order mark, with bare `NaN` and `Infinity`, JSON in a JSON string, opened once.
 * Numbers that a JavaScript number cannot hold are texts, digit by digit. What is nested in more than 64 others is not parsed.
 */
export const readPlainJson = (bytes: Buffer): JsonReading => {
  if (!isUtf8(bytes)) return { ok: false, reason: "not-utf8", detail: `the value is not valid UTF-8${hintOf(bytes)}` };
  const text = bytes.toString();
  const outer = readJsonText(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text);
  if (!outer.ok && bytes[0] === 0) return { ...outer, detail: `${outer.detail}${hintOf(bytes)}` };
  if (!outer.ok || typeof outer.value !== "string") {
    return outer.ok ? { ...outer, asItStands: outer.asItStands && text.charCodeAt(0) !== BYTE_ORDER_MARK } : outer;
  }
  const inner = readJsonText(outer.value);
  return inner.ok ? { ...inner, asItStands: false } : { ...outer, asItStands: false };
};

/** The same of a long alert, in time in proportion to its bytes: of what is not kept of it nothing is made. */
export const readBriefJson = (bytes: Buffer): BriefReading => {
  if (!isUtf8(bytes)) return { ok: false, reason: "not-utf8", detail: `the value is not valid UTF-8${hintOf(bytes)}` };
  const outer = briefly(
    // Not by `indexOf`, which looks through all of it.
    bytes.subarray(0, BYTE_ORDER_MARK_BYTES.length).equals(BYTE_ORDER_MARK_BYTES)
      ? bytes.subarray(BYTE_ORDER_MARK_BYTES.length)
      : bytes,
  );
  if (!outer.ok) return { ...outer, detail: `${outer.detail}${hintOf(bytes)}` };
  if (typeof outer.value !== "string") return outer;
  const inner = briefly(Buffer.from(outer.value));
  return inner.ok ? inner : outer;
};

type BriefReading =
  | { readonly ok: true; readonly value: unknown; readonly labelsLeftOut: number }
  | Extract<JsonReading, { ok: false }>;

const briefly = (bytes: Buffer): BriefReading => {
  const brief = briefJson(bytes);
  if (!brief.ok) return { ok: false, reason: "not-json", detail: noJson(bytes, brief.at) };
  const json = readJsonText(brief.text);
  if (!json.ok) return json;
  const { value } = json;
  return {
    ok: true,
    value: isObject(value) ? Object.assign(value, brief.texts) : value,
    labelsLeftOut: brief.labelsLeftOut,
  };
};

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const noJson = (bytes: Buffer, at: number): string => {
  if (at >= bytes.length) return "JSON that ends too early";
  return `no JSON from byte ${at} on: ${JSON.stringify(bytes.toString("utf8", at, at + SHOWN_BYTES))}`;
};

/** The same of a text, which is not opened further. */
export const readJsonText = (text: string): JsonReading => {
  try {
    const read = shallow(withExactNumbers(text));
    return { ok: true, value: JSON.parse(read), asItStands: read === text };
  } catch (error) {
    return { ok: false, reason: "not-json", detail: messageOf(error, text) };
  }
};

/** About the record's text, not about what was made of it. */
const messageOf = (error: unknown, text: string): string => {
  try {
    JSON.parse(text);
  } catch (original) {
    return (original as Error).message;
  }
  return (error as Error).message;
};

/** No text begins so; the serializers of schema registries do. */
const hintOf = (bytes: Buffer): string =>
  bytes[0] === 0 && bytes.length > FRAME_BYTES
    ? "; it begins with 00, as a schema registry's serializer writes: set SCHEMA_REGISTRY_URL"
    : "";

const FRAME_BYTES = 5;
const SHOWN_BYTES = 40;
const BYTE_ORDER_MARK_BYTES = Buffer.from("\ufeff");
const BYTE_ORDER_MARK = 0xfeff;
