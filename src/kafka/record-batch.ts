import type { IHeaders } from "kafkajs";

/**
 * A record batch (magic 2, KIP-98) as a fetch brings it, walked by numbers. KafkaJS's own decoder makes a `Long` for each offset and timestamp, strings
 * of them, a slice, a decoder and an object for each record: measured, five times as long for the same bytes.
 *
 * ```
 *  0 base offset i64 · 8 length i32 · 12 leader epoch i32 · 16 magic i8 · 17 CRC-32C u32, of all that follows · 21 attributes i16
 * 23 last offset delta i32 · 27 base timestamp i64 · 35 max timestamp i64 · 43 producer ID i64 · 51 producer epoch i16 · 53 base sequence i32
 * 57 count i32 · 61 records
 * ```
 */
export interface BatchHead {
  readonly baseOffset: number;
  /** Also where compaction has removed the record at it. */
  readonly lastOffset: number;
  /** Of the leader that wrote it; -1: none. */
  readonly partitionLeaderEpoch: number;
  /** Codec and flags. */
  readonly attributes: number;
  readonly baseTimestampMs: number;
  readonly maxTimestampMs: number;
  readonly producerId: bigint;
  readonly count: number;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
}

/** Bytes before the first record; a batch has at least these. */
export const HEAD_BYTES = 61;
/** Of the fields before what `length` counts. */
const BEFORE_LENGTH_ENDS = 12;
export const MAGIC = 2;

/** The magic byte of the batch, or of the older message, at `at`. */
export const magicAt = (bytes: Buffer, at: number): number => bytes.readInt8(at + 16);

/** Where the batch at `at` ends; it may not be whole. */
export const batchEnd = (bytes: Buffer, at: number): number => at + BEFORE_LENGTH_ENDS + bytes.readInt32BE(at + 8);

export const checksumOf = (bytes: Buffer, at: number): number => bytes.readUInt32BE(at + 17);

/** What the checksum is of. */
export const checkedBytes = (bytes: Buffer, at: number, end: number): Buffer => bytes.subarray(at + 21, end);

export const baseOffsetAt = (bytes: Buffer, at: number): number => int64(bytes, at);

export const headAt = (bytes: Buffer, at: number): BatchHead => {
  const baseOffset = int64(bytes, at);
  const attributes = bytes.readInt16BE(at + 21);
  return {
    baseOffset,
    lastOffset: baseOffset + bytes.readInt32BE(at + 23),
    partitionLeaderEpoch: bytes.readInt32BE(at + 12),
    attributes,
    baseTimestampMs: int64(bytes, at + 27),
    maxTimestampMs: int64(bytes, at + 35),
    producerId: bytes.readBigInt64BE(at + 43),
    count: bytes.readInt32BE(at + 57),
    inTransaction: (attributes & TRANSACTIONAL) !== 0,
    isControlBatch: (attributes & CONTROL) !== 0,
  };
};

