import { SEVERITIES, STATUSES } from "../core/alert.js";
import { BRACE, CLOSING_BRACE, COMMA, QUOTE, SMALL_N } from "../core/ascii.js";
import type { WrittenBytes } from "../core/partition-types.js";
import type { DecodedAlert } from "../runtime/ports.js";
import { JsonCursor, NULL } from "./json-cursor.js";
import { NO_PLACE, NO_REPAIRS, PlacedAlert } from "./placed-alert.js";
import { isInstant, isSame, isWritten, mayBeBlank } from "./scanned-text.js";

/**
 * A documented alert, by its bytes alone: nothing is parsed, and no text is made of what nobody asks for. It is what the product does with each record, so
 * it is written for speed.
 *
 * Undefined: not known. Something is wrong, or is written in another way than documented, or in one that is rare, and `readAlert` is to say what it is.
 * What is answered here is what `readAlert` answers. `key`: null where it is not to be compared.
 */
export class AlertScanner {
  readonly #cursor = new JsonCursor();
  /** A bit for each field that was read. */
  #seen = 0;
  #deviceFrom = 0;
  #deviceTo = 0;
  #typeFrom = NO_PLACE;
  #typeTo = 0;
  #occurredFrom = NO_PLACE;
  #occurredTo = 0;
  #severity: DecodedAlert["severity"] = "warning";
  #status: DecodedAlert["status"] = "firing";

  scan(key: WrittenBytes | null, { memory, from, to }: WrittenBytes): DecodedAlert | undefined {
    const cursor = this.#cursor;
    cursor.openAt(memory, from, to);
    const { at: begin, end } = cursor;
    this.#seen = 0;
    this.#typeFrom = NO_PLACE;
    this.#occurredFrom = NO_PLACE;
    this.#severity = "warning";
    this.#status = "firing";
    if (!this.#alert() || (this.#seen & NEEDED) !== NEEDED) return undefined;
    const { bytes } = cursor;
    const device = { memory: bytes, from: this.#deviceFrom, to: this.#deviceTo };
    if (key !== null && !isSame(bytes, device.from, device.to, key.memory, key.from, key.to - key.from))
      return undefined;
    return new PlacedAlert(
      device,
      this.#severity,
      this.#status,
      NO_REPAIRS,
      bytes,
      begin,
      this.#isDeviceFirst(begin) ? this.#deviceTo + 1 : begin,
      end,
      this.#typeFrom,
      this.#typeTo,
      this.#occurredFrom,
      this.#occurredTo,
    );
  }

  /** As nearly everybody writes it, and another field after it. */
  #isDeviceFirst(begin: number): boolean {
    const { bytes } = this.#cursor;
    return this.#deviceFrom === begin + DEVICE_FIRST.length && bytes[this.#deviceTo + 1] === COMMA;
  }

  /** Exactly one object, and nothing behind it. */
  #alert(): boolean {
    const cursor = this.#cursor;
    if (!cursor.passed(BRACE)) return false;
    let field: Field | undefined = UNKNOWN;
    do {
      field = this.#name(field);
      if (field === undefined || !this.#field(field)) return false;
    } while (cursor.passed(COMMA));
    return cursor.passed(CLOSING_BRACE) && cursor.isAtEnd();
  }

  #found(field: Field): Field {
    const cursor = this.#cursor;
    cursor.at += field.written.byteLength;
    cursor.next();
    return field;
  }

