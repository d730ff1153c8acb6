import { type HandoverTimes, isWaiting } from "../core/partition-life.js";
import { type EventTime, knownEndAt, type WallTime, wallTime } from "../core/time.js";
import type { Clock } from "./clock.js";
import { CheckpointRoom } from "./commit-metadata.js";
import { CommitSchedule } from "./commit-schedule.js";
import type { Delivery } from "./delivery.js";
import { Departures } from "./departures.js";
import type { Logger } from "./log.js";
import { LogChecks } from "./log-checks.js";
import { OpenTransactions } from "./open-transactions.js";
import { Ownership } from "./ownership.js";
import { PartitionLoader } from "./partition-loader.js";
import type { PartitionWorker } from "./partition-worker.js";
import { type BufferLimits, Pauses, Preparations } from "./pauses.js";
import type { AlertCodec, AlertSource, LogEnd, PartitionState, SourceListener, SourceRecords } from "./ports.js";
import { Unread } from "./unread.js";
import type { WorkerDeps } from "./worker-deps.js";

export interface AssignmentsOptions extends HandoverTimes, BufferLimits {}

/**
 * The partitions this process owns. It hears what the group does, and has it done: `PartitionLoader` makes partitions take records, `Departures`
 * hands over those that went, `CommitSchedule` commits, `Pauses` pauses.
 *
 * A rebalance: `joining` holds every new mail back and announces those in flight in the checkpoints; `joined` says what is owned.
 */
export class Assignments implements SourceListener {
  readonly #delivery: Delivery;
  readonly #clock: Clock;
  /** As the codec has it: absent where all of a record is read when it is taken. */
  readonly ahead: AlertCodec["ahead"];
  readonly #ownership: Ownership;
  readonly #departures: Departures;
  readonly #loader: PartitionLoader;
  readonly #schedule: CommitSchedule;
  readonly #pauses: Pauses;
  readonly #preparations: Preparations;
  readonly #logChecks: LogChecks;
  readonly #unread = new WeakMap<PartitionWorker, Unread>();
  readonly #openTransactions = new OpenTransactions();
  #partitionCount = 0;
  #cancelTick: () => void;

