import {
  BACKSLASH,
  BRACE,
  BRACKET,
  CAPITAL_E,
  CLOSING_BRACE,
  CLOSING_BRACKET,
  COLON,
  COMMA,
  MINUS,
  NEWLINE,
  NINE,
  PLUS,
  POINT,
  QUOTE,
  RETURN,
  SMALL_E,
  SMALL_F,
  SMALL_N,
  SMALL_T,
  SPACE,
  TAB,
  ZERO,
} from "../core/ascii.js";
import { characterEnd, escapeEnd, isPlainAscii, NONE } from "./json-text-ends.js";

/**
 * Walks JSON in UTF-8 by its bytes and makes nothing of it: no text, no object. What it takes is what `JSON.parse` takes of valid UTF-8, however deeply it
 * is nested. Each method begins at `at`, moves it, and answers false where the bytes are not what was asked for.
 *
 * It reads on behind the end of what it was given, where the bytes of other records may stand: only `isAtEnd` tells that all of it was inside.
 */
export class JsonCursor {
  /** All of the memory in which the bytes lie, and the same by words. */
  bytes: Buffer = Buffer.alloc(0);
  view: DataView = new DataView(this.bytes.buffer);
  /** The same, kept: to ask a `Buffer` for it is a call. */
  #memory: ArrayBufferLike = this.bytes.buffer;
  at = 0;
  /** Where the text that was read last begins and ends, between its quotes. */
  textFrom = 0;
  textTo = 0;
  /** That text has escapes: its bytes are not its characters. */
  hasEscapes = false;
  /** Where the whole part of the number that was read last ends. */
  wholeTo = 0;
  /** That number has one. */
  hasExponent = false;
  /** A value may be a bare `NaN`, `Infinity` or `-Infinity` as well. */
  takesBareWords = false;
  #end = 0;

  open(bytes: Buffer): void {
    this.openAt(bytes, 0, bytes.length);
  }

  /** Of what stands there in `memory`. */
  openAt({ buffer, byteOffset }: Uint8Array, from: number, to: number): void {
    // The records of a fetch lie in one piece of memory.
    if (buffer !== this.#memory) {
      this.#memory = buffer;
      this.bytes = Buffer.from(buffer);
      this.view = new DataView(buffer);
    }
    this.at = byteOffset + from;
    this.#end = byteOffset + to;
  }

  /** Where what it was given ends. */
  get end(): number {
    return this.#end;
  }

  /** Passes over blanks and returns the byte there; undefined at the end. */
  next(): number | undefined {
    const byte = this.bytes[this.at] as number;
    return byte > SPACE ? byte : this.#afterBlanks();
  }

