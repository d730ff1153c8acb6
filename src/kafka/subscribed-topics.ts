import type { Cluster } from "kafkajs";
import type { Subscription } from "../core/sticky-assignment.js";
import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";

/** What a member says of itself at a join, as the leader reads it. */
export interface Subscriber extends Subscription {
  /** How many partitions its topic has, as it sees it; undefined: it does not say. */
  readonly partitionCount: number | undefined;
}

/**
 * The partitions of every topic that the group's members subscribe to. Members say how many their topic has: a leader may have no right to describe
 * a topic that only others read. For members that do not say it the brokers are asked, outside the client's own metadata, which one forbidden topic would
 * spoil for all. A topic that nobody can tell anything of is left out; its members get nothing, and the others what is theirs.
 */
export const subscribedPartitions = async (
  cluster: Pick<Cluster, "findTopicPartitionMetadata" | "getNodeIds" | "findBroker">,
  ownTopic: string,
  subscribers: readonly Subscriber[],
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<Map<string, readonly number[]>> => {
  const ask = async (topic: string): Promise<readonly number[]> => {
    if (topic === ownTopic) return cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
    const told = subscribers.flatMap(({ topics, partitionCount = 0 }) => (topics[0] === topic ? [partitionCount] : []));
    const count = Math.max(...told, 0);
    if (count > 0) return Array.from({ length: count }, (_, partition) => partition);
    try {
      return await within(clock, ASK_MS, askBrokers(cluster, topic));
    } catch (error) {
      log.warn(
        { topic, error: (error as Error).message },
        "another member of the group reads a topic that this one, the group's leader, cannot see: it gets no partitions; " +
          "give the instances of each topic a KAFKA_GROUP_ID of their own",
      );
      return [];
    }
  };
  const topics = [...new Set(subscribers.flatMap((subscriber) => subscriber.topics))].sort();
  const partitions = await Promise.all(topics.map(ask));
  return new Map(topics.map((topic, index) => [topic, partitions[index] as readonly number[]]));
};

const askBrokers = async (
  cluster: Pick<Cluster, "getNodeIds" | "findBroker">,
  topic: string,
): Promise<readonly number[]> => {
  let failure: unknown = new Error("no broker is known");
  for (const nodeId of cluster.getNodeIds() as readonly unknown[]) {
    try {
      const broker = await cluster.findBroker({ nodeId: String(nodeId) });
      const { topicMetadata } = await broker.metadata([topic]);
      return topicMetadata.flatMap(({ partitionMetadata }) => partitionMetadata.map(({ partitionId }) => partitionId));
    } catch (error) {
      // An answer, if a bad one: the other brokers would give the same.
      if ((error as { type?: string }).type !== undefined) throw error;
      failure = error;
    }
  }
  throw failure;
};

/** Between its join and its assignment the leader keeps the whole group waiting. */
const ASK_MS = 3_000;

const within = async <T>(clock: Clock, ms: number, work: Promise<T>): Promise<T> => {
  let cancel: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(ms, () => reject(new Error(`no answer within ${ms} ms`)));
  });
  work.catch(() => undefined);
  return Promise.race([work, late]).finally(() => cancel());
};
