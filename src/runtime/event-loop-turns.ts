import { Fifo } from "./fifo.js";

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
