import { type AbortedTransaction, type CorruptBatch, visibleRecords } from "./fetch-answer.js";
import type { FetchedPartition } from "./fetch-decoding.js";
import type { HeldMemory } from "./fetched-memory.js";
import type { LargeBatch } from "./large-batch.js";
import { type BatchHead, FetchedRecord } from "./record-batch.js";

/**
 * What one fetch brought of one partition, in the form of KafkaJS's own `Batch`, which makes a `Long` of each offset and takes an empty batch at the end
 * of what was fetched for the end of the log.
 */
export class FetchedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly highWatermark: string;
  readonly fetchedOffset: string;
  rawMessages: readonly object[];
  /** From the offset that was asked for on, with control records. */
  messagesWithinOffset: readonly Message[];
  /** Of them, those for a reader of committed records. */
  messages: readonly Message[];
  /** What follows there was no room for. */
  readonly large: LargeBatch | undefined;
  /** What follows is not believed. */
  readonly corrupt: CorruptBatch | undefined;
  readonly #coveredTo: number | undefined;
  readonly #held: HeldMemory | undefined;

  constructor(topic: string, fetchedOffset: string, data: FetchedPartition) {
    this.topic = topic;
    this.partition = data.partition;
    this.highWatermark = data.highWatermark;
    this.fetchedOffset = fetchedOffset;
    this.rawMessages = data.messages;
    this.corrupt = data.corrupt;
    this.#held = data.held;
    const from = Number(fetchedOffset);
    const all = data.messages as readonly Message[];
    const [first] = all;
    this.messagesWithinOffset =
      first === undefined || offsetOf(first) >= from ? all : all.filter((message) => offsetOf(message) >= from);
    const aborted = data.abortedTransactions ?? [];
    this.messages = visible(this.messagesWithinOffset, aborted);
    const { large } = data;
    const isSeen = large !== undefined && isVisible(large.head, this.messagesWithinOffset, aborted);
    this.large = isSeen ? large : undefined;
    this.#coveredTo = large === undefined || isSeen ? data.coveredTo : large.head.lastOffset + 1;
    const { corrupt } = this;
    if (corrupt !== undefined) for (const hear of listeners) hear(topic, data.partition, corrupt);
  }

  /** Where what follows begins: the offset that was asked for, where nothing is before it. */
  get largeFrom(): number {
    return Math.max(this.#coveredTo ?? 0, Number(this.fetchedOffset));
  }

  /** What the records take. */
  get bytes(): number {
    return this.#held?.bytes ?? 0;
  }

  /** The records are taken now, and count where they go to. */
  taken(): void {
    this.#held?.release();
  }

  /** Nobody needs the records any more. */
  forget(): void {
    this.rawMessages = this.messagesWithinOffset = this.messages = [];
  }

  /** What is only to be gone past is gone past before what follows it. */
  isEmpty(): boolean {
    return this.messages.length === 0 && (this.large === undefined || this.isEmptyDueToFiltering());
  }

  isEmptyIncludingFiltered(): boolean {
    return this.messagesWithinOffset.length === 0;
  }

  /** There is something here to go past, and nothing of it to be seen. */
  isEmptyDueToFiltering(): boolean {
    return this.messages.length === 0 && (this.#coveredTo !== undefined || this.rawMessages.length > 0);
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
    if (this.large !== undefined) return String(Number(this.fetchedOffset) - 1);
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

/** Whether a reader of committed records gets the batch that follows these. */
const isVisible = (head: BatchHead, before: readonly Message[], aborted: readonly AbortedTransaction[]): boolean => {
  const first = { batchContext: head, offsetNumber: head.baseOffset } as FetchedRecord;
  return visibleRecords([...(before as readonly FetchedRecord[]), first], aborted).at(-1) === first;
};

/** Older sets know no transactions. */
const visible = (messages: readonly Message[], aborted: readonly AbortedTransaction[]): readonly Message[] =>
  messages[0] instanceof FetchedRecord ? visibleRecords(messages as readonly FetchedRecord[], aborted) : messages;
