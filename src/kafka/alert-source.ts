import type { Admin, Consumer, ConsumerCrashEvent, EachBatchPayload, Kafka } from "kafkajs";
import type { Clock } from "../runtime/clock.js";
import { Lease } from "../runtime/lease.js";
import type { Logger } from "../runtime/log.js";
import type {
  AlertSource,
  CommitAnswer,
  CommitRequest,
  CommittedPartition,
  EpochAnswer,
  EpochQuestion,
  Metrics,
  SourceListener,
} from "../runtime/ports.js";
import { BatchIntake } from "./batch-intake.js";
import { rootCause } from "./client.js";
import { fetchCommitted } from "./committed-offsets.js";
import { consumerSettings, retryWaits } from "./consumer-settings.js";
import { CorruptBatches } from "./corrupt-batches.js";
import { FetchPositions } from "./fetch-positions.js";
import { onCorruptBatch } from "./fetched-batch.js";
import type { GroupOffsets } from "./group-offsets.js";
import { isUnexplained, joinFailure } from "./join-failure.js";
import type { LeaderEpochReader } from "./leader-epochs.js";
import type { LogEndsReader } from "./log-ends.js";
import { MemberPulse } from "./member-pulse.js";
import { Membership } from "./membership.js";
import { OffsetCommits } from "./offset-commits.js";
import { onOffsetOutOfRange } from "./offset-out-of-range.js";
import type { StartOffsets } from "./start-offsets.js";
import { StickyAssigner } from "./sticky-assigner.js";
import { tolerateUntoldStarts } from "./untold-starts.js";
import { ClientWatchdog } from "./watchdog.js";

/**
 * The consumer group membership. What KafkaJS 2.2.4 really does, and why this looks as it does, is told where it matters; nobody mends it there
 * (tulios/kafkajs#1603), so numbers after `#` are issues and pull requests of tulios/kafkajs that are open or were left so.
 * Everything it calls in the listener is synchronous.
 */
export class KafkaAlertSource implements AlertSource {
  readonly #consumer: Consumer;
  readonly #admin: Pick<Admin, "describeGroups">;
  readonly #offsets: Pick<GroupOffsets, "read">;
  readonly #start: StartOffsets;
  readonly #member: Membership;
  readonly #logEnds: Pick<LogEndsReader, "read">;
  readonly #leaderEpochs: Pick<LeaderEpochReader, "read">;
  readonly #topic: string;
  readonly #groupId: string;
  readonly #metrics: Metrics;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #onFatal: (error: Error) => void;
  readonly #assigner: StickyAssigner;
  readonly #positions: FetchPositions;
  readonly #offsetCommits: OffsetCommits;
  readonly #intake: BatchIntake;
  readonly #lease: Lease;
  /** Heartbeats while a fetch waits, and what is known of the membership. */
  readonly pulse: MemberPulse;
  /** When the last request that confirms a membership was sent, of those that were answered. */
  #askedAt = Number.NEGATIVE_INFINITY;
  readonly #watchdog: ClientWatchdog;
  readonly #corrupt: CorruptBatches;
  readonly #unwatch: () => void;
  /** As the listener wants it. */
  #paused: ReadonlySet<number> = new Set();
  #listener: SourceListener | undefined;
  #memberId: string | undefined;
  /** `joining`: the old generation may still commit, until the new one begins. */
  #membership: "none" | "joining" | "member" = "none";
  #generation = 0;
  #assigned: ReadonlySet<number> = new Set();
  #closing = false;
  /** KafkaJS should join again: at the next fetch. */
  #mustRejoin = false;
  #lastPollAtMs: number | undefined;

