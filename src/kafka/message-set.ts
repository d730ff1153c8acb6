import { crc32 } from "node:zlib";
import type { CorruptBatch } from "./fetch-answer.js";
import { compareChecksums, MAGIC, MalformedBatch, magicAt } from "./record-batch.js";

/** A message from before Kafka 0.11, in the form of KafkaJS. */
export interface OldMessage {
  readonly offset: string;
  /** "-1": it has none. */
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly magicByte: number;
  readonly attributes: number;
}

export interface MessageSet {
  readonly messages: readonly OldMessage[];
  /** The message after those, which is not believed, or for which there is no room. */
  readonly corrupt: CorruptBatch | undefined;
}

export interface SetUnpacking {
  /** Unpacks the value of a message that holds others. Undefined: there is no room for them. */
  readonly decompress: (codec: number, data: Buffer) => Promise<Buffer | undefined>;
  /** How much room there may be at most. */
  readonly maxBytes: number;
  /** Called before each message that is to be unpacked. */
  readonly turn: () => Promise<void>;
}

/**
 * Messages of the formats 0 and 1, as logs have them that were written before Kafka 0.11 or under `message.format.version`: offset i64 · size i32 · CRC-32 u32, of all that
 * follows · magic i8 · attributes i8 · timestamp i64, in format 1 alone · key · value, each with its length before it. A compressed one holds a set of others. As
 * of batches, what is cut off at the end is passed over, and nothing is skipped. What is compressed is only read whole: the offsets of format 1 count
 * from the last message on.
 */
export const readMessageSet = async (bytes: Buffer, unpacking: SetUnpacking): Promise<MessageSet> => {
  const messages: OldMessage[] = [];
  for (let at = 0; bytes.length - at >= SHORTEST; ) {
    // The log changes over to batches: the next fetch begins with them.
    if (magicAt(bytes, at) === MAGIC) break;
    const offset = Number(bytes.readBigInt64BE(at));
    let end: number;
    try {
      end = endOf(bytes, at);
      if (end > bytes.length) break;
      compareChecksums(bytes.readUInt32BE(at + CRC_AT), crc32(bytes.subarray(at + MAGIC_AT, end)));
      const message = messageAt(bytes, at, end);
      const codec = message.attributes & CODEC;
      if (codec === 0) messages.push(message);
      else {
        await unpacking.turn();
        const inner = await unpacking.decompress(codec, message.value ?? Buffer.alloc(0));
        if (inner === undefined) return { messages, corrupt: tooLarge(offset, unpacking.maxBytes) };
        // One by one: there may be more than a call takes arguments.
        for (const held of heldBy(message, inner)) messages.push(held);
      }
    } catch (error) {
      return { messages, corrupt: { offset, problem: (error as Error).message } };
    }
    at = end;
  }
  return { messages, corrupt: undefined };
};

const tooLarge = (offset: number, maxBytes: number): CorruptBatch => ({
  offset,
  problem: `it unpacks to more than ${maxBytes} bytes, and messages of the format from before Kafka 0.11 are only read whole: raise BATCH_MAX_BYTES and restart`,
  isTooLarge: true,
});

const heldBy = (outer: OldMessage, bytes: Buffer): readonly OldMessage[] => {
  const inner: OldMessage[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.length - at < SHORTEST ? Number.POSITIVE_INFINITY : endOf(bytes, at);
    if (end > bytes.length) throw new MalformedBatch("it ends within a message");
    const message = messageAt(bytes, at, end);
    if ((message.attributes & CODEC) !== 0) throw new MalformedBatch("a compressed message is in a compressed one");
    inner.push(message);
    at = end;
  }
  const last = inner.at(-1);
  if (last === undefined) throw new MalformedBatch("it holds no message");
  const base = outer.magicByte === 0 ? 0n : BigInt(outer.offset) - BigInt(last.offset);
  // The broker that appended it says when, for all of them.
  const appendedAt = (outer.attributes & APPEND_TIME) !== 0 ? outer.timestamp : undefined;
  return inner.map((message) => ({
    ...message,
    offset: String(BigInt(message.offset) + base),
    timestamp: appendedAt ?? message.timestamp,
  }));
};

const endOf = (bytes: Buffer, at: number): number => {
  const size = bytes.readInt32BE(at + SIZE_AT);
  if (size < SHORTEST - CRC_AT) throw new MalformedBatch(`a message says that it has ${size} bytes`);
  return at + CRC_AT + size;
};

const messageAt = (bytes: Buffer, at: number, end: number): OldMessage => {
  const magicByte = magicAt(bytes, at);
  if (magicByte !== 0 && magicByte !== 1)
    throw new MalformedBatch(`it is of format ${magicByte}, which does not exist`);
  let next = at + MAGIC_AT + 2;
  let timestamp = "-1";
  if (magicByte === 1) {
    if (end - next < 8) throw new MalformedBatch("it ends within its timestamp");
    timestamp = String(bytes.readBigInt64BE(next));
    next += 8;
  }
  const field = (): Buffer | null => {
    const length = end - next < 4 ? Number.NaN : bytes.readInt32BE(next);
    next += 4;
    if (length === -1) return null;
    if (!(length >= 0 && length <= end - next)) throw new MalformedBatch("its key or value is longer than itself");
    next += length;
    return bytes.subarray(next - length, next);
  };
  const [key, value] = [field(), field()];
  if (next !== end) throw new MalformedBatch("it is longer than its key and value");
  return {
    offset: String(bytes.readBigInt64BE(at)),
    attributes: bytes.readInt8(at + MAGIC_AT + 1),
    ...{ magicByte, timestamp, key, value },
  };
};

const SIZE_AT = 8;
const CRC_AT = 12;
const MAGIC_AT = 16;
/** Of format 0, with neither key nor value. */
const SHORTEST = MAGIC_AT + 2 + 8;
const CODEC = 0x07;
const APPEND_TIME = 0x08;
