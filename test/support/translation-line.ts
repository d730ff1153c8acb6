/** An input topic, and any number of `alert-digest translate` that write its alerts to the alerts topic of a line. */

import type { TestContext } from "node:test";
import type { StoredRecord } from "#src/kafka/record-reader.js";
import type { ProducedRecord } from "#tools/simulator/producer.js";
import { eventually } from "./eventually.js";
import { createTopic } from "./kafka-admin.js";
import { type Line, type LineOptions, startLine } from "./line.js";
import { type Product, startProduct } from "./product.js";
import { readTopic } from "./read-topic.js";
import { sharedKafka } from "./shared-kafka.js";

export interface TranslatedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: string | undefined;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface TranslationLine {
  readonly line: Line;
  /** The input topic. */
  readonly from: string;
  readonly env: Readonly<Record<string, string>>;
  /** To the input topic. */
  send(partition: number, records: readonly ProducedRecord[]): Promise<void>;
  /** Starts a translator and waits until it is ready. */
  start(env?: Readonly<Record<string, string>>): Promise<Product>;
  launch(env?: Readonly<Record<string, string>>): Promise<Product>;
  /** What the alerts topic has for readers of committed records, by partition and offset. */
  alerts(): Promise<readonly TranslatedRecord[]>;
  /** Resolves with them once there are so many. */
  waitForAlerts(count: number): Promise<readonly TranslatedRecord[]>;
  /** Resolves when the group has committed the end of every partition of the input. */
  allCommitted(): Promise<void>;
}

export const startTranslation = async (
  t: TestContext,
  {
    partitions = 1,
    inputConfig,
    ...options
  }: LineOptions & { readonly inputConfig?: Readonly<Record<string, string>> } = {},
): Promise<TranslationLine> => {
  const line = await startLine(t, options);
  const { brokers } = line;
  const from = (await sharedKafka()).uniqueName("input");
  await createTopic(brokers, from, partitions, inputConfig);
  const products: Product[] = [];
  t.after(() => Promise.all(products.map((product) => product[Symbol.asyncDispose]())));
  const { KAFKA_BROKERS, KAFKA_GROUP_ID, KAFKA_ALERTS_TOPIC, KAFKA_DEAD_LETTER_TOPIC } = line.env as Record<
    string,
    string
  >;
  const env = { KAFKA_BROKERS, KAFKA_GROUP_ID, KAFKA_ALERTS_TOPIC, KAFKA_DEAD_LETTER_TOPIC, TRANSLATE_FROM: from };
  const here: TranslationLine = {
    line,
    from,
    env: env as Record<string, string>,
    async send(partition, records) {
      await line.producer.send(
        from,
        records.map((record) => ({ ...record, partition })),
      );
    },
    async launch(more = {}) {
      const product = await startProduct({ args: ["translate"], env: { ...here.env, ...more } });
      products.push(product);
      return product;
    },
    async start(more) {
      const product = await here.launch(more);
      await product.waitReady();
      return product;
    },
    alerts: async () => (await readTopic(brokers, line.topic)).map(plain),
    async waitForAlerts(count) {
      let alerts: readonly TranslatedRecord[] = [];
      await eventually(
        `${count} alerts in the alerts topic`,
        async () => {
          alerts = await here.alerts();
          return alerts.length >= count;
        },
        { seen: () => ({ alerts: alerts.length, logs: products.flatMap(({ logs }) => logs.slice(-5)) }) },
      );
      return alerts;
    },
    async allCommitted() {
      const groupId = `${line.group}.translate.${from}`;
      let seen: unknown;
      await eventually(
        "the translation has committed every partition's end",
        async () => {
          const [ends, [found]] = await Promise.all([
            line.admin.fetchTopicOffsets(from),
            line.admin.fetchOffsets({ groupId, topics: [from] }),
          ]);
          seen = { ends, found };
          return ends.every(
            ({ partition, high }) => found?.partitions.find((one) => one.partition === partition)?.offset === high,
          );
        },
        { seen: () => seen },
      );
    },
  };
  return here;
};

const plain = ({ partition, offset, timestampMs, key, value, headers }: StoredRecord): TranslatedRecord => ({
  partition,
  offset,
  timestampMs,
  key: key?.toString(),
  value: String(value),
  headers: Object.fromEntries(headers),
});
