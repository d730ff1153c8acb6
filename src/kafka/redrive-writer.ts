import type { IHeaders, Kafka, Message, Producer, Transaction } from "kafkajs";
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

  /** In the order given, per partition. Rejects when it is not known what the broker did, or when it can do nothing. */
  async write(
    topic: string,
    records: readonly OutgoingRecord[],
    note: { readonly topic: string; readonly key: string; readonly value: string },
  ): Promise<WriteOutcome> {
    const transaction = this.#transaction ?? (await this.#producer.transaction());
    this.#transaction = undefined;
    try {
      for (const messages of messageChunks(records.map(messageOf)))
        await this.#complete.of(() => transaction.send({ topic, messages, acks: -1, timeout: 10_000 }));
      const messages = [{ key: note.key, value: note.value }];
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