/** Reads zigzag varints (as Protocol Buffers write them) and what they announce. */
export class VarintReader {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    return this.bytes[this.at++] as number;
  }

  /** At most 32 bits. */
  varint(): number {
    const bytes = this.bytes;
    let byte = bytes[this.at++] as number;
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      byte = bytes[this.at++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw new MalformedBatch("a number has more than five bytes");
  }

  /** Up to 64 bits; beyond 2^53 what a number can hold of it. */
  varlong(): number {
    const bytes = this.bytes;
    let byte = bytes[this.at++] as number;
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & 0x7f;
    for (let factor = 0x80; factor < 2 ** 70; factor *= 0x80) {
      byte = bytes[this.at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new MalformedBatch("a number has more than ten bytes");
  }

  /** Length, then bytes; a negative length is null. */
  slice(): Buffer | null {
    const length = this.passed();
    return length < 0 ? null : this.bytes.subarray(this.at - length, this.at);
  }

  /** The same, passed over: returns the length. */
  passed(): number {
    const length = this.varint();
    if (length < 0) return length;
    const to = this.at + length;
    if (!(to <= this.bytes.length)) throw new MalformedBatch("a length leads beyond the end");
    this.at = to;
    return length;
  }
}

/**
 * A record; its buffers belong to the fetch. A fetch has ten thousand of them, and they wait for their turn: each knows where its bytes are, and makes
 * nothing of them before it is asked. Also reads like a message of KafkaJS, whose consumers and commands get it.
 */
export class FetchedRecord {
  readonly batchContext: BatchHead;
  readonly attributes: number;
  /** Negative: it has none. */
  readonly valueBytes: number;
  readonly #bytes: Buffer;
  readonly #timestampDelta: number;
  readonly #offsetDelta: number;
  readonly #keyAt: number;
  readonly #keyBytes: number;
  readonly #valueAt: number;
  readonly #headerCount: number;

  /** Reads the record at the reader; its length was read already. */
  constructor(batch: BatchHead, reader: VarintReader) {
    this.batchContext = batch;
    this.#bytes = reader.bytes;
    this.attributes = reader.byte();
    this.#timestampDelta = reader.varlong();
    this.#offsetDelta = reader.varint();
    this.#keyBytes = reader.passed();
    this.#keyAt = reader.at - Math.max(0, this.#keyBytes);
    this.valueBytes = reader.passed();
    this.#valueAt = reader.at - Math.max(0, this.valueBytes);
    this.#headerCount = reader.varint();
  }

  get offsetNumber(): number {
    return this.batchContext.baseOffset + this.#offsetDelta;
  }

  get timestampMs(): number {
    const { attributes, baseTimestampMs, maxTimestampMs } = this.batchContext;
    return (attributes & LOG_APPEND_TIME) === 0 ? baseTimestampMs + this.#timestampDelta : maxTimestampMs;
  }

  /** Made at each call, as the value is. */
  get key(): Buffer | null {
    return this.#keyBytes < 0 ? null : this.#bytes.subarray(this.#keyAt, this.#keyAt + this.#keyBytes);
  }

  get value(): Buffer | null {
    return this.valueBytes < 0 ? null : this.#bytes.subarray(this.#valueAt, this.#valueAt + this.valueBytes);
  }

  /** Of the value (`WrittenBytes`): where it stands. */
  get memory(): Buffer {
    return this.#bytes;
  }

  get from(): number {
    return this.#valueAt;
  }

  get to(): number {
    return this.#valueAt + this.valueBytes;
  }

  /** Of the key, likewise. */
  get keyFrom(): number {
    return this.#keyAt;
  }

  get keyTo(): number {
    return this.#keyAt + this.#keyBytes;
  }

  get offset(): string {
    return String(this.offsetNumber);
  }

  get timestamp(): string {
    return String(this.timestampMs);
  }

  get magicByte(): number {
    return MAGIC;
  }

  get isControlRecord(): boolean {
    return this.batchContext.isControlBatch;
  }

  get hasHeaders(): boolean {
    return this.#headerCount > 0;
  }

  /** As KafkaJS gives them: one of several of a name is an array. Decoded at each call. */
  get headers(): IHeaders {
    if (this.#headerCount === 0) return {};
    const found: Record<string, Buffer | null | (Buffer | null)[]> = {};
    const reader = new VarintReader(this.#bytes, this.#valueAt + Math.max(0, this.valueBytes));
    reader.varint();
    for (let i = 0; i < this.#headerCount; i++) {
      const name = (reader.slice() ?? EMPTY).toString("utf8");
      const value = reader.slice();
      const before = Object.hasOwn(found, name) ? found[name] : undefined;
      if (before === undefined) Object.defineProperty(found, name, { value, ...OWN });
      else found[name] = Array.isArray(before) ? [...before, value] : [before, value];
    }
    return found as IHeaders;
  }
}

/** As `attributes & CODEC` says it, the records are compressed. */
export const CODEC = 0x07;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
const EMPTY = Buffer.alloc(0);
/** A header may have any name, `__proto__` too. */
const OWN = { enumerable: true, writable: true, configurable: true } as const;

/**
 * Appends the batch's records to `to`: `bytes` holds them from `at` on, decompressed. A batch may have millions: `turn` is called between some thousands of
 * them. Throws a `MalformedBatch` where they are not what the head says.
 */
export const readRecords = async (
  head: BatchHead,
  { bytes, at, end }: { readonly bytes: Buffer; readonly at: number; readonly end: number },
  to: FetchedRecord[],
  turn: () => Promise<void>,
): Promise<void> => {
  const reader = new VarintReader(bytes, at);
  // A record has at least seven bytes: a count that cannot be is not believed.
  if (head.count < 0 || head.count > (end - at) / 7) throw new MalformedBatch(`it cannot hold ${head.count} records`);
  for (let first = 0; first < head.count; first += RECORDS_AT_ONCE) {
    if (first > 0) await turn();
    readSome(head, reader, end, first, Math.min(first + RECORDS_AT_ONCE, head.count), to);
  }
};

/** Some milliseconds of them. */
const RECORDS_AT_ONCE = 16_384;

const readSome = (
  head: BatchHead,
  reader: VarintReader,
  end: number,
  first: number,
  behind: number,
  to: FetchedRecord[],
): void => {
  for (let i = first; i < behind; i++) {
    const length = reader.varint();
    const recordEnd = reader.at + length;
    if (length < 0 || recordEnd > end) throw new MalformedBatch(`record ${i} is longer than its batch`);
    to.push(new FetchedRecord(head, reader));
    if (reader.at > recordEnd) throw new MalformedBatch(`record ${i} is longer than it says`);
    reader.at = recordEnd;
  }
};

/** Bytes that no producer writes; the message says what is wrong with them. */
export class MalformedBatch extends Error {
  override readonly name = "MalformedBatch";
}

/** `told`: by the bytes themselves; `found`: worked out of them. Throws `MalformedBatch` where these differ. */
export const compareChecksums = (told: number, found: number): void => {
  if (told !== found) throw new MalformedBatch(`its checksum is ${hex(found)} and should be ${hex(told)}`);
};

const hex = (sum: number): string => sum.toString(16).padStart(8, "0");

const int64 = (bytes: Buffer, at: number): number => bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
