import type { Cluster, IHeaders } from "kafkajs";
import { type FetchedPartition, nextOffset } from "./fetch-decoding.js";
import { type MessageNumbers, numbersOf } from "./fetched-records.js";
import { type LargeBatch, type RecordGroup, recordGroups } from "./large-batch.js";

/** A record of a fetch; its buffers belong to the fetch. */
export interface PlainRecord extends MessageNumbers {
  readonly headers: IHeaders;
}

export interface Fetched {
  /** From the offset asked for on, ascending; without control records. */
  readonly records: readonly PlainRecord[];
  /** Next offset to ask for: the one asked for where nothing came. */
  readonly next: number;
  /** Up to here there is something, though compaction or transactions may have left nothing to be seen of it. */
  readonly highWatermark: number;
}

export type FetchCluster = Pick<
  Cluster,
  | "connect"
  | "disconnect"
  | "addTargetTopic"
  | "refreshMetadata"
  | "findTopicPartitionMetadata"
  | "findBroker"
  | "fetchTopicsOffset"
>;

/**
 * Fetches from a topic without a consumer: nothing joins a group, nothing is committed, nobody is disturbed. One question, one answer; all
 * calls reject with the error of KafkaJS, whose `retriable` tells whether it is worth `locate` and another try.
 */
export class PlainFetch {
  readonly #cluster: FetchCluster;
  readonly #topic: string;

  constructor(cluster: FetchCluster, topic: string) {
    this.#cluster = cluster;
    this.#topic = topic;
  }

  /** Connects where that is to be done, and learns who leads the partitions now. */
  async locate(): Promise<void> {
    await this.#cluster.connect();
    await this.#cluster.addTargetTopic(this.#topic);
    await this.#cluster.refreshMetadata();
  }

  /** Waits `waitMs` for a record. A batch larger than `maxBytes` comes whole. */
  async fetch(partition: number, offset: number, limits: { maxBytes: number; waitMs: number }): Promise<Fetched> {
    const leader = this.#cluster
      .findTopicPartitionMetadata(this.#topic)
      .find(({ partitionId }) => partitionId === partition)?.leader;
    if (leader === undefined || leader < 0) throw new NoLeader(`topic ${this.#topic} has no leader`);
    const broker = await this.#cluster.findBroker({ nodeId: String(leader) });
    const { maxBytes, waitMs } = limits;
    const partitions = [{ partition, fetchOffset: String(offset), maxBytes }];
    const answer = (await broker.fetch({
      maxWaitTime: waitMs,
      minBytes: 1,
      maxBytes,
      topics: [{ topic: this.#topic, partitions }],
    })) as FetchAnswer;
    const found = answer.responses[0]?.partitions[0];
    // Whoever asked takes them at once.
    found?.held?.release();
    const records = recordsFrom(offset, found?.messages ?? []);
    let next = found === undefined ? offset : nextOffset(offset, found);
    if (found?.large !== undefined && records.length === 0) {
      const some = await someOf(found.large, next);
      records.push(...recordsFrom(next, some.records));
      next = some.next;
    }
    if (found?.corrupt !== undefined && records.length === 0)
      throw new Error(
        `partition ${partition}: the batch at offset ${found.corrupt.offset} is not as it was written (${found.corrupt.problem}): look at the disk of its leader`,
      );
    return { records, next, highWatermark: Number(found?.highWatermark ?? offset) };
  }

  /** As `locate` found them. */
  partitions(): readonly number[] {
    return this.#cluster.findTopicPartitionMetadata(this.#topic).map(({ partitionId }) => partitionId);
  }

  /** The first offset with a timestamp not before `ms`; undefined: there is none. */
  async firstSince(partition: number, ms: number): Promise<number | undefined> {
    const [answer] = await this.#cluster.fetchTopicsOffset([
      { topic: this.#topic, partitions: [{ partition }], fromTimestamp: ms },
    ]);
    const offset = Number(answer?.partitions[0]?.offset ?? -1);
    return offset < 0 ? undefined : offset;
  }

  /** First offset the partition still has. */
  start(partition: number): Promise<number> {
    return this.#bound(partition, true);
  }

  /** The one after its last. */
  end(partition: number): Promise<number> {
    return this.#bound(partition, false);
  }

  async close(): Promise<void> {
    await this.#cluster.disconnect();
  }

  async #bound(partition: number, fromBeginning: boolean): Promise<number> {
    const [answer] = await this.#cluster.fetchTopicsOffset([
      { topic: this.#topic, partitions: [{ partition }], fromBeginning },
    ]);
    const offset = answer?.partitions[0]?.offset;
    if (offset === undefined) throw new Error(`the ends of topic ${this.#topic} are not known`);
    return Number(offset);
  }
}

/** Without control records. */
const recordsFrom = (offset: number, messages: readonly PlainMessage[]): PlainRecord[] => {
  const records: PlainRecord[] = [];
  for (const message of messages) {
    // A batch comes whole, also with what lies before the offset.
    const record = numbersOf(message);
    if (record.offset < offset) continue;
    const { headers = {}, isControlRecord } = message;
    if (isControlRecord !== true) records.push({ ...record, headers });
  }
  return records;
};

/** The next groups of the batch, from the offset on: what the others hold is unpacked again by the next fetch. */
const someOf = async (large: LargeBatch, offset: number): Promise<RecordGroup> => {
  const some: RecordGroup[] = [];
  for await (const group of recordGroups(large)) {
    if (group.next > offset) some.push(group);
    if (some.length >= GROUPS_AT_ONCE) break;
  }
  return { records: some.flatMap(({ records }) => records), next: some.at(-1)?.next ?? large.head.lastOffset + 1 };
};

/** A MB each, about. */
const GROUPS_AT_ONCE = 8;

class NoLeader extends Error {
  override readonly name = "NoLeader";
  readonly retriable = true;
}

interface FetchAnswer {
  readonly responses: readonly {
    readonly partitions: readonly (Pick<FetchedPartition, "highWatermark" | "corrupt" | "coveredTo"> &
      Partial<Pick<FetchedPartition, "large" | "held">> & { readonly messages: readonly PlainMessage[] })[];
  }[];
}

interface PlainMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: IHeaders;
  readonly isControlRecord?: boolean;
}
