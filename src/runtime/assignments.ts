import { decodeCheckpoint } from "../core/checkpoint.js";
import { mergeStarts } from "../core/handover.js";
import type { PartitionStart } from "../core/partition.js";
import { type EventTime, type WallTime, wallTime } from "../core/time.js";
import { backoffMs, type Clock } from "./clock.js";
import type { Delivery } from "./delivery.js";
import { Departures, type HandoverTimes } from "./departures.js";
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
import { Unread } from "./unread.js";

export interface AssignmentsOptions extends HandoverTimes {
  readonly bufferMaxAlerts: number;
  readonly bufferMaxBytes: number;
}

interface Loading {
  /** `Clock.elapsed` before which its checkpoint is not read: the previous owner may still be writing it. */
  notBefore: number;
  /** When it was first seen that the previous owner has mails in flight. */
  announcedAt: number | undefined;
}

/**
 * The partitions this process owns: loads them when they come, drops them when they go, pauses them by reason, and commits.
 *
 * A rebalance: `joining` holds every new mail back and announces those in flight in the checkpoints; `joined` says what is owned. Partitions that
 * were kept, or come back, keep their windows when the commit read back is an own one. All others wait until the previous owner has handed over (`Departures` is its side of it), and start from the checkpoint and from what this process itself knows to be settled.
 */
export class Assignments implements SourceListener {
  readonly #source: AlertSource;
  readonly #delivery: Delivery;
  readonly #workerDeps: WorkerDeps;
  readonly #options: AssignmentsOptions;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #random: () => number;
  readonly #departures: Departures;
  readonly #workers = new Map<number, PartitionWorker>();
  /** Assigned, and not taking records yet. */
  readonly #loading = new Map<number, Loading>();
  readonly #ends = new Map<number, { readonly start: number; readonly end: number }>();
  readonly #unread = new WeakMap<PartitionWorker, Unread>();
  readonly #pauses = new Map<number, Set<PauseReason>>();
  #partitionCount = 0;
  /** Counts the memberships: what was begun under an earlier one is not finished under this one. */
  #epoch = 0;
  #phase: "out" | "joining" | "owned" = "out";
  #draining = false;
  #reading = false;
  #readFailures = 0;
  #readAgainAt = 0;
  #committing = false;
  #commitTimer: (() => void) | undefined;
  #lastCommitAttempt = 0;
  /** When a commit failed last, or the membership was gone. */
  #troubledAt = Number.NEGATIVE_INFINITY;
  #lastEncodeMs = 0;
  #lastCommitAt: WallTime | undefined;
  #overBuffer = false;
  #cancelTick: () => void;

  constructor(deps: {
    source: AlertSource;
    delivery: Delivery;
    worker: Omit<WorkerDeps, "hasLease" | "onSettled">;
    options: AssignmentsOptions;
    clock: Clock;
    log: Logger;
    random: () => number;
  }) {
    this.#source = deps.source;
    this.#delivery = deps.delivery;
    this.#workerDeps = { ...deps.worker, hasLease: () => this.#source.hasLease, onSettled: () => this.#onSettled() };
    this.#options = deps.options;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#random = deps.random;
    this.#departures = new Departures({ source: deps.source, clock: deps.clock, times: deps.options });
    this.#cancelTick = this.#clock.after(TICK_MS, () => this.#tick());
  }

