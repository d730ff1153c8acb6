import { decodeCheckpoint } from "../core/checkpoint.js";
import { checkpointOf, type SharedUpTo } from "./believed.js";
import { backoffMs, type Clock } from "./clock.js";
import { tellDeletedUnread } from "./deleted-records.js";
import type { Departures, HandoverTimes } from "./departures.js";
import type { Logger } from "./log.js";
import type { Ownership } from "./ownership.js";
import { PartitionWorker, type WorkerDeps } from "./partition-worker.js";
import type { AlertSource, CommittedPartition } from "./ports.js";
import { SharedEnds } from "./shared-ends.js";
import { startingPoint } from "./starting-point.js";

/**
 * Makes assigned partitions take records. One whose windows are here goes on when the commit read back is an own one. All others wait until the
 * previous owner has handed over (`Departures` is its side of it), and start from the checkpoint.
 */
export class PartitionLoader {
  readonly #ownership: Ownership;
  readonly #source: AlertSource;
  readonly #departures: Departures;
  readonly #workerDeps: WorkerDeps;
  readonly #times: HandoverTimes;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #random: () => number;
  readonly #onStarted: () => void;
  readonly #sharedEnds: SharedEnds;
  #reading = false;
  #readFailures = 0;
  #readAgainAt = 0;
  /** When a commit failed last, or the membership was gone. */
  #troubledAt = Number.NEGATIVE_INFINITY;

  constructor(deps: {
    ownership: Ownership;
    source: AlertSource;
    departures: Departures;
    worker: WorkerDeps;
    times: HandoverTimes;
    clock: Clock;
    log: Logger;
    random: () => number;
    /** Some partitions take records now. */
    onStarted: () => void;
  }) {
    this.#ownership = deps.ownership;
    this.#source = deps.source;
    this.#departures = deps.departures;
    this.#workerDeps = deps.worker;
    this.#times = deps.times;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#random = deps.random;
    this.#onStarted = deps.onStarted;
    this.#sharedEnds = new SharedEnds(deps);
  }

  /** The broker did not answer, or the membership was lost. */
  troubled(): void {
    this.#troubledAt = this.#clock.elapsed();
  }

