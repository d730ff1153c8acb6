import type { Cluster } from "kafkajs";
import type { RecordAt } from "../core/first-start.js";

interface TimesBroker {
  listOffsets(request: {
    isolationLevel: number;
    topics: { topic: string; partitions: { partition: number; timestamp: number }[] }[];
  }): Promise<{ responses: { partitions: { partition: number; offset: string; timestamp: string }[] }[] }>;
}

type TimesCluster = Pick<
  Cluster,
  "connect" | "disconnect" | "addTargetTopic" | "refreshMetadata" | "findTopicPartitionMetadata"
> & { findBroker(node: { nodeId: string }): Promise<TimesBroker> };

/** Undefined: every record that can be read is older. A partition that nobody answered for is missing. */
export type FoundRecords = ReadonlyMap<number, RecordAt | undefined>;

/** Finds records by their timestamps. Seldom asked for, so it connects for each question. */
export class RecordTimes {
  readonly #clusterOf: () => TimesCluster;
  readonly #topic: string;

  constructor(deps: { cluster: () => Cluster; topic: string }) {
    // The types of KafkaJS leave `listOffsets` out.
    this.#clusterOf = deps.cluster as unknown as () => TimesCluster;
    this.#topic = deps.topic;
  }

  /** The first record of each partition that was written at that time or later. */
  async firstFrom(timestampMs: number, partitions: readonly number[]): Promise<FoundRecords> {
    const cluster = this.#clusterOf();
    try {
      await cluster.connect();
      await cluster.addTargetTopic(this.#topic);
      await cluster.refreshMetadata();
      const wanted = new Set(partitions);
      const leaders = cluster
        .findTopicPartitionMetadata(this.#topic)
        .filter(({ partitionId }) => wanted.has(partitionId));
      // Each alone: KafkaJS makes one partition that is refused the answer for all.
      const answers = await Promise.allSettled(
        leaders.map(async ({ partitionId, leader }) => {
          const broker = await cluster.findBroker({ nodeId: `${leader}` });
          return [partitionId, await this.#ask(broker, partitionId, timestampMs)] as const;
        }),
      );
      return new Map(answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : [])));
    } finally {
      await cluster.disconnect();
    }
  }

  async #ask(broker: TimesBroker, partition: number, timestamp: number): Promise<RecordAt | undefined> {
    const topics = [{ topic: this.#topic, partitions: [{ partition, timestamp }] }];
    const { responses } = await broker.listOffsets({ isolationLevel: READ_COMMITTED, topics });
    const [found] = responses.flatMap((response) => response.partitions);
    if (found === undefined || Number(found.offset) < 0) return undefined;
    return { offset: Number(found.offset), timestampMs: Number(found.timestamp) };
  }
}

const READ_COMMITTED = 1;
