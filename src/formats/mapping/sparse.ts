/** Of a record's bytes only what a mapping looks at: a walk over the bytes takes a third of the time of parsing them all. */

import {
  BRACE,
  BRACKET,
  CLOSING_BRACE,
  CLOSING_BRACKET,
  COMMA,
  QUOTE,
  SMALL_F,
  SMALL_N,
  SMALL_T,
} from "../../core/ascii.js";
import { JsonCursor } from "../json-cursor.js";
import { readPlainJson } from "../plain-json.js";
import { namedAs } from "../scanned-text.js";
import { type Pointer, parsePointer } from "./pointer.js";

/** What is looked at, as a tree of names. */
export interface Wanted {
  /** All of it. */
  whole: boolean;
  readonly children: WantedChild[];
}

interface WantedChild {
  readonly name: string;
  /** The same in UTF-8. */
  readonly bytes: Buffer;
  /** What the name means in a list; −1: nothing. */
  readonly index: number;
  readonly wanted: Wanted;
}

/** `places`: as the file has them; the key and headers are not in the value. Undefined: all of it is looked at. */
export const wantedOf = (places: readonly string[]): Wanted | undefined => {
  const root: Wanted = { whole: false, children: [] };
  for (const place of places) {
    const pointer = parsePointer(place.replace(/^#/, ""));
    if (typeof pointer !== "string") add(root, pointer);
  }
  // Such a name would be no property of what is made here.
  return root.whole || places.some((place) => place.includes("__proto__")) ? undefined : root;
};

const add = (root: Wanted, { steps }: Pointer): void => {
  let at = root;
  for (const { name, index } of steps) {
    let child = at.children.find((one) => one.name === name);
    if (child === undefined) {
      child = { name, index, bytes: Buffer.from(name), wanted: { whole: false, children: [] } };
      at.children.push(child);
    }
    at = child.wanted;
  }
  at.whole = true;
};

/**
 * An object with nothing but what is wanted: every pointer comes to the same in it as in the whole. Undefined: it is written in a way that only a parser of
 * all of it reads, or is no JSON, and the parser is to say what.
 */
export const readSparse = (bytes: Buffer, wanted: Wanted): object | undefined => {
  cursor.open(bytes);
  if (cursor.next() !== BRACE) return undefined;
  const value = objectOf(wanted, 0);
  return value !== NOT_SO && cursor.isAtEnd() ? (value as object) : undefined;
};

/** One is enough: nothing of it is kept between two records. */
const cursor = new JsonCursor();
const NOT_SO = Symbol("not so");

const wantedPart = (wanted: Wanted, depth: number): unknown => {
  if (wanted.whole) return wholeOf();
  const first = cursor.bytes[cursor.at];
  if (depth < DEPTH_MAX && first === BRACE) return objectOf(wanted, depth);
  if (depth < DEPTH_MAX && first === BRACKET) return listOf(wanted, depth);
  // No pointer goes into it.
  return cursor.value(depth) ? undefined : NOT_SO;
};

const objectOf = (wanted: Wanted, depth: number): unknown => {
  const made: Record<string, unknown> = {};
  cursor.at++;
  if (cursor.passed(CLOSING_BRACE)) return made;
  do {
    if (!cursor.name() || cursor.hasEscapes) return NOT_SO;
    const child = namedAs(cursor, wanted.children);
    if (child === undefined) {
      if (!cursor.value(depth + 1)) return NOT_SO;
      continue;
    }
    const value = wantedPart(child.wanted, depth + 1);
    if (value === NOT_SO) return NOT_SO;
    // Of a name that comes twice the last counts, as in a parser.
    made[child.name] = value;
  } while (cursor.passed(COMMA));
  return cursor.passed(CLOSING_BRACE) ? made : NOT_SO;
};

const listOf = (wanted: Wanted, depth: number): unknown => {
  const made: unknown[] = [];
  cursor.at++;
  if (cursor.passed(CLOSING_BRACKET)) return made;
  let index = 0;
  do {
    cursor.next();
    const child = wanted.children.find((one) => one.index === index);
    const value =
      child === undefined ? (cursor.value(depth + 1) ? undefined : NOT_SO) : wantedPart(child.wanted, depth + 1);
    if (value === NOT_SO) return NOT_SO;
    if (child !== undefined) made[index] = value;
    index++;
  } while (cursor.passed(COMMA));
  return cursor.passed(CLOSING_BRACKET) ? made : NOT_SO;
};

const wholeOf = (): unknown => {
  const { bytes, at: from } = cursor;
  const first = bytes[from];
  if (!cursor.value()) return NOT_SO;
  switch (first) {
    case QUOTE:
      return cursor.hasEscapes ? parsed(from) : textOf(cursor.textFrom, cursor.textTo);
    case BRACE:
    case BRACKET:
      return parsed(from);
    case SMALL_T:
      return true;
    case SMALL_F:
      return false;
    case SMALL_N:
      return null;
    default:
      // Digit by digit, where a number of JavaScript could not hold it.
      return cursor.hasExponent || cursor.wholeTo - from > EXACT_DIGITS
        ? parsed(from)
        : Number(textOf(from, cursor.at));
  }
};

const textOf = (from: number, to: number): string => cursor.bytes.toString("utf8", from, to);

/** By the reader of whole records, from there up to where the cursor is. */
const parsed = (from: number): unknown => {
  const json = readPlainJson(cursor.bytes.subarray(from, cursor.at));
  // A text with JSON in it is opened only where it is the whole record.
  return json.ok && (cursor.bytes[from] !== QUOTE || typeof json.value === "string") ? json.value : NOT_SO;
};

/** With a minus one digit less. */
const EXACT_DIGITS = 15;
/** A pointer has no more steps. */
const DEPTH_MAX = 32;
