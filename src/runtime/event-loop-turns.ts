/**
 * Lets timers and sockets have their turn between pieces of work that are each done in one go: a fetch may hold
 * thousands of batches. Shared by all who work in the same turn of the event loop.
 */
export class EventLoopTurns {
  readonly #busyMs: number;
  readonly #now: () => number;
  /** When work began in this turn of the event loop. */
  #since: number | undefined;

  /** `busyMs`: so long work goes on in one turn. `now`: milliseconds of a steady clock. */
  constructor(busyMs: number = BUSY_MS, now: () => number = () => performance.now()) {
    this.#busyMs = busyMs;
    this.#now = now;
  }

  /** Asked before each piece: this turn has been busy for long. */
  get isOver(): boolean {
    if (this.#since !== undefined) return this.#now() - this.#since >= this.#busyMs;
    this.#since = this.#now();
    setImmediate(() => {
      this.#since = undefined;
    });
    return false;
  }

  /** Before each piece. Resolves at once, or in the next turn when this one has been busy for long. */
  async next(): Promise<void> {
    // The others that waited for a turn work in it, too.
    while (this.isOver) await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

const BUSY_MS = 25;
