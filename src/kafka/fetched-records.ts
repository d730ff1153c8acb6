/** The records that a fetch brought, as the runtime takes them: one by one, with numbers for numbers, in slices where they are many. */

import type { EachBatchPayload, KafkaMessage } from "kafkajs";
import type { RecordPlace, SourceRecord, SourceRecords } from "../runtime/ports.js";
import { FetchedRecord } from "./record-batch.js";
import { UnkeptRecord } from "./record-cursor.js";
import { onlyToIn, redrivesIn } from "./redrives.js";

/** Records of a fetch that are made when it is their turn: those that are gone by then cost the garbage collector nothing. */
export class FetchedRecords implements SourceRecords {
  readonly #messages: readonly KafkaMessage[];
  /** Of somebody who looks at them before. */
  #made: readonly SourceRecord[] | undefined;

  constructor(messages: readonly KafkaMessage[]) {
    this.#messages = messages;
  }

  get length(): number {
    return this.#messages.length;
  }

  at(index: number): SourceRecord | undefined {
    if (this.#made !== undefined) return this.#made[index];
    const message = this.#messages[index];
    return message && recordOf(message);
  }

  slice(from?: number, to?: number): SourceRecord[] {
    this.#made ??= this.#messages.map(recordOf);
    return this.#made.slice(from, to);
  }
}

const recordOf = (message: KafkaMessage): SourceRecord => {
  // Most have no headers, and decoding them costs more than all the rest.
  if (message instanceof FetchedRecord && !message.hasHeaders) {
    if (message.valueBytes >= 0) return new PlacedRecord(message);
    return message instanceof UnkeptRecord
      ? { ...numbersOf(message), unkeptBytes: message.unkeptBytes }
      : numbersOf(message);
  }
  const { headers } = message;
  return { ...numbersOf(message), headers, redrives: redrivesIn(headers), onlyTo: onlyToIn(headers) };
};

/** One without headers, of which nobody needs more than to know where value and key stand. */
class PlacedRecord implements SourceRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly leaderEpoch: number;
  readonly #message: FetchedRecord;

  constructor(message: FetchedRecord) {
    this.offset = message.offsetNumber;
    this.timestampMs = message.timestampMs;
    this.leaderEpoch = message.batchContext.partitionLeaderEpoch;
    this.#message = message;
  }

  /** Made at each call, as the value is. */
  get key(): Buffer | null {
    return this.#message.key;
  }

  get value(): Buffer | null {
    return this.#message.value;
  }

  get place(): RecordPlace {
    return this.#message;
  }
}

/** Also of a control record, which is not among the messages. */
export const firstEpoch = (batch: EachBatchPayload["batch"]): number | undefined => {
  const { messagesWithinOffset = batch.messages } = batch as {
    messagesWithinOffset?: EachBatchPayload["batch"]["messages"];
  };
  const [first] = messagesWithinOffset;
  return first === undefined ? undefined : batchEpochOf(first);
};

/** A record, its numbers as numbers. */
export interface MessageNumbers {
  readonly offset: number;
  /** Negative when the record has none. */
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Of the leader that wrote it; -1: none. */
  readonly leaderEpoch: number;
}

/** Of a message as KafkaJS hands it over: one of an older message set has its numbers as text. */
export const numbersOf = (message: {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}): MessageNumbers => {
  const { key, value } = message;
  const leaderEpoch = batchEpochOf(message);
  if (message instanceof FetchedRecord) {
    const { offsetNumber: offset, timestampMs } = message;
    return { offset, timestampMs, key, value, leaderEpoch };
  }
  return { offset: Number(message.offset), timestampMs: Number(message.timestamp), key, value, leaderEpoch };
};

/** The leader's epoch under which a record was written, which KafkaJS keeps of its batch's head though its types leave it out; -1: none. */
const batchEpochOf = (message: object): number =>
  (message as { batchContext?: { partitionLeaderEpoch?: number } }).batchContext?.partitionLeaderEpoch ?? -1;

// What is taken of many records at once: the event loop has its turn between two slices.

interface Valued {
  readonly value: Uint8Array | null;
  /** Known before the value is made; negative: it has none. */
  readonly valueBytes?: number;
}

/** Where the slice that begins at `from` ends. It has a record at least. */
export const sliceEnd = (records: readonly Valued[], from: number): number => {
  let bytes = 0;
  let to = from;
  for (; to < records.length; to++) {
    bytes += RECORD_BYTES + bytesOf(records[to] as Valued);
    if (bytes > SLICE_BYTES && to > from) break;
  }
  return to;
};

/** Whether they are one slice. `bytes`: what they take. */
export const areOneSlice = (records: number, bytes: number): boolean =>
  records * RECORD_BYTES <= SLICE_BYTES && bytes <= SLICE_BYTES;

const bytesOf = (record: Valued): number => Math.max(0, record.valueBytes ?? record.value?.length ?? 0);

/** The largest alert, or thousands of usual ones, which are some 20 ms of work. */
const SLICE_BYTES = 1024 * 1024;
/** What a record counts for beside its value: one without a value is some work as well. */
const RECORD_BYTES = 512;
