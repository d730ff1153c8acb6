import type { Admin, Consumer, ConsumerCrashEvent } from "kafkajs";
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
import { BatchTaking } from "./batch-taking.js";
import { rootCause } from "./client.js";
import { fetchCommitted } from "./committed-offsets.js";
import { consumerSettings } from "./consumer-settings.js";
import { FetchPositions } from "./fetch-positions.js";
import { fetchedMemory } from "./fetched-memory.js";
import { createGroupConsumer, type GroupConsumerOptions } from "./group-consumer.js";
import type { GroupOffsets } from "./group-offsets.js";
import { isUnexplained, joinFailure } from "./join-failure.js";
import type { LeaderEpochReader } from "./leader-epochs.js";
import type { LogEndsReader } from "./log-ends.js";
import { MemberPulse } from "./member-pulse.js";
import { Membership } from "./membership.js";
import { OffsetCommits } from "./offset-commits.js";
import type { StartOffsets } from "./start-offsets.js";
import { StickyAssigner } from "./sticky-assigner.js";
import { ClientWatchdog } from "./watchdog.js";

/** What a membership counts. */
export type MembershipMetrics = Pick<Metrics, "rebalance" | "throttled" | "recordsDeletedUnread" | "slowBatch">;

export interface AlertSourceDeps extends GroupConsumerOptions {
  readonly admin: Pick<Admin, "describeGroups">;
  readonly offsets: Pick<GroupOffsets, "read">;
  /** Where partitions without a committed offset begin. */
  readonly start: StartOffsets;
  readonly logEnds: Pick<LogEndsReader, "read">;
  readonly leaderEpochs: Pick<LeaderEpochReader, "read">;
  readonly metrics: MembershipMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long the client may do nothing, and a join, a fetch or a batch may take, before `complaint` says so. */
  readonly watchdogTimeoutMs: number;
  readonly onFatal: (error: Error) => void;
}

/**
 * The consumer group membership. What KafkaJS 2.2.4 really does, and why this looks as it does, is told where it matters; nobody mends it there
 * (tulios/kafkajs#1603), so numbers after `#` are issues and pull requests of tulios/kafkajs that are open or were left so.
 * Everything it calls in the listener is synchronous.
 */
export class KafkaAlertSource implements AlertSource {
  readonly #deps: AlertSourceDeps;
  readonly #consumer: Consumer;
  readonly #member: Membership;
  readonly #assigner: StickyAssigner;
  readonly #positions: FetchPositions;
  readonly #offsetCommits: OffsetCommits;
  readonly #batches: BatchTaking;
  readonly #lease: Lease;
  /** Heartbeats while a fetch waits, and what is known of the membership. */
  readonly pulse: MemberPulse;
  /** When the last request that confirms a membership was sent, of those that were answered. */
  #askedAt = Number.NEGATIVE_INFINITY;
  readonly #watchdog: ClientWatchdog;
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

