import { MAX_VALUE_BYTES } from "../core/alert.js";
import { type BatchHead, FetchedRecord, MalformedBatch, VarintReader } from "./record-batch.js";

/** A record without its value and its headers: they were too large to be kept. */
export class UnkeptRecord extends FetchedRecord {
  /** Of its value, or of all of it. */
  readonly unkeptBytes: number;

  constructor(head: BatchHead, reader: VarintReader, unkeptBytes: number) {
    super(head, reader);
    this.unkeptBytes = unkeptBytes;
  }
}

/** Goes through the records of a batch of which `bytes` are some; the last of them need not be whole. */
export class RecordCursor {
  readonly #head: BatchHead;
  readonly #bytes: Buffer;
  readonly #reader: VarintReader;

  constructor(head: BatchHead, bytes: Buffer) {
    this.#head = head;
    this.#bytes = bytes;
    this.#reader = new VarintReader(bytes, 0);
  }

  get at(): number {
    return this.#reader.at;
  }

  /** Bytes from here on; negative: so many of a record that was passed over are still to come. */
  get rest(): number {
    return this.#bytes.length - this.#reader.at;
  }

  /** Of the next record. Undefined: its bytes are not all there. */
  length(): number | undefined {
    const end = Math.min(this.#bytes.length, this.at + LENGTH_BYTES_MAX);
    let isThere = false;
    for (let at = this.at; at < end && !isThere; at++) isThere = (this.#bytes[at] as number) < 0x80;
    if (!isThere && this.rest < LENGTH_BYTES_MAX) return undefined;
    const length = this.#reader.varint();
    if (length < 0) throw new MalformedBatch("a record has a length below 0");
    return length;
  }

  /** Whether the record of that length, which begins here, is too large to be kept. Undefined: too little of it is there to tell. */
  isLarge(length: number): boolean | undefined {
    if (length > RECORD_MAX_BYTES) return this.rest < Math.min(length, FRONT_BYTES) ? undefined : true;
    if (this.rest < Math.min(length, FRONT_BYTES)) return undefined;
    const value = this.#front().valueBytes;
    return value !== undefined && value > MAX_VALUE_BYTES;
  }

  /** The whole record of that length. */
  record(length: number): FetchedRecord {
    const end = this.at + length;
    const record = new FetchedRecord(this.#head, this.#reader);
    if (this.at > end) throw new MalformedBatch("a record is longer than it says");
    this.#reader.at = end;
    return record;
  }

  /** Passes over a record that is large. */
  unkept(length: number): UnkeptRecord {
    const { keyless, keyed, valueBytes } = this.#front();
    // What it would be without them: a key of null where it is a large one, then a value of null and no headers.
    const bytes = Buffer.concat(keyed === undefined ? [keyless, NULL, NULL, NONE] : [keyed, NULL, NONE]);
    this.#reader.at += length;
    return new UnkeptRecord(this.#head, new VarintReader(bytes, 0), valueBytes ?? length);
  }

  /** Of the record that begins here: its bytes up to the key and with it, and how many its value has, where that much is there. */
  #front(): { keyless: Buffer; keyed: Buffer | undefined; valueBytes: number | undefined } {
    const reader = new VarintReader(this.#bytes, this.at);
    reader.byte();
    reader.varlong();
    reader.varint();
    const keyless = this.#bytes.subarray(this.at, reader.at);
    const keyBytes = Math.max(0, reader.varint());
    const keyEnd = reader.at + keyBytes;
    if (keyBytes > KEY_MAX_BYTES || keyEnd + LENGTH_BYTES_MAX > this.#bytes.length)
      return { keyless, keyed: undefined, valueBytes: undefined };
    reader.at = keyEnd;
    return { keyless, keyed: this.#bytes.subarray(this.at, keyEnd), valueBytes: reader.varint() };
  }
}

/** Of a length as it is written. */
export const LENGTH_BYTES_MAX = 5;
/** With its key and headers; one whose value is not too large is kept as far as here. */
const RECORD_MAX_BYTES = 2 * 1024 * 1024;
const KEY_MAX_BYTES = 64 * 1024;
/** Of a record, enough to see how large its value is. */
export const FRONT_BYTES = KEY_MAX_BYTES + 64;
const NULL = Buffer.from([1]);
const NONE = Buffer.from([0]);
