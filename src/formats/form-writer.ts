import type { Severity, Status } from "../core/alert.js";
import type { Room } from "../core/alert-buffer.js";
import { BACKSLASH, BRACE, CAPITAL_Z, CLOSING_BRACE, COLON, MINUS, POINT, QUOTE, SPACE, ZERO } from "../core/ascii.js";
import { wholeOf } from "../core/partition-types.js";
import type { RepairedField } from "../runtime/ports.js";
import { characterEnd, isPlainAscii, NONE } from "./json-text-ends.js";
import { type Piece, pieceOf, type WrittenPart } from "./piece.js";
import { NO_PLACE, PlacedAlert } from "./placed-alert.js";

/**
 * Writes alerts in their own form straight from the bytes of other formats: no text is made, no object, and nothing is written twice. What it cannot write
 * as `ownForm` would have it, it does not write: it answers false, and the record is read by `readAlert`.
 *
 * One at a time: `begin`, fields, `alert`. A form lies in the room it is given; without one, or where that is too small, behind other forms in pieces of
 * memory of their own, which nothing is ever written to again.
 */
export class FormWriter {
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);
  /** The memory of its own, and where it is free. */
  #own = this.#bytes;
  #ownView = this.#view;
  #ownFrom = 0;
  #from = 0;
  #at = 0;
  #source: Buffer = Buffer.alloc(0);
  #memory: ArrayBufferLike = this.#source.buffer;
  #sourceView = new DataView(this.#memory, 0, 0);
  #typeFrom = NO_PLACE;
  #typeTo = 0;
  #occurredFrom = NO_PLACE;
  #occurredTo = 0;
  /** The text that was written last has escapes: its bytes are not its characters. */
  hasEscapes = false;

  /** Places of texts are places in `source.buffer`. Returns where the source begins in it; undefined: it is too long to be written so. */
  begin(source: Buffer, room?: Room): number | undefined {
    if (source.length > SOURCE_MAX) return undefined;
    if (source.buffer !== this.#memory) {
      this.#memory = source.buffer;
      this.#source = Buffer.from(this.#memory);
      this.#sourceView = new DataView(this.#memory);
    }
    const most = 4 * source.length + MARGIN;
    if (room !== undefined && room.bytes.length - room.from >= most) {
      this.#bytes = room.bytes;
      this.#view = room.view;
      this.#from = room.from;
    } else this.#beginInOwn(most);
    this.#at = this.#from;
    this.#typeFrom = NO_PLACE;
    this.#occurredFrom = NO_PLACE;
    return source.byteOffset;
  }

  /** What was written since `begin` is an alert. */
  alert(device: Buffer, severity: Severity, status: Status, repairs: readonly RepairedField[]): PlacedAlert {
    const bytes = this.#bytes;
    bytes[this.#from] = BRACE;
    bytes[this.#at++] = CLOSING_BRACE;
    if (bytes === this.#own) this.#ownFrom = this.#at;
    return new PlacedAlert(
      wholeOf(device),
      severity,
      status,
      repairs,
      bytes,
      this.#from,
      this.#from,
      this.#at,
      this.#typeFrom,
      this.#typeTo,
      this.#occurredFrom,
      this.#occurredTo,
    );
  }

  /** What was written since `begin`, to be written again. */
  written(): WrittenPart {
    const from = this.#from;
    const type = this.#typeFrom === NO_PLACE ? undefined : { from: this.#typeFrom - from, to: this.#typeTo - from };
    return { piece: pieceOf(this.#bytes.subarray(from, this.#at)), type };
  }

  /** It is none after all. */
  undo(): undefined {
    this.#at = this.#from;
    return undefined;
  }

  #beginInOwn(most: number): void {
    if (this.#own.length - this.#ownFrom < most) {
      this.#own = new Uint8Array(Math.max(CHUNK, most));
      this.#ownView = new DataView(this.#own.buffer);
      this.#ownFrom = 0;
    }
    this.#bytes = this.#own;
    this.#view = this.#ownView;
    this.#from = this.#ownFrom;
  }

  /** What was written from there on is not to be there. */
  goBack(place: number): void {
    this.#at = place;
  }

  /** The memory in which the form lies: `place` is a place in it. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  piece({ words, length }: Piece): void {
    const view = this.#view;
    const at = this.#at;
    for (let i = 0; i < words.length; i++) view.setInt32(at + i * 4, words[i] as number);
    this.#at = at + length;
  }

  byte(byte: number): void {
    this.#bytes[this.#at++] = byte;
  }

  /** Where the next byte will stand. */
  get place(): number {
    return this.#at;
  }

  /** What was written from there on, up to here or to `to`, is the type. */
  isType(from: number, to = this.#at): void {
    this.#typeFrom = from;
    this.#typeTo = to;
  }

  /** Likewise the time, as documented. */
  isTime(from: number): void {
    this.#occurredFrom = from;
    this.#occurredTo = this.#at;
  }

  /** Is there room for so many bytes more, and for what always follows? */
  hasRoom(bytes: number): boolean {
    return this.#at + bytes + RESERVE <= this.#bytes.length;
  }

  /** UTF-8 of the source, as the inside of a JSON text. */
  text(from: number, to: number): boolean {
    if (!this.hasRoom(2 * (to - from))) return false;
    const source = this.#source;
    const sourceView = this.#sourceView;
    const bytes = this.#bytes;
    const view = this.#view;
    this.hasEscapes = false;
    let at = from;
    let out = this.#at;
    while (at < to) {
      if (at + 4 <= to) {
        const four = sourceView.getInt32(at);
        if (isPlainAscii(four)) {
          view.setInt32(out, four);
          at += 4;
          out += 4;
          continue;
        }
      }
      // A word that is not English has several such characters in a row.
      while (at < to && (source[at] as number) >= 0x80) {
        const end = characterEnd(source, at);
        if (end === NONE || end > to) return false;
        while (at < end) bytes[out++] = source[at++] as number;
      }
      if (at === to) break;
      const byte = source[at] as number;
      if (byte < SPACE) return false;
      if (byte === QUOTE || byte === BACKSLASH) {
        bytes[out++] = BACKSLASH;
        this.hasEscapes = true;
      }
      bytes[out++] = byte;
      at++;
    }
    this.#at = out;
    return true;
  }

  /** Bytes of the source as they are. */
  copy(from: number, to: number): boolean {
    if (!this.hasRoom(to - from)) return false;
    const source = this.#source;
    const bytes = this.#bytes;
    let at = from;
    let out = this.#at;
    for (const last = to - 4; at <= last; at += 4, out += 4) this.#view.setInt32(out, this.#sourceView.getInt32(at));
    while (at < to) bytes[out++] = source[at++] as number;
    this.#at = out;
    return true;
  }

  /** One that is read again as the same: finite, and no whole number that stands for several. */
  number(value: number): boolean {
    if (Number.isInteger(value)) {
      if (!Number.isSafeInteger(value) || Object.is(value, -0)) return false;
      this.#whole(value);
      return true;
    }
    if (!Number.isFinite(value)) return false;
    const thousandths = Math.round(value * 1_000);
    // The nearest number to these decimals is this one.
    if (thousandths / 1_000 === value && Math.abs(thousandths) <= SMALL_MAX) this.#decimal(thousandths);
    else this.#ascii(String(value));
    return true;
  }

  /** ISO 8601 in UTC, from 1970 to 9999. `below`: digits after the milliseconds. */
  instant(ms: number, below = 0, belowDigits = 0): boolean {
    if (!(ms >= 0 && ms <= YEAR_9999_MS)) return false;
    const of = Math.floor(ms / DAY_MS);
    if (of !== day.number) day = { number: of, piece: pieceOf(dateText(of)) };
    this.piece(day.piece);
    const rest = ms - of * DAY_MS;
    const seconds = Math.floor(rest / 1_000);
    const minutes = Math.floor(seconds / 60);
    this.#two(Math.floor(minutes / 60), COLON);
    this.#two(minutes % 60, COLON);
    this.#two(seconds % 60, POINT);
    this.#padded(rest - seconds * 1_000, 3);
    if (belowDigits > 0) this.#padded(below, belowDigits);
    this.#bytes[this.#at++] = CAPITAL_Z;
    return true;
  }

  #two(value: number, behind: number): void {
    const bytes = this.#bytes;
    const tens = (value / 10) | 0;
    bytes[this.#at++] = ZERO + tens;
    bytes[this.#at++] = ZERO + value - tens * 10;
    bytes[this.#at++] = behind;
  }

  #padded(value: number, digits: number): void {
    let rest = value;
    for (let at = this.#at + digits - 1; at >= this.#at; at--) {
      const next = (rest / 10) | 0;
      this.#bytes[at] = ZERO + rest - next * 10;
      rest = next;
    }
    this.#at += digits;
  }

  #whole(value: number): void {
    if (Math.abs(value) > SMALL_MAX) {
      this.#ascii(String(value));
      return;
    }
    if (value < 0) this.#bytes[this.#at++] = MINUS;
    const size = Math.abs(value);
    let digits = 1;
    for (let rest = (size / 10) | 0; rest > 0; rest = (rest / 10) | 0) digits++;
    this.#padded(size, digits);
  }

  /** Without zeros at its end. */
  #decimal(thousandths: number): void {
    if (thousandths < 0) this.#bytes[this.#at++] = MINUS;
    const size = Math.abs(thousandths);
    const whole = (size / 1_000) | 0;
    this.#whole(whole);
    this.#bytes[this.#at++] = POINT;
    this.#padded(size - whole * 1_000, 3);
    while (this.#bytes[this.#at - 1] === ZERO) this.#at--;
  }

  #ascii(text: string): void {
    for (let i = 0; i < text.length; i++) this.#bytes[this.#at++] = text.charCodeAt(i);
  }
}

const dateText = (of: number): string => new Date(of * DAY_MS).toISOString().slice(0, "2026-11-21T".length);

/** Of the time that was written last: most of a topic are of one day. */
let day = { number: Number.NaN, piece: pieceOf("") };

const CHUNK = 64 * 1024;
/** Longer ones are rare, and to copy their bytes is not what they cost. */
const SOURCE_MAX = 16 * 1024;
/** Beside what comes of the source: names of fields, numbers, a time. */
const MARGIN = 4_096;
/** What is written without asking for room: the names of all fields, and everything that is no text. */
const RESERVE = 2_048;
/** As many fit into 32 bits with a sign. */
const SMALL_MAX = 0x7fffffff;
const DAY_MS = 86_400_000;
const YEAR_9999_MS = Date.parse("9999-12-31T23:59:59.999Z");
