import type { Severity, Status } from "../core/alert.js";
import type { Room } from "../core/alert-buffer.js";
import { CLOSING_BRACE, COLON, COMMA, QUOTE } from "../core/ascii.js";
import type { DecodedAlert, RepairedField } from "../runtime/ports.js";
import { type AlertWords, PIECES, type Said } from "./alert-words.js";
import { FormWriter } from "./form-writer.js";
import type { Piece, WrittenPart } from "./piece.js";
import { NO_REPAIRS } from "./placed-alert.js";
import { isInstant, isSame, mayBeBlank } from "./scanned-text.js";

/** Which text a field is. */
export const DEVICE_ID = 0;
export const MESSAGE = 1;
export const TYPE = 2;
/** A text of which nothing is asked but that it is one. */
export const ANY_TEXT = 3;

/**
 * One alert on its way from a schema's bytes into its own form: what `readAlert` makes of its fields, where they are written as documented. A method that
 * answers false leaves the record to `readAlert`. Of two fields with one name nobody asks here: a reader gives each once.
 */
export class AlertForm {
  readonly #writer = new FormWriter();
  #source: Buffer = Buffer.alloc(0);
  #base = 0;
  /** In the form; so below. */
  #deviceFrom = 0;
  #deviceTo = 0;
  #textFrom = 0;
  #hasMessage = false;
  #severity: Severity = "warning";
  #status: Status = "firing";
  #severityRepaired = false;
  #statusRepaired = false;
  #labels = 0;

  /** Places of texts are places in `memory`: in these bytes, or in all of the memory in which they lie. False: there are too many of them. */
  begin(source: Buffer, memory = source, room?: Room): boolean {
    const base = this.#writer.begin(source, room);
    if (base === undefined) return false;
    this.#source = memory;
    this.#base = memory === source ? base : 0;
    this.#deviceFrom = this.#deviceTo = 0;
    this.#hasMessage = false;
    this.#severity = "warning";
    this.#status = "firing";
    this.#severityRepaired = this.#statusRepaired = false;
    return true;
  }

