import type { Recipient } from "../runtime/ports.js";
import type { LookupRequest } from "./lookup.js";

export type Answer = readonly Recipient[];

/** A question on its way: asked by one digest or by several that would ask the same. */
export interface Lookup {
  readonly key: string;
  readonly request: LookupRequest;
  readonly waiting: ((answer: Answer) => void)[];
  running: boolean;
  /** False once the answer on its way may be older than what a notification told of. */
  cacheable: boolean;
  failures: number;
}

/** The questions that wait, and which of them go in one query: as many as the database answers in time. */
export class LookupQueue {
  #waiting: Lookup[] = [];
  /** Parts of a query that failed on one of its devices. */
  readonly #parts: Lookup[][] = [];
  #batchMax = BATCH_MAX;

  /** Without those that are asked apart. */
  get length(): number {
    return this.#waiting.length;
  }

  push(lookup: Lookup): void {
    this.#waiting.push(lookup);
  }

  /** Before all others. */
  putBack(lookups: readonly Lookup[]): void {
    this.#waiting.unshift(...lookups);
  }

  /** `asked` in one query were perhaps too many; and what is too slow must not be what is asked first each time. */
  putBehind(lookups: readonly Lookup[], asked: number): void {
    this.#batchMax = Math.max(1, Math.floor(asked / 2));
    this.#waiting.push(...lookups);
  }

  /** In a query of their own, each half by itself. */
  halve(lookups: Lookup[]): void {
    const half = Math.ceil(lookups.length / 2);
    this.#parts.push(lookups.slice(0, half), lookups.slice(half));
  }

  askAlone(lookup: Lookup): void {
    this.#parts.push([lookup]);
  }

  /** Those of the next query; none where nobody waits. */
  next(): Lookup[] {
    const part = this.#parts.shift();
    if (part !== undefined) return part;
    let size = 0;
    let count = 0;
    for (const { request } of this.#waiting) {
      size += request.labels.length;
      if (count === this.#batchMax || (count > 0 && size > BATCH_LABELS_MAX)) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** So many were answered in one query. */
  answered(asked: number): void {
    if (asked >= this.#batchMax) this.#batchMax = Math.min(BATCH_MAX, Math.ceil(this.#batchMax * 1.1));
  }

  /** Keeps those for which `keeps` says so. */
  filter(keeps: (lookup: Lookup) => boolean): void {
    this.#waiting = this.#waiting.filter(keeps);
  }
}

/** Devices in one query. */
const BATCH_MAX = 500;
/** Characters of labels in one query. */
const BATCH_LABELS_MAX = 1_000_000;
