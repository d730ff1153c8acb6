import type { Admin, Consumer, ConsumerCrashEvent, EachBatchPayload, Kafka } from "kafkajs";
import type { Logger } from "../runtime/log.js";
import type {
  AlertSource,
  CommitOutcome,
  CommitRequest,
  CommittedPartition,
  Metrics,
  SourceListener,
  SourceRecord,
} from "../runtime/ports.js";
import { rootCause } from "./client.js";
import { fetchLogEnds } from "./end-offsets.js";
import { redrivesIn } from "./redrives.js";
import { StickyAssigner } from "./sticky-assigner.js";
import { ClientWatchdog } from "./watchdog.js";

/** Every wait below the session timeout, so that a member that is alive is never taken for dead. */
export const CONSUMER_SETTINGS = {
  sessionTimeout: 15_000,
  heartbeatInterval: 2_500,
  rebalanceTimeout: 20_000,
  maxWaitTimeInMs: 500,
  maxBytesPerPartition: 512 * 1024,
  maxBytes: 4 * 1024 * 1024,
  allowAutoTopicCreation: false,
  // A new partition or a new leader is seen within this.
  metadataMaxAge: 30_000,
} as const;

/**
 * The consumer group membership. What KafkaJS 2.2.4 really does, and why this looks as it does, is told where it matters.
 * Everything it calls in the listener is synchronous.
 */
export class KafkaAlertSource implements AlertSource {
  readonly #consumer: Consumer;
  readonly #admin: Admin;
  readonly #topic: string;
  readonly #groupId: string;
  readonly #metrics: Metrics;
  readonly #log: Logger;
  readonly #onFatal: (error: Error) => void;
  #listener: SourceListener | undefined;
  readonly #assigner: StickyAssigner;
  #memberId: string | undefined;
  /** `joining`: the old generation may still commit, until the new one begins. */
  #membership: "none" | "joining" | "member" = "none";
  #generation = 0;
  /** When the group last confirmed the membership, by a clock that stands still in a suspended machine and by one that does not. */
  #confirmedAt = { elapsed: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY };
  #stopping = false;
  /** KafkaJS should join again: at the next fetch. */
  #mustRejoin = false;
  #commit: EachBatchPayload["commitOffsetsIfNecessary"] | undefined;
  #paused: ReadonlySet<number> = new Set();
  /** Partition → how often in a row a batch began below the expected offset. */
  readonly #rewinds = new Map<number, number>();
  #lastPollAtMs: number | undefined;
  readonly #watchdog = new ClientWatchdog(performance.now());

