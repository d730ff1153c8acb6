import { type WallTime, wallTime } from "#src/core/time.js";
import type { Clock } from "#src/runtime/clock.js";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly action: () => void;
}

/** Time that passes only when told to. Between two timers everything that promises still have to do is done. */
export class VirtualClock implements Clock {
  #elapsed = 0;
  #order = 0;
  #wall: number;
  readonly #timers = new Set<Timer>();

  constructor(startMs = 1_790_000_000_000) {
    this.#wall = startMs;
  }

  now(): WallTime {
    return wallTime(this.#wall + this.#elapsed);
  }

  elapsed(): number {
    return this.#elapsed;
  }

  after(ms: number, action: () => void): () => void {
    const timer = { at: this.#elapsed + Math.max(0, ms), order: this.#order++, action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Timers set and not come yet. */
  get pending(): number {
    return this.#timers.size;
  }

  /** The machine's clock is set, as a person or NTP does; no time passes. */
  set(byMs: number): void {
    this.#wall += byMs;
  }

  /** Runs the next timer, or returns false when there is none up to `until` (in `elapsed` time). */
  async step(until = Number.POSITIVE_INFINITY): Promise<boolean> {
    await settled();
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (
        timer.at <= until &&
        (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order))
      )
        next = timer;
    }
    if (next === undefined) return false;
    this.#timers.delete(next);
    this.#elapsed = Math.max(this.#elapsed, next.at);
    next.action();
    return true;
  }

  async advance(ms: number): Promise<void> {
    const until = this.#elapsed + ms;
    while (await this.step(until));
    this.#elapsed = until;
    await settled();
  }
}

/** Resolves when no promise has anything left to do: microtasks all run before the next turn of the event loop. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
