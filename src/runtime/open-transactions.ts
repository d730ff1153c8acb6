import { type WallTime, wallTime } from "../core/time.js";
import type { LogEnd } from "./ports.js";

/**
 * Since when the last stable offset of a partition has stood still below the end of its log: an open transaction there keeps back all that lies behind
 * it. Where transactions come and go the offset moves, and nothing stands still. Told of all partitions, also of those that are somebody else's: whoever
 * takes one over knows since when its records wait.
 */
export class OpenTransactions {
  readonly #standing = new Map<number, { readonly stable: number; readonly since: WallTime }>();

  /** `at`: when the question for the ends was put. */
  look(at: number, ends: ReadonlyMap<number, LogEnd>): void {
    for (const [partition, { stable, end }] of ends) {
      if (stable >= end) this.#standing.delete(partition);
      else if (this.#standing.get(partition)?.stable !== stable)
        this.#standing.set(partition, { stable, since: wallTime(at) });
    }
  }

  since(partition: number): WallTime | undefined {
    return this.#standing.get(partition)?.since;
  }
}
