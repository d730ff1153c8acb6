import type { MailJob, MailOwner } from "./delivery.js";
import { Fifo } from "./fifo.js";

/**
 * Mails that may start, in the order they should: those with critical alerts first; within that each partition in turn, so that one that
 * has much to say, or may not start any, holds back no other; within a partition first come, first served.
 */
export class MailQueue<T> {
  readonly #jobOf: (item: T) => MailJob;
  readonly #queues = new Map<MailOwner, { readonly critical: Fifo<T>; readonly other: Fifo<T> }>();
  /** Owners with something queued, the next one to be asked first. */
  readonly #turns = new Fifo<MailOwner>();

  constructor(jobOf: (item: T) => MailJob) {
    this.#jobOf = jobOf;
  }

  push(item: T): void {
    this.#queueOf(item).push(item);
  }

  /** Before all others of its owner: it waited longest. */
  putBack(item: T): void {
    this.#queueOf(item).unshift(item);
  }

  /** The next one that may start, or undefined. Takes it out. */
  next(): T | undefined {
    return this.#nextOf("critical") ?? this.#nextOf("other");
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
    const { owner, critical } = this.#jobOf(item);
    let queues = this.#queues.get(owner);
    if (queues === undefined) {
      queues = { critical: new Fifo<T>(), other: new Fifo<T>() };
      this.#queues.set(owner, queues);
      this.#turns.push(owner);
    }
    return critical ? queues.critical : queues.other;
  }
}