  constructor(deps: {
    kafka: Kafka;
    admin: Pick<Admin, "describeGroups">;
    offsets: Pick<GroupOffsets, "read">;
    /** Where partitions without a committed offset begin. */
    start: StartOffsets;
    logEnds: Pick<LogEndsReader, "read">;
    leaderEpochs: Pick<LeaderEpochReader, "read">;
    topic: string;
    groupId: string;
    /** `KAFKA_SESSION_TIMEOUT`. */
    sessionTimeoutMs: number;
    /** Brokers let a consumer read from a replica in its own rack (KIP-392). Undefined: from the leaders. */
    rack?: string | undefined;
    metrics: Metrics;
    clock: Clock;
    log: Logger;
    /** How long the client may do nothing, and a join, a fetch or a batch may take, before `complaint` says so. */
    watchdogTimeoutMs: number;
    onFatal: (error: Error) => void;
  }) {
    this.#admin = deps.admin;
    this.#offsets = deps.offsets;
    this.#start = deps.start;
    this.#member = new Membership(deps);
    this.#logEnds = deps.logEnds;
    this.#leaderEpochs = deps.leaderEpochs;
    this.#topic = deps.topic;
    this.#groupId = deps.groupId;
    this.#metrics = deps.metrics;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#onFatal = deps.onFatal;
    const onJoining = (): readonly number[] => {
      this.#watchdog.joining(this.#clock.elapsed());
      if (this.#membership === "member") this.#membership = "joining";
      this.#guard(() => this.#listener?.joining());
      return this.#listener?.held() ?? [];
    };
    this.#assigner = new StickyAssigner(deps.topic, onJoining, {
      ...deps,
      onCluster: (cluster) => this.#member.observe(cluster),
    });
    const settings = consumerSettings(deps.sessionTimeoutMs);
    const { sessionTimeout: sessionMs, heartbeatInterval: heartbeatMs } = settings;
    this.pulse = new MemberPulse({ ...deps, sessionMs, heartbeatMs });
    this.#consumer = deps.kafka.consumer({
      groupId: deps.groupId,
      ...settings,
      ...(deps.rack !== undefined && { rackId: deps.rack }),
      partitionAssigners: this.pulse.seenBy(this.#assigner.assigners).map((create) => (config) => {
        onOffsetOutOfRange(config.cluster, deps.topic, (partition) =>
          this.#guard(() => this.#listener?.outOfRange(partition)),
        );
        tolerateUntoldStarts(config.cluster);
        return create(config);
      }),
      // The default here overrides the client's. Asked to stop during a join, it would come back to life (#1462, #1571).
      retry: {
        ...retryWaits(deps.sessionTimeoutMs),
        retries: 8,
        restartOnFailure: async () => !this.#closing,
      },
    });
    this.#positions = new FetchPositions(this.#consumer, deps.topic, deps.log);
    this.#offsetCommits = new OffsetCommits({ ...deps, onCoordinatorGone: () => this.#rejoinAtNextFetch() });
    this.#intake = new BatchIntake({ ...deps, seek: (partition, offset) => this.seek(partition, offset) });
    this.#corrupt = new CorruptBatches({ ...deps, onChanged: () => this.#setPaused() });
    this.#unwatch = onCorruptBatch((topic, partition, corrupt) => {
      if (topic === this.#topic) this.#guard(() => this.#corrupt.found(partition, corrupt));
    });
    this.#lease = new Lease(deps.clock, deps.sessionTimeoutMs / 2);
    this.#watchdog = new ClientWatchdog(deps.clock.elapsed(), deps.watchdogTimeoutMs);
    this.#listen();
  }

  get canCommit(): boolean {
    return this.#membership !== "none" && this.#offsetCommits.possible;
  }

  get hasLease(): boolean {
    return this.#membership === "member" && this.#lease.isHeld;
  }

  get unreadable(): ReadonlySet<number> {
    return this.#corrupt.partitions;
  }

  get lastPollAtMs(): number | undefined {
    return this.#lastPollAtMs;
  }

  /** Why this process should be restarted, as a sentence; undefined while all is well. Ask every few seconds. */
  complaint(): string | undefined {
    return this.#watchdog.complaint(this.#clock.elapsed());
  }

  /** Joins the group and reads. Rejects when no broker can be reached; readiness is the first `joined`, not this. */
  async start(listener: SourceListener): Promise<void> {
    this.#listener = listener;
    await this.#consumer.connect();
    // Without `fromBeginning` an offset out of range jumps to the end of the log: silent loss (#1119).
    await this.#consumer.subscribe({ topics: [this.#topic], fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 1,
      eachBatch: async (payload) => this.#eachBatch(payload),
    });
    // A client that hangs is to lose its partitions.
    if (!this.#closing) this.pulse.start(() => this.#membership === "member" && this.complaint() === undefined);
  }

  /** Leaves the group, so that the others need not wait for the session to end: there is no static membership (#884). */
  async close(): Promise<void> {
    this.#closing = true;
    this.pulse.close();
    this.#unwatch();
    this.#corrupt.forget();
    await this.#consumer.disconnect();
  }

  seek(partition: number, offset: number): void {
    this.#positions.seek(partition, offset);
  }

  setPaused(partitions: ReadonlySet<number>): void {
    this.#paused = partitions;
    this.#setPaused();
  }

  async commit(requests: readonly CommitRequest[]): Promise<CommitAnswer> {
    return this.#membership === "none" ? "rejected" : this.#offsetCommits.commit(requests);
  }

  async committed(partitions: readonly number[]): Promise<readonly CommittedPartition[]> {
    // Before anything is read: if another generation begins meanwhile, the broker rejects the commit.
    const commit = this.#membership === "member" ? this.#member.firstCommit() : undefined;
    const assigned = this.#assigned;
    const commits = await fetchCommitted(
      (wanted) => this.#offsets.read(wanted),
      () => this.#logEnds.read(),
      this.#topic,
      partitions,
    );
    const begun = await this.#start.begin(commits, { assigned, wanted: partitions }, commit);
    return begun.filter(({ partition }) => partitions.includes(partition));
  }

  endsOfEpochs(questions: readonly EpochQuestion[]): Promise<readonly EpochAnswer[]> {
    return this.#leaderEpochs.read(questions);
  }

  #listen(): void {
    const { events } = this.#consumer;
    const alive = (): void => this.#watchdog.sign(this.#clock.elapsed());
    // Comes right before the event of a heartbeat or a join, which does not say when it was asked for. Of a join it is the request that gets the share.
    this.#consumer.on(events.REQUEST, ({ payload: { apiName, sentAt } }) => {
      if (apiName === "Heartbeat" || apiName === "SyncGroup") this.#askedAt = sentAt;
    });
    // A synchronous throw in a listener would end the consumer.
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      this.#watchdog.joined(this.#clock.elapsed());
      const sameMember = this.#memberId === payload.memberId;
      this.#memberId = payload.memberId;
      this.#membership = "member";
      this.#mustRejoin = false;
      this.#confirmed();
      this.#intake.joined();
      this.#metrics.rebalance();
      const partitions = payload.memberAssignment[this.#topic] ?? [];
      this.#assigned = new Set(partitions);
      const { alone } = this.#assigner;
      // The event does not say which generation it is; at least the one after the last that a heartbeat named.
      this.#generation++;
      this.#assigner.member(this.#generation);
      this.#log.info({ partitions, leader: payload.isLeader, sameMember, alone }, "joined the group");
      this.#guard(() => this.#listener?.joined(partitions, { sameMember, alone }));
    });
    this.#consumer.on(events.FETCH_START, () => this.#rejoinWhereNeeded());
    this.#consumer.on(events.FETCH, ({ payload }) => {
      this.#watchdog.fetched(this.#clock.elapsed());
      if (!this.pulse.wasHeldBack(String(payload.nodeId))) this.#lastPollAtMs = this.#clock.now();
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
      this.#watchdog.crashed(this.#clock.elapsed());
      const isJoining = this.#membership !== "member";
      this.#lost();
      if (this.#closing) return;
      // It ends for good also where a retry would help, as when no coordinator is found (#1630, #1445).
      if (!payload.restart && isJoining && isUnexplained(payload.error))
        void joinFailure(payload.error, this.#admin, this.#groupId).then(this.#onFatal);
      else if (!payload.restart) this.#onFatal(payload.error);
      else this.#log.warn({ error: rootCause(payload.error).message }, "Kafka client restarts");
    });
    this.#consumer.on(events.START_BATCH_PROCESS, () => this.#watchdog.batchBegan(this.#clock.elapsed()));
    // A batch of nothing but control records or aborted transactions never reaches `eachBatch`, though KafkaJS moves past it (#1256).
    this.#consumer.on(events.END_BATCH_PROCESS, ({ payload }) => {
      this.#watchdog.batchEnded(this.#clock.elapsed());
      const { partition, batchSize, firstOffset, lastOffset } = payload;
      if (batchSize !== 0 || payload.topic !== this.#topic) return;
      const position = this.#listener?.position(partition);
      if (position === undefined || Number(firstOffset ?? position) !== position) return;
      this.#guard(() => this.#listener?.records(partition, [], Number(lastOffset) + 1));
    });
  }

  #eachBatch(payload: EachBatchPayload): void {
    this.#offsetCommits.use(payload.commitOffsetsIfNecessary);
    if (this.#listener === undefined) return;
    this.#intake.take(payload, this.#listener);
    this.#corrupt.read(payload.batch.partition, Number(payload.batch.lastOffset()) + 1);
  }

  #setPaused(): void {
    const { held } = this.#corrupt;
    this.#positions.setPaused(held.size === 0 ? this.#paused : new Set([...this.#paused, ...held]));
  }

  #confirmed(): void {
    this.#lease.confirmed(this.#askedAt);
    this.pulse.acknowledged(this.#askedAt);
  }

  #lost(): void {
    this.#membership = "none";
    this.#offsetCommits.forget();
    this.#corrupt.forget();
    this.#memberId = undefined;
    this.#guard(() => this.#listener?.left());
  }

  #rejoinAtNextFetch(): void {
    this.#mustRejoin = true;
  }

  /**
   * KafkaJS swallows a join that fails: it goes on fetching as if it had never begun, without an event, without a heartbeat even. While a join is under
   * way it fetches nothing, so a fetch tells. Called where a throw reaches its fetch loop: on this error, of a coordinator that moved, it finds the
   * present one and joins again, as the same member if there is one; when that fails too often, it restarts.
   */
  #rejoinWhereNeeded(): void {
    if (this.#closing || (this.#membership !== "joining" && !this.#mustRejoin)) return;
    this.#log.warn({ joining: this.#membership === "joining" }, "the group has to be joined again");
    this.#mustRejoin = false;
    throw Object.assign(new Error("the group has to be joined again"), { type: "NOT_COORDINATOR_FOR_GROUP" });
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#onFatal(error as Error);
    }
  }
}
