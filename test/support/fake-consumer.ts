/** A KafkaJS consumer led by hand: the test says what the group and the broker do. Listeners are called as KafkaJS calls them, synchronously. */

import kafkajs, { type Assigner, type Consumer, type ConsumerConfig, type EachBatchPayload, type Kafka } from "kafkajs";
import type { FetchAnswer, FetchRequest } from "#src/kafka/read-ahead.js";

interface FakeBroker {
  readonly nodeId: number;
  readonly connectionPool: {
    readonly pool: readonly { readonly requestQueue: { throttledUntil: number; maybeThrottle(ms: number): void } }[];
  };
  fetch(request: FetchRequest): Promise<FetchAnswer>;
}

const fakeConnection = () => ({ requestQueue: { throttledUntil: -1, maybeThrottle: (_: number): void => undefined } });

type Listener = (event: { payload: Record<string, unknown> }) => unknown;
type EachBatch = (payload: EachBatchPayload) => Promise<void>;

export interface BatchInput {
  readonly partition?: number;
  /** Offsets of its records. */
  readonly offsets: readonly number[];
  /** Where the fetch began; default: the first offset. */
  readonly fetchedOffset?: number;
  readonly stale?: boolean;
  /** Leader epochs of its records; default: unknown. */
  readonly epochs?: readonly number[];
}

const EVENTS = [
  "REQUEST",
  "HEARTBEAT",
  "GROUP_JOIN",
  "FETCH_START",
  "FETCH",
  "START_BATCH_PROCESS",
  "END_BATCH_PROCESS",
  "CONNECT",
  "STOP",
  "CRASH",
] as const;

