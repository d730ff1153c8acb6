import { createRequire } from "node:module";
import { OUR_TURNS } from "../runtime/turns.js";
import { type AbortedTransaction, type RecordSet, readRecordSet, type Unpacking } from "./fetch-answer.js";
import { fetchedMemory, type HeldMemory } from "./fetched-memory.js";
import { readMessageSet } from "./message-set.js";
import { MAGIC, magicAt } from "./record-batch.js";
import { unpackerOf } from "./unpackers.js";

/** What KafkaJS makes a batch of, with what `RecordSet` knows beside the messages. */
export interface FetchedPartition extends Omit<RecordSet, "messages"> {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly abortedTransactions: readonly AbortedTransaction[];
  readonly messages: readonly object[];
  /** What this takes; undefined: nothing to speak of. */
  readonly held: HeldMemory | undefined;
}

type DecodedRecords = Pick<FetchedPartition, "messages" | "coveredTo" | "large" | "corrupt" | "held">;

interface ResponseModule {
  decode: (data: Buffer) => Promise<object>;
}

/**
 * Answers to fetches are decoded by `readRecordSet` instead of by KafkaJS, which checks no checksum and takes five times as long (`record-batch.ts`).
 * Message sets from before Kafka 0.11 are read by `readMessageSet`. Changes the loaded library; calling it again changes nothing more.
 */
export const decodeFetchesByNumbers = (): void => {
  const require = createRequire(import.meta.url);
  for (const version of [4, 5, 6, 7, 8, 9, 10, 11]) {
    const response = require(`kafkajs/src/protocol/requests/fetch/v${version}/response.js`) as ResponseModule;
    response.decode = (data) => decodeAnswer(data, version);
  }
};

const decodeAnswer = async (data: Buffer, version: number): Promise<object> => {
  const reader = new AnswerReader(data);
  const throttleTime = reader.int32();
  const session = version >= 7 ? { errorCode: reader.int16(), sessionId: reader.int32() } : {};
  const responses: object[] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topicName = reader.text();
    const partitions: object[] = [];
    for (let count = reader.int32(); count > 0; count--) partitions.push(await decodePartition(reader, version));
    responses.push({ topicName, partitions });
  }
  // From version 8 on the broker has answered at once, and it is the client that is to wait.
  const throttle = version >= 8 ? { throttleTime: 0, clientSideThrottleTime: throttleTime } : { throttleTime };
  return { ...throttle, ...session, responses };
};

const decodePartition = async (reader: AnswerReader, version: number): Promise<object> => {
  const head = {
    partition: reader.int32(),
    errorCode: reader.int16(),
    highWatermark: String(reader.int64()),
    lastStableOffset: String(reader.int64()),
    ...(version >= 5 ? { lastStartOffset: String(reader.int64()) } : {}),
  };
  const abortedTransactions: AbortedTransaction[] = [];
  for (let count = reader.int32(); count > 0; count--)
    abortedTransactions.push({ producerId: reader.int64(), firstOffset: Number(reader.int64()) });
  const replica = version >= 11 ? { preferredReadReplica: reader.int32() } : {};
  return { ...head, abortedTransactions, ...replica, ...(await decodeRecords(reader.bytes())) };
};

/** What to ask for once it is taken; the offset that was asked for, where nothing new came. What compaction has emptied is behind us as well. */
export const nextOffset = (
  asked: number,
  { coveredTo, messages }: { readonly coveredTo: number | undefined; readonly messages: readonly object[] },
): number => {
  const last = messages.at(-1) as { readonly offset: string } | undefined;
  return Math.max(asked, coveredTo ?? (last === undefined ? 0 : Number(last.offset) + 1));
};

const NOTHING = { coveredTo: undefined, large: undefined, corrupt: undefined, held: undefined };

const decodeRecords = async (bytes: Buffer): Promise<DecodedRecords> => {
  if (bytes.length === 0) return { messages: [], ...NOTHING };
  // The magic byte is at the same place in all formats.
  const isOld = bytes.length > 16 && magicAt(bytes, 0) !== MAGIC;
  const held = fetchedMemory.hold(bytes.length);
  if (!isOld) return { ...(await readRecordSet(bytes, unpackingInto(held))), held };
  // There is no other way to read them: what others hold leaves them as much room all the same.
  const { maxBytes } = fetchedMemory;
  return { ...NOTHING, ...(await readMessageSet(bytes, { ...unpackingInto(held, maxBytes), maxBytes })), held };
};

/** No more than there is room for, all answers together; or no more than `most`. */
const unpackingInto = (held: HeldMemory, most?: number): Unpacking => ({
  decompress: async (codec, data) => {
    const unpacker = await unpackerOf(codec);
    return fetchedMemory.inTurn(async () => {
      const unpacked = await unpacker.whole(data, most ?? fetchedMemory.room);
      if (unpacked !== undefined) held.add(unpacked.length);
      return unpacked;
    });
  },
  turn: () => OUR_TURNS.next(),
});

class AnswerReader {
  readonly #data: Buffer;
  #at = 0;

  constructor(data: Buffer) {
    this.#data = data;
  }

  int16(): number {
    this.#at += 2;
    return this.#data.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#data.readInt32BE(this.#at - 4);
  }

  int64(): bigint {
    this.#at += 8;
    return this.#data.readBigInt64BE(this.#at - 8);
  }

  text(): string {
    const length = this.int16();
    this.#at += length;
    return this.#data.toString("utf8", this.#at - length, this.#at);
  }

  /** Null is empty. */
  bytes(): Buffer {
    const length = Math.max(0, this.int32());
    this.#at += length;
    return this.#data.subarray(this.#at - length, this.#at);
  }
}
