import { type Message, Partitioners } from "kafkajs";
import { quietClient, withAdmin } from "./quiet-client.js";

export interface ProducedRecord {
  readonly key?: string | Buffer | null;
  /** An object is written as JSON; null is a tombstone. */
  readonly value: object | string | Buffer | null;
  /** Milliseconds since the epoch; now when absent. */
  readonly timestamp?: number;
  readonly headers?: Readonly<Record<string, string | Buffer>>;
  /** By the key when absent, as every Kafka client does it. */
  readonly partition?: number;
}

export interface RecordPosition {
  readonly partition: number;
  readonly offset: number;
}

export interface AlertProducer {
  /** Resolves with where each record went, in the order given, once all replicas have them. */
  send(topic: string, records: readonly ProducedRecord[]): Promise<RecordPosition[]>;
  close(): Promise<void>;
}

export interface AlertProducerOptions {
  /** Retries write nothing twice: for callers that keep books. */
  readonly idempotent?: boolean;
}

const encode = (value: ProducedRecord["value"]): string | Buffer | null =>
  value === null || typeof value === "string" || Buffer.isBuffer(value) ? value : JSON.stringify(value);

export async function startProducer(brokers: string, options: AlertProducerOptions = {}): Promise<AlertProducer> {
  const producer = quietClient(brokers).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
    idempotent: options.idempotent ?? false,
    // A busy broker may take seconds to lead a topic that it has just made.
    retry: { retries: 20, initialRetryTime: 100, maxRetryTime: 1_000 },
  });
  const choose = Partitioners.DefaultPartitioner();
  const partitionsOf = new Map<string, number>();
  await producer.connect();

  const partitionCount = async (topic: string): Promise<number> => {
    const known = partitionsOf.get(topic);
    if (known !== undefined) return known;
    const found = await withAdmin(brokers, (admin) => admin.fetchTopicMetadata({ topics: [topic] }));
    const count = found.topics[0]?.partitions.length ?? 0;
    partitionsOf.set(topic, count);
    return count;
  };

  return {
    send: async (topic, records) => {
      const count = await partitionCount(topic);
      const partitionMetadata = Array.from({ length: count }, (_, id) => ({ partitionId: id, leader: 1 }));
      const messages = records.map((record) => {
        const message: Message = {
          key: record.key ?? null,
          value: encode(record.value),
          timestamp: String(record.timestamp ?? Date.now()),
          headers: { ...record.headers },
        };
        // The partition is chosen here, so that each record's offset can be told from its partition's first one.
        const metadata = partitionMetadata as Parameters<typeof choose>[0]["partitionMetadata"];
        message.partition = record.partition ?? choose({ topic, partitionMetadata: metadata, message });
        return message;
      });
      const written = await producer.send({ topic, messages, acks: -1 });
      const next = new Map(written.map(({ partition, baseOffset }) => [partition, Number(baseOffset)]));
      return messages.map(({ partition = 0 }) => {
        const offset = next.get(partition);
        if (offset === undefined) throw new Error(`the broker told no offset for partition ${partition}`);
        next.set(partition, offset + 1);
        return { partition, offset };
      });
    },
    close: () => producer.disconnect(),
  };
}
