/** Where the values of a record stand that a mapping looks at: one walk over its bytes, and nothing is made of them. */

import {
  BRACE,
  BRACKET,
  CLOSING_BRACE,
  COLON,
  COMMA,
  MINUS,
  NINE,
  POINT,
  QUOTE,
  SMALL_N,
  ZERO,
} from "../../core/ascii.js";
import { isDigit, JsonCursor } from "../json-cursor.js";
import { isWritten, namedAs } from "../scanned-text.js";
import { type FixedPart, type Leaf, NO_PLACE, type Outline, Outlines } from "./outlines.js";
import { parsePointer } from "./pointer.js";
import { ABSENT, ESCAPED, NUMBER, OTHER, PLAIN_NUMBER, TEXT } from "./value-kinds.js";

interface Node {
  /** Its place's number; −1: it leads to others. */
  place: number;
  readonly children: Child[];
  /** The names of the last record, in their order: a producer writes all of them alike. */
  readonly names: Name[];
}

interface Name {
  /** In quotes, a colon right behind. */
  readonly written: DataView;
  /** Undefined: nobody looks there. */
  readonly child: Child | undefined;
}

interface Child {
  readonly name: string;
  /** The same in UTF-8. */
  readonly bytes: Buffer;
  readonly bit: number;
  readonly node: Node;
}

/** The places of one mapping. */
export class Places {
  readonly #root: Node = { place: NONE, children: [], names: [] };
  readonly #cursor = new JsonCursor();
  readonly #outlines = new Outlines();
  /** Of the record that is walked; undefined: nobody asks for them. */
  #leaves: Leaf[] | undefined;
  /** Where the record begins. */
  #base = 0;
  /** How the record is written that was found in last; undefined: it was walked. */
  outline: Outline | undefined;
  #count = 0;
  /** By who is asked for last. */
  #added = new Set<number>();
  /** By place: what is there. */
  is = new Uint8Array(0);
  /** By place: from where to where it stands in `bytes`, of a text between its quotes. */
  from = new Int32Array(0);
  to = new Int32Array(0);

  /** All of the memory in which the record lies. */
  get bytes(): Buffer {
    return this.#cursor.bytes;
  }

