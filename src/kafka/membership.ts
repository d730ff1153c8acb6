import type { Cluster } from "kafkajs";

interface Coordinator {
  joinGroup(request: unknown): Promise<{ generationId: number; memberId: string }>;
  offsetCommit(request: {
    groupId: string;
    groupGenerationId: number;
    memberId: string;
    topics: { topic: string; partitions: { partition: number; offset: string; metadata: string }[] }[];
  }): Promise<unknown>;
}

interface CoordinatorCluster {
  findGroupCoordinator(group: { groupId: string }): Promise<Coordinator>;
}

/** Commits as the member that this was when it was asked for; a later generation of the group makes the broker reject it. */
export type FirstCommit = (partitions: readonly { partition: number; offset: number }[]) => Promise<void>;

/**
 * Who this process is in the group. KafkaJS tells nobody the generation before the first heartbeat, and commits nothing before a batch has come; a first commit
 * must not wait for either, for a topic may be empty. So this listens to what the coordinator answers to a join, on the client's own connections.
 */
export class Membership {
  readonly #groupId: string;
  readonly #topic: string;
  readonly #heard = new WeakSet<Coordinator>();
  #cluster: CoordinatorCluster | undefined;
  #joined: { readonly generationId: number; readonly memberId: string } | undefined;

  constructor(deps: { groupId: string; topic: string }) {
    this.#groupId = deps.groupId;
    this.#topic = deps.topic;
  }

  /** `cluster` is the consumer's own. */
  observe(cluster: Cluster): void {
    const observed = cluster as unknown as CoordinatorCluster;
    const find = observed.findGroupCoordinator.bind(cluster);
    observed.findGroupCoordinator = async (group) => this.#listen(await find(group));
    this.#cluster = observed;
  }

  /** Undefined: no join was answered yet. */
  firstCommit(): FirstCommit | undefined {
    const [cluster, joined] = [this.#cluster, this.#joined];
    if (cluster === undefined || joined === undefined) return undefined;
    return async (partitions) => {
      const coordinator = await cluster.findGroupCoordinator({ groupId: this.#groupId });
      const offsets = partitions.map(({ partition, offset }) => ({ partition, offset: `${offset}`, metadata: "" }));
      await coordinator.offsetCommit({
        groupId: this.#groupId,
        groupGenerationId: joined.generationId,
        memberId: joined.memberId,
        topics: [{ topic: this.#topic, partitions: offsets }],
      });
    };
  }

  #listen(coordinator: Coordinator): Coordinator {
    if (this.#heard.has(coordinator)) return coordinator;
    this.#heard.add(coordinator);
    const join = coordinator.joinGroup.bind(coordinator);
    coordinator.joinGroup = async (request) => {
      const answer = await join(request);
      this.#joined = { generationId: answer.generationId, memberId: answer.memberId };
      return answer;
    };
    return coordinator;
  }
}
