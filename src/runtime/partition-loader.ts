import { isWaiting, type LifeEvent } from "../core/partition-life.js";
import { checkpointOf, type SharedUpTo } from "./believed.js";
import { backoffMs, type Clock } from "./clock.js";
import { decodeCheckpoint } from "./commit-metadata.js";
import { tellDeletedUnread } from "./deleted-records.js";
import type { Departures } from "./departures.js";
import type { Logger } from "./log.js";
import type { Ownership } from "./ownership.js";
import { PartitionWorker } from "./partition-worker.js";
import type { AlertSource, CommittedPartition } from "./ports.js";
import { SharedEnds } from "./shared-ends.js";
import { startingPoint } from "./starting-point.js";
import type { WorkerDeps } from "./worker-deps.js";

/**
 * Makes assigned partitions take records: reads what the group has of each when its time has come, judges it, and carries out what follows. One whose
 * windows are here goes on if the commit is an own one. All others start from the checkpoint, once the previous owner has handed over (`Departures` is
 * its side of it).
 */
export class PartitionLoader {
  readonly #ownership: Ownership;
  readonly #source: AlertSource;
  readonly #departures: Departures;
  readonly #workerDeps: WorkerDeps;
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

  /** A new generation: these partitions are this member's, and no others. */
  joined(partitions: readonly number[], { sameMember, alone }: { sameMember: boolean; alone: boolean }): void {
    const now = this.#clock.elapsed();
    const assigned = new Set(partitions);
    for (const partition of this.#ownership.partitions)
      if (!assigned.has(partition)) this.#ownership.happened(partition, { kind: "unassigned", now });
    for (const partition of assigned)
      this.#ownership.happened(partition, {
        kind: "assigned",
        now,
        sameMember,
        alone,
        troubledAt: this.#troubledAt,
      });
  }

  /** Reads the committed offsets of what may be read now, and starts what can start. Call it often. */
  async load(): Promise<void> {
    const now = this.#clock.elapsed();
    if (this.#reading || this.#ownership.phase !== "owned" || now < this.#readAgainAt) return;
    const due = this.#ownership.partitions.filter((partition) => {
      const life = this.#ownership.life(partition);
      return isWaiting(life) && life.notBefore <= now && this.#departures.inFlight(partition) === 0;
    });
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
      for (const partition of due)
        if (!shared.has(partition)) this.#ownership.happened(partition, { kind: "unread", now: this.#clock.elapsed() });
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
      const life = this.#ownership.life(partition);
      const cutAt = ("cutAt" in life ? life.cutAt : undefined) ?? Number.POSITIVE_INFINITY;
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
    const started = committed.flatMap((entry) => {
      const worker = this.#judge(entry, shared.get(entry.partition));
      return worker === undefined ? [] : { partition: worker.partition, position: worker.position };
    });
    if (started.length === 0) return;
    this.#onStarted();
    this.#log.info({ started }, "partitions loaded");
  }

  /** Returns what takes records now, if the partition need not wait for longer. */
  #judge(entry: CommittedPartition, shared: SharedUpTo | undefined): PartitionWorker | undefined {
    const { partition, log } = entry;
    const { workers, ends } = this.#ownership;
    const kept = workers.get(partition);
    const reading = this.#readingOf(entry);
    if (kept !== undefined && reading.kind !== "read-own") {
      this.#log.warn(
        { partition },
        kept.log === log
          ? "someone else committed this partition meanwhile; starting from that checkpoint"
          : "the brokers belong to another cluster now; starting from what is committed there",
      );
    }
    const effects = this.#ownership.happened(partition, reading);
    if (effects.includes("judge-again"))
      return this.#departures.inFlight(partition) > 0 ? undefined : this.#judge(entry, shared);
    ends.set(partition, { start: entry.logStart, end: entry.logEnd, stable: entry.logStable });
    if (effects.includes("open")) workers.set(partition, this.#open(entry, shared));
    const worker = workers.get(partition);
    if (worker === undefined || !effects.includes("activate")) return undefined;
    this.#source.seek(partition, this.#firstFetch(worker, entry));
    worker.setActive(true);
    return worker;
  }

  /** Whose commit it is, and whether it tells of mails in flight. */
  #readingOf(entry: CommittedPartition): LifeEvent {
    const { offset, metadata, log } = entry;
    const { workers, departed } = this.#ownership;
    const known = workers.get(entry.partition) ?? departed.get(entry.partition);
    if (known?.isOwnCommit(entry)) return { kind: "read-own" };
    const inFlight = offset === undefined ? 0 : (decodeCheckpoint(metadata, offset, log)?.handingOver ?? 0);
    return inFlight === 0 ? { kind: "read-foreign" } : { kind: "read-announced", now: this.#clock.elapsed() };
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
    this.#ownership.departed.delete(partition);
    return new PartitionWorker(entry, start, known, this.#workerDeps, unconfirmed);
  }
}
