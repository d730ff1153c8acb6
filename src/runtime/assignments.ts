import { decodeCheckpoint } from "../core/checkpoint.js";
import type { PartitionStart } from "../core/partition.js";
import { type WallTime, wallTime } from "../core/time.js";
import { backoffMs, type Clock } from "./clock.js";
import type { Delivery } from "./delivery.js";
import type { Logger } from "./log.js";
import { PartitionWorker, type WorkerDeps } from "./partition-worker.js";
import type {
  AlertSource,
  CommittedPartition,
  PartitionState,
  PauseReason,
  SourceListener,
  SourceRecord,
} from "./ports.js";

export interface AssignmentsOptions {
  readonly bufferMaxAlerts: number;
  readonly bufferMaxBytes: number;
}

/**
 * The partitions this process owns: loads them when they come, drops them when they go, pauses them by reason, and commits.
 *
 * A rebalance: `joining` holds every new mail back; `joined` says what is owned. Partitions that were kept, or that come back, keep their
 * windows when the commit read back is the own last one: then nobody settled anything meanwhile. All others start again from their checkpoint.
 */
export class Assignments implements SourceListener {
  readonly #source: AlertSource;
  readonly #delivery: Delivery;
  readonly #workerDeps: WorkerDeps;
  readonly #options: AssignmentsOptions;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #random: () => number;
  readonly #workers = new Map<number, PartitionWorker>();
  /** Assigned, committed offset not read yet. */
  readonly #loading = new Set<number>();
  readonly #ends = new Map<number, { readonly start: number; readonly end: number }>();
  readonly #pauses = new Map<number, Set<PauseReason>>();
  #partitionCount = 0;
  /** Counts the memberships: what was begun under an earlier one is not finished under this one. */
  #epoch = 0;
  #owned = false;
  /** False from losing the membership to the next one. */
  #member = false;
  #draining = false;
  #committing = false;
  #lastCommitAttempt = 0;
  #lastCommitAt: WallTime | undefined;
  #overBuffer = false;
  #cancelTick: () => void;

  constructor(deps: {
    source: AlertSource;
    delivery: Delivery;
    worker: WorkerDeps;
    options: AssignmentsOptions;
    clock: Clock;
    log: Logger;
    random: () => number;
  }) {
    this.#source = deps.source;
    this.#delivery = deps.delivery;
    this.#workerDeps = deps.worker;
    this.#options = deps.options;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#random = deps.random;
    this.#cancelTick = this.#clock.after(TICK_MS, () => this.#tick());
  }