  /** `key`: null where it is not to be compared. Undefined: it has no device, no message, or another key. */
  alert(key: Buffer | null): DecodedAlert | undefined {
    const [from, to] = [this.#deviceFrom, this.#deviceTo];
    const writer = this.#writer;
    if (from === to || !this.#hasMessage) return this.undo();
    if (key !== null && !isSame(writer.bytes, from, to, key)) return this.undo();
    const repairs = repairsOf(this.#severityRepaired, this.#statusRepaired);
    return writer.alert(key ?? Buffer.from(writer.bytes.subarray(from, to)), this.#severity, this.#status, repairs);
  }

  undo(): undefined {
    return this.#writer.undo();
  }

  /** Of UTF-8. An empty one is absent. */
  text(is: number, piece: Piece, from: number, to: number): boolean {
    if (from === to) return true;
    if (mayBeBlank(this.#source, from)) return false;
    this.openText(piece);
    return this.addUtf8(from, to) && this.closeText(is, this.#writer.hasEscapes);
  }

  /** A text in parts. */
  openText(piece: Piece): void {
    this.#writer.piece(piece);
    this.#textFrom = this.#writer.place;
  }

  addUtf8(from: number, to: number): boolean {
    return this.#writer.text(this.#base + from, this.#base + to);
  }

  /** What stands in the text of a JSON document, its escapes too. */
  addJson(from: number, to: number): boolean {
    return this.#writer.copy(this.#base + from, this.#base + to);
  }

  /** As long as a text may be that somebody wrote into a file: the form has to have room for it. */
  addPiece(piece: Piece): boolean {
    if (!this.#writer.hasRoom(piece.length)) return false;
    this.#writer.piece(piece);
    return true;
  }

  /** The text that was begun last is not to be there: back to where its field begins, whose piece has so many bytes. */
  dropText(piece: Piece): void {
    this.#writer.goBack(this.#textFrom - piece.length);
  }

  closeText(is: number, hasEscapes: boolean): boolean {
    const writer = this.#writer;
    const from = this.#textFrom;
    if (is === MESSAGE) this.#hasMessage = true;
    else if (is !== ANY_TEXT) {
      // Its bytes are to be its characters.
      if (hasEscapes) return false;
      if (is === TYPE) writer.isType(from);
      else {
        this.#deviceFrom = from;
        this.#deviceTo = writer.place;
        if (writer.place - from > DEVICE_ID_BYTES_MAX) return false;
      }
    }
    writer.byte(QUOTE);
    return true;
  }

  /** Of one of a few words, which has the field's name in front. */
  symbol(is: number, piece: Piece, characters: number): void {
    const writer = this.#writer;
    writer.piece(piece);
    const end = writer.place - 1;
    if (is === TYPE) writer.isType(end - characters, end);
  }

  /** A number as JSON has it. */
  numberAsWritten(piece: Piece, from: number, to: number): boolean {
    this.#writer.piece(piece);
    return this.addJson(from, to);
  }

  /** What is there for every record, with the field's name in front. `hasMessage`: it is the message. */
  constant(piece: Piece, hasMessage = false): boolean {
    this.#hasMessage ||= hasMessage;
    return this.addPiece(piece);
  }

  /** What was written since `begin`, to be written again for others. Not the device, nor the time: they are not looked for in it. */
  part(): FormPart {
    return {
      ...this.#writer.written(),
      hasMessage: this.#hasMessage,
      severity: this.#severity,
      status: this.#status,
      severityRepaired: this.#severityRepaired,
      statusRepaired: this.#statusRepaired,
    };
  }

  /** Before all other fields. */
  addPart(part: FormPart): boolean {
    const writer = this.#writer;
    const { place } = writer;
    if (!this.addPiece(part.piece)) return false;
    if (part.type !== undefined) writer.isType(place + part.type.from, place + part.type.to);
    this.#hasMessage = part.hasMessage;
    this.#severity = part.severity;
    this.#status = part.status;
    this.#severityRepaired = part.severityRepaired;
    this.#statusRepaired = part.statusRepaired;
    return true;
  }

  severity(word: string, words: AlertWords): boolean {
    const said = words.severity(word);
    if (said !== undefined) this.saySeverity(said);
    return said !== undefined;
  }

  saySeverity({ meaning, isRepaired, piece }: Said<Severity>): void {
    this.#severity = meaning;
    this.#severityRepaired = isRepaired;
    this.#writer.piece(piece);
  }

  status(word: string, words: AlertWords): boolean {
    const said = words.status(word);
    if (said !== undefined) this.sayStatus(said);
    return said !== undefined;
  }

  sayStatus({ meaning, isRepaired, piece }: Said<Status>): void {
    this.#status = meaning;
    this.#statusRepaired = isRepaired;
    this.#writer.piece(piece);
  }

  number(piece: Piece, value: number): boolean {
    this.#writer.piece(piece);
    return this.#writer.number(value);
  }

  /** `below`: digits after the milliseconds. */
  instant(ms: number, below: number, belowDigits: number): boolean {
    const writer = this.#writer;
    writer.piece(PIECES.occurredAt);
    const place = writer.place;
    if (!writer.instant(ms, below, belowDigits)) return false;
    writer.isTime(place);
    writer.byte(QUOTE);
    return true;
  }

  /** A time that is a text as documented. */
  time(from: number, to: number): boolean {
    if (!isInstant(this.#source, from, to)) return false;
    const writer = this.#writer;
    writer.piece(PIECES.occurredAt);
    const place = writer.place;
    if (!writer.copy(this.#base + from, this.#base + to)) return false;
    writer.isTime(place);
    writer.byte(QUOTE);
    return true;
  }

  beginLabels(): void {
    this.#labels = 0;
    this.#writer.piece(PIECES.labels);
  }

  /** Before the two texts of each. */
  label(): void {
    if (this.#labels++ > 0) this.#writer.byte(COMMA);
  }

  /** A label's name, and then its text. */
  labelName(from: number, to: number): boolean {
    if (!this.#quoted(from, to)) return false;
    this.#writer.byte(COLON);
    return true;
  }

  labelText(from: number, to: number): boolean {
    return this.#quoted(from, to);
  }

  /** `name`: up to the quote of its text, which stands in a JSON document. */
  namedLabel(name: Piece, from: number, to: number): boolean {
    this.label();
    if (!this.addPiece(name) || !this.addJson(from, to)) return false;
    this.#writer.byte(QUOTE);
    return true;
  }

  endLabels(): void {
    this.#writer.byte(CLOSING_BRACE);
  }

  #quoted(from: number, to: number): boolean {
    const writer = this.#writer;
    writer.byte(QUOTE);
    if (!writer.text(this.#base + from, this.#base + to)) return false;
    writer.byte(QUOTE);
    return true;
  }
}

/** Some fields of an alert, and what they say. */
export interface FormPart extends WrittenPart {
  readonly hasMessage: boolean;
  readonly severity: Severity;
  readonly status: Status;
  readonly severityRepaired: boolean;
  readonly statusRepaired: boolean;
}

/** One is enough: nothing of it is kept between two records. */
export const alertForm = new AlertForm();

const repairsOf = (severity: boolean, status: boolean): readonly RepairedField[] =>
  severity ? (status ? BOTH : SEVERITY_ONLY) : status ? STATUS_ONLY : NO_REPAIRS;

const SEVERITY_ONLY: readonly RepairedField[] = ["severity"];
const STATUS_ONLY: readonly RepairedField[] = ["status"];
const BOTH: readonly RepairedField[] = ["severity", "status"];

/** As many bytes have at most as many characters. */
const DEVICE_ID_BYTES_MAX = 256;