  constructor(deps: {
    source: AlertSource;
    delivery: Delivery;
    worker: Omit<WorkerDeps, "group" | "commits" | "room">;
    options: AssignmentsOptions;
    clock: Clock;
    log: Logger;
    random: () => number;
  }) {
    const { source, clock, log, random, options } = deps;
    const { codec } = deps.worker;
    this.ahead = codec.ahead?.bind(codec);
    this.#delivery = deps.delivery;
    this.#clock = clock;
    const room = new CheckpointRoom(log);
    this.#ownership = new Ownership(options);
    const basics = { ownership: this.#ownership, source, clock, log, random };
    this.#departures = new Departures({ ...basics, room, times: options });
    const shared = { ...basics, departures: this.#departures };
    this.#preparations = new Preparations({
      clock,
      codec,
      onChanged: () => this.#pauses.reconcile(),
    });
    this.#pauses = new Pauses({
      ...basics,
      limits: options,
      preparations: this.#preparations,
      circuitOpen: () => this.#delivery.circuitOpen,
    });
    this.#schedule = new CommitSchedule({
      ...shared,
      metrics: deps.worker.metrics,
      room,
      onAttempted: (workers) => {
        this.#pauses.checkCheckpoints(workers);
        this.#delivery.resume();
      },
      onFailed: () => this.#loader.troubled(),
      load: () => this.#loader.load(),
    });
    this.#loader = new PartitionLoader({
      ...shared,
      worker: { ...deps.worker, room, group: source, commits: this.#schedule },
      onStarted: () => {
        this.#pauses.reconcile();
        this.#delivery.resume();
        // What they asked for while they were being loaded came to nothing.
        if ([...this.workers].some((worker) => worker.awaitsCommit)) this.#schedule.commitSoon();
      },
    });
    this.#logChecks = new LogChecks({
      ...basics,
      onSuspended: () => this.#pauses.reconcile(),
      onCut: () => void this.#loader.load(),
    });
    this.#cancelTick = clock.after(TICK_MS, () => this.#tick());
  }

  /** A member of the group with every assigned partition loaded and its log's end known. */
  get ready(): boolean {
    const { phase, waiting, workers, ends } = this.#ownership;
    return (
      phase === "owned" &&
      this.#partitionCount > 0 &&
      waiting.length === 0 &&
      [...workers.keys()].every((partition) => ends.has(partition))
    );
  }

  get partitionCount(): number {
    return this.#partitionCount;
  }

  get lastCommitAt(): WallTime | undefined {
    return this.#schedule.lastCommitAt;
  }

  get workers(): Iterable<PartitionWorker> {
    return this.#ownership.workers.values();
  }

  /**
   * With the broker away the membership ends after a while, and the mails still wait: the gauges go on with what was last known, and the ages grow.
   * Until the next join says whose the partitions are; a stop says that they are not ours.
   */
  states(): PartitionState[] {
    const isOut = this.#ownership.phase === "out";
    if (isOut && this.#ownership.draining) return [];
    return [...this.workers].map((worker) => {
      const { partition, position } = worker;
      const ends = this.#ownership.ends.get(partition);
      const openTransactionSince = this.#openTransactions.since(partition);
      return {
        partition,
        endOffset: ends?.end,
        committedOffset: worker.committed?.offset ?? ends?.start,
        position,
        oldestUnsettledEventTime: earliest(
          worker.read.oldestUnsettledEventTime,
          this.#unreadOf(worker).since(position),
          // Somebody else may have owned the partition then.
          openTransactionSince === undefined ? undefined : knownEndAt(openTransactionSince),
        ),
        behindOpenTransaction: ends === undefined ? undefined : ends.end - ends.stable,
        ...(openTransactionSince === undefined ? {} : { openTransactionSince }),
        checkpointBytes: worker.checkpointBytes,
        paused: this.#pauses.reasons(worker.partition),
        ...(isOut ? { lastKnown: true } : {}),
      };
    });
  }

  joining(): void {
    // A load under way must not let mails start: it is done again after the join.
    this.#ownership.epoch++;
    if (this.#ownership.phase === "owned") this.#ownership.phase = "joining";
    for (const partition of this.#ownership.partitions) this.#ownership.happened(partition, { kind: "joining" });
    // Until the new generation begins, the group still takes commits of the old one.
    void this.#schedule.commit();
  }

  joined(partitions: readonly number[], how: { sameMember: boolean; alone: boolean }): void {
    this.#ownership.epoch++;
    this.#ownership.phase = "owned";
    this.#loader.joined(partitions, how);
    void this.#departures.step();
    this.#pauses.reconcile();
    void this.#loader.load();
  }

  /**
   * The windows stay. A broker that is away for long ends the membership, not what is known. Whoever joins again, and reads back an own commit,
   * goes on with them: nobody settled anything meanwhile.
   */
  left(): void {
    this.#ownership.epoch++;
    this.#loader.troubled();
    this.#ownership.phase = "out";
    for (const partition of this.#ownership.partitions) this.#ownership.happened(partition, { kind: "left" });
  }

  /**
   * What is assigned and not loaded yet is not claimed: after an outage the first who is back is given everything, and whoever comes a moment later
   * should find its own.
   */
  held(): readonly number[] {
    return [...this.#ownership.workers.keys()];
  }

  position(partition: number): number | undefined {
    const { draining, workers, suspended } = this.#ownership;
    return isWaiting(this.#ownership.life(partition)) || suspended.has(partition) || draining
      ? undefined
      : workers.get(partition)?.position;
  }

  mayTake(partition: number, leaderEpoch: number | undefined): boolean {
    const worker = this.#ownership.workers.get(partition);
    return worker !== undefined && this.#logChecks.mayTake(worker, leaderEpoch);
  }

  takeable(partition: number, records: SourceRecords): number {
    const source = this.#ownership.workers.get(partition)?.source;
    return this.#preparations.decodable(partition, source?.continuing(records) ?? records);
  }

  outOfRange(partition: number): void {
    const worker = this.#ownership.workers.get(partition);
    if (worker !== undefined && this.position(partition) !== undefined) this.#logChecks.outOfRange(worker);
  }

  deletedUnread(partition: number, nextOffset: number): void {
    this.#ownership.workers.get(partition)?.missed(nextOffset);
  }

  records(partition: number, records: SourceRecords, nextOffset: number): void {
    this.#ownership.workers.get(partition)?.take(records, nextOffset);
    this.#pauses.checkBuffer();
  }

  endOffsets(at: number, seen: ReadonlyMap<number, LogEnd>): void {
    const { ends, phase, draining } = this.#ownership;
    // Some may have no leader just now, and are not in the answer.
    this.#partitionCount = Math.max(this.#partitionCount, seen.size);
    for (const [partition, end] of seen) ends.set(partition, end);
    this.#openTransactions.look(at, seen);
    if (phase !== "owned" || draining) return;
    for (const worker of this.workers) {
      const end = ends.get(worker.partition)?.end;
      if (end === undefined || isWaiting(this.#ownership.life(worker.partition))) continue;
      this.#unreadOf(worker).look(at, end, worker.position);
      worker.knownEnd(wallTime(at), end);
    }
    this.#logChecks.ends(at, seen);
  }

  /** Intake off: no records are taken, no windows closed, no mails started. Mails under way end. */
  async drain(): Promise<void> {
    this.#ownership.draining = true;
    this.#pauses.reconcile();
    await Promise.all([this.#delivery.drain(), ...[...this.workers].map((worker) => worker.finishMuted())]);
  }

  /** After `drain`: commits what is settled, until it is confirmed or `withinMs` are over. */
  async commitFinally(withinMs: number): Promise<boolean> {
    this.#cancelTick();
    return await this.#schedule.commitFinally(withinMs);
  }

  #tick(): void {
    this.#cancelTick = this.#clock.after(TICK_MS, () => this.#tick());
    void this.#departures.step();
    if (this.#ownership.phase !== "owned") return;
    this.#logChecks.tick();
    void this.#loader.load();
    this.#pauses.checkBuffer();
    if (!this.#ownership.draining) this.#pauses.closeWhilePaused();
    this.#pauses.reconcile();
    // The lease, or the exposure, may let mails start again.
    this.#delivery.resume();
    this.#schedule.tick();
  }

  #unreadOf(worker: PartitionWorker): Unread {
    let unread = this.#unread.get(worker);
    if (unread === undefined) {
      unread = new Unread();
      this.#unread.set(worker, unread);
    }
    return unread;
  }
}

const earliest = (...times: readonly (EventTime | undefined)[]): EventTime | undefined =>
  times.reduce((a, b) => (a === undefined || (b !== undefined && b < a) ? b : a), undefined);

const TICK_MS = 100;