  constructor(deps: AlertSourceDeps) {
    this.#deps = deps;
    this.#member = new Membership(deps);
    const onJoining = (): readonly number[] => {
      this.#watchdog.joining(this.#deps.clock.elapsed());
      if (this.#membership === "member") this.#membership = "joining";
      this.#guard(() => this.#listener?.joining());
      return this.#listener?.held() ?? [];
    };
    this.#assigner = new StickyAssigner(deps.topic, onJoining, {
      ...deps,
      onCluster: (cluster) => this.#member.observe(cluster),
    });
    const { sessionTimeout: sessionMs, heartbeatInterval: heartbeatMs } = consumerSettings(deps.sessionTimeoutMs);
    this.pulse = new MemberPulse({ ...deps, sessionMs, heartbeatMs });
    this.#consumer = createGroupConsumer(deps, this.pulse.seenBy(this.#assigner.assigners), {
      outOfRange: (partition) => this.#guard(() => this.#listener?.outOfRange(partition)),
      mayRestart: () => !this.#closing,
    });
    this.#positions = new FetchPositions(this.#consumer, deps, () => this.pulse.paused());
    this.#offsetCommits = new OffsetCommits({
      ...deps,
      onCoordinatorGone: () => {
        this.#mustRejoin = true;
      },
    });
    this.#batches = new BatchTaking({
      ...deps,
      seek: (partition, offset) => this.seek(partition, offset),
      isPaused: (partition) => this.#paused.has(partition),
      onHeld: () => this.#setPaused(),
      guard: (action) => this.#guard(action),
    });
    this.#lease = new Lease(deps.clock, deps.sessionTimeoutMs / 2);
    this.#watchdog = new ClientWatchdog(deps.clock.elapsed(), deps.watchdogTimeoutMs);
    this.#watchdog.watch(this.#consumer, () => deps.clock.elapsed());
    this.#listen();
  }

  get fetchedBytes(): number {
    return fetchedMemory.bytes;
  }

  get canCommit(): boolean {
    return this.#membership !== "none" && this.#offsetCommits.possible;
  }

  get hasLease(): boolean {
    return this.#membership === "member" && this.#lease.isHeld;
  }

  get unreadable(): ReadonlySet<number> {
    return this.#batches.unreadable;
  }

  get lastPollAtMs(): number | undefined {
    return this.#lastPollAtMs;
  }

  /** Why this process should be restarted, as a sentence; undefined while all is well. Ask every few seconds. */
  complaint(): string | undefined {
    return this.#watchdog.complaint(this.#deps.clock.elapsed());
  }

  /** Joins the group and reads. Rejects when no broker can be reached; readiness is the first `joined`, not this. */
  async start(listener: SourceListener): Promise<void> {
    this.#listener = listener;
    await this.#consumer.connect();
    // Without `fromBeginning` an offset out of range jumps to the end of the log: silent loss (#1119).
    await this.#consumer.subscribe({ topics: [this.#deps.topic], fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 1,
      eachBatch: async (payload) => {
        this.#offsetCommits.use(payload.commitOffsetsIfNecessary);
        await this.#batches.take(payload, listener);
      },
    });
    // A client that hangs is to lose its partitions.
    if (!this.#closing) this.pulse.start(() => this.#membership === "member" && this.complaint() === undefined);
  }

  /** Leaves the group, so that the others need not wait for the session to end: there is no static membership (#884). */
  async close(): Promise<void> {
    this.#closing = true;
    this.pulse.close();
    this.#batches.close();
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
      (wanted) => this.#deps.offsets.read(wanted),
      () => this.#deps.logEnds.read(),
      this.#deps.topic,
      partitions,
    );
    const begun = await this.#deps.start.begin(commits, { assigned, wanted: partitions }, commit);
    return begun.filter(({ partition }) => partitions.includes(partition));
  }

  endsOfEpochs(questions: readonly EpochQuestion[]): Promise<readonly EpochAnswer[]> {
    return this.#deps.leaderEpochs.read(questions);
  }

  #listen(): void {
    const { events } = this.#consumer;
    // Comes right before the event of a heartbeat or a join, which does not say when it was asked for. Of a join it is the request that gets the share.
    this.#consumer.on(events.REQUEST, ({ payload: { apiName, sentAt } }) => {
      if (apiName === "Heartbeat" || apiName === "SyncGroup") this.#askedAt = sentAt;
    });
    // A synchronous throw in a listener would end the consumer.
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      const sameMember = this.#memberId === payload.memberId;
      this.#memberId = payload.memberId;
      this.#membership = "member";
      this.#mustRejoin = false;
      this.#confirmed();
      this.#batches.joined();
      this.#deps.metrics.rebalance();
      const partitions = payload.memberAssignment[this.#deps.topic] ?? [];
      this.#assigned = new Set(partitions);
      const { alone } = this.#assigner;
      // The event does not say which generation it is; at least the one after the last that a heartbeat named.
      this.#generation++;
      this.#assigner.member(this.#generation);
      this.#deps.log.info({ partitions, leader: payload.isLeader, sameMember, alone }, "joined the group");
      this.#guard(() => this.#listener?.joined(partitions, { sameMember, alone }));
    });
    this.#consumer.on(events.FETCH_START, ({ payload }) => this.#fetching(String(payload.nodeId)));
    this.#consumer.on(events.FETCH, ({ payload }) => {
      if (!this.pulse.wasHeldBack(String(payload.nodeId))) this.#lastPollAtMs = this.#deps.clock.now();
    });
    this.#consumer.on(events.HEARTBEAT, ({ payload }) => {
      this.#confirmed();
      this.#generation = Number(payload.groupGenerationId);
      this.#assigner.member(this.#generation);
    });
    this.#consumer.on(events.STOP, () => this.#lost());
    this.#consumer.on(events.CRASH, ({ payload }: ConsumerCrashEvent) => {
      const isJoining = this.#membership !== "member";
      this.#lost();
      if (this.#closing) return;
      // It ends for good also where a retry would help (#1445).
      if (!payload.restart && isJoining && isUnexplained(payload.error))
        void joinFailure(payload.error, this.#deps.admin, this.#deps.groupId).then(this.#deps.onFatal);
      else if (!payload.restart) this.#deps.onFatal(payload.error);
      else this.#deps.log.warn({ error: rootCause(payload.error).message }, "Kafka client restarts");
    });
    // A batch of nothing but control records or aborted transactions never reaches `eachBatch`, though KafkaJS moves past it (#1256).
    this.#consumer.on(events.END_BATCH_PROCESS, ({ payload }) => {
      const { partition, batchSize, firstOffset, lastOffset } = payload;
      if (batchSize !== 0 || payload.topic !== this.#deps.topic) return;
      const position = this.#listener?.position(partition);
      if (position === undefined || Number(firstOffset ?? position) !== position) return;
      this.#guard(() => this.#listener?.records(partition, [], Number(lastOffset) + 1));
    });
  }

  #setPaused(): void {
    const { held } = this.#batches;
    this.#positions.setPaused(held.size === 0 ? this.#paused : new Set([...this.#paused, ...held]));
  }

  #confirmed(): void {
    this.#lease.confirmed(this.#askedAt);
    this.pulse.acknowledged(this.#askedAt);
  }

  #lost(): void {
    this.#membership = "none";
    this.#offsetCommits.forget();
    this.#batches.left();
    this.pulse.left();
    this.#memberId = undefined;
    this.#guard(() => this.#listener?.left());
  }

  /**
   * KafkaJS swallows a join that fails: it goes on fetching as if it had never begun, without an event, without a heartbeat even. While a join is under
   * way it fetches nothing, so a fetch tells. Called where a throw reaches its fetch loop: on this error, of a coordinator that moved, it finds the
   * present one and joins again, as the same member if there is one; when that fails too often, it restarts.
   */
  #fetching(nodeId: string): void {
    this.pulse.fetching(nodeId);
    if (this.#closing || (this.#membership !== "joining" && !this.#mustRejoin)) return;
    this.#deps.log.warn({ joining: this.#membership === "joining" }, "the group has to be joined again");
    this.#mustRejoin = false;
    throw Object.assign(new Error("the group has to be joined again"), { type: "NOT_COORDINATOR_FOR_GROUP" });
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#deps.onFatal(error as Error);
    }
  }
}
