import { isUtf8 } from "node:buffer";
import { NotAsSchema } from "./unreadable.js";

/** Values in values, at most: more is no alert, and could be a record that holds itself. */
const DEPTH_MAX = 64;
/** Parts of a value that take no bytes, at most: without a bound, three bytes could stand for a billion of them. */
const EMPTY_PARTS_MAX = 10_000;

/** A place in the bytes of one value. Everything it reads, it checks: a `NotAsSchema` says what was wrong and where. */
export class Cursor {
  bytes: Buffer;
  at: number;
  /** The first byte that is not read. */
  end: number;
  /** All of the memory in which the bytes lie, and the same by its numbers. */
  #memory: ArrayBufferLike;
  #view: DataView;
  #depth = 0;
  #emptyParts = 0;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
    this.end = bytes.length;
    this.#memory = bytes.buffer;
    this.#view = new DataView(this.#memory);
  }

  /** As a new one of another value. */
  open(bytes: Buffer, at: number): void {
    this.bytes = bytes;
    this.at = at;
    this.end = bytes.length;
    // The records of a fetch lie in one piece of memory.
    const memory = bytes.buffer;
    if (memory !== this.#memory) this.#view = new DataView(memory);
    this.#memory = memory;
    this.#depth = 0;
    this.#emptyParts = 0;
  }

  fail(what: string): never {
    throw new NotAsSchema(`${what}, at byte ${this.at} of ${this.bytes.length}`);
  }

  byte(): number {
    if (this.at >= this.end) this.#tooShort(1);
    return this.bytes[this.at++] as number;
  }

  /** The next byte, which stays the next one. */
  peek(): number {
    const next = this.byte();
    this.at--;
    return next;
  }

  /** Passes these bytes, if they are the next ones. */
  passIf(bytes: Buffer): void {
    const end = this.at + bytes.length;
    if (end <= this.end && this.bytes.compare(bytes, 0, bytes.length, this.at, end) === 0) this.at = end;
  }

  /** The start of so many bytes, which are passed. */
  skip(length: number): number {
    const from = this.at;
    if (length > this.end - from) this.#tooShort(length);
    this.at = from + length;
    return from;
  }

  /** UTF-8. Bytes that are none are refused, not replaced. */
  text(length: number): string {
    const from = this.skip(length);
    if (length <= SHORT_TEXT) {
      const short = this.#shortAscii(from, length);
      if (short !== undefined) return short;
    }
    const text = this.bytes.toString("utf8", from, this.at);
    if (text.includes("\ufffd") && !isUtf8(this.bytes.subarray(from, this.at))) {
      this.at = from;
      this.fail(`a text of ${length} bytes is not valid UTF-8`);
    }
    return text;
  }

  base64(length: number): string {
    const from = this.skip(length);
    return this.bytes.toString("base64", from, this.at);
  }

  /** Shown as a person would write it: 41.2, not 41.20000076293945. */
  float(): number {
    return shortestFloat(this.bytes.readFloatLE(this.skip(4)));
  }

  double(): number {
    return this.#view.getFloat64(this.bytes.byteOffset + this.skip(8), true);
  }

  /** A part of the value begins that has parts of its own. */
  enter(): void {
    if (++this.#depth > DEPTH_MAX) this.fail(`the value is nested more than ${DEPTH_MAX} deep`);
  }

  /** It ends; `from`: where it began. */
  leave(from: number): void {
    this.#depth--;
    if (this.at === from) this.emptyPart();
  }

  emptyPart(): void {
    if (++this.#emptyParts > EMPTY_PARTS_MAX)
      this.fail(`the value has more than ${EMPTY_PARTS_MAX} parts without a byte`);
  }

  /** Bytes that nothing accounts for mean that the value was written with another schema. */
  mustBeAtEnd(): void {
    if (this.at !== this.end) this.fail(`${this.end - this.at} bytes are left over after the value`);
  }

  #tooShort(needed: number): never {
    return this.fail(`the value ends too early: ${needed} bytes are needed and ${this.end - this.at} are left`);
  }

  /** A call into Node's own decoder costs more than a short text does here. Undefined: it is not ASCII. */
  #shortAscii(from: number, length: number): string | undefined {
    const { bytes } = this;
    let text = "";
    for (let at = from; at < from + length; at++) {
      const code = bytes[at] as number;
      if (code > 0x7f) return undefined;
      text += ASCII[code] as string;
    }
    return text;
  }
}

const SHORT_TEXT = 6;
const ASCII = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));

/** The decimal number with the fewest digits that is this float of 32 bits. */
const shortestFloat = (float: number): number => {
  if (!Number.isFinite(float) || Number.isInteger(float)) return float;
  for (let digits = 6; digits < 9; digits++) {
    const shorter = Number(float.toPrecision(digits));
    if (Math.fround(shorter) === float) return shorter;
  }
  return Number(float.toPrecision(9));
};

/** A whole number as JSON can hold it; one that is too large for that as its decimal text, so that no digit is lost. */
export type Whole = number | string;

export const wholeOf = (value: bigint): Whole =>
  value >= MIN_SAFE && value <= MAX_SAFE ? Number(value) : value.toString();

const MIN_SAFE = BigInt(Number.MIN_SAFE_INTEGER);
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