  /** A member of the group with every assigned partition loaded and its log's end known. */
  get ready(): boolean {
    return (
      this.#owned &&
      this.#partitionCount > 0 &&
      this.#loading.size === 0 &&
      [...this.#workers.keys()].every((partition) => this.#ends.has(partition))
    );
  }

  get partitionCount(): number {
    return this.#partitionCount;
  }

  get lastCommitAt(): WallTime | undefined {
    return this.#lastCommitAt;
  }

  get workers(): Iterable<PartitionWorker> {
    return this.#workers.values();
  }

  states(): PartitionState[] {
    if (!this.#member) return [];
    return [...this.#workers.values()].map((worker) => {
      const ends = this.#ends.get(worker.partition);
      return {
        partition: worker.partition,
        endOffset: ends?.end,
        committedOffset: worker.committed?.offset ?? ends?.start,
        position: worker.position,
        oldestUnsettledEventTime: worker.oldestUnsettledEventTime,
        checkpointBytes: worker.checkpointBytes,
        paused: [...(this.#pauses.get(worker.partition) ?? [])],
      };
    });
  }

  joining(): void {
    // A load under way must not let mails start: it is done again after the join.
    this.#epoch++;
    this.#owned = false;
    this.#delivery.hold();
  }

  joined(partitions: readonly number[]): void {
    const epoch = ++this.#epoch;
    const assigned = new Set(partitions);
    for (const [partition, worker] of this.#workers) {
      if (!assigned.has(partition)) this.#drop(worker);
    }
    this.#member = true;
    this.#loading.clear();
    for (const partition of partitions) this.#loading.add(partition);
    this.#owned = true;
    this.#reconcilePauses();
    void this.#load(partitions, epoch, 1);
  }

  /**
   * The windows stay. A broker that is away for long ends the membership, not what is known: mails accepted since the last commit would be
   * sent again. Whoever joins again and reads back the own last commit goes on with them; see `#load`.
   */
  left(): void {
    this.#epoch++;
    this.#owned = false;
    this.#member = false;
    this.#delivery.hold();
    for (const partition of this.#workers.keys()) this.#loading.add(partition);
  }

  position(partition: number): number | undefined {
    return this.#loading.has(partition) || this.#draining ? undefined : this.#workers.get(partition)?.position;
  }

  records(partition: number, records: readonly SourceRecord[], nextOffset: number): void {
    this.#workers.get(partition)?.take(records, nextOffset);
    this.#checkBuffer();
  }

  endOffsets(at: number, ends: ReadonlyMap<number, { readonly start: number; readonly end: number }>): void {
    this.#partitionCount = ends.size;
    for (const [partition, end] of ends) this.#ends.set(partition, end);
    if (!this.#owned || this.#draining) return;
    for (const worker of this.#workers.values()) {
      const end = this.#ends.get(worker.partition)?.end;
      if (end === undefined || this.#loading.has(worker.partition)) continue;
      worker.knownEnd(wallTime(at), end);
    }
  }

  /** Intake off: no records are taken, no windows closed, no mails started. Mails under way end. */
  async drain(): Promise<void> {
    this.#draining = true;
    this.#reconcilePauses();
    await this.#delivery.drain();
  }

  /** After `drain`: commits what is settled, until it is confirmed or `withinMs` are over. */
  async commitFinally(withinMs: number): Promise<boolean> {
    this.#cancelTick();
    const deadline = this.#clock.elapsed() + withinMs;
    for (let attempt = 1; this.#owned && this.#source.canCommit && this.#clock.elapsed() < deadline; attempt++) {
      while (this.#committing) await this.#pause(20);
      if (![...this.#workers.values()].some((worker) => worker.changed)) return true;
      await this.#commit();
      if ([...this.#workers.values()].some((worker) => worker.changed)) {
        await this.#pause(backoffMs(attempt, 100, 1000, this.#random));
      }
    }
    return ![...this.#workers.values()].some((worker) => worker.changed);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(ms, resolve));
  }

  #drop(worker: PartitionWorker): void {
    worker.lose();
    this.#workers.delete(worker.partition);
    this.#pauses.delete(worker.partition);
    this.#ends.delete(worker.partition);
  }

  async #load(partitions: readonly number[], epoch: number, attempt: number): Promise<void> {
    let committed: readonly CommittedPartition[];
    try {
      committed = partitions.length === 0 ? [] : await this.#source.committed(partitions);
    } catch (error) {
      if (epoch !== this.#epoch) return;
      const delay = backoffMs(attempt, 200, 5_000, this.#random);
      this.#log.warn(
        { error: (error as Error).message, retryInMs: Math.round(delay) },
        "committed offsets not read; trying again",
      );
      this.#clock.after(delay, () => {
        if (epoch === this.#epoch) void this.#load(partitions, epoch, attempt + 1);
      });
      return;
    }
    if (epoch !== this.#epoch) return;
    for (const partition of committed) {
      const kept = this.#workers.get(partition.partition);
      if (kept !== undefined && !kept.isOwnCommit(partition.offset, partition.metadata)) {
        this.#log.warn(
          { partition: partition.partition },
          "someone else committed this partition meanwhile; starting from that checkpoint",
        );
        this.#drop(kept);
      }
      this.#ends.set(partition.partition, { start: partition.logStart, end: partition.logEnd });
      const worker = this.#workers.get(partition.partition) ?? this.#open(partition);
      this.#source.seek(partition.partition, this.#firstFetch(worker, partition));
      this.#loading.delete(partition.partition);
    }
    this.#reconcilePauses();
    this.#delivery.release();
    this.#log.info(
      { partitions, positions: committed.map(({ partition }) => this.#workers.get(partition)?.position) },
      "partitions loaded",
    );
  }

  /**
   * The client can commit only once a batch of this membership has come. Where none may come, because the topic is quiet and everything was
   * read under the last membership, one that was read before is asked for; the source sees where it begins, and goes on at the position.
   */
  #firstFetch({ position }: PartitionWorker, { offset, logStart, logEnd }: CommittedPartition): number {
    if (this.#source.canCommit || position < logEnd) return position;
    return Math.min(position, Math.max(offset ?? logStart, logStart));
  }

  #open(partition: CommittedPartition): PartitionWorker {
    const { offset, metadata, logStart, logEnd } = partition;
    const fields = { partition: partition.partition, committed: offset, logStart, logEnd };
    let start: PartitionStart = { position: offset ?? logStart, time: undefined, marks: [], settled: [] };
    if (offset !== undefined) start = decodeCheckpoint(metadata, offset) ?? start;
    let known = offset === undefined ? undefined : { partition: partition.partition, offset, metadata: metadata ?? "" };
    if (start.position < logStart) {
      this.#log.error(
        fields,
        "records between the committed offset and the start of the log were deleted before they were read",
      );
      start = { ...start, position: logStart, settled: start.settled.filter(([, last]) => last >= logStart) };
    } else if (start.position > logEnd) {
      this.#log.error(
        fields,
        "the committed offset lies beyond the end of the log: the topic was truncated or created anew; starting at its beginning",
      );
      start = { position: logStart, time: undefined, marks: [], settled: [] };
      known = undefined;
    }
    const worker = new PartitionWorker(partition.partition, start, known, this.#workerDeps);
    this.#workers.set(partition.partition, worker);
    return worker;
  }

  #tick(): void {
    this.#cancelTick = this.#clock.after(TICK_MS, () => this.#tick());
    if (!this.#owned) return;
    this.#checkBuffer();
    if (!this.#draining) this.#closeWhilePaused();
    this.#reconcilePauses();
    const idleFor = this.#clock.elapsed() - this.#lastCommitAttempt;
    const due = [...this.#workers.values()].some((worker) => worker.changed) || idleFor >= STEADY_COMMIT_MS;
    if (due && !this.#committing && this.#loading.size === 0 && this.#source.canCommit) void this.#commit();
  }

  /** Only where nothing else would end the pause: closing early makes the rest of a backlog late, and lumps it together. */
  #closeWhilePaused(): void {
    const workers = [...this.#workers.values()];
    const open = workers.reduce((sum, worker) => sum + worker.windowsOpen, 0);
    const pending = workers.reduce((sum, worker) => sum + worker.windowsPending, 0);
    const answersMakeRoom = pending > 0 && pending >= (1 - LOW_MARK) * (open + pending);
    for (const worker of workers) {
      const reasons = this.#pauses.get(worker.partition);
      if (reasons === undefined || reasons.size === 0 || worker.waitsForAnswers) continue;
      if (reasons.has("checkpoint") || !answersMakeRoom) worker.closeDueWhilePaused();
    }
  }

  async #commit(): Promise<void> {
    const idle = this.#clock.elapsed() - this.#lastCommitAttempt >= STEADY_COMMIT_MS;
    const workers = [...this.#workers.values()].filter((worker) => worker.changed || idle);
    if (workers.length === 0) return;
    this.#committing = true;
    this.#lastCommitAttempt = this.#clock.elapsed();
    const requests = workers.map((worker) => {
      const request = worker.commitRequest();
      if (request.overflowed) this.#workerDeps.metrics.checkpointOverflow();
      return request;
    });
    try {
      const outcome = await this.#source.commit(requests);
      this.#workerDeps.metrics.commit(outcome, (this.#clock.elapsed() - this.#lastCommitAttempt) / 1000);
      for (const [index, worker] of workers.entries()) {
        if (outcome === "committed") worker.commitConfirmed(requests[index] as (typeof requests)[number]);
        else worker.commitFailed();
      }
      if (outcome === "committed") this.#lastCommitAt = this.#clock.now();
      for (const worker of workers) this.#checkCheckpoint(worker);
    } finally {
      this.#committing = false;
    }
  }

  #checkBuffer(): void {
    let alerts = 0;
    let bytes = 0;
    for (const worker of this.#workers.values()) {
      alerts += worker.bufferedAlerts;
      bytes += worker.bufferedBytes;
    }
    const fill = Math.max(alerts / this.#options.bufferMaxAlerts, bytes / this.#options.bufferMaxBytes);
    const over = this.#overBuffer ? fill > LOW_MARK : fill >= 1;
    if (over === this.#overBuffer) return;
    this.#overBuffer = over;
    this.#log.warn(
      { alerts, bytes },
      over ? "buffer full: reading pauses, nothing is dropped" : "buffer has room again: reading goes on",
    );
    this.#reconcilePauses();
  }

  #checkCheckpoint(worker: PartitionWorker): void {
    const reasons = this.#pausesOf(worker.partition);
    if (worker.checkpointFill > CHECKPOINT_HIGH_MARK) reasons.add("checkpoint");
    else if (worker.checkpointFill < CHECKPOINT_LOW_MARK) reasons.delete("checkpoint");
  }

  #pausesOf(partition: number): Set<PauseReason> {
    let reasons = this.#pauses.get(partition);
    if (reasons === undefined) {
      reasons = new Set();
      this.#pauses.set(partition, reasons);
    }
    return reasons;
  }

  /** What should be paused against what is: the client forgets pauses when it restarts. */
  #reconcilePauses(): void {
    const paused = new Set(this.#loading);
    for (const partition of this.#workers.keys()) {
      const reasons = this.#pausesOf(partition);
      if (this.#overBuffer) reasons.add("buffer");
      else reasons.delete("buffer");
      if (reasons.size > 0 || this.#draining) paused.add(partition);
    }
    this.#source.setPaused(paused);
  }
}

const TICK_MS = 100;
/** A group that commits nothing looks dead to lag monitors. */
const STEADY_COMMIT_MS = 5_000;
const LOW_MARK = 0.8;
const CHECKPOINT_HIGH_MARK = 0.75;
const CHECKPOINT_LOW_MARK = 0.5;
