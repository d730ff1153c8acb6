/** The event loop is shared: long work is done in turns (`EventLoopTurns`), in steps, or in slices. */

import type { Clock } from "./clock.js";
import { Fifo } from "./queues.js";

/**
 * Lets timers and sockets have their turn between pieces of work that are each done in one go: a fetch may hold
 * thousands of batches. Shared by all who work in the same turn of the event loop.
 */
export class EventLoopTurns {
  readonly #busyMs: number;
  readonly #now: () => number;
  /** When work began in this turn of the event loop. */
  #since: number | undefined;
  readonly #waiting = new Fifo<() => void>();
  #hurriedUntil = Number.NEGATIVE_INFINITY;

  /** `busyMs`: so long work goes on in one turn. `now`: milliseconds of a steady clock. */
  constructor(busyMs: number = BUSY_MS, now: () => number = () => performance.now()) {
    this.#busyMs = busyMs;
    this.#now = now;
  }

  /** Asked before each piece: this turn has been busy for long. */
  get isOver(): boolean {
    if (this.#since !== undefined) {
      const now = this.#now();
      return now - this.#since >= (now < this.#hurriedUntil ? HURRIED_MS : this.#busyMs);
    }
    this.#since = this.#now();
    setImmediate(() => {
      this.#since = undefined;
    });
    return false;
  }

  /** Somebody may wait who is let in only between two turns: for a while they are shorter. */
  hurry(): void {
    this.#hurriedUntil = this.#now() + HURRY_MS;
  }

  /** Before each piece. Resolves at once, or in a later turn when this one has been busy for long: who has waited longest comes first. */
  async next(): Promise<void> {
    if (this.#waiting.length === 0 && !this.isOver) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      this.#wakeOneLater();
    });
  }

  /** Once for each that waits: what one does comes before the next is woken, and may be all that there is time for. */
  #wakeOneLater(): void {
    setImmediate(() => {
      if (this.isOver) this.#wakeOneLater();
      else this.#waiting.shift()?.();
    });
  }
}

const BUSY_MS = 25;
/** In a hurry. */
const HURRIED_MS = 5;
const HURRY_MS = 100;

/** Those of this process. All who may have megabytes to work on share them: each with turns of its own, they would add up. */
export const OUR_TURNS = new EventLoopTurns();

/** Work in pieces of some milliseconds: between two of them others may have their turn. */
export type Steps<T> = Generator<undefined, T, undefined>;

export const atOnce = <T>(steps: Steps<T>): T => {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
};

/** At once where it is quick, as nearly always; else the rest of it later, or all of it where others have been busy in this turn. */
export const inTurns = <T>(steps: Steps<T>, turns: Turns = OUR_TURNS): T | Promise<T> => {
  for (;;) {
    if (turns.isOver) return rest(steps, turns);
    const step = steps.next();
    if (step.done) return step.value;
  }
};

const rest = async <T>(steps: Steps<T>, turns: Turns): Promise<T> => {
  for (;;) {
    await turns.next();
    const step = steps.next();
    if (step.done) return step.value;
  }
};

type Turns = Pick<EventLoopTurns, "isOver" | "next">;

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
      if (this.#done++ === 0) {
        queueMicrotask(() => {
          this.#done = 0;
        });
      }
      piece();
      return;
    }
    this.#waiting.push(piece);
    if (this.#waiting.length === 1) this.#later();
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
