import { type AbortedTransaction, type CorruptBatch, visibleRecords } from "./fetch-answer.js";
import type { FetchedPartition } from "./fetch-decoding.js";
import { FetchedRecord } from "./record-batch.js";

/**
 * What one fetch brought of one partition, in the form of KafkaJS's own `Batch`, which makes a `Long` of each offset and takes an empty batch at the end
 * of what was fetched for the end of the log.
 */
export class FetchedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly highWatermark: string;
  readonly fetchedOffset: string;
  readonly rawMessages: readonly object[];
  /** From the offset that was asked for on, with control records. */
  readonly messagesWithinOffset: readonly Message[];
  /** Of them, those for a reader of committed records. */
  readonly messages: readonly Message[];
  /** What follows is not believed. */
  readonly corrupt: CorruptBatch | undefined;
  readonly #coveredTo: number | undefined;

  constructor(topic: string, fetchedOffset: string, data: FetchedPartition) {
    this.topic = topic;
    this.partition = data.partition;
    this.highWatermark = data.highWatermark;
    this.fetchedOffset = fetchedOffset;
    this.rawMessages = data.messages;
    this.corrupt = data.corrupt;
    this.#coveredTo = data.coveredTo;
    const from = Number(fetchedOffset);
    const all = data.messages as readonly Message[];
    const [first] = all;
    this.messagesWithinOffset =
      first === undefined || offsetOf(first) >= from ? all : all.filter((message) => offsetOf(message) >= from);
    this.messages = visible(this.messagesWithinOffset, data.abortedTransactions ?? []);
    const { corrupt } = this;
    if (corrupt !== undefined) for (const hear of listeners) hear(topic, data.partition, corrupt);
  }

  isEmpty(): boolean {
    return this.messages.length === 0;
  }

  isEmptyIncludingFiltered(): boolean {
    return this.messagesWithinOffset.length === 0;
  }

  /** There is something here to go past, and nothing of it to be seen. */
  isEmptyDueToFiltering(): boolean {
    return this.isEmpty() && (this.#coveredTo !== undefined || this.rawMessages.length > 0);
  }

  isEmptyControlRecord(): boolean {
    return this.isEmpty() && this.messagesWithinOffset.some(({ isControlRecord }) => isControlRecord);
  }

  isEmptyDueToLogCompactedMessages(): boolean {
    return this.isEmptyIncludingFiltered() && this.isEmptyDueToFiltering();
  }

  firstOffset(): string | null {
    return this.messagesWithinOffset[0]?.offset ?? null;
  }

  /** The next fetch begins after it. */
  lastOffset(): string {
    if (this.#coveredTo !== undefined) return String(Math.max(this.#coveredTo - 1, Number(this.fetchedOffset)));
    const last = this.messagesWithinOffset.at(-1);
    if (last !== undefined) return last.offset;
    return this.rawMessages.length > 0 ? this.fetchedOffset : String(Number(this.highWatermark) - 1);
  }

  offsetLag(): string {
    return String(Number(this.highWatermark) - 1 - Number(this.lastOffset()));
  }

  offsetLagLow(): string {
    const first = this.firstOffset();
    return first === null ? "0" : String(Number(this.highWatermark) - 1 - Number(first));
  }
}

type CorruptListener = (topic: string, partition: number, corrupt: CorruptBatch) => void;

const listeners = new Set<CorruptListener>();

/** KafkaJS tells nobody of a batch without records. Returns how to hear no more. */
export const onCorruptBatch = (listener: CorruptListener): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** A record of a batch, or a message of an older set, as KafkaJS reads it. */
type Message = FetchedRecord | { readonly offset: string; readonly isControlRecord: boolean };

const offsetOf = (message: Message): number =>
  message instanceof FetchedRecord ? message.offsetNumber : Number(message.offset);

/** Older sets know no transactions. */
const visible = (messages: readonly Message[], aborted: readonly AbortedTransaction[]): readonly Message[] =>
  messages[0] instanceof FetchedRecord ? visibleRecords(messages as readonly FetchedRecord[], aborted) : messages;
