import type { Admin, Kafka, Producer } from "kafkajs";
import type { Logger } from "../runtime/log.js";
import { rootCause } from "./client.js";
import { CompleteSend } from "./complete-send.js";
import { kafkajs } from "./kafkajs.js";
import type { EncodedSent } from "./sent-record.js";
import { createSentTopic } from "./topics.js";

export interface SentWriterDeps {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly topic: string;
  /** Gets as many partitions as this one when it has to be created. */
  readonly alertsTopic: string;
  readonly log: Logger;
}

/**
 * The producer of `KAFKA_SENT_TOPIC`, idempotent and with `acks=all`; it is made when it is needed, the topic too. The same batch tried again is written
 * once as long as the producer lives; a new one may write again what an earlier one had.
 */
export class SentWriter {
  readonly #deps: SentWriterDeps;
  #producer: Promise<Producer> | undefined;
  #topicSeen = false;
  readonly #complete = new CompleteSend();

  constructor(deps: SentWriterDeps) {
    this.#deps = deps;
  }

  /** Ready to write, or rejects as `write` does. */
  async open(): Promise<void> {
    this.#producer ??= this.#connect();
    try {
      await this.#producer;
    } catch (error) {
      this.#producer = undefined;
      throw error;
    }
  }

  /** `refused`: the topic does not take one of them, or not so much at once. Rejects with what went wrong; then it is not known what was written. */
  async write(records: readonly EncodedSent[]): Promise<"written" | "refused"> {
    await this.open();
    const producer = await (this.#producer as Promise<Producer>);
    const length = records.reduce((sum, { value }) => sum + value.length, 0);
    const batch = {
      topic: this.#deps.topic,
      acks: -1,
      timeout: 10_000,
      compression: length > COMPRESS_ABOVE ? kafkajs.CompressionTypes.GZIP : kafkajs.CompressionTypes.None,
      messages: records.map(({ key, value, timestampMs }) => ({ key, value, timestamp: String(timestampMs) })),
    };
    try {
      await this.#complete.of(() => producer.send(batch));
      return "written";
    } catch (error) {
      const { type = "", retriable = false } = rootCause(error) as { type?: string; retriable?: boolean };
      if (REFUSALS.includes(type)) return "refused";
      if (type === "UNKNOWN_TOPIC_OR_PARTITION") this.#topicSeen = false;
      // It has lost its count, or its topic: the next write begins with another one.
      if (!retriable || !this.#topicSeen) void this.close();
      throw error;
    }
  }

  /** Never rejects. */
  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.then((open) => open.disconnect()).catch(() => undefined);
  }

  async #connect(): Promise<Producer> {
    const { admin, topic, alertsTopic, kafka, log } = this.#deps;
    if (!this.#topicSeen) await createSentTopic(admin, topic, alertsTopic, log);
    this.#topicSeen = true;
    const producer = kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: this.#complete.createPartitioner,
      idempotent: true,
      maxInFlightRequests: 1,
      // Few: whoever writes tries again, and says so.
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 3 },
    });
    await producer.connect();
    return producer;
  }
}

const REFUSALS: readonly string[] = [
  "MESSAGE_TOO_LARGE",
  "RECORD_LIST_TOO_LARGE",
  "INVALID_RECORD",
  "INVALID_TIMESTAMP",
];
const COMPRESS_ABOVE = 4 * 1024;
