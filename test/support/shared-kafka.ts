import { randomBytes } from "node:crypto";
import { type Kafka, startKafka } from "./kafka.js";
import { createTopic } from "./kafka-admin.js";
import { type GroupLag, readGroupLag } from "./kafka-group-lag.js";

/** A broker that other test files use at the same time: unique names, no killing. */
export interface SharedKafka {
  /** The form of KAFKA_BROKERS. */
  readonly brokers: string;
  /** A topic, group or client name nobody else uses. */
  uniqueName(prefix: string): string;
  /** Creates a topic with a unique name and resolves with it. */
  createTopic(prefix: string, partitions: number, config?: Readonly<Record<string, string>>): Promise<string>;
  /** What Kafka's own ConsumerGroupCommand prints, by partition. Needs Java and the jars also with a foreign broker. */
  consumerGroupLag(group: string, topic?: string): Promise<Map<number, GroupLag>>;
}

let own: Promise<Kafka> | undefined;

/**
 * The broker that `run-tests.mjs` started, else the one in KAFKA_BROKERS, else one for this process; that one ends with
 * the process by itself and needs no closing.
 */
export async function sharedKafka(): Promise<SharedKafka> {
  const given = process.env["TEST_KAFKA_BROKERS"] || process.env["KAFKA_BROKERS"];
  own ??= given ? undefined : startKafka();
  const brokers = given || (await own)?.brokers;
  if (!brokers) throw new Error("unreachable: there is a broker given or an own one");
  const uniqueName = (prefix: string): string => `${prefix}-${randomBytes(6).toString("hex")}`;
  return {
    brokers,
    uniqueName,
    createTopic: async (prefix, partitions, config = {}) => {
      const name = uniqueName(prefix);
      await createTopic(brokers, name, partitions, config);
      return name;
    },
    consumerGroupLag: (group, topic) => readGroupLag(brokers, group, topic),
  };
}
