import { ALERT_FIELDS } from "../core/alert.js";
import { BACKSLASH, BRACE, BRACKET, CLOSING_BRACE, COMMA, QUOTE, SMALL_N, SMALL_U } from "../core/ascii.js";
import { CUT_NOTE } from "./cut-note.js";
import { JsonCursor } from "./json-cursor.js";
import { namedAs } from "./scanned-text.js";

/**
 * `texts`: of the fields that have a long list or object for a text, what is written there. `labelsLeftOut`: those for which an alert has no room. `at`:
 * from this byte on it is no JSON.
 */
export type BriefJson =
  | {
      readonly ok: true;
      readonly text: string;
      readonly texts: Readonly<Record<string, string>>;
      readonly labelsLeftOut: number;
    }
  | { readonly ok: false; readonly at: number };

/** Of an ID or a label. More than a link may have: what is cut is no link to anywhere. */
export const LABEL_MAX = 2_048;
/** Of all labels, names and texts. */
export const LABELS_CHARS_MAX = 4_096;
export const LABELS_MAX = 256;

/**
 * The JSON of a long alert without what is not kept of it: fields that nobody knows, and labels beyond those that there is room for. They are passed over
 * by their bytes. A megabyte may hold hundreds of thousands of them, and to make each takes longer than others are to wait. What is no object stays whole.
 */
export const briefJson = (bytes: Buffer): BriefJson => writer.write(bytes);

class BriefWriter {
  readonly #cursor = new JsonCursor();
  readonly #fields = new Map<string, string>();
  #texts: Record<string, string> = {};
  #leftOut = 0;

  constructor() {
    this.#cursor.takesBareWords = true;
  }

  write(bytes: Buffer): BriefJson {
    const cursor = this.#cursor;
    cursor.open(bytes);
    this.#fields.clear();
    this.#texts = {};
    this.#leftOut = 0;
    const first = cursor.next();
    // A number has no end but that of the record, which the cursor does not see.
    if (first !== BRACE && first !== BRACKET && first !== QUOTE)
      return { ok: true, text: bytes.toString(), texts: {}, labelsLeftOut: 0 };
    const text = first === BRACE ? this.#object() : this.#value();
    if (text === undefined || !cursor.isAtEnd()) return { ok: false, at: cursor.at - bytes.byteOffset };
    return { ok: true, text, texts: this.#texts, labelsLeftOut: this.#leftOut };
  }

  #object(): string | undefined {
    if (!this.#members(() => this.#field())) return undefined;
    return `{${[...this.#fields].map(([name, value]) => `"${name}":${value}`).join()}}`;
  }

  /** Each begins at its value. */
  #members(member: () => boolean): boolean {
    const cursor = this.#cursor;
    cursor.at++;
    if (cursor.passed(CLOSING_BRACE)) return true;
    do {
      if (!cursor.name() || !member()) return false;
    } while (cursor.passed(COMMA));
    return cursor.passed(CLOSING_BRACE);
  }

