/** Queues: of anything, and of mails that may start. */

import type { MailJob, MailOwner } from "./mail-job.js";

/** A queue whose ends both cost O(1): `Array.shift` moves everything once an array is large. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Puts an item before all others. */
  unshift(item: T): void {
    if (this.#head > 0) this.#items[--this.#head] = item;
    else this.#items.unshift(item);
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  shift(): T | undefined {
    if (this.#head >= this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head >= 1024 && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}

/**
 * Mails that may start, in the order they should: those with critical alerts first, but after three of them in a row one other, so that criticals
 * without end delay the others and do not stop them; within that each partition in turn, so that one that has much to say, or may not start any,
 * holds back no other; within a partition first come, first served.
 */
export class MailQueue<T extends { readonly job: MailJob }> {
  readonly #queues = new Map<MailOwner, { readonly critical: Fifo<T>; readonly other: Fifo<T> }>();
  /** Owners with something queued, the next one to be asked first. */
  readonly #turns = new Fifo<MailOwner>();
  #criticalsInARow = 0;
  /** The one taken out last, and what it changed: taken back, it had no turn. */
  #last: { readonly item: T; readonly criticalsBefore: number } | undefined;

  push(item: T): void {
    this.#queueOf(item).push(item);
  }

  /** Before all others of its owner: it waited longest. */
  putBack(item: T): void {
    this.#queueOf(item).unshift(item);
    if (this.#last?.item === item) this.#criticalsInARow = this.#last.criticalsBefore;
    this.#last = undefined;
  }

  /** The next one that may start, or undefined. Takes it out. */
  next(): T | undefined {
    const criticalsBefore = this.#criticalsInARow;
    const first = criticalsBefore < MOST_CRITICALS_IN_A_ROW ? "critical" : "other";
    const item = this.#nextOf(first) ?? this.#nextOf(first === "critical" ? "other" : "critical");
    if (item === undefined) return undefined;
    this.#criticalsInARow = item.job.critical ? criticalsBefore + 1 : 0;
    this.#last = { item, criticalsBefore };
    return item;
  }

  #nextOf(kind: "critical" | "other"): T | undefined {
    for (let left = this.#turns.length; left > 0; left--) {
      const owner = this.#turns.shift() as MailOwner;
      const queues = this.#queues.get(owner);
      const wanted = owner.isWanted();
      if (queues === undefined || !wanted || queues.critical.length + queues.other.length === 0) {
        this.#queues.delete(owner);
        continue;
      }
      this.#turns.push(owner);
      if (queues[kind].length > 0 && owner.mayStart()) return queues[kind].shift();
    }
    return undefined;
  }

  #queueOf(item: T): Fifo<T> {
    const { owner, critical } = item.job;
    let queues = this.#queues.get(owner);
    if (queues === undefined) {
      queues = { critical: new Fifo<T>(), other: new Fifo<T>() };
      this.#queues.set(owner, queues);
      this.#turns.push(owner);
    }
    return critical ? queues.critical : queues.other;
  }
}

const MOST_CRITICALS_IN_A_ROW = 3;
