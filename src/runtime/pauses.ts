import type { Departures } from "./departures.js";
import type { Logger } from "./log.js";
import type { Ownership } from "./ownership.js";
import type { PartitionWorker } from "./partition-worker.js";
import type { AlertSource, PauseReason } from "./ports.js";

export interface BufferLimits {
  readonly bufferMaxAlerts: number;
  readonly bufferMaxBytes: number;
}

/** Which partitions are not read, and why: a full buffer, a full checkpoint; loading and draining besides. */
export class Pauses {
  readonly #ownership: Ownership;
  readonly #source: AlertSource;
  readonly #departures: Departures;
  readonly #limits: BufferLimits;
  readonly #log: Logger;
  #overBuffer = false;

  constructor(deps: {
    ownership: Ownership;
    source: AlertSource;
    departures: Departures;
    limits: BufferLimits;
    log: Logger;
  }) {
    this.#ownership = deps.ownership;
    this.#source = deps.source;
    this.#departures = deps.departures;
    this.#limits = deps.limits;
    this.#log = deps.log;
  }

  reasons(partition: number): readonly PauseReason[] {
    return [...(this.#ownership.pauses.get(partition) ?? [])];
  }

  /** What should be paused against what is: the client forgets pauses when it restarts. Call it often. */
  reconcile(): void {
    // A commit needs a batch of this membership: with something to hand over, a first one may come. It is not taken, and not resolved.
    const needsBatch = this.#departures.size > 0 && !this.#source.canCommit;
    const paused = new Set(needsBatch ? [] : this.#ownership.loading.keys());
    for (const [partition, worker] of this.#ownership.workers) {
      const reasons = this.#reasonsOf(partition);
      if (this.#overBuffer || worker.deadLettersFull) reasons.add("buffer");
      else reasons.delete("buffer");
      if (reasons.size > 0 || this.#ownership.draining) paused.add(partition);
    }
    this.#source.setPaused(paused);
  }

  /** After records were taken, and often. */
  checkBuffer(): void {
    let alerts = 0;
    let bytes = 0;
    for (const worker of this.#ownership.workers.values()) {
      alerts += worker.bufferedAlerts;
      bytes += worker.bufferedBytes;
    }
    const fill = Math.max(alerts / this.#limits.bufferMaxAlerts, bytes / this.#limits.bufferMaxBytes);
    const over = this.#overBuffer ? fill > LOW_MARK : fill >= 1;
    if (over === this.#overBuffer) return;
    this.#overBuffer = over;
    this.#log.warn(
      { alerts, bytes },
      over ? "buffer full: reading pauses, nothing is dropped" : "buffer has room again: reading goes on",
    );
    this.reconcile();
  }

  /** After a commit: its size is known then. */
  checkCheckpoints(workers: readonly PartitionWorker[]): void {
    for (const worker of workers) {
      if (!this.#ownership.workers.has(worker.partition)) continue;
      const reasons = this.#reasonsOf(worker.partition);
      if (worker.checkpointFill > CHECKPOINT_HIGH_MARK) reasons.add("checkpoint");
      else if (worker.checkpointFill < CHECKPOINT_LOW_MARK) reasons.delete("checkpoint");
    }
  }

  /** Only where nothing else would end the pause: closing early makes the rest of a backlog late, and lumps it together. */
  closeWhilePaused(): void {
    const workers = [...this.#ownership.workers.values()];
    const open = workers.reduce((sum, worker) => sum + worker.windowsOpen, 0);
    const pending = workers.reduce((sum, worker) => sum + worker.windowsPending, 0);
    const answersMakeRoom = pending > 0 && pending >= (1 - LOW_MARK) * (open + pending);
    for (const worker of workers) {
      const reasons = this.#ownership.pauses.get(worker.partition);
      if (reasons === undefined || reasons.size === 0 || worker.waitsForAnswers) continue;
      if (reasons.has("checkpoint") || !answersMakeRoom) worker.closeDueWhilePaused();
    }
  }

  #reasonsOf(partition: number): Set<PauseReason> {
    const { pauses } = this.#ownership;
    let reasons = pauses.get(partition);
    if (reasons === undefined) {
      reasons = new Set();
      pauses.set(partition, reasons);
    }
    return reasons;
  }
}

const LOW_MARK = 0.8;
const CHECKPOINT_HIGH_MARK = 0.75;
const CHECKPOINT_LOW_MARK = 0.5;
