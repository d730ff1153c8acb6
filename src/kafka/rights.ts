import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "kafkajs";
import { rootCause } from "./client.js";
import { PlainFetch } from "./plain-fetch.js";

/** What the types of KafkaJS leave out of a broker. */
interface AskedBroker {
  heartbeat(request: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>;
  produce(request: {
    topicData: readonly { topic: string; partitions: readonly { partition: number; messages: readonly never[] }[] }[];
    acks: number;
    timeout: number;
  }): Promise<unknown>;
}

type AskedCluster = Omit<Cluster, "findGroupCoordinator"> & {
  findGroupCoordinator(group: { groupId: string }): Promise<AskedBroker>;
};

/** May this user read the topic? A fetch without a group: nothing is consumed. Undefined: yes. */
export const whyNotReadable = (cluster: Cluster, topic: string): Promise<Error | undefined> =>
  failureOf(async () => {
    const fetch = new PlainFetch(cluster, topic);
    await fetch.locate();
    const [partition] = fetch.partitions();
    if (partition === undefined) return;
    await fetch.fetch(partition, await fetch.start(partition), { maxBytes: 1, waitMs: 0 });
  });

/**
 * May this user be a member of the group? A heartbeat of a member that does not exist: the coordinator says so, or that this user may not. Nobody joins,
 * and the group does not notice.
 */
export const whyNoMember = async (cluster: Cluster, groupId: string): Promise<Error | undefined> => {
  for (let tries = 1; ; tries++) {
    const failure = await failureOf(async () => {
      const coordinator = await (cluster as unknown as AskedCluster).findGroupCoordinator({ groupId });
      await coordinator.heartbeat({ groupId, groupGenerationId: 0, memberId: "alert-digest-check" });
    }, STRANGER);
    if (failure === undefined || tries === COORDINATOR_TRIES || !COORDINATOR_MOVES.includes(typeOf(failure)))
      return failure;
    await sleep(COORDINATOR_PAUSE_MS);
  }
};

/** As in a cluster that has just started. */
const COORDINATOR_MOVES: readonly string[] = [
  "NOT_COORDINATOR_FOR_GROUP",
  "GROUP_COORDINATOR_NOT_AVAILABLE",
  "GROUP_LOAD_IN_PROGRESS",
];
const COORDINATOR_TRIES = 20;
const COORDINATOR_PAUSE_MS = 500;

/** May this user write to the topic? A batch without a record, which no broker takes; one that may not write is told that first. */
export const whyNotWritable = (cluster: Cluster, topic: string): Promise<Error | undefined> =>
  failureOf(async () => {
    await cluster.connect();
    await cluster.addTargetTopic(topic);
    await cluster.refreshMetadata();
    const [first] = cluster.findTopicPartitionMetadata(topic);
    if (first === undefined) return;
    const broker = (await cluster.findBroker({ nodeId: String(first.leader) })) as unknown as AskedBroker;
    const partitions = [{ partition: first.partitionId, messages: [] }];
    await broker.produce({ topicData: [{ topic, partitions }], acks: -1, timeout: 10_000 });
  }, EMPTY_BATCH);

/** By which the broker says that the right is there. */
const STRANGER: readonly string[] = [
  "UNKNOWN_MEMBER_ID",
  "ILLEGAL_GENERATION",
  "REBALANCE_IN_PROGRESS",
  "FENCED_INSTANCE_ID",
];
const EMPTY_BATCH: readonly string[] = ["INVALID_RECORD", "CORRUPT_MESSAGE", "INVALID_TIMESTAMP"];

const failureOf = async (ask: () => Promise<void>, fine: readonly string[] = []): Promise<Error | undefined> => {
  try {
    await ask();
    return undefined;
  } catch (error) {
    return fine.includes(typeOf(error)) ? undefined : (error as Error);
  }
};

const typeOf = (error: unknown): string => (rootCause(error) as { type?: string }).type ?? "";
