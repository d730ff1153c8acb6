/**
 * Lets timers and sockets have their turn between pieces of work that are each done in one go: a fetch may hold
 * thousands of batches. Shared by all who work in the same turn of the event loop.
 */
export class EventLoopTurns {
  readonly #now: () => number;
  /** When work began in this turn of the event loop. */
  #since: number | undefined;

  /** `now`: milliseconds of a steady clock. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Before each piece. Resolves at once, or in the next turn when this one has been busy for long. */
  async next(): Promise<void> {
    if (this.#since === undefined) {
      this.#since = this.#now();
      setImmediate(() => {
        this.#since = undefined;
      });
      return;
    }
    if (this.#now() - this.#since < BUSY_MS) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    // The others that waited for this turn work in it, too.
    await this.next();
  }
}

const BUSY_MS = 25;
