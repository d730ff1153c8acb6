import type { IHeaders, Kafka, Message, Producer, RecordMetadata, Transaction } from "kafkajs";
import type { RecordHeaders } from "../runtime/ports.js";
import { rootCause } from "./client.js";
import { CompleteSend } from "./complete-send.js";
import { messageChunks } from "./message-chunks.js";

/** A record as it is to be written. */
export interface OutgoingRecord {
  /** Undefined: by the key. */
  readonly partition: number | undefined;
  readonly key: Buffer | null;
  readonly value: Buffer;
  /** Undefined: now. */
  readonly timestampMs: number | undefined;
  readonly headers: RecordHeaders;
}

/** Records that stand one behind another. */
export interface WrittenRun {
  readonly partition: number;
  readonly first: number;
  readonly last: number;
}

/** What is noted together with the records, once it is known where they are. */
export interface NoteOfWriting {
  readonly topic: string;
  of(runs: readonly WrittenRun[]): { readonly key: string; readonly value: string };
}

export type WriteOutcome =
  | { readonly kind: "written" }
  /** The broker does not take these records; nothing of them was written. */
  | { readonly kind: "refused"; readonly detail: string; readonly code: string };

/**
 * Writes records and the note that they were written in one Kafka transaction: all of it or nothing, whenever the process dies. Opening it
 * ends what an earlier one with the same transactional ID left behind, and shuts that one out.
 */
export class RedriveWriter {
  readonly #producer: Producer;
  readonly #complete = new CompleteSend();
  #transaction: Transaction | undefined;

  constructor(deps: { kafka: Kafka; transactionalId: string }) {
    this.#producer = deps.kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: this.#complete.createPartitioner,
      transactionalId: deps.transactionalId,
      idempotent: true,
      maxInFlightRequests: 1,
      // Consumers of the partition wait for an open transaction: if this process dies in one, no longer than this.
      transactionTimeout: 10_000,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 8 },
    });
  }

  /** After this nobody else with this transactional ID can write: what was noted before can be read now. */
  async open(): Promise<void> {
    await this.#producer.connect();
    this.#transaction = await this.#producer.transaction();
  }

  /** In the order given; all have the same key and partition. Rejects when it is not known what the broker did, or when it can do nothing. */
  async write(topic: string, records: readonly OutgoingRecord[], note: NoteOfWriting): Promise<WriteOutcome> {
    const transaction = this.#transaction ?? (await this.#producer.transaction());
    this.#transaction = undefined;
    try {
      const runs: WrittenRun[] = [];
      for (const messages of messageChunks(records.map(messageOf))) {
        const written = await this.#complete.of(() => transaction.send({ topic, messages, acks: -1, timeout: 10_000 }));
        addRuns(runs, written, messages.length);
      }
      const messages = [note.of(runs)];
      await transaction.send({ topic: note.topic, messages, acks: -1, timeout: 10_000 });
    } catch (error) {
      await transaction.abort().catch(() => undefined);
      const cause = rootCause(error);
      if (isRefusedRecord(cause)) return { kind: "refused", detail: cause.message, code: cause.type };
      throw error;
    }
    await transaction.commit();
    return { kind: "written" };
  }

  async close(): Promise<void> {
    await this.#transaction?.abort().catch(() => undefined);
    await this.#producer.disconnect();
  }
}

/** `count` records went to one partition. An answer without an offset says nothing of where they are. */
export const addRuns = (
  runs: WrittenRun[],
  written: readonly Pick<RecordMetadata, "partition" | "baseOffset">[],
  count: number,
): void => {
  for (const { partition, baseOffset = "-1" } of written) {
    const first = Number(baseOffset);
    if (!(first >= 0)) continue;
    const before = runs.at(-1);
    if (before?.partition === partition && before.last + 1 === first)
      runs[runs.length - 1] = { ...before, last: first + count - 1 };
    else runs.push({ partition, first, last: first + count - 1 });
  }
};

/** It is these records that the broker does not want: others may go through. */
const REFUSED: ReadonlySet<string> = new Set([
  "MESSAGE_TOO_LARGE",
  "RECORD_LIST_TOO_LARGE",
  "INVALID_TIMESTAMP",
  "INVALID_RECORD",
]);

/** It is a record that the broker does not want, now or later. */
export const isRefusedRecord = (cause: Error): cause is Error & { readonly type: string } =>
  REFUSED.has((cause as { type?: string }).type ?? "");

const messageOf = ({ partition, key, value, timestampMs, headers }: OutgoingRecord): Message => ({
  key,
  value,
  headers: headers as IHeaders,
  ...(partition !== undefined && { partition }),
  ...(timestampMs !== undefined && { timestamp: String(timestampMs) }),
});