export class FakeConsumer {
  config: ConsumerConfig | undefined;
  readonly calls: string[] = [];
  /** Arguments of `subscribe` and `run`. */
  readonly options: Record<string, unknown> = {};
  /** What a commit of any batch does. */
  onCommit: (offsets: unknown) => Promise<void> = () => Promise.resolve();
  paused: number[] = [];
  /** When the requests that joins and heartbeats answer were sent, in ms by the wall clock. */
  sentAt: () => number = () => 0;
  /** As while the consumer is being restarted. */
  running = true;
  /** First commits of partitions, as they were sent to the coordinator. */
  readonly firstCommits: unknown[] = [];
  readonly #coordinator = {
    joinGroup: async (answer: unknown) => answer,
    offsetCommit: async (request: unknown) => void this.firstCommits.push(request),
  };
  readonly #cluster = {
    fetchTopicsOffset: async () => [],
    findBroker: async (): Promise<FakeBroker> => this.#broker,
    findTopicPartitionMetadata: () => [{ partitionId: 0 }, { partitionId: 1 }],
    findGroupCoordinator: async (_: { groupId: string }) => this.#coordinator,
  };
  readonly #topic: string;
  readonly #listeners = new Map<string, Listener[]>();
  #assigners: readonly Assigner[] = [];
  readonly #broker: FakeBroker = {
    nodeId: 1,
    connectionPool: { pool: [fakeConnection(), fakeConnection()] },
    fetch: async () => ({ responses: [] }),
  };
  #eachBatch: EachBatch | undefined;

  constructor(topic: string) {
    this.#topic = topic;
  }

  /** Makes this one consumer. */
  get kafka(): Kafka {
    return { consumer: (config: ConsumerConfig) => this.#create(config) } as unknown as Kafka;
  }

  emit(event: (typeof EVENTS)[number], payload: Record<string, unknown> = {}): void {
    for (const listener of this.#listeners.get(event) ?? []) listener({ payload });
  }

  /** JoinGroup is sent; resolves with what this member says of itself. */
  sendJoin(): { readonly partitions: readonly number[]; readonly generation: number } {
    const [state] = this.#assigners.map((assigner) => assigner.protocol({ topics: [this.#topic] }));
    const metadata = state?.metadata ?? Buffer.alloc(0);
    return JSON.parse(String(kafkajs.AssignerProtocol.MemberMetadata.decode(metadata)?.userData));
  }

  /** The coordinator answers JoinGroup, which KafkaJS sends to whom its cluster finds. */
  async answerJoin(generationId: number, memberId: string): Promise<void> {
    const coordinator = await this.#cluster.findGroupCoordinator({ groupId: "group" });
    await coordinator.joinGroup({ generationId, memberId });
  }

  /** The join succeeds: this generation's partitions. */
  joined(partitions: readonly number[], memberId = "member-1"): void {
    this.emit("REQUEST", { apiName: "SyncGroup", sentAt: this.sentAt() });
    this.emit("GROUP_JOIN", { memberId, isLeader: false, memberAssignment: { [this.#topic]: partitions } });
  }

  /** The broker tells this member, as the leader, who else is there. */
  async lead(memberIds: readonly string[]): Promise<void> {
    const [assigner] = this.#assigners;
    const metadata = assigner?.protocol({ topics: [this.#topic] }).metadata ?? Buffer.alloc(0);
    await assigner?.assign({
      members: memberIds.map((memberId) => ({ memberId, memberMetadata: metadata })),
      topics: [this.#topic],
    });
  }

  heartbeat(groupGenerationId: number): void {
    this.emit("REQUEST", { apiName: "Heartbeat", sentAt: this.sentAt() });
    this.emit("HEARTBEAT", { groupGenerationId });
  }

  /** Resolves with the offset that was resolved, if any. */
  async batch({
    partition = 0,
    offsets,
    fetchedOffset,
    stale = false,
    epochs,
  }: BatchInput): Promise<string | undefined> {
    let resolved: string | undefined;
    await this.#eachBatch?.({
      batch: {
        topic: this.#topic,
        partition,
        fetchedOffset: String(fetchedOffset ?? offsets[0]),
        messages: offsets.map((offset, index) => ({
          offset: String(offset),
          timestamp: "1000",
          key: null,
          value: null,
          ...(epochs && { batchContext: { partitionLeaderEpoch: epochs[index] } }),
        })),
        lastOffset: () => String(offsets.at(-1)),
      },
      resolveOffset: (offset: string) => {
        resolved = offset;
      },
      isStale: () => stale,
      commitOffsetsIfNecessary: (request: unknown) => this.onCommit(request),
    } as unknown as EachBatchPayload);
    return resolved;
  }

  /** A fetch that comes back with nothing; where the broker asked for a wait before, KafkaJS does not send it. */
  async fetch(): Promise<void> {
    this.emit("FETCH_START", { nodeId: "1" });
    await (await this.#cluster.findBroker()).fetch({ maxWaitTime: 0, topics: [] });
    this.emit("FETCH", { nodeId: "1" });
  }

  /** The broker wants no fetch for so long. */
  async throttle(ms: number): Promise<void> {
    const queue = (await this.#cluster.findBroker()).connectionPool.pool[1]?.requestQueue;
    queue?.maybeThrottle(ms);
    if (queue !== undefined) queue.throttledUntil = this.sentAt() + ms;
  }

  #create(config: ConsumerConfig): Consumer {
    this.config = config;
    const cluster = this.#cluster;
    this.#assigners = (config.partitionAssigners ?? []).map((create) =>
      create({ cluster, groupId: config.groupId, logger: undefined } as unknown as Parameters<typeof create>[0]),
    );
    const whileRunning = (call: string): void => {
      if (!this.running) throw new Error("Consumer group was not initialized, consumer#run must be called first");
      this.calls.push(call);
    };
    return {
      events: Object.fromEntries(EVENTS.map((event) => [event, event])),
      on: (event: string, listener: Listener) => {
        this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
      },
      connect: async () => undefined,
      disconnect: async () => void this.calls.push("disconnect"),
      subscribe: async (options: unknown) => {
        this.options["subscribe"] = options;
      },
      run: async (options: { eachBatch: EachBatch }) => {
        this.options["run"] = options;
        this.#eachBatch = options.eachBatch;
      },
      seek: ({ partition, offset }: { partition: number; offset: string }) =>
        whileRunning(`seek ${partition} ${offset}`),
      paused: () => {
        if (!this.running) throw new Error("not running");
        return [
          { topic: this.#topic, partitions: this.paused },
          { topic: "another", partitions: [9] },
        ];
      },
      pause: ([{ partitions }]: [{ partitions: number[] }]) => {
        whileRunning(`pause ${partitions.join(" ")}`);
        this.paused = [...this.paused, ...partitions];
      },
      resume: ([{ partitions }]: [{ partitions: number[] }]) => {
        whileRunning(`resume ${partitions.join(" ")}`);
        this.paused = this.paused.filter((partition) => !partitions.includes(partition));
      },
    } as unknown as Consumer;
  }
}
