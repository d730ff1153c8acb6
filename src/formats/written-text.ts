import { isUtf8 } from "node:buffer";
import { cutWithin } from "../core/at-most.js";

/** What a value is as text: as JSON writes it, a text without its quotes. Never throws; nested without end, it is an ellipsis. */
export const writtenText = (value: unknown): string => {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "bigint":
    case "boolean":
    case "undefined":
      return String(value);
    default:
      return value instanceof Uint8Array ? bytesText(value) : jsonText(value);
  }
};

/** Bytes as the text that they are, else in hexadecimal digits. */
const bytesText = (bytes: Uint8Array): string => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return isUtf8(buffer) ? buffer.toString("utf8") : `0x${buffer.toString("hex")}`;
};

const jsonText = (value: unknown): string => {
  try {
    return JSON.stringify(value, jsonWord) ?? "";
  } catch {
    // Nested so deeply that the stack ends, or in itself.
    return Array.isArray(value) ? "[…]" : "{…}";
  }
};

/** Numbers that JSON has no word for, as text. */
const jsonWord = (_: string, value: unknown): unknown =>
  typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value)) ? String(value) : value;

/** White space and nothing else, or not even that: many serialisers write it for "absent". */
export const isBlank = (text: string): boolean => text.trim() === "";

/** At most so many UTF-16 units of a text that could not be read. */
export const WRITTEN_MAX = 200;

export const cutWritten = (text: string): string => cutWithin(text, WRITTEN_MAX);