  /** A member of the group with every assigned partition loaded and its log's end known. */
  get ready(): boolean {
    return (
      this.#phase === "owned" &&
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
    if (this.#phase === "out") return [];
    return [...this.#workers.values()].map((worker) => {
      const ends = this.#ends.get(worker.partition);
      return {
        partition: worker.partition,
        endOffset: ends?.end,
        committedOffset: worker.committed?.offset ?? ends?.start,
        position: worker.position,
        oldestUnsettledEventTime: earlier(
          worker.oldestUnsettledEventTime,
          this.#unreadOf(worker).since(worker.position),
        ),
        checkpointBytes: worker.checkpointBytes,
        paused: [...(this.#pauses.get(worker.partition) ?? [])],
      };
    });
  }

  joining(): void {
    // A load under way must not let mails start: it is done again after the join.
    this.#epoch++;
    if (this.#phase === "owned") this.#phase = "joining";
    for (const worker of this.#workers.values()) worker.setActive(false);
    // Until the new generation begins, the group still takes commits of the old one.
    void this.#commit();
  }

  joined(partitions: readonly number[], { sameMember, alone }: { sameMember: boolean; alone: boolean }): void {
    this.#epoch++;
    this.#phase = "owned";
    const assigned = new Set(partitions);
    for (const [partition, worker] of this.#workers) if (!assigned.has(partition)) this.#depart(worker);
    this.#loading.clear();
    const now = this.#clock.elapsed();
    const usual = now + (alone ? 0 : this.#options.handoverMs);
    // Also when alone: the others may have been cut off as well, and come back.
    const afterTrouble = now - this.#troubledAt < TROUBLE_MS ? now + TROUBLED_HANDOVER_MS : usual;
    for (const partition of partitions) {
      const held = this.#workers.has(partition);
      const notBefore = held && sameMember ? 0 : held ? usual : afterTrouble;
      this.#loading.set(partition, { notBefore, announcedAt: undefined });
    }
    this.#departures.joined(assigned);
    void this.#departures.step();
    this.#reconcilePauses();
    void this.#load();
  }

  /**
   * The windows stay. A broker that is away for long ends the membership, not what is known. Whoever joins again, and reads back an own commit,
   * goes on with them: nobody settled anything meanwhile.
   */
  left(): void {
    this.#epoch++;
    this.#troubledAt = this.#clock.elapsed();
    this.#phase = "out";
    for (const worker of this.#workers.values()) worker.setActive(false);
    this.#loading.clear();
    for (const partition of this.#workers.keys())
      this.#loading.set(partition, { notBefore: 0, announcedAt: undefined });
  }

  /**
   * What is assigned and not loaded yet is not claimed: after an outage the first who is back is given everything, and whoever comes a moment later
   * should find its own.
   */
  held(): readonly number[] {
    return [...this.#workers.keys()];
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
    if (this.#phase !== "owned" || this.#draining) return;
    for (const worker of this.#workers.values()) {
      const end = this.#ends.get(worker.partition)?.end;
      if (end === undefined || this.#loading.has(worker.partition)) continue;
      this.#unreadOf(worker).look(at, end, worker.position);
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
    this.#commitTimer?.();
    const deadline = this.#clock.elapsed() + withinMs;
    const left = () => [...this.#workers.values()].some((worker) => worker.changed && this.#mayCommit(worker));
    for (
      let attempt = 1;
      this.#phase !== "out" && this.#source.canCommit && this.#clock.elapsed() < deadline;
      attempt++
    ) {
      while (this.#committing) await this.#pause(20);
      await this.#departures.step();
      if (!left()) return true;
      await this.#commit();
      if (left()) await this.#pause(backoffMs(attempt, 100, 1000, this.#random));
    }
    return !left();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(ms, resolve));
  }

  #depart(worker: PartitionWorker): void {
    this.#departures.add(worker);
    this.#workers.delete(worker.partition);
    this.#pauses.delete(worker.partition);
    this.#ends.delete(worker.partition);
  }

  /** Reads the committed offsets of what may be read now, and starts what can start. */
  async #load(): Promise<void> {
    const now = this.#clock.elapsed();
    if (this.#reading || this.#phase !== "owned" || now < this.#readAgainAt) return;
    const due = [...this.#loading].flatMap(([partition, { notBefore }]) =>
      notBefore <= now && this.#departures.inFlight(partition) === 0 ? partition : [],
    );
    if (due.length === 0) return;
    const epoch = this.#epoch;
    this.#reading = true;
    try {
      const committed = await this.#source.committed(due);
      this.#readFailures = 0;
      if (epoch === this.#epoch) this.#start(committed);
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

  #start(committed: readonly CommittedPartition[]): void {
    const started: { partition: number; position: number }[] = [];
    for (const entry of committed) {
      const { partition } = entry;
      const kept = this.#workers.get(partition);
      if (kept !== undefined && !kept.isOwnCommit(entry.offset, entry.metadata)) {
        this.#log.warn({ partition }, "someone else committed this partition meanwhile; starting from that checkpoint");
        this.#depart(kept);
        if (this.#departures.inFlight(partition) > 0) continue;
      }
      this.#ends.set(partition, { start: entry.logStart, end: entry.logEnd });
      if (this.#mustWait(entry)) continue;
      const worker = this.#workers.get(partition) ?? this.#open(entry);
      this.#source.seek(partition, this.#firstFetch(worker, entry));
      this.#loading.delete(partition);
      worker.setActive(true);
      started.push({ partition, position: worker.position });
    }
    if (started.length === 0) return;
    this.#reconcilePauses();
    this.#delivery.resume();
    this.#log.info({ started }, "partitions loaded");
  }

  /** The previous owner told of mails in flight: what becomes of them is worth waiting for, or they would be sent twice. */
  #mustWait(entry: CommittedPartition): boolean {
    const loading = this.#loading.get(entry.partition);
    if (loading === undefined || this.#workers.has(entry.partition) || entry.offset === undefined) return false;
    if (this.#departures.isOwnCommit(entry.partition, entry.offset, entry.metadata)) return false;
    if ((decodeCheckpoint(entry.metadata, entry.offset)?.handingOver ?? 0) === 0) return false;
    const now = this.#clock.elapsed();
    loading.announcedAt ??= now;
    if (now - loading.announcedAt >= this.#options.handoverMaxMs) return false;
    loading.notBefore = now + HANDOVER_POLL_MS;
    return true;
  }

  /**
   * The client can commit only once a batch of this membership has come. Where none may come, because the topic is quiet and everything was
   * read under the last membership, one that was read before is asked for; the source sees where it begins, and goes on at the position.
   */
  #firstFetch({ position }: PartitionWorker, { offset, logStart, logEnd }: CommittedPartition): number {
    if (this.#source.canCommit || position < logEnd) return position;
    return Math.min(position, Math.max(offset ?? logStart, logStart));
  }

  #open(entry: CommittedPartition): PartitionWorker {
    const { partition, offset, metadata, logStart, logEnd } = entry;
    const fields = { partition, committed: offset, logStart, logEnd };
    let start: PartitionStart = { position: offset ?? logStart, time: undefined, marks: [], settled: [] };
    if (offset !== undefined) start = decodeCheckpoint(metadata, offset) ?? start;
    const facts = this.#departures.facts(partition);
    if (facts !== undefined && facts.position <= logEnd) start = mergeStarts(start, facts);
    this.#departures.forget(partition);
    let known = offset === undefined ? undefined : { partition, offset, metadata: metadata ?? "" };
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
    const worker = new PartitionWorker(partition, start, known, this.#workerDeps);
    this.#workers.set(partition, worker);
    return worker;
  }

  #tick(): void {
    this.#cancelTick = this.#clock.after(TICK_MS, () => this.#tick());
    void this.#departures.step();
    if (this.#phase !== "owned") return;
    void this.#load();
    this.#checkBuffer();
    if (!this.#draining) this.#closeWhilePaused();
    this.#reconcilePauses();
    // The lease, or the exposure, may let mails start again.
    this.#delivery.resume();
    const since = this.#clock.elapsed() - this.#lastCommitAttempt;
    const changed = [...this.#workers.values()].some((worker) => worker.changed);
    if (since >= STEADY_COMMIT_MS || (changed && since >= READ_COMMIT_MS)) void this.#commit();
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

  /** Settlements are committed at once, several together where they come fast or the checkpoint is costly. */
  #onSettled(): void {
    void this.#departures.step();
    if (this.#commitTimer !== undefined || this.#draining) return;
    this.#commitTimer = this.#clock.after(Math.max(SETTLED_COMMIT_MS, this.#lastEncodeMs * 10), () => {
      this.#commitTimer = undefined;
      void this.#commit();
    });
  }

  /** Not before the commit read back has shown that nobody else went further. */
  #mayCommit(worker: PartitionWorker): boolean {
    return this.#phase === "joining" || !this.#loading.has(worker.partition);
  }

  async #commit(): Promise<void> {
    if (this.#committing || !this.#source.canCommit || this.#phase === "out") return;
    const idle = this.#clock.elapsed() - this.#lastCommitAttempt >= STEADY_COMMIT_MS;
    const announcing = this.#phase === "joining";
    const workers = [...this.#workers.values()].filter(
      (worker) => this.#mayCommit(worker) && (worker.changed || idle || (announcing && worker.inFlight > 0)),
    );
    if (workers.length === 0) return;
    this.#committing = true;
    const startedAt = this.#clock.elapsed();
    this.#lastCommitAttempt = startedAt;
    const requests = workers.map((worker) => {
      const request = worker.commitRequest(announcing);
      if (request.overflowed) this.#workerDeps.metrics.checkpointOverflow();
      return request;
    });
    this.#lastEncodeMs = this.#clock.elapsed() - startedAt;
    let confirmed = false;
    try {
      const outcome = await this.#source.commit(requests);
      this.#workerDeps.metrics.commit(outcome, (this.#clock.elapsed() - startedAt) / 1000);
      for (const [index, worker] of workers.entries()) {
        if (outcome === "committed") worker.commitConfirmed(requests[index] as (typeof requests)[number]);
        else worker.commitFailed();
      }
      confirmed = outcome === "committed";
      if (outcome === "failed") this.#troubledAt = this.#clock.elapsed();
      if (confirmed) this.#lastCommitAt = this.#clock.now();
      for (const worker of workers) if (this.#workers.has(worker.partition)) this.#checkCheckpoint(worker);
    } finally {
      this.#committing = false;
    }
    this.#delivery.resume();
    // What was settled meanwhile had its timer run out on this commit. After a failure the tick tries again, later.
    if (confirmed && this.#phase === "owned" && workers.some((worker) => worker.changed)) this.#onSettled();
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

  #unreadOf(worker: PartitionWorker): Unread {
    let unread = this.#unread.get(worker);
    if (unread === undefined) {
      unread = new Unread();
      this.#unread.set(worker, unread);
    }
    return unread;
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
    // A commit needs a batch of this membership: with something to hand over, a first one may come. It is not taken, and not resolved.
    const needsBatch = this.#departures.size > 0 && !this.#source.canCommit;
    const paused = new Set(needsBatch ? [] : this.#loading.keys());
    for (const [partition, worker] of this.#workers) {
      const reasons = this.#pausesOf(partition);
      if (this.#overBuffer || worker.deadLettersFull) reasons.add("buffer");
      else reasons.delete("buffer");
      if (reasons.size > 0 || this.#draining) paused.add(partition);
    }
    this.#source.setPaused(paused);
  }
}

const earlier = (a: EventTime | undefined, b: EventTime | undefined): EventTime | undefined =>
  a === undefined || (b !== undefined && b < a) ? b : a;

const TICK_MS = 100;
/** Whoever was cut off together with this process, and comes back a little later, still finds its windows unmailed. */
const TROUBLED_HANDOVER_MS = 6_000;
const TROUBLE_MS = 30_000;
const HANDOVER_POLL_MS = 200;
const SETTLED_COMMIT_MS = 5;
/** A position that moved on, with nothing settled, can wait. */
const READ_COMMIT_MS = 1_000;
/** A group that commits nothing looks dead to lag monitors. */
const STEADY_COMMIT_MS = 5_000;
const LOW_MARK = 0.8;
const CHECKPOINT_HIGH_MARK = 0.75;
const CHECKPOINT_LOW_MARK = 0.5;
