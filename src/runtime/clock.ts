import { type WallTime, wallTime } from "../core/time.js";

/** The only source of time and timers outside the edges; tests bring their own. */
export interface Clock {
  now(): WallTime;
  /** Milliseconds from some instant on, never going back: for durations. */
  elapsed(): number;
  /** Runs `action` once after `ms`, unless the returned function is called first. */
  after(ms: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => wallTime(Date.now()),
  elapsed: () => performance.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};

/** Twice as long after each attempt: `initialMs` after the first, never more than `maxMs`. */
export const doubledMs = (attempt: number, initialMs: number, maxMs: number): number =>
  Math.min(maxMs, initialMs * 2 ** Math.min(attempt - 1, 30));

/** Exponential with jitter between half and all of it, so that retries of many mails do not come together. */
export const backoffMs = (attempt: number, initialMs: number, maxMs: number, random: () => number): number => {
  return doubledMs(attempt, initialMs, maxMs) * (0.5 + random() / 2);
};