  /** The number of a pointer's place. Undefined: it is none that is looked for here. */
  add(pointer: string): number | undefined {
    const parsed = parsePointer(pointer);
    if (typeof parsed === "string" || parsed.steps.length === 0 || parsed.steps.length > DEPTH_MAX) return undefined;
    let node = this.#root;
    for (const { name } of parsed.steps) {
      if (node.place !== NONE || name === "__proto__") return undefined;
      let child = node.children.find((one) => one.name === name);
      if (child === undefined) {
        if (node.children.length === CHILDREN_MAX) return undefined;
        const bit = 1 << node.children.length;
        child = { name, bytes: Buffer.from(name), bit, node: { place: NONE, children: [], names: [] } };
        node.children.push(child);
      }
      node = child.node;
    }
    if (node.children.length > 0) return undefined;
    if (node.place === NONE) {
      node.place = this.#count++;
      this.is = new Uint8Array(this.#count);
      this.from = new Int32Array(this.#count);
      this.to = new Int32Array(this.#count);
    }
    this.#added.add(node.place);
    return node.place;
  }

  /** What `make` makes, and the places that it added, or that were there already. */
  addedBy<T>(make: () => T): readonly [T, ReadonlySet<number>] {
    const added = new Set<number>();
    this.#added = added;
    return [make(), added];
  }

  /** False: it is no object, or is written in a way that only a parser of all of it reads. */
  find(record: Buffer): boolean {
    const cursor = this.#cursor;
    const outlines = this.#outlines;
    cursor.open(record);
    this.#base = cursor.at;
    const { count } = outlines;
    for (let i = 0; i < count; i++) {
      const outline = outlines.at(i);
      if (!this.#follow(outline)) continue;
      outlines.followed(i);
      this.outline = outline;
      return true;
    }
    this.outline = undefined;
    if (count > 0) outlines.missed();
    const leaves: Leaf[] | undefined = outlines.mayLearn(record) ? [] : undefined;
    this.#leaves = leaves;
    if (!this.#walk()) return false;
    if (leaves !== undefined) outlines.learn(record, leaves);
    return true;
  }

  /** Is the record written so? What is found then is what a walk finds. */
  #follow({ steps, tail }: Outline): boolean {
    const cursor = this.#cursor;
    cursor.at = this.#base;
    this.is.fill(ABSENT);
    for (let i = 0; i < steps.length; i++) {
      const { fixed, place } = steps[i] as Outline["steps"][number];
      if (!this.#passed(fixed)) return false;
      if (!(place === NO_PLACE ? cursor.value() : this.#value(place, 0))) return false;
    }
    return this.#passed(tail) && cursor.isAtEnd();
  }

  #passed({ bytes, values }: FixedPart): boolean {
    const { view, at } = this.#cursor;
    if (!bytes.standsAt(view, at)) return false;
    for (let i = 0; i < values.length; i++) {
      const { place, is, from, to } = values[i] as FixedPart["values"][number];
      this.is[place] = is;
      this.from[place] = at + from;
      this.to[place] = at + to;
    }
    this.#cursor.at = at + bytes.length;
    return true;
  }

  #walk(): boolean {
    const cursor = this.#cursor;
    cursor.at = this.#base;
    this.is.fill(ABSENT);
    return cursor.next() === BRACE && this.#object(this.#root, 0) && cursor.isAtEnd();
  }

  #object(node: Node, depth: number): boolean {
    const cursor = this.#cursor;
    cursor.at++;
    if (cursor.passed(CLOSING_BRACE)) return true;
    let seen = 0;
    let index = 0;
    do {
      const named = this.#name(node, index++);
      if (named === undefined) return false;
      const { child } = named;
      if (child === undefined) {
        const from = cursor.at;
        if (!cursor.value(depth + 1)) return false;
        this.#note(from, NO_PLACE);
        continue;
      }
      // Of two with one name the last one counts.
      if ((seen & child.bit) !== 0) return false;
      seen |= child.bit;
      if (!this.#part(child.node, depth + 1)) return false;
    } while (cursor.passed(COMMA));
    return cursor.passed(CLOSING_BRACE);
  }

  /** Up to the value of the field that is named there. */
  #name(node: Node, index: number): Name | undefined {
    const cursor = this.#cursor;
    cursor.next();
    const expected = node.names[index];
    if (expected !== undefined && isWritten(cursor.view, cursor.at, expected.written)) {
      cursor.at += expected.written.byteLength;
      cursor.next();
      return expected;
    }
    if (!cursor.name() || cursor.hasEscapes) return undefined;
    const { bytes, textFrom, textTo } = cursor;
    const written = Uint8Array.from(bytes.subarray(textFrom - 1, textTo + 2));
    const name = { written: new DataView(written.buffer), child: namedAs(cursor, node.children) };
    const isUsual = bytes[textTo + 1] === COLON && written.length >= WORD_BYTES && written.length <= NAME_BYTES_MAX;
    if (isUsual && index < NAMES_MAX) node.names[index] = name;
    return name;
  }

  #note(from: number, place: number): void {
    const to = this.#cursor.at;
    this.#leaves?.push({ from: from - this.#base, to: to - this.#base, place, is: this.is[place] ?? ABSENT });
  }

  #part(node: Node, depth: number): boolean {
    const cursor = this.#cursor;
    const from = cursor.at;
    if (node.place === NONE) {
      const first = cursor.bytes[from];
      if (first === BRACE) return depth < DEPTH_MAX && this.#object(node, depth);
      // A pointer may lead into a list; it leads into nothing else. What stands there is no leaf: in another record it may be an object that is looked into.
      return first !== BRACKET && cursor.value(depth);
    }
    if (!this.#value(node.place, depth)) return false;
    this.#note(from, node.place);
    return true;
  }

  #value(place: number, depth: number): boolean {
    const cursor = this.#cursor;
    const from = cursor.at;
    const first = cursor.bytes[from] as number;
    if (!cursor.value(depth)) return false;
    if (first === QUOTE) {
      this.is[place] = cursor.hasEscapes ? ESCAPED : TEXT;
      this.from[place] = cursor.textFrom;
      this.to[place] = cursor.textTo;
    } else if (first === MINUS || (first >= ZERO && first <= NINE)) {
      this.from[place] = from;
      this.to[place] = cursor.at;
      this.is[place] = numberAt(cursor, from);
    } else if (first !== SMALL_N) this.is[place] = OTHER;
    return true;
  }
}

const numberAt = ({ bytes, at, wholeTo, hasExponent }: JsonCursor, from: number): number => {
  const first = bytes[from] === MINUS ? from + 1 : from;
  const isZero = bytes[first] === ZERO;
  // −0 is no number that anybody wrote on purpose.
  if (hasExponent || wholeTo - from > DIGITS_MAX || at - from > NUMBER_BYTES_MAX || (isZero && first > from))
    return OTHER;
  if (at - from > DIGITS_MAX) return PLAIN_NUMBER;
  if (wholeTo === at) return NUMBER;
  // 0.05 is written so, and 0.00000005 is not.
  const isSmall = isZero && bytes[first + 2] === ZERO;
  return isSmall || bytes[at - 1] === ZERO ? PLAIN_NUMBER : NUMBER;
};

/** Whether a text there is a number as JSON would have it, and as `numberAt` takes it. */
export const isDecimal = (bytes: Uint8Array, from: number, to: number): boolean => {
  let at = bytes[from] === MINUS ? from + 1 : from;
  const whole = at;
  while (at < to && isDigit(bytes[at] as number)) at++;
  if (at === whole || at - whole >= DIGITS_MAX || to - from > NUMBER_BYTES_MAX) return false;
  if (bytes[whole] === ZERO && (at > whole + 1 || whole > from)) return false;
  if (at === to) return true;
  if (bytes[at++] !== POINT || at === to) return false;
  while (at < to && isDigit(bytes[at] as number)) at++;
  return at === to;
};

const NONE = -1;
const CHILDREN_MAX = 31;
/** A pointer has no more steps. */
const DEPTH_MAX = 15;
/** As many are exact. */
const DIGITS_MAX = 15;
const NUMBER_BYTES_MAX = 25;
/** Of an object whose names are all new in each record nothing is expected. */
const NAMES_MAX = 100;
const NAME_BYTES_MAX = 64;
/** `isWritten` compares so many at least. */
const WORD_BYTES = 4;