  /** Of two with one name the last one counts. */
  #field(): boolean {
    const cursor = this.#cursor;
    const name = this.#name();
    if (name === undefined) return cursor.value();
    delete this.#texts[name];
    const isLabels = name === "labels" && cursor.bytes[cursor.at] === BRACE;
    const value = isLabels ? this.#labels() : this.#value(name);
    if (value === undefined) return false;
    this.#fields.set(name, value);
    return true;
  }

  #name(): string | undefined {
    const cursor = this.#cursor;
    const { bytes, textFrom, textTo, hasEscapes } = cursor;
    if (!hasEscapes) return namedAs(cursor, FIELDS)?.name;
    if (textTo - textFrom > NAME_BYTES_MAX) return undefined;
    const name: unknown = JSON.parse(bytes.toString("utf8", textFrom - 1, textTo + 1));
    return FIELDS.find((field) => field.name === name)?.name;
  }

  /** As it is written, but a long list or object. */
  #value(field?: string): string | undefined {
    const cursor = this.#cursor;
    const { bytes, at: from } = cursor;
    if (!cursor.value()) return undefined;
    const text = bytes.toString("utf8", from, cursor.at);
    if (cursor.at - from <= NESTED_BYTES_MAX || !isNested(bytes[from] as number)) return text;
    // No text names a device that is none.
    if (field !== undefined && field !== "deviceId") this.#texts[field] = text;
    return bytes[from] === BRACE ? "{}" : "[]";
  }

  /** The first ones that there is room for. */
  #labels(): string | undefined {
    const cursor = this.#cursor;
    const { bytes } = cursor;
    const kept: string[] = [];
    const room = new Room();
    let nulls = 0;
    this.#leftOut = 0;
    const isObject = this.#members(() => {
      const { at: from, textFrom, textTo } = cursor;
      if (!cursor.value()) return false;
      // None of them is kept: the first ones say that they are there, and which text is not the last of its name.
      const isNull = bytes[from] === SMALL_N;
      if (isNull ? ++nulls > LABELS_MAX : !room.takes(bytes, textFrom, textTo, from, cursor.at)) {
        if (!isNull) this.#leftOut++;
        return true;
      }
      const text = bytes.toString("utf8", from, cursor.at);
      const isLong = isNested(bytes[from] as number) && text.length > LABEL_MAX;
      const value = isLong ? JSON.stringify(text.slice(0, SURELY_CUT)) : text;
      kept.push(`${bytes.toString("utf8", textFrom - 1, textTo + 1)}:${value}`);
      return true;
    });
    return isObject ? `{${kept.join()}}` : undefined;
  }
}

/** For labels. No label takes more of it here than where it is cut: which of these are kept is decided there. */
class Room {
  #chars = LABELS_CHARS_MAX;
  #labels = LABELS_MAX;

  /** A name, between its quotes, and a value. */
  takes(bytes: Uint8Array, nameFrom: number, nameTo: number, from: number, to: number): boolean {
    if (this.#labels === 0) return false;
    const left = this.#chars - charsIn(bytes, nameFrom, nameTo, this.#chars + 1);
    if (left < 0) return false;
    const size = sizeOf(bytes, from, to, left + 1);
    if (size > left) return false;
    this.#chars = left - size;
    this.#labels--;
    return true;
  }
}

/** Of what a label says, in characters: not less than `most` where it is more. */
const sizeOf = (bytes: Uint8Array, from: number, to: number, most: number): number => {
  const first = bytes[from] as number;
  const max = Math.min(most, LABEL_MAX);
  if (first === QUOTE) return charsIn(bytes, from + 1, to - 1, max);
  // Of a list or an object it is the text as it is written, blanks and all; a number may be written in many ways.
  return isNested(first) ? charsIn(bytes, from, to, max) : 1;
};

/** How many UTF-16 units a text in JSON has, its escapes read; `most` where there are more. */
const charsIn = (bytes: Uint8Array, from: number, to: number, most: number): number => {
  let chars = 0;
  for (let at = from; at < to && chars < most; at++) {
    const byte = bytes[at] as number;
    if (byte === BACKSLASH) at += bytes[at + 1] === SMALL_U ? 5 : 1;
    if ((byte & 0xc0) !== 0x80) chars += byte >= 0xf0 ? 2 : 1;
  }
  return Math.min(chars, most);
};

const isNested = (first: number): boolean => first === BRACE || first === BRACKET;

const FIELDS = [...ALERT_FIELDS, CUT_NOTE].map((name) => ({ name, bytes: Buffer.from(name) }));

/** Of a name that is one of them, each character an escape of six. */
const NAME_BYTES_MAX = 6 * 16;
/** So long it is parsed quickly, whatever it holds. */
const NESTED_BYTES_MAX = 8_192;
/** Of a label's text: more than is kept of it, even with an ellipsis. */
const SURELY_CUT = LABEL_MAX + 2;

const writer = new BriefWriter();
