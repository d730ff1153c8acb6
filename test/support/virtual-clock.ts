import { type WallTime, wallTime } from "#src/core/time.js";
import type { Clock } from "#src/runtime/clock.js";

interface Timer {
  readonly at: number;
  readonly order: number;
  /** Undefined once it was cancelled. */
  action: (() => void) | undefined;
}

const isBefore = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** The second 0 of tests that count seconds: an event time before 2000 is none. A full minute. */
export const SECOND_0 = Date.UTC(2020, 0);

/** Time that passes only when told to. Between two timers everything that promises still have to do is done. */
export class VirtualClock implements Clock {
  #elapsed = 0;
  #order = 0;
  #wall: number;
  /** A binary heap, the next one first: simulations set millions of timers. */
  readonly #timers: Timer[] = [];
  #pending = 0;

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
    const timer: Timer = { at: this.#elapsed + Math.max(0, ms), order: this.#order++, action };
    this.#push(timer);
    this.#pending++;
    return () => {
      if (timer.action === undefined) return;
      timer.action = undefined;
      this.#pending--;
    };
  }

  /** Timers set and not come yet. */
  get pending(): number {
    return this.#pending;
  }

  /** The machine's clock is set, as a person or NTP does; no time passes. */
  set(byMs: number): void {
    this.#wall += byMs;
  }

  /** Runs the next timer, or returns false when there is none up to `until` (in `elapsed` time). */
  async step(until = Number.POSITIVE_INFINITY): Promise<boolean> {
    await settled();
    while (this.#timers[0] !== undefined && this.#timers[0].action === undefined) this.#shift();
    const next = this.#timers[0];
    if (next === undefined || next.at > until) return false;
    this.#shift();
    this.#pending--;
    this.#elapsed = Math.max(this.#elapsed, next.at);
    const { action } = next;
    next.action = undefined;
    action?.();
    return true;
  }

  async advance(ms: number): Promise<void> {
    const until = this.#elapsed + ms;
    while (await this.step(until));
    this.#elapsed = until;
    await settled();
  }

  #push(timer: Timer): void {
    const heap = this.#timers;
    let at = heap.length;
    for (; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!isBefore(timer, heap[parent] as Timer)) break;
      heap[at] = heap[parent] as Timer;
      at = parent;
    }
    heap[at] = timer;
  }

  #shift(): void {
    const heap = this.#timers;
    const last = heap.pop() as Timer;
    if (heap.length === 0) return;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Timer, heap[child] as Timer)) child++;
      if (!isBefore(heap[child] as Timer, last)) break;
      heap[at] = heap[child] as Timer;
      at = child;
    }
    heap[at] = last;
  }
}

/** Resolves when no promise has anything left to do: microtasks all run before the next turn of the event loop. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