  constructor(deps: {
    kafka: Kafka;
    admin: Admin;
    topic: string;
    groupId: string;
    metrics: Metrics;
    log: Logger;
    onFatal: (error: Error) => void;
  }) {
    this.#admin = deps.admin;
    this.#topic = deps.topic;
    this.#groupId = deps.groupId;
    this.#metrics = deps.metrics;
    this.#log = deps.log;
    this.#onFatal = deps.onFatal;
    this.#assigner = new StickyAssigner(deps.topic, () => {
      if (this.#membership === "member") this.#membership = "joining";
      this.#guard(() => this.#listener?.joining());
      return this.#listener?.held() ?? [];
    });
    this.#consumer = deps.kafka.consumer({
      groupId: deps.groupId,
      ...CONSUMER_SETTINGS,
      partitionAssigners: this.#assigner.assigners,
      // The default here overrides the client's. A stop must not come back to life (see `stop`).
      retry: { initialRetryTime: 300, maxRetryTime: 3_000, retries: 8, restartOnFailure: async () => !this.#stopping },
    });
    this.#listen();
  }

  get canCommit(): boolean {
    return this.#membership !== "none" && this.#commit !== undefined;
  }

  get hasLease(): boolean {
    const { elapsed, wall } = this.#confirmedAt;
    const now = { elapsed: performance.now(), wall: Date.now() };
    return this.#membership === "member" && now.elapsed - elapsed < LEASE_MS && now.wall - wall < LEASE_MS;
  }

  get lastPollAtMs(): number | undefined {
    return this.#lastPollAtMs;
  }

  /** Why this process should be restarted, as a sentence; undefined while all is well. Ask every few seconds. */
  complaint(): string | undefined {
    return this.#watchdog.complaint(performance.now());
  }

  /** Joins the group and reads. Rejects when no broker can be reached; readiness is the first `joined`, not this. */
  async start(listener: SourceListener): Promise<void> {
    this.#listener = listener;
    await this.#consumer.connect();
    // Without `fromBeginning` an offset out of range jumps to the end of the log: silent loss (tulios/kafkajs#1119).
    await this.#consumer.subscribe({ topics: [this.#topic], fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 1,
      eachBatch: async (payload) => this.#eachBatch(payload),
    });
  }

  /** Leaves the group, so that the others need not wait for the session to end. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#consumer.disconnect();
  }

  seek(partition: number, offset: number): void {
    // Throws while the consumer is being restarted; then a `joined` follows and seeks again.
    this.#whileRunning(() => this.#consumer.seek({ topic: this.#topic, partition, offset: String(offset) }));
  }

  setPaused(partitions: ReadonlySet<number>): void {
    this.#paused = new Set(partitions);
    this.#whileRunning(() => {
      const actual = new Set(
        this.#consumer.paused().flatMap(({ topic, partitions: list }) => (topic === this.#topic ? list : [])),
      );
      const pause = [...this.#paused].filter((partition) => !actual.has(partition));
      const resume = [...actual].filter((partition) => !this.#paused.has(partition));
      // Always by partition: a topic-wide call undoes the others.
      if (pause.length > 0) this.#consumer.pause([{ topic: this.#topic, partitions: pause }]);
      if (resume.length > 0) this.#consumer.resume([{ topic: this.#topic, partitions: resume }]);
    });
  }

  async commit(requests: readonly CommitRequest[]): Promise<CommitOutcome> {
    // `consumer.commitOffsets` resolves without a commit while stopping or disconnected, and its hidden retry can commit a stale offset under a
    // later generation. The payload's function reports raw errors, takes the generation at the call, and works outside `eachBatch`.
    const commit = this.#commit;
    if (this.#membership === "none" || commit === undefined) return "rejected";
    const partitions = requests.map(({ partition, offset, metadata }) => ({
      partition,
      offset: String(offset),
      metadata,
    }));
    try {
      await commit({ topics: [{ topic: this.#topic, partitions }] });
      return "committed";
    } catch (error) {
      const { type, name } = rootCause(error) as { type?: string; name: string };
      // The coordinator's broker is no longer in the cluster's metadata, and KafkaJS looks for another at a join only: it would beat into the void
      // until the session has ended and someone else has the partitions.
      if (name === "KafkaJSBrokerNotFound") this.#mustRejoin = true;
      const rejected =
        type === "ILLEGAL_GENERATION" || type === "UNKNOWN_MEMBER_ID" || type === "REBALANCE_IN_PROGRESS";
      this.#log[rejected ? "info" : "warn"](
        { error: (error as Error).message, partitions: partitions.length },
        rejected ? "commit rejected: the group moved on" : "commit failed",
      );
      return rejected ? "rejected" : "failed";
    }
  }

  async committed(partitions: readonly number[]): Promise<readonly CommittedPartition[]> {
    // Never `resolveOffsets: true` here: it writes offsets.
    const committed = await this.#admin.fetchOffsets({ groupId: this.#groupId, topics: [this.#topic] });
    // After the offsets, or one committed meanwhile could lie beyond an end that is too old: as if the topic had been truncated.
    const ends = await fetchLogEnds(this.#admin, this.#topic);
    const byPartition = new Map(
      committed.flatMap(({ partitions: list }) => list.map((entry) => [entry.partition, entry])),
    );
    return partitions.map((partition) => {
      const end = ends.get(partition);
      if (end === undefined) throw new Error(`the end of partition ${partition} is unknown`);
      const entry = byPartition.get(partition);
      const offset = Number(entry?.offset ?? -1);
      return {
        partition,
        offset: offset < 0 ? undefined : offset,
        metadata: entry?.metadata ?? null,
        logStart: end.start,
        logEnd: end.end,
      };
    });
  }

  #listen(): void {
    const { events } = this.#consumer;
    const alive = (): void => this.#watchdog.sign(performance.now());
    // A synchronous throw in a listener would end the consumer.
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      this.#watchdog.joined(performance.now());
      const sameMember = this.#memberId === payload.memberId;
      this.#memberId = payload.memberId;
      this.#membership = "member";
      this.#mustRejoin = false;
      this.#confirmed();
      this.#rewinds.clear();
      this.#metrics.rebalance();
      const partitions = payload.memberAssignment[this.#topic] ?? [];
      const { alone } = this.#assigner;
      // The event does not say which generation it is; at least the one after the last that a heartbeat named.
      this.#generation++;
      this.#assigner.member(this.#generation);
      this.#log.info({ partitions, leader: payload.isLeader, sameMember, alone }, "joined the group");
      this.#guard(() => this.#listener?.joined(partitions, { sameMember, alone }));
    });
    this.#consumer.on(events.FETCH_START, () => this.#rejoinWhereNeeded());
    this.#consumer.on(events.FETCH, () => {
      this.#watchdog.fetched(performance.now());
      this.#lastPollAtMs = Date.now();
    });
    this.#consumer.on(events.HEARTBEAT, ({ payload }) => {
      alive();
      this.#confirmed();
      this.#generation = Number(payload.groupGenerationId);
      this.#assigner.member(this.#generation);
    });
    this.#consumer.on(events.CONNECT, alive);
    this.#consumer.on(events.STOP, () => this.#lost());
    this.#consumer.on(events.CRASH, ({ payload }: ConsumerCrashEvent) => {
      this.#watchdog.crashed(performance.now());
      this.#lost();
      if (this.#stopping) return;
      if (!payload.restart) this.#onFatal(payload.error);
      else this.#log.warn({ error: rootCause(payload.error).message }, "Kafka client restarts");
    });
    // A batch of nothing but control records or aborted transactions never reaches `eachBatch`, though KafkaJS moves past it.
    this.#consumer.on(events.END_BATCH_PROCESS, ({ payload }) => {
      const { partition, batchSize, firstOffset, lastOffset } = payload;
      if (batchSize !== 0 || payload.topic !== this.#topic) return;
      const position = this.#listener?.position(partition);
      if (position === undefined || Number(firstOffset ?? position) !== position) return;
      this.#guard(() => this.#listener?.records(partition, [], Number(lastOffset) + 1));
    });
  }

  #confirmed(): void {
    this.#confirmedAt = { elapsed: performance.now(), wall: Date.now() };
  }

  #lost(): void {
    this.#membership = "none";
    this.#commit = undefined;
    this.#memberId = undefined;
    this.#guard(() => this.#listener?.left());
  }

  /**
   * KafkaJS swallows a join that fails: it goes on fetching as if it had never begun, without an event, without a heartbeat even. While a join is under
   * way it fetches nothing, so a fetch tells. Called where a throw reaches its fetch loop: on this error, of a coordinator that moved, it finds the
   * present one and joins again, as the same member if there is one; when that fails too often, it restarts.
   */
  #rejoinWhereNeeded(): void {
    if (this.#stopping || (this.#membership !== "joining" && !this.#mustRejoin)) return;
    this.#log.warn({ joining: this.#membership === "joining" }, "the group has to be joined again");
    this.#mustRejoin = false;
    throw Object.assign(new Error("the group has to be joined again"), { type: "NOT_COORDINATOR_FOR_GROUP" });
  }

  #eachBatch({ batch, resolveOffset, commitOffsetsIfNecessary, isStale }: EachBatchPayload): void {
    this.#commit = commitOffsetsIfNecessary;
    const { partition } = batch;
    const expected = this.#listener?.position(partition);
    // Fetched before the partition was lost, paused or sought: returning without resolving leaves the position where it should be.
    if (expected === undefined || isStale()) return;
    const fetchedOffset = Number((batch as typeof batch & { fetchedOffset: string }).fetchedOffset);
    if (fetchedOffset < expected) {
      this.#rewound(partition, fetchedOffset, expected);
      return;
    }
    this.#rewinds.delete(partition);
    if (fetchedOffset > expected)
      this.#log.warn(
        { partition, expected, fetchedOffset },
        "offsets were skipped: the log was compacted, or deleted before it was read",
      );
    const records: SourceRecord[] = batch.messages.map(({ offset, timestamp, key, value, headers }) => ({
      offset: Number(offset),
      timestampMs: Number(timestamp),
      key,
      value,
      redrives: redrivesIn(headers),
    }));
    this.#listener?.records(partition, records, Number(batch.lastOffset()) + 1);
    // Once, inside `eachBatch`: it is what moves the fetch position, and it is neither monotonic nor fenced.
    resolveOffset(batch.lastOffset());
  }

  /** On an offset out of range KafkaJS begins at the start of the log by itself; twice in a row means that the expected offset is gone. */
  #rewound(partition: number, fetchedOffset: number, expected: number): void {
    const times = (this.#rewinds.get(partition) ?? 0) + 1;
    this.#rewinds.set(partition, times);
    // Once is no fault: after a restart of the client one batch is asked for again, to be able to commit.
    this.#log[times === 1 ? "info" : "warn"](
      { partition, expected, fetchedOffset },
      "a batch began below the expected offset; seeking",
    );
    this.seek(partition, expected);
    if (times < 3) return;
    this.#onFatal(
      new Error(
        `offset ${expected} of ${this.#topic}/${partition} is no longer in the log: the topic was truncated or created anew; a restart begins where the log does`,
      ),
    );
  }

  #whileRunning(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#log.debug({ error: (error as Error).message }, "the Kafka client is not running");
    }
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#onFatal(error as Error);
    }
  }
}

/** Mails start only while the membership was confirmed within this: a process that was frozen must not mail from stale windows. */
const LEASE_MS = CONSUMER_SETTINGS.sessionTimeout / 2;
