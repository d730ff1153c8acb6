import type { Cluster } from "kafkajs";

export interface GroupOffset {
  readonly partition: number;
  /** Negative: nothing is committed. */
  readonly offset: number;
  readonly metadata: string | null;
}

type OffsetsCluster = Pick<
  Cluster,
  "connect" | "disconnect" | "addTargetTopic" | "refreshMetadata" | "findTopicPartitionMetadata"
> & {
  findGroupCoordinator(group: { groupId: string }): Promise<{
    offsetFetch(request: {
      groupId: string;
      topics: { topic: string; partitions: { partition: number }[] }[];
    }): Promise<{
      responses: { topic: string; partitions: { partition: number; offset: string; metadata: string | null }[] }[];
    }>;
  }>;
};

/**
 * What the group committed of all partitions of the topic. KafkaJS's `admin.fetchOffsets` asks only for those that it saw up to five minutes ago: one that was added
 * since is missing from its answer, which looks as if nothing were committed of it.
 */
export class GroupOffsets {
  readonly #cluster: OffsetsCluster;
  readonly #groupId: string;
  readonly #topic: string;

  constructor(deps: { cluster: Cluster; groupId: string; topic: string }) {
    // The types of KafkaJS leave the metadata out.
    this.#cluster = deps.cluster as unknown as OffsetsCluster;
    this.#groupId = deps.groupId;
    this.#topic = deps.topic;
  }

  /** `partitions`: these are asked for in any case. */
  async read(partitions: readonly number[]): Promise<readonly GroupOffset[]> {
    await this.#cluster.connect();
    await this.#cluster.addTargetTopic(this.#topic);
    await this.#cluster.refreshMetadata();
    const known = this.#cluster.findTopicPartitionMetadata(this.#topic).map(({ partitionId }) => partitionId);
    const all = [...new Set([...known, ...partitions])].sort((a, b) => a - b);
    const coordinator = await this.#cluster.findGroupCoordinator({ groupId: this.#groupId });
    const topics = [{ topic: this.#topic, partitions: all.map((partition) => ({ partition })) }];
    const { responses } = await coordinator.offsetFetch({ groupId: this.#groupId, topics });
    return responses.flatMap((response) =>
      response.partitions.map(({ partition, offset, metadata }) => ({ partition, offset: Number(offset), metadata })),
    );
  }

  async close(): Promise<void> {
    await this.#cluster.disconnect();
  }
}
