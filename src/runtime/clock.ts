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

/** Exponential with jitter between half and all of it, so that retries of many mails do not come together. */
export const backoffMs = (attempt: number, initialMs: number, maxMs: number, random: () => number): number => {
  const full = Math.min(maxMs, initialMs * 2 ** Math.min(attempt - 1, 30));
  return full * (0.5 + random() / 2);
};
