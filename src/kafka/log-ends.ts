import type { Cluster, Kafka } from "kafkajs";
import type { Clock } from "../runtime/clock.js";
import type { LogEnds } from "./end-offsets.js";

export interface LogEndsAnswer {
  readonly ends: LogEnds;
  /** Partitions of which nobody answered: without a leader, or its broker is silent or refuses. */
  readonly silent: readonly number[];
}

type LogEndsCluster = Pick<
  Cluster,
  "connect" | "disconnect" | "addTargetTopic" | "refreshMetadata" | "findTopicPartitionMetadata" | "fetchTopicsOffset"
>;

/**
 * Asks each broker for the ends of the logs it leads, so that one that is away or silent keeps back its own partitions only. KafkaJS's
 * `admin.fetchTopicOffsets` asks for all or nothing, and waits for the slowest.
 */
export class LogEndsReader {
  readonly #cluster: LogEndsCluster;
  readonly #topic: string;
  readonly #clock: Clock;
  /** Questions that brokers have not answered yet. Each needs one of its own, put after what it is to tell of; a silent broker is asked no more. */
  readonly #pending = new Map<number, number>();
  #knowsMetadata = false;
  #refreshing: Promise<void> | undefined;

  constructor(deps: { cluster: LogEndsCluster; topic: string; clock: Clock }) {
    this.#cluster = deps.cluster;
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
    let failure = new Error(`no broker tells the ends of the logs of ${this.#topic}`);
    let answered = (): void => undefined;
    const firstAnswer = new Promise<void>((resolve) => (answered = resolve));
    const questions = [...byLeader].map(async ([leader, partitions]) => {
      const pending = this.#pending.get(leader) ?? 0;
      if (pending >= PENDING_MAX) return;
      this.#pending.set(leader, pending + 1);
      try {
        for (const [partition, end] of await this.#askWithFallback(partitions)) ends.set(partition, end);
        answered();
      } catch (error) {
        failure = error as Error;
      } finally {
        this.#pending.set(leader, (this.#pending.get(leader) ?? 1) - 1);
      }
    });
    const all = Promise.all(questions);
    // A broker far away takes its time; where one has answered, others that are silent are waited for a little.
    await Promise.race([all, firstAnswer]);
    await this.#atMost(OTHERS_WITHIN_MS, all);
    if (ends.size === 0) throw failure;
    // A copy: what comes later answers an older question, and is not used.
    const known: LogEnds = new Map(ends);
    const silent = metadata.map(({ partitionId }) => partitionId).filter((partition) => !known.has(partition));
    return { ends: known, silent: silent.sort((a, b) => a - b) };
  }

  async close(): Promise<void> {
    await this.#cluster.disconnect();
  }

  async #refresh(): Promise<void> {
    await this.#cluster.connect();
    await this.#cluster.addTargetTopic(this.#topic);
    await this.#cluster.refreshMetadata();
  }

  /** A broker refuses the whole question because of one partition: then each alone. */
  async #askWithFallback(partitions: readonly number[]): Promise<LogEnds> {
    try {
      return await this.#ask(partitions);
    } catch (error) {
      if (partitions.length === 1 || (error as { type?: string }).type === undefined) throw error;
      const answers = await Promise.allSettled(partitions.map((partition) => this.#ask([partition])));
      return new Map(answers.flatMap((answer) => (answer.status === "fulfilled" ? [...answer.value] : [])));
    }
  }

  async #ask(partitions: readonly number[]): Promise<LogEnds> {
    const question = { topic: this.#topic, partitions: partitions.map((partition) => ({ partition })) };
    const [highs] = await this.#cluster.fetchTopicsOffset([{ ...question, fromBeginning: false }]);
    const [lows] = await this.#cluster.fetchTopicsOffset([{ ...question, fromBeginning: true }]);
    const starts = new Map(lows?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    return new Map(
      (highs?.partitions ?? []).flatMap(({ partition, offset }) => {
        const start = starts.get(partition);
        return start === undefined ? [] : [[partition, { start, end: Number(offset) }]];
      }),
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

const NO_LEADER = -1;
const OTHERS_WITHIN_MS = 1_000;
const PENDING_MAX = 3;