  /** All of a new generation's partitions are to be loaded, each when its previous owner has had its time. */
  assigned(partitions: readonly number[], { sameMember, alone }: { sameMember: boolean; alone: boolean }): void {
    const { loading, workers } = this.#ownership;
    const before = new Map(loading);
    loading.clear();
    const now = this.#clock.elapsed();
    const usual = now + (alone ? 0 : this.#times.handoverMs);
    // Also when alone: the others may have been cut off as well, and come back.
    const afterTrouble = now - this.#troubledAt < TROUBLE_MS ? now + TROUBLED_HANDOVER_MS : usual;
    for (const partition of partitions) {
      const held = workers.has(partition);
      const unbroken = held && sameMember && (before.get(partition)?.unbroken ?? true);
      const notBefore = unbroken ? 0 : held ? usual : afterTrouble;
      loading.set(partition, { notBefore, announcedAt: undefined, unbroken, cutAt: before.get(partition)?.cutAt });
    }
  }

  /** The log is not the one that was read any more, from `cutAt` on. */
  reload(partition: number, cutAt: number | undefined): void {
    const worker = this.#ownership.workers.get(partition);
    if (worker !== undefined) this.depart(worker);
    this.#ownership.loading.set(partition, { notBefore: 0, announcedAt: undefined, unbroken: false, cutAt });
    void this.load();
  }

  /** The membership is gone: what is held is loaded again by the next one. */
  left(): void {
    const { loading, workers } = this.#ownership;
    loading.clear();
    for (const partition of workers.keys())
      loading.set(partition, { notBefore: 0, announcedAt: undefined, unbroken: false });
  }

  /** Reads the committed offsets of what may be read now, and starts what can start. Call it often. */
  async load(): Promise<void> {
    const now = this.#clock.elapsed();
    if (this.#reading || this.#ownership.phase !== "owned" || now < this.#readAgainAt) return;
    const due = [...this.#ownership.loading].flatMap(([partition, { notBefore }]) =>
      notBefore <= now && this.#departures.inFlight(partition) === 0 ? partition : [],
    );
    if (due.length === 0) return;
    const { epoch } = this.#ownership;
    this.#reading = true;
    try {
      const committed = await this.#source.committed(due);
      if (epoch !== this.#ownership.epoch) return;
      const shared = await this.#sharedUpTo(committed);
      this.#readFailures = 0;
      if (epoch !== this.#ownership.epoch) return;
      this.#start(
        committed.filter(({ partition }) => shared.has(partition)),
        shared,
      );
      // The others need not wait for a partition without a leader.
      for (const partition of due) if (!shared.has(partition)) this.#askAgain(partition, SICK_POLL_MS);
    } catch (error) {
      const delay = backoffMs(++this.#readFailures, 200, 5_000, this.#random);
      this.#readAgainAt = this.#clock.elapsed() + delay;
      this.#log.warn(
        { error: (error as Error).message, retryInMs: Math.round(delay) },
        "committed offsets not read; trying again",
      );
    } finally {
      this.#reading = false;
    }
  }

  /** What is known of a partition that is held no more is kept for its next owner. */
  depart(worker: PartitionWorker): void {
    const { workers, pauses, ends } = this.#ownership;
    this.#departures.add(worker);
    workers.delete(worker.partition);
    pauses.delete(worker.partition);
    ends.delete(worker.partition);
  }

  /** How far what is known of partitions is of their logs as they are now; without those of which nobody can tell yet. */
  async #sharedUpTo(committed: readonly CommittedPartition[]): Promise<ReadonlyMap<number, SharedUpTo>> {
    const accounts = committed.flatMap((entry) => {
      const { partition } = entry;
      const facts = this.#departures.facts(partition, entry.log);
      return [{ partition, start: checkpointOf(entry) }, ...(facts === undefined ? [] : [{ partition, start: facts }])];
    });
    const found = await this.#sharedEnds.find(accounts);
    const shared = new Map<number, SharedUpTo>();
    for (const { partition, logStart } of committed) {
      const cutAt = this.#ownership.loading.get(partition)?.cutAt ?? Number.POSITIVE_INFINITY;
      const ends = accounts.flatMap((account, index) => {
        const end = found[index] ?? "unknown";
        return account.partition === partition ? [end === "another-log" ? logStart : end] : [];
      });
      const [ofCheckpoint = cutAt, ofFacts = cutAt] = ends;
      if (ofCheckpoint === "unknown" || ofFacts === "unknown") continue;
      const isAnotherLog = found[accounts.findIndex((account) => account.partition === partition)] === "another-log";
      shared.set(partition, {
        checkpoint: Math.min(ofCheckpoint, cutAt),
        facts: Math.min(ofFacts, cutAt),
        isAnotherLog,
      });
    }
    return shared;
  }

  #start(committed: readonly CommittedPartition[], shared: ReadonlyMap<number, SharedUpTo>): void {
    const { workers, loading, ends } = this.#ownership;
    const started: { partition: number; position: number }[] = [];
    for (const entry of committed) {
      const { partition } = entry;
      const kept = workers.get(partition);
      if (kept !== undefined && !kept.isOwnCommit(entry)) {
        this.#log.warn(
          { partition },
          kept.log === entry.log
            ? "someone else committed this partition meanwhile; starting from that checkpoint"
            : "the brokers belong to another cluster now; starting from what is committed there",
        );
        this.depart(kept);
        if (this.#departures.inFlight(partition) > 0) continue;
      }
      ends.set(partition, { start: entry.logStart, end: entry.logEnd, stable: entry.logStable });
      if (this.#mustWait(entry)) continue;
      const worker = workers.get(partition) ?? this.#open(entry, shared.get(partition));
      this.#source.seek(partition, this.#firstFetch(worker, entry));
      loading.delete(partition);
      worker.setActive(true);
      started.push({ partition, position: worker.position });
    }
    if (started.length === 0) return;
    this.#onStarted();
    this.#log.info({ started }, "partitions loaded");
  }

  /** The previous owner told of mails in flight: what becomes of them is worth waiting for, or they would be sent twice. */
  #mustWait(entry: CommittedPartition): boolean {
    const loading = this.#ownership.loading.get(entry.partition);
    if (loading === undefined || this.#ownership.workers.has(entry.partition) || entry.offset === undefined)
      return false;
    if (this.#departures.isOwnCommit(entry)) return false;
    if ((decodeCheckpoint(entry.metadata, entry.offset, entry.log)?.handingOver ?? 0) === 0) return false;
    const now = this.#clock.elapsed();
    loading.announcedAt ??= now;
    if (now - loading.announcedAt >= this.#times.handoverMaxMs) return false;
    this.#askAgain(entry.partition, HANDOVER_POLL_MS);
    return true;
  }

  #askAgain(partition: number, inMs: number): void {
    const loading = this.#ownership.loading.get(partition);
    if (loading !== undefined) loading.notBefore = this.#clock.elapsed() + inMs;
  }

  /**
   * The client can commit only once a batch of this membership has come. Where none may come, because the topic is quiet and everything was
   * read under the last membership, one that was read before is asked for; the source sees where it begins, and goes on at the position. So too where
   * only an open transaction, which gives no batch, lies ahead.
   */
  #firstFetch({ position }: PartitionWorker, { offset, logStart, logStable }: CommittedPartition): number {
    if (this.#source.canCommit || position < logStable) return position;
    return Math.min(position, Math.max(offset ?? logStart, logStart));
  }

  #open(entry: CommittedPartition, shared: SharedUpTo | undefined): PartitionWorker {
    const { partition } = entry;
    const facts = this.#departures.facts(partition, entry.log);
    const { start, known, deleted } = startingPoint(entry, facts, this.#log, shared);
    if (deleted !== undefined) tellDeletedUnread({ metrics: this.#workerDeps.metrics, log: this.#log }, deleted);
    const unconfirmed = this.#departures.unconfirmed(partition);
    this.#departures.forget(partition);
    const worker = new PartitionWorker(entry, start, known, this.#workerDeps, unconfirmed);
    this.#ownership.workers.set(partition, worker);
    return worker;
  }
}

/** Whoever was cut off together with this process, and comes back a little later, still finds its windows unmailed. */
const TROUBLED_HANDOVER_MS = 6_000;
const TROUBLE_MS = 30_000;
const HANDOVER_POLL_MS = 200;
const SICK_POLL_MS = 1_000;
