/** What a mapping sees of a record, and how texts are made of values without an end to them. */

import { cutAfter } from "../../core/at-most.js";

export interface Scope {
  /** What `/pointer` points into. */
  item: unknown;
  /** What `#/pointer` points into. */
  readonly whole: unknown;
  readonly key: string | undefined;
  /** Of the last header of that name, as UTF-8. */
  readonly header: (name: string) => string | undefined;
  /** Characters that the texts of this record may still take, all items together. Below 0: it asked for more. */
  room: number;
  /** By the number of a source: 0 never looked at, 1 nothing was there, 2 found. Undefined: nobody asks. */
  readonly seen: Uint8Array | undefined;
}

/** A value of a record. Undefined: nothing is there. */
export type Source = (scope: Scope) => unknown;

/** Neither null nor blank. */
export const isThere = (value: unknown): boolean =>
  // However long it is, and however often it is asked of one text, to look costs little.
  value !== undefined &&
  value !== null &&
  !(typeof value === "string" && value.length <= BLANK_MAX && value.trim() === "");

/** As it would be written in a sentence; lists and objects as JSON. Undefined: there is none, or no room for it. */
export const textOf = (value: unknown, scope: Scope): string | undefined => {
  if (value === undefined || value === null || scope.room < 0) return undefined;
  const text = value instanceof Uint8Array ? base64(value) : typeof value === "object" ? jsonOf(value) : String(value);
  if (text === undefined) return undefined;
  const shown = cutAfter(text, TEXT_MAX);
  // To write an object costs what it is long, however little of it is shown.
  scope.room -= typeof value === "object" ? text.length : shown.length;
  return scope.room < 0 ? undefined : shown;
};

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** Undefined: it is nested deeper than it can be written. */
const jsonOf = (value: object): string | undefined => {
  try {
    return JSON.stringify(value, (_, one: unknown) => (typeof one === "bigint" ? one.toString() : one));
  } catch {
    return undefined;
  }
};

/** What a table or a condition compares: 1 and "1" are the same. Undefined: a list, an object, nothing. */
export const plainText = (value: unknown): string | undefined => {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" || typeof value === "bigint"
    ? String(value)
    : undefined;
};

/** Of a record: every field of an alert together. */
export const ROOM = 4 * 1024 ** 2;
const BLANK_MAX = 1_000;
/** Of one text inside of another. */
const TEXT_MAX = 10_000;
