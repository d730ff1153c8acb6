import type { Clock } from "./clock.js";
import { Fifo } from "./fifo.js";

/**
 * Pieces of work that may come by the thousand at once, in the order they came. So many are done at once; what is beyond waits for the next turns of the
 * event loop, so that timers, probes and heartbeats have theirs in between.
 */
export class Slices {
  readonly #clock: Pick<Clock, "after">;
  readonly #most: number;
  readonly #waiting = new Fifo<() => void>();
  /** Done since what ran last gave way. */
  #done = 0;

  constructor(clock: Pick<Clock, "after">, most: number = MOST) {
    this.#clock = clock;
    this.#most = most;
  }

  /** Does it now, or soon. It must not throw. */
  take(piece: () => void): void {
    if (this.#waiting.length === 0 && this.#done < this.#most) {
      if (this.#done++ === 0) queueMicrotask(() => this.#rested());
      piece();
      return;
    }
    this.#waiting.push(piece);
    if (this.#waiting.length === 1) this.#later();
  }

  #rested(): void {
    this.#done = 0;
  }

  #later(): void {
    this.#clock.after(0, () => {
      // Each leaves after it is done: what it makes comes behind it.
      for (let left = this.#most; left > 0 && this.#waiting.length > 0; left--) {
        this.#waiting.peek()?.();
        this.#waiting.shift();
      }
      if (this.#waiting.length > 0) this.#later();
    });
  }
}

/** A few milliseconds of closed windows. */
const MOST = 250;
