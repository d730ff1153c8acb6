import type { Clock } from "../runtime/clock.js";
import { CONSUMER_SETTINGS } from "./consumer-settings.js";

/** Mails start only while the membership was confirmed a short while ago: a process that was frozen must not mail from stale windows. */
export class Lease {
  readonly #clock: Clock;
  /** By a clock that stands still in a suspended machine, and by one that does not. */
  #confirmedAt = { elapsed: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The group counts this member in. */
  confirm(): void {
    this.#confirmedAt = { elapsed: this.#clock.elapsed(), wall: this.#clock.now() };
  }

  /** Half the session has not passed yet: nobody else can have been given the partitions. */
  get valid(): boolean {
    const { elapsed, wall } = this.#confirmedAt;
    return this.#clock.elapsed() - elapsed < LEASE_MS && this.#clock.now() - wall < LEASE_MS;
  }
}

const LEASE_MS = CONSUMER_SETTINGS.sessionTimeout / 2;
