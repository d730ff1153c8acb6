import type { EventTime } from "../core/time.js";

/**
 * Since when a record has been waiting to be read, as far as the ends of the log tell: the record at the position lay in the log at the first
 * time its end was seen beyond it, and may be older by the time between two looks. Once read, its own event time is known.
 */
export class Unread {
  /** Ends of the log and when they were first seen, ascending; only those above the position are of use. */
  #seen: { readonly end: number; readonly at: number }[] = [];

  /** `at`: when the question for the end was put. */
  look(at: number, end: number, position: number): void {
    this.#seen = this.#seen.filter((seen) => seen.end > position);
    const last = this.#seen.at(-1);
    // Many looks at a log that grows and is not read: the oldest say how old, of the others one a while is enough.
    const often = this.#seen.length >= MAX_SEEN / 2 && last !== undefined && at - last.at < SPARSE_MS;
    if (end > position && end > (last?.end ?? -1) && !often && this.#seen.length < MAX_SEEN)
      this.#seen.push({ end, at });
  }

  /** Undefined: everything in the log, when it was last looked at, has been read. */
  since(position: number): EventTime | undefined {
    return this.#seen.find((seen) => seen.end > position)?.at as EventTime | undefined;
  }
}

const MAX_SEEN = 200;
const SPARSE_MS = 60_000;
