import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createKafka } from "#src/kafka/client.js";
// First: a consumer of KafkaJS holds on to the class of a batch that it was loaded with.
import { kafkajs } from "#src/kafka/kafkajs.js";
import { clusterOf } from "#src/kafka/log-ends.js";
import { QUIET } from "#src/runtime/log.js";
import { quietClient, withAdmin } from "#tools/simulator/quiet-client.js";

export { quietClient, withAdmin };

/** Reads as the product reads. KafkaJS's own consumers show some records of aborted transactions that overlap (findings/kafkajs-overlapping-aborted.sh). */
export const productClient = (brokers: string): ReturnType<typeof createKafka> =>
  createKafka({ clientId: "alert-digest-test", brokers: brokers.split(","), ssl: undefined, sasl: undefined }, QUIET);

const TOPIC_TIMEOUT_MS = 180_000;
const CREATE_TIMEOUT_MS = 10_000;

const answers = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const [host = "", port = ""] = address.split(/:(?=\d+$)/);
    const socket = connect({ host, port: Number(port) });
    const end = (result: boolean) => () => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", end(true));
    socket.once("error", end(false));
    socket.setTimeout(2_000, end(false));
  });

/** How many of the brokers answer: on their port, and when `ask` is set, as members that the cluster reports. */
export async function brokerCount(brokers: string, ask: boolean): Promise<number> {
  const open = await Promise.all(brokers.split(",").map(answers));
  const listening = open.filter(Boolean).length;
  if (!ask || listening < open.length) return listening;
  try {
    return await withAdmin(brokers, async (admin) => (await admin.describeCluster()).brokers.length);
  } catch {
    return 0;
  }
}

/** Creates a topic and waits until every broker knows that all its partitions have leaders. Fails when it exists already. */
export async function createTopic(
  brokers: string,
  topic: string,
  partitions: number,
  config: Readonly<Record<string, string>> = {},
  /** How many, -1: the broker's default; or the brokers themselves, of which the first leads. */
  replicas: number | readonly number[] = -1,
): Promise<void> {
  await withAdmin(brokers, async (admin) => {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    const placed =
      typeof replicas === "number"
        ? { numPartitions: partitions, replicationFactor: replicas }
        : {
            replicaAssignment: Array.from({ length: partitions }, (_, partition) => ({
              partition,
              replicas: [...replicas],
            })),
          };
    if ((await admin.listTopics()).includes(topic)) throw new Error(`topic ${topic} exists already`);
    const create = () =>
      admin.createTopics({
        waitForLeaders: false,
        timeout: CREATE_TIMEOUT_MS,
        topics: [{ topic, ...placed, configEntries }],
      });
    // A busy broker may create it after it, or the client, has given up waiting: that it is there then is no mistake.
    await create().catch(create);
  });
  await untilServed(brokers, topic, partitions);
}

/** Resolves when each broker of the cluster names a leader for each partition: whichever a client asks next knows the topic. */
async function untilServed(brokers: string, topic: string, partitions: number): Promise<void> {
  const cluster = clusterOf(quietClient(brokers)) as unknown as AskedCluster;
  const isServed = async (): Promise<boolean> => {
    try {
      await cluster.connect();
      await cluster.addTargetTopic(topic);
      await cluster.refreshMetadata();
      for (const nodeId of cluster.getNodeIds()) {
        const { topicMetadata } = await (await cluster.findBroker({ nodeId })).metadata([topic]);
        const found = topicMetadata[0]?.partitionMetadata ?? [];
        if (found.length !== partitions || found.some(({ leader }) => leader < 0)) return false;
      }
      return true;
    } catch {
      return false;
    }
  };
  const deadline = Date.now() + TOPIC_TIMEOUT_MS;
  try {
    while (!(await isServed())) {
      if (Date.now() > deadline)
        throw new Error(`not every broker names leaders for ${topic} after ${TOPIC_TIMEOUT_MS} ms`);
      await sleep(50);
    }
  } finally {
    await cluster.disconnect();
  }
}

/** What the types of KafkaJS leave out. */
interface AskedCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  getNodeIds(): readonly string[];
  findBroker(which: { readonly nodeId: string }): Promise<{
    metadata(topics: readonly string[]): Promise<{
      topicMetadata: readonly { readonly partitionMetadata: readonly { readonly leader: number }[] }[];
    }>;
  }>;
}

/** Sets these and leaves the topic's others at the broker's defaults. */
export function setTopicConfig(
  brokers: string,
  topic: string,
  config: Readonly<Record<string, string>>,
): Promise<void> {
  return withAdmin(brokers, async (admin) => {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    const type = kafkajs.ConfigResourceTypes.TOPIC;
    await admin.alterConfigs({ validateOnly: false, resources: [{ type, name: topic, configEntries }] });
  });
}
