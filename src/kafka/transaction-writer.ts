import type { Kafka, Message, Producer } from "kafkajs";
import type { Clock } from "../runtime/clock.js";
import type { Transaction, TransactionOutcome, TransactionWriter } from "../runtime/ports.js";
import { rootCause } from "./client.js";
import { letterMessage } from "./dead-letters.js";
import { kafkajs } from "./kafkajs.js";
import { messageChunks } from "./message-chunks.js";
import { isRefusedRecord } from "./redrive-writer.js";

export interface TransactionWriterDeps {
  readonly kafka: Kafka;
  readonly groupId: string;
  /** Of the input. */
  readonly topic: string;
  readonly partition: number;
  readonly alertsTopic: string;
  readonly deadLetterTopic: string;
  readonly clock: Clock;
}

/** `TransactionWriter` by a transactional producer of KafkaJS. */
export class KafkaTransactionWriter implements TransactionWriter {
  readonly #deps: TransactionWriterDeps;
  readonly #producer: Producer;
  #opened: Awaited<ReturnType<Producer["transaction"]>> | undefined;
  #closed: Promise<void> | undefined;

  constructor(deps: TransactionWriterDeps) {
    this.#deps = deps;
    this.#producer = deps.kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      transactionalId: `${deps.groupId}.${deps.partition}`,
      maxInFlightRequests: 1,
      // Consumers of the alerts wait for an open transaction: if this process dies in one, no longer than this.
      transactionTimeout: TRANSACTION_TIMEOUT_MS,
      // KafkaJS passes over the records of a partition whose leader moves, during a retry, to a broker that has answered already. The whole transaction is tried again instead.
      retry: { retries: 0 },
    });
  }

  async open(): Promise<void> {
    await this.#producer.connect();
    this.#opened = await this.#producer.transaction();
  }

  async write({ alerts, letters, nextOffset }: Transaction): Promise<TransactionOutcome> {
    const { groupId, topic, partition, alertsTopic, deadLetterTopic, clock } = this.#deps;
    const transaction = this.#opened ?? (await this.#producer.transaction());
    this.#opened = undefined;
    const offsets = [{ topic, partitions: [{ partition, offset: String(nextOffset) }] }];
    // First, for it can be asked again: the broker refuses what begins a transaction while it still ends the one before.
    await this.#whenTheLastHasEnded(() => transaction.sendOffsets({ consumerGroupId: groupId, topics: offsets }));
    try {
      const messages = alerts.map(({ key, value, timestampMs, headers }): Message => {
        return { key, value, headers, ...(timestampMs !== undefined && { timestamp: String(timestampMs) }) };
      });
      for (const chunk of messageChunks(messages))
        await transaction.send({ topic: alertsTopic, messages: chunk, ...AWAITED });
      const failedAt = new Date(clock.now()).toISOString();
      for (const letter of letters) {
        const message = letterMessage(letter, { group: groupId, failedAt });
        await transaction.send({ topic: deadLetterTopic, messages: [message], ...AWAITED });
      }
    } catch (error) {
      const cause = rootCause(error);
      if (!isRefusedRecord(cause)) throw error;
      await transaction.abort();
      return { kind: "refused", detail: cause.message };
    }
    await transaction.commit();
    return { kind: "committed" };
  }

  close(): Promise<void> {
    this.#closed ??= this.#producer.disconnect().catch(() => undefined);
    return this.#closed;
  }

  async #whenTheLastHasEnded(begin: () => Promise<void>): Promise<void> {
    const { clock } = this.#deps;
    for (let attempt = 0; ; attempt++) {
      try {
        return await begin();
      } catch (error) {
        if ((rootCause(error) as { type?: string }).type !== "CONCURRENT_TRANSACTIONS" || attempt >= 200) throw error;
        await new Promise<void>((resolve) => clock.after(Math.min(50, 2 + attempt), resolve));
      }
    }
  }
}

const TRANSACTION_TIMEOUT_MS = 10_000;
const AWAITED = { acks: -1, timeout: 10_000 } as const;
