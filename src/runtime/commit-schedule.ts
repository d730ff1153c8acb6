import type { WallTime } from "../core/time.js";
import { backoffMs, type Clock } from "./clock.js";
import type { CheckpointRoom } from "./commit-metadata.js";
import type { Departures } from "./departures.js";
import type { Ownership } from "./ownership.js";
import type { PartitionWorker } from "./partition-worker.js";
import type { AlertSource, Metrics } from "./ports.js";

/** When and what to commit: settlements at once, positions soon, and steadily also when nothing happens. One commit at a time. */
export class CommitSchedule {
  readonly #ownership: Ownership;
  readonly #source: AlertSource;
  readonly #departures: Departures;
  readonly #metrics: Metrics;
  readonly #room: CheckpointRoom;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #onAttempted: (workers: readonly PartitionWorker[]) => void;
  readonly #onFailed: () => void;
  readonly #load: () => Promise<void>;
  #committing = false;
  /** The timer ran out on a commit under way, which need not have had all partitions. */
  #cameMeanwhile = false;
  #timer: (() => void) | undefined;
  #lastAttempt = 0;
  #lastEncodeMs = 0;
  #lastCommitAt: WallTime | undefined;

  constructor(deps: {
    ownership: Ownership;
    source: AlertSource;
    departures: Departures;
    metrics: Metrics;
    room: CheckpointRoom;
    clock: Clock;
    random: () => number;
    /** These were in a commit, whatever became of it. */
    onAttempted: (workers: readonly PartitionWorker[]) => void;
    /** The broker did not take a commit, and did not say that the group moved on either. */
    onFailed: () => void;
    /** Reads back the commits of partitions that a rebalance left here, where that is due. */
    load: () => Promise<void>;
  }) {
    this.#ownership = deps.ownership;
    this.#source = deps.source;
    this.#departures = deps.departures;
    this.#metrics = deps.metrics;
    this.#room = deps.room;
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#onAttempted = deps.onAttempted;
    this.#onFailed = deps.onFailed;
    this.#load = deps.load;
  }

  get lastCommitAt(): WallTime | undefined {
    return this.#lastCommitAt;
  }

  /** Settlements are committed at once, several together where they come fast or the checkpoint is costly. */
  commitSoon(): void {
    void this.#departures.step();
    if (this.#timer !== undefined || this.#ownership.draining) return;
    this.#timer = this.#clock.after(Math.max(SETTLED_COMMIT_MS, this.#lastEncodeMs * 10), () => {
      this.#timer = undefined;
      if (this.#committing) this.#cameMeanwhile = true;
      else void this.commit();
    });
  }

  /** Commits what is due by time. Call it often. */
  tick(): void {
    const since = this.#clock.elapsed() - this.#lastAttempt;
    const changed = [...this.#ownership.workers.values()].some((worker) => worker.changed);
    if (since >= STEADY_COMMIT_MS || (changed && since >= READ_COMMIT_MS)) void this.commit();
  }

  async commit(): Promise<void> {
    if (this.#committing || !this.#source.canCommit || this.#ownership.phase === "out") return;
    const idle = this.#clock.elapsed() - this.#lastAttempt >= STEADY_COMMIT_MS;
    const announcing = this.#ownership.phase === "joining";
    const workers = [...this.#ownership.workers.values()].filter(
      (worker) => this.#mayCommit(worker) && (worker.changed || idle || (announcing && worker.inFlight > 0)),
    );
    if (workers.length === 0) return;
    this.#committing = true;
    const startedAt = this.#clock.elapsed();
    this.#lastAttempt = startedAt;
    const sent = workers.map((worker) => {
      const commit = worker.sendCommit(announcing);
      if (commit.overflowed) this.#metrics.checkpointOverflow();
      return commit;
    });
    const requests = sent.map(({ request }) => request);
    this.#lastEncodeMs = this.#clock.elapsed() - startedAt;
    let confirmed = false;
    let mayFitNow = false;
    try {
      const outcome = await this.#source.commit(requests);
      this.#metrics.commit(outcome === "too-large" ? "failed" : outcome, (this.#clock.elapsed() - startedAt) / 1000);
      for (const [index, worker] of workers.entries()) {
        if (outcome === "committed") worker.commitConfirmed(sent[index] as (typeof sent)[number]);
        else worker.commitFailed();
      }
      confirmed = outcome === "committed";
      if (outcome === "failed") this.#onFailed();
      if (outcome === "too-large") mayFitNow = this.#room.refused(requests);
      if (confirmed) this.#lastCommitAt = this.#clock.now();
    } finally {
      this.#committing = false;
    }
    // At once, for nothing of any partition is confirmed, and only a few times: it halves.
    if (mayFitNow) return await this.commit();
    this.#onAttempted(workers);
    const again = this.#cameMeanwhile || workers.some((worker) => worker.changed);
    this.#cameMeanwhile = false;
    // After a failure the tick tries again, later.
    if (confirmed && again && this.#ownership.phase === "owned") this.commitSoon();
  }

  /**
   * Commits what is settled, until it is confirmed or `withinMs` are over: after the drain, nothing else commits any more. What is known of a partition
   * that came back is worth waiting for its load: whoever gets it next would mail it again.
   */
  async commitFinally(withinMs: number): Promise<boolean> {
    this.#timer?.();
    const deadline = this.#clock.elapsed() + withinMs;
    const left = () =>
      this.#departures.isKept || [...this.#ownership.workers.values()].some((worker) => worker.changed);
    for (
      let attempt = 1;
      this.#ownership.phase !== "out" && this.#source.canCommit && this.#clock.elapsed() < deadline;
      attempt++
    ) {
      while (this.#committing) await this.#wait(20);
      await this.#departures.step();
      if (!left() && !this.#departures.isDue) return true;
      // What a rebalance has just left here can be committed once the commit read back is an own one.
      await this.#load();
      await this.commit();
      if (left() || this.#departures.isDue) await this.#wait(backoffMs(attempt, 100, 1000, this.#random));
    }
    return !left();
  }

  /** Not before the commit read back has shown that nobody else went further. */
  #mayCommit(worker: PartitionWorker): boolean {
    const life = this.#ownership.life(worker.partition);
    return life.kind !== "kept" || (this.#ownership.phase === "joining" && life.unbroken);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(ms, resolve));
  }
}

const SETTLED_COMMIT_MS = 5;
/** A position that moved on, with nothing settled, can wait. */
const READ_COMMIT_MS = 1_000;
/** A group that commits nothing looks dead to lag monitors. */
const STEADY_COMMIT_MS = 5_000;
