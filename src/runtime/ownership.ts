import {
  ELSEWHERE,
  type HandoverTimes,
  isWaiting,
  type Life,
  type LifeEffect,
  type LifeEvent,
  stepLife,
} from "../core/partition-life.js";
import type { PartitionWorker } from "./partition-worker.js";
import type { LogEnd, PauseReason } from "./ports.js";

/**
 * The partitions as this process has them: the life of each, and what is in memory of it. The parts of `Assignments` say what happens; what follows is
 * in the table of `core/partition-life`.
 */
export class Ownership {
  /** `joining`: a rebalance is under way, and the old generation may still commit. Only `Assignments` changes it, `epoch` and `draining`. */
  phase: "out" | "joining" | "owned" = "out";
  /** Counts the memberships: what was begun under an earlier one is not finished under this one. */
  epoch = 0;
  draining = false;
  /** Those whose windows are here: active, standing, kept. */
  readonly workers = new Map<number, PartitionWorker>();
  /** Those of which facts are here: departed, returned. */
  readonly departed = new Map<number, PartitionWorker>();
  /** Whether the log is still the one that was read is being found out, or it is not, and what was read of it leaves. Whoever owns it. */
  readonly suspended = new Set<number>();
  /** Ends of the log as last seen. */
  readonly ends = new Map<number, LogEnd>();
  /** Why a partition is paused, apart from waiting and draining. */
  readonly pauses = new Map<number, Set<PauseReason>>();
  readonly #times: HandoverTimes;
  readonly #lives = new Map<number, Life>();

  constructor(times: HandoverTimes) {
    this.#times = times;
  }

  life(partition: number): Life {
    return this.#lives.get(partition) ?? ELSEWHERE;
  }

  /** All that are not elsewhere. */
  get partitions(): readonly number[] {
    return [...this.#lives.keys()];
  }

  /** Assigned, or to be assigned again, and not taking records. */
  get waiting(): readonly number[] {
    return this.partitions.filter((partition) => isWaiting(this.life(partition)));
  }

  /** Returns the effects that are left to carry out: what was read of the group is needed for them. */
  happened(partition: number, event: LifeEvent): readonly LifeEffect[] {
    const [next, ...effects] = stepLife(this.life(partition), event, this.#times);
    if (next.kind === "elsewhere") this.#lives.delete(partition);
    else this.#lives.set(partition, next);
    return effects.filter((effect) => !this.#carriedOut(effect, partition));
  }

  #carriedOut(effect: LifeEffect, partition: number): boolean {
    switch (effect) {
      case "hold":
        this.workers.get(partition)?.setActive(false);
        return true;
      case "depart":
        this.#depart(partition);
        return true;
      case "forget":
        this.departed.delete(partition);
        return true;
      case "judge-again":
      case "open":
      case "activate":
        return false;
    }
  }

  #depart(partition: number): void {
    const worker = this.workers.get(partition);
    if (worker === undefined) return;
    worker.lose();
    this.departed.set(partition, worker);
    this.workers.delete(partition);
    this.pauses.delete(partition);
    this.ends.delete(partition);
  }
}
