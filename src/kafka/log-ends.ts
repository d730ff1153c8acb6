import type { Cluster, Kafka } from "kafkajs";
import type { Clock } from "../runtime/clock.js";
import type { LogEnd } from "../runtime/ports.js";

export type LogEnds = Map<number, LogEnd>;

/** A partition of which nobody answered: without a leader, or its broker is silent or refuses. */
export interface SilentPartition {
  readonly partition: number;
  /** One clause: what the broker said, or what became of the question. */
  readonly reason: string;
}

export interface LogEndsAnswer {
  /** Of the brokers that answer. Absent: they tell none. */
  readonly clusterId?: string;
  readonly ends: LogEnds;
  readonly silent: readonly SilentPartition[];
}

interface ListOffsetsBroker {
  /** Rejects, with a `type`, when the broker refuses one of the partitions. */
  listOffsets(request: {
    isolationLevel: number;
    topics: { topic: string; partitions: { partition: number; timestamp: number }[] }[];
  }): Promise<{ responses: { partitions: { partition: number; offset: string }[] }[] }>;
}

type LogEndsCluster = Pick<
  Cluster,
  "connect" | "disconnect" | "addTargetTopic" | "refreshMetadata" | "findTopicPartitionMetadata"
> & { findBroker(node: { nodeId: string }): Promise<ListOffsetsBroker> };

/**
 * Asks each broker for the ends of the logs it leads, so that one that is away or silent keeps back its own partitions only. KafkaJS's
 * `admin.fetchTopicOffsets` asks for all or nothing, waits for the slowest, and takes the last stable offset for the end of the log.
 */
export class LogEndsReader {
  readonly #cluster: LogEndsCluster;
  readonly #topic: string;
  readonly #clock: Clock;
  /** Questions that brokers have not answered yet. Each needs one of its own, put after what it is to tell of; a silent broker is asked no more. */
  readonly #pending = new Map<number, number>();
  /** Partitions that a broker refused the last time. They are asked for alone: together with others they would have those refused too. */
  readonly #refused = new Map<number, string>();
  #knowsMetadata = false;
  #refreshing: Promise<void> | undefined;

  constructor(deps: { cluster: Cluster; topic: string; clock: Clock }) {
    // The types of KafkaJS leave `listOffsets` out.
    this.#cluster = deps.cluster as unknown as LogEndsCluster;
    this.#topic = deps.topic;
    this.#clock = deps.clock;
  }

