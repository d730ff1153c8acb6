/** Kafka with a door for each instance: a proxy per broker and slot, so that one instance can be cut off and the others not. */

import { freePorts } from "../support/free-ports.js";
import { type Kafka, startKafka } from "../support/kafka.js";
import { withAdmin } from "../support/kafka-admin.js";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.js";

/** So many instances can run at once. */
export const SLOTS = 5;
const OFFSETS_PARTITIONS = 4;
const ATTEMPTS = 3;

export interface Cluster {
  readonly size: number;
  readonly kafka: Kafka;
  /** KAFKA_BROKERS of an instance. */
  brokersOf(slot: number): string;
  /** Of one instance, one per broker. */
  proxiesOf(slot: number): readonly TcpProxy[];
  /** Index of the broker that coordinates a group. */
  coordinatorOf(group: string): Promise<number>;
  close(): Promise<void>;
}

export async function startCluster(size: 1 | 3, signal: AbortSignal): Promise<Cluster> {
  for (let attempt = 1; ; attempt++) {
    const ports = await freePorts(SLOTS * size);
    const slots = Array.from({ length: SLOTS }, (_, slot) => ports.slice(slot * size, (slot + 1) * size));
    const proxies = await Promise.all(slots.map((own) => Promise.all(own.map(startTcpProxy))));
    const closeProxies = () => Promise.all(proxies.flat().map((proxy) => proxy.close()));
    try {
      const kafka = await startKafka({
        brokers: size,
        signal,
        listeners: slots.map((own, slot) => ({
          name: `SLOT${slot}`,
          ports: own,
          advertisedPorts: (proxies[slot] ?? []).map(({ port }) => port),
        })),
        properties: {
          "num.network.threads": "1",
          "offsets.topic.num.partitions": String(OFFSETS_PARTITIONS),
          // A broker that lost what it had acknowledged would put its loss into the books of the product.
          "min.insync.replicas": size === 3 ? "2" : "1",
          // Leadership goes home soon, so that it can be taken away again.
          "leader.imbalance.check.interval.seconds": "5",
          "leader.imbalance.per.broker.percentage": "0",
        },
      });
      return {
        size,
        kafka,
        brokersOf: (slot) => (proxies[slot] ?? []).map(({ port }) => `127.0.0.1:${port}`).join(","),
        proxiesOf: (slot) => proxies[slot] ?? [],
        coordinatorOf: (group) => coordinatorOf(kafka.brokers, group),
        async close() {
          await kafka.close();
          await closeProxies();
        },
      };
    } catch (error) {
      await closeProxies();
      signal.throwIfAborted();
      if (
        attempt === ATTEMPTS ||
        !(error instanceof Error) ||
        !/address already in use|BindException/i.test(error.message)
      )
        throw error;
    }
  }
}

/** The leader of the offsets partition that Kafka's `GroupMetadataManager.partitionFor` names: String.hashCode modulo partitions. */
async function coordinatorOf(brokers: string, group: string): Promise<number> {
  let hash = 0;
  for (let at = 0; at < group.length; at++) hash = (Math.imul(31, hash) + group.charCodeAt(at)) | 0;
  const partition = (hash & 0x7fffffff) % OFFSETS_PARTITIONS;
  const { topics } = await withAdmin(brokers, (admin) => admin.fetchTopicMetadata({ topics: ["__consumer_offsets"] }));
  const found = topics[0]?.partitions.find(({ partitionId }) => partitionId === partition);
  if (found === undefined || found.leader < 1) throw new Error("nobody coordinates the group now");
  return found.leader - 1;
}
