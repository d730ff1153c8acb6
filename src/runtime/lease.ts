import { type WallTime, wallTime } from "../core/time.js";
import type { Clock } from "./clock.js";

/**
 * The right to act as a member of the group, for a time from the last request that the group answered with yes.
 *
 * It counts from when the request was *sent*: a process that was suspended may find the answer to a request from before in its socket, and would take
 * a membership that ended long ago for a fresh one. Two clocks, because one stands still in a suspended machine, and the other may be set.
 */
export class Lease {
  readonly #clock: Pick<Clock, "now" | "elapsed">;
  readonly #ms: number;
  #from = { elapsed: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY };

  constructor(clock: Pick<Clock, "now" | "elapsed">, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  /** `sentAt`: by the wall clock. */
  confirmed(sentAt: number): void {
    const ago = Math.max(0, this.#clock.now() - sentAt);
    this.#from = { elapsed: this.#clock.elapsed() - ago, wall: sentAt };
  }

  get isHeld(): boolean {
    return this.ageMs < this.#ms;
  }

  /** Since that request was sent, by the clock that says more; infinite before the first. */
  get ageMs(): number {
    const { elapsed, wall } = this.#from;
    return Math.max(this.#clock.elapsed() - elapsed, this.#clock.now() - wall);
  }

  /** When that request was sent; undefined before the first. */
  get confirmedAt(): WallTime | undefined {
    const { wall } = this.#from;
    return wall === Number.NEGATIVE_INFINITY ? undefined : wallTime(wall);
  }
}
