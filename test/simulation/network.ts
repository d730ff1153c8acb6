import type { Random } from "#test/support/random.js";
import type { VirtualClock } from "#test/support/virtual-clock.js";
import type { ProcessClock } from "./process-clock.js";

const TIMEOUT_MS = 1_000;
/** As long as something may come too late because of it. */
const AFTER_CUT_MS = 3_000;

/** Between one process and the coordinator: one connection, so requests arrive in the order they were sent. */
export class Network {
  readonly #clock: VirtualClock;
  readonly #process: ProcessClock;
  readonly #random: Random;
  #cutUntil = Number.NEGATIVE_INFINITY;
  #lastArrival = 0;

  constructor(clock: VirtualClock, process: ProcessClock, random: Random) {
    this.#clock = clock;
    this.#process = process;
    this.#random = random;
  }

  get cut(): boolean {
    return this.#clock.elapsed() < this.#cutUntil;
  }

  get wasCut(): boolean {
    return this.#clock.elapsed() < this.#cutUntil + AFTER_CUT_MS;
  }

  cutFor(ms: number, then: () => void): void {
    this.#cutUntil = Math.max(this.#cutUntil, this.#clock.elapsed() + ms);
    this.#process.after(ms, then);
  }

  /** The coordinator acts also when the process is gone by then. Undefined is heard when the request or its answer was lost. */
  ask<T>(act: () => T, hear: (answer: T | undefined) => void): void {
    const lost = (): void => {
      this.#process.after(TIMEOUT_MS, () => hear(undefined));
    };
    if (this.cut) {
      lost();
      return;
    }
    const now = this.#clock.elapsed();
    this.#lastArrival = Math.max(this.#lastArrival, now + this.#latency());
    this.#clock.after(this.#lastArrival - now, () => {
      if (this.cut) {
        lost();
        return;
      }
      const answer = act();
      this.#clock.after(this.#latency(), () => {
        if (this.cut) lost();
        else this.#process.run(() => hear(answer));
      });
    });
  }

  /** The coordinator's own word; lost while the network is cut. */
  deliver(action: () => void): void {
    this.#clock.after(this.#latency(), () => {
      if (!this.cut) this.#process.run(action);
    });
  }

  #latency(): number {
    return this.#random.chance(0.9) ? this.#random.between(1, 40) : this.#random.between(40, 250);
  }
}