  /** Passes over blanks and this byte. */
  passed(byte: number): boolean {
    if (this.bytes[this.at] !== byte && this.#afterBlanks() !== byte) return false;
    this.at++;
    return true;
  }

  /** Only blanks are left. */
  isAtEnd(): boolean {
    while (this.at < this.#end && isBlank(this.bytes[this.at])) this.at++;
    return this.at === this.#end;
  }

  text(): boolean {
    const { bytes } = this;
    let { at } = this;
    if (bytes[at++] !== QUOTE) return false;
    this.textFrom = at;
    this.hasEscapes = false;
    for (;;) {
      at = plainEnd(this.view, at);
      let kind = KINDS[bytes[at++] as number];
      while (kind === PLAIN) kind = KINDS[bytes[at++] as number];
      // A word that is not English has several such characters in a row.
      while (kind === LEAD) {
        at = characterEnd(bytes, at - 1);
        if (at === NONE) return false;
        kind = KINDS[bytes[at++] as number];
      }
      if (kind === END) break;
      if (kind === PLAIN) continue;
      this.hasEscapes = true;
      at = kind === ESCAPE ? escapeEnd(bytes, at) : NONE;
      if (at === NONE) return false;
    }
    this.textTo = at - 1;
    this.at = at;
    return true;
  }

  number(): boolean {
    const { bytes } = this;
    if (bytes[this.at] === MINUS) this.at++;
    if (bytes[this.at] === ZERO) this.at++;
    else if (!this.#digits()) return false;
    this.wholeTo = this.at;
    if (bytes[this.at] === POINT) {
      this.at++;
      if (!this.#digits()) return false;
    }
    const letter = bytes[this.at];
    this.hasExponent = letter === SMALL_E || letter === CAPITAL_E;
    if (!this.hasExponent) return true;
    this.at++;
    if (bytes[this.at] === PLUS || bytes[this.at] === MINUS) this.at++;
    return this.#digits();
  }

  /** `true`, `false` or `null`. */
  word(word: Uint8Array): boolean {
    for (let i = 0; i < word.length; i++) if (this.bytes[this.at + i] !== word[i]) return false;
    this.at += word.length;
    return true;
  }

  /** Any value. */
  value(depth = 0): boolean {
    switch (this.bytes[this.at]) {
      case QUOTE:
        return this.text();
      case BRACE:
        return depth < CALLS_MAX ? this.#object(depth + 1) : this.#nested();
      case BRACKET:
        return depth < CALLS_MAX ? this.#array(depth + 1) : this.#nested();
      case SMALL_T:
        return this.word(TRUE);
      case SMALL_F:
        return this.word(FALSE);
      case SMALL_N:
        return this.word(NULL);
      default:
        return this.number() || (this.takesBareWords && this.#bareWord());
    }
  }

  /** A name and the colon after it, up to the value. The name is the text that was read last. */
  name(): boolean {
    this.next();
    if (!this.text() || !this.passed(COLON)) return false;
    this.next();
    return true;
  }

  /** Behind the minus, where there is one. */
  #bareWord(): boolean {
    return this.word(INFINITY) || (this.bytes[this.at - 1] !== MINUS && this.word(NAN));
  }

  #afterBlanks(): number | undefined {
    while (isBlank(this.bytes[this.at])) this.at++;
    return this.bytes[this.at];
  }

  /** One at least. */
  #digits(): boolean {
    const { bytes, at } = this;
    while (isDigit(bytes[this.at] as number)) this.at++;
    return this.at > at;
  }

  #object(depth: number): boolean {
    this.at++;
    if (this.passed(CLOSING_BRACE)) return true;
    do {
      if (!this.name() || !this.value(depth)) return false;
    } while (this.passed(COMMA));
    return this.passed(CLOSING_BRACE);
  }

  #array(depth: number): boolean {
    this.at++;
    if (this.passed(CLOSING_BRACKET)) return true;
    do {
      this.next();
      if (!this.value(depth)) return false;
    } while (this.passed(COMMA));
    return this.passed(CLOSING_BRACKET);
  }

  /** An object or a list, and what is nested in it without end: the stack of calls has one. */
  #nested(): boolean {
    let open = new Uint8Array(OPEN_LEAST);
    let depth = 0;
    for (;;) {
      const byte = this.bytes[this.at] as number;
      if (byte === BRACE || byte === BRACKET) {
        this.at++;
        if (!this.passed(byte + TO_CLOSING)) {
          if (this.at > this.#end) return false;
          if (depth === open.length) open = longer(open);
          open[depth++] = byte;
          if (!this.#member(byte)) return false;
          continue;
        }
      } else if (!this.value(CALLS_MAX)) return false;
      // A value has ended, and maybe what it stands in.
      for (;;) {
        if (depth === 0) return true;
        const around = open[depth - 1] as number;
        if (this.passed(COMMA)) {
          if (!this.#member(around)) return false;
          break;
        }
        if (!this.passed(around + TO_CLOSING)) return false;
        depth--;
      }
    }
  }

  /** Up to the next value in what begins with this byte. */
  #member(opening: number): boolean {
    if (opening === BRACE) return this.name();
    this.next();
    return true;
  }
}

const longer = (open: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
  const made = new Uint8Array(open.length * 4);
  made.set(open);
  return made;
};

/** Four bytes at once: up to the first four among which there may be one that is not plain. */
const plainEnd = (view: DataView, from: number): number => {
  const last = view.byteLength - 4;
  let at = from;
  for (; at <= last; at += 4) {
    if (!isPlainAscii(view.getInt32(at))) break;
  }
  return at;
};

const isBlank = (byte: number | undefined): boolean =>
  byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB;

export const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE;

/** What is nested deeper is walked without calls. */
const CALLS_MAX = 16;
const OPEN_LEAST = 256;
/** From an opening brace or bracket to the closing one. */
const TO_CLOSING = 2;

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const TRUE = ascii("true");
const FALSE = ascii("false");
const NAN = ascii("NaN");
const INFINITY = ascii("Infinity");
export const NULL = ascii("null");

/** What a byte is inside a text. */
const PLAIN = 0;
const END = 1;
const ESCAPE = 2;
const LEAD = 3;
const CONTROL = 4;
const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === QUOTE) return END;
  if (byte === BACKSLASH) return ESCAPE;
  if (byte < SPACE) return CONTROL;
  return byte < 0x80 ? PLAIN : LEAD;
});