  /** Rejects when nothing is known of any partition. */
  async read(): Promise<LogEndsAnswer> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    // A silent broker may have been asked for the metadata too: those of a while ago will do meanwhile.
    if (this.#knowsMetadata) await this.#atMost(OTHERS_WITHIN_MS, this.#refreshing);
    else await this.#refreshing;
    this.#knowsMetadata = true;
    const metadata = this.#cluster.findTopicPartitionMetadata(this.#topic);
    const byLeader = new Map<number, number[]>();
    for (const { partitionId, leader } of metadata)
      byLeader.set(leader, [...(byLeader.get(leader) ?? []), partitionId]);
    byLeader.delete(NO_LEADER);
    const ends: LogEnds = new Map();
    const failures = new Map<number, Error>();
    let answered = (): void => undefined;
    const firstAnswer = new Promise<void>((resolve) => (answered = resolve));
    const questions = [...byLeader].map(async ([leader, partitions]) => {
      const pending = this.#pending.get(leader) ?? 0;
      if (pending >= PENDING_MAX) return;
      this.#pending.set(leader, pending + 1);
      try {
        for (const [partition, end] of await this.#askBroker(leader, partitions)) ends.set(partition, end);
        answered();
      } catch (error) {
        failures.set(leader, error as Error);
      } finally {
        this.#pending.set(leader, (this.#pending.get(leader) ?? 1) - 1);
      }
    });
    const all = Promise.all(questions);
    // A broker far away takes its time; where one has answered, others that are silent are waited for a little.
    await Promise.race([all, firstAnswer]);
    await this.#atMost(OTHERS_WITHIN_MS, all);
    if (ends.size === 0)
      throw [...failures.values()].at(-1) ?? new Error(`no broker tells the ends of the logs of ${this.#topic}`);
    // A copy: what comes later answers an older question, and is not used.
    const known: LogEnds = new Map(ends);
    const silent = metadata
      .filter(({ partitionId }) => !known.has(partitionId))
      .map(({ partitionId: partition, leader }) => ({ partition, reason: this.#why(partition, leader, failures) }));
    return { ...this.#clusterId(), ends: known, silent: silent.sort((a, b) => a.partition - b.partition) };
  }

  #why(partition: number, leader: number, failures: ReadonlyMap<number, Error>): string {
    if (leader === NO_LEADER) return "it has no leader";
    const failure = failures.get(leader);
    const refusal = this.#refused.get(partition);
    if (refusal !== undefined && (failure === undefined || isRefusal(failure)))
      return `broker ${leader} refuses: ${refusal}`;
    return `broker ${leader} does not answer${failure === undefined ? "" : `: ${failure.message}`}`;
  }

  /** As the metadata says that was read last; the types of KafkaJS leave it out. */
  #clusterId(): { clusterId?: string } {
    const { brokerPool } = this.#cluster as { brokerPool?: { metadata?: { clusterId?: string | null } | null } };
    const clusterId = brokerPool?.metadata?.clusterId;
    return clusterId ? { clusterId } : {};
  }

  async close(): Promise<void> {
    await this.#cluster.disconnect();
  }

  async #refresh(): Promise<void> {
    await this.#cluster.connect();
    await this.#cluster.addTargetTopic(this.#topic);
    await this.#cluster.refreshMetadata();
  }

  /** KafkaJS makes one partition that is refused the answer for all: then each is asked for alone. */
  async #askBroker(leader: number, partitions: readonly number[]): Promise<LogEnds> {
    const together = partitions.filter((partition) => !this.#refused.has(partition));
    const alone = partitions.filter((partition) => this.#refused.has(partition));
    let ends: LogEnds = new Map();
    try {
      if (together.length > 0) ends = await this.#ask(leader, together);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      alone.push(...together);
    }
    const answers = await Promise.allSettled(alone.map((partition) => this.#askAlone(leader, partition)));
    for (const answer of answers)
      if (answer.status === "fulfilled") for (const [partition, end] of answer.value) ends.set(partition, end);
    const failed = answers.find((answer) => answer.status === "rejected");
    if (ends.size === 0 && failed !== undefined) throw failed.reason;
    return ends;
  }

  async #askAlone(leader: number, partition: number): Promise<LogEnds> {
    try {
      const ends = await this.#ask(leader, [partition]);
      this.#refused.delete(partition);
      return ends;
    } catch (error) {
      if (isRefusal(error)) this.#refused.set(partition, (error as Error).message);
      throw error;
    }
  }

  /**
   * The high watermark first, then the last stable offset: where they are the same then, all that lay in the log at the first question can be
   * read. The other way round every record written in between would look like one behind an open transaction.
   */
  async #ask(leader: number, partitions: readonly number[]): Promise<LogEnds> {
    const broker = await this.#cluster.findBroker({ nodeId: `${leader}` });
    const highs = await this.#offsets(broker, partitions, LATEST, READ_UNCOMMITTED);
    const [starts, stables] = await Promise.all([
      this.#offsets(broker, partitions, EARLIEST, READ_UNCOMMITTED),
      this.#offsets(broker, partitions, LATEST, READ_COMMITTED),
    ]);
    return new Map(
      [...highs].flatMap(([partition, end]) => {
        const start = starts.get(partition);
        const stable = stables.get(partition);
        if (start === undefined || stable === undefined) return [];
        return [[partition, { start, end, stable: Math.min(stable, end) }]];
      }),
    );
  }

  async #offsets(
    broker: ListOffsetsBroker,
    partitions: readonly number[],
    timestamp: number,
    isolationLevel: number,
  ): Promise<Map<number, number>> {
    const question = { topic: this.#topic, partitions: partitions.map((partition) => ({ partition, timestamp })) };
    const { responses } = await broker.listOffsets({ isolationLevel, topics: [question] });
    return new Map(
      responses.flatMap((response) => response.partitions.map(({ partition, offset }) => [partition, Number(offset)])),
    );
  }

  /** Rejects when `work` does so in time. */
  async #atMost(ms: number, work: Promise<unknown>): Promise<void> {
    work.catch(() => undefined);
    let cancel: () => void = () => undefined;
    await Promise.race([work, new Promise<void>((resolve) => (cancel = this.#clock.after(ms, resolve)))]);
    cancel();
  }
}

/** KafkaJS's view of the cluster, with connections of its own. It is given to assigners only, so one is set up for it; nothing joins the group. */
export const clusterOf = (kafka: Kafka): Cluster => {
  let cluster: Cluster | undefined;
  kafka.consumer({
    groupId: "none",
    allowAutoTopicCreation: false,
    partitionAssigners: [
      (config) => {
        cluster = config.cluster;
        return {
          name: "none",
          version: 0,
          protocol: () => ({ name: "none", metadata: Buffer.alloc(0) }),
          assign: async () => [],
        };
      },
    ],
  });
  if (cluster === undefined) throw new Error("KafkaJS makes its assigners later than it used to");
  return cluster;
};

/** What the broker itself said; without a `type` the question came to nothing on its way. */
const isRefusal = (error: unknown): boolean => (error as { type?: string }).type !== undefined;

const NO_LEADER = -1;
const LATEST = -1;
const EARLIEST = -2;
/** Isolation levels: up to the high watermark, or up to the last stable offset. */
const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;
const OTHERS_WITHIN_MS = 1_000;
const PENDING_MAX = 3;