  /** Up to the value of the field that is named there. Undefined: there is no name, or none that is known to name nothing. */
  #name(before: Field): Field | undefined {
    const cursor = this.#cursor;
    if (cursor.next() !== QUOTE) return undefined;
    const { bytes, view, at } = cursor;
    // A producer writes its fields in one order.
    const { follower } = before;
    if (follower !== undefined && isWritten(view, at, follower.written)) return this.#found(follower);
    for (let field = BY_LETTER[(bytes[at + 1] as number) & 31]; field !== undefined; field = field.other) {
      if (!isWritten(view, at, field.written)) continue;
      before.follower = field;
      return this.#found(field);
    }
    if (!cursor.name() || cursor.hasEscapes) return undefined;
    const { textFrom, textTo } = cursor;
    return FIELDS.find(({ name }) => isSame(bytes, textFrom, textTo, name)) ?? UNKNOWN;
  }

  #field(field: Field): boolean {
    const cursor = this.#cursor;
    if (field === UNKNOWN) return cursor.value();
    // Of two with one name the last one counts.
    if ((this.#seen & field.bit) !== 0) return false;
    this.#seen |= field.bit;
    if (cursor.bytes[cursor.at] === SMALL_N) return (field.bit & NEEDED) === 0 && cursor.word(NULL);
    if (field.is === MEASUREMENT) return this.#measurement();
    if (field.is === LABELS) return this.#labels();
    return cursor.text() && !mayBeBlank(cursor.bytes, cursor.textFrom) && this.#text(field.is);
  }

  /** Of the field whose text was just read. */
  #text(is: number): boolean {
    const { bytes, textFrom, textTo, hasEscapes } = this.#cursor;
    switch (is) {
      case DEVICE_ID:
        this.#deviceFrom = textFrom;
        this.#deviceTo = textTo;
        return !hasEscapes && textTo - textFrom <= DEVICE_ID_BYTES_MAX;
      case TYPE:
        this.#typeFrom = textFrom;
        this.#typeTo = textTo;
        return !hasEscapes;
      case OCCURRED_AT:
        this.#occurredFrom = textFrom;
        this.#occurredTo = textTo;
        return isInstant(bytes, textFrom, textTo);
      case SEVERITY: {
        const severity = SEVERITIES_BY_LENGTH[textTo - textFrom];
        if (severity === undefined || !isSame(bytes, textFrom, textTo, severity.written)) return false;
        this.#severity = severity.word;
        return true;
      }
      case STATUS: {
        const status = STATUSES_BY_LENGTH[textTo - textFrom];
        if (status === undefined || !isSame(bytes, textFrom, textTo, status.written)) return false;
        this.#status = status.word;
        return true;
      }
      default:
        return true;
    }
  }

  /** One that is as near to its number as nobody sees, surely finite, and no other whole number: short, without an exponent. */
  #measurement(): boolean {
    const cursor = this.#cursor;
    const from = cursor.at;
    if (!cursor.number() || cursor.hasExponent) return false;
    return cursor.wholeTo - from <= WHOLE_BYTES_MAX && cursor.at - from <= NUMBER_BYTES_MAX;
  }

  /** Texts by name, of which there may be two by one. */
  #labels(): boolean {
    const cursor = this.#cursor;
    if (!cursor.passed(BRACE)) return false;
    if (cursor.passed(CLOSING_BRACE)) return true;
    do {
      if (!cursor.name() || !cursor.text()) return false;
    } while (cursor.passed(COMMA));
    return cursor.passed(CLOSING_BRACE);
  }
}

/** What stands in a field. */
const DEVICE_ID = 0;
const TYPE = 1;
const OCCURRED_AT = 2;
const SEVERITY = 3;
const STATUS = 4;
/** A text of which nothing is asked but that it is one. */
const ANY_TEXT = 5;
const MEASUREMENT = 6;
const LABELS = 7;

interface Field {
  readonly is: number;
  readonly bit: number;
  readonly name: Uint8Array;
  /** As nearly everybody writes it: in quotes, a colon right behind. */
  readonly written: DataView;
  /** Another one that begins with the same letter. */
  readonly other: Field | undefined;
  /** What came after it last time, and mostly comes again. */
  follower: Field | undefined;
}

const BY_LETTER: (Field | undefined)[] = new Array(32).fill(undefined);
const FIELDS: Field[] = [];
const field = (name: string, is: number): Field => {
  const letter = name.charCodeAt(0) & 31;
  const written = new DataView(Uint8Array.from(Buffer.from(`"${name}":`)).buffer);
  const made: Field = {
    is,
    bit: 1 << FIELDS.length,
    name: Buffer.from(name),
    written,
    other: BY_LETTER[letter],
    follower: undefined,
  };
  FIELDS.push(made);
  BY_LETTER[letter] = made;
  return made;
};
const NEEDED = field("deviceId", DEVICE_ID).bit | field("message", ANY_TEXT).bit;
for (const name of ["deviceName", "unit", "alertId"]) field(name, ANY_TEXT);
for (const name of ["value", "threshold"]) field(name, MEASUREMENT);
field("severity", SEVERITY);
field("status", STATUS);
field("type", TYPE);
field("occurredAt", OCCURRED_AT);
field("labels", LABELS);
/** Nobody's business. */
const UNKNOWN: Field = {
  is: ANY_TEXT,
  bit: 0,
  name: Buffer.alloc(0),
  written: new DataView(new ArrayBuffer(0)),
  other: undefined,
  follower: undefined,
};

interface Word<T> {
  readonly word: T;
  readonly written: Uint8Array;
}

/** No two of them are of one length. */
const byLength = <T extends string>(words: readonly T[]): readonly (Word<T> | undefined)[] => {
  const sorted: (Word<T> | undefined)[] = new Array(1 + Math.max(...words.map((word) => word.length))).fill(undefined);
  for (const word of words) sorted[word.length] = { word, written: Buffer.from(word) };
  return sorted;
};
const SEVERITIES_BY_LENGTH = byLength(SEVERITIES);
const STATUSES_BY_LENGTH = byLength(STATUSES);
/** What stands before it then. */
const DEVICE_FIRST = '{"deviceId":"';
/** As many bytes have at most as many characters. */
const DEVICE_ID_BYTES_MAX = 256;
const NUMBER_BYTES_MAX = 25;
/** A whole number of more digits may be beyond 2^53. */
const WHOLE_BYTES_MAX = 15;
