import type { DeadLetter, DeadLetterOwner, DeadLetterQueue } from "./dead-letter-queue.js";

/** The dead letters of one partition: how many wait for the topic, and whether that is too many. */
export class PartitionLetters {
  readonly #queue: DeadLetterQueue;
  readonly #owner: DeadLetterOwner;
  #writing = 0;
  #pending = 0;
  #bytes = 0;

  constructor(queue: DeadLetterQueue, isWanted: () => boolean) {
    this.#queue = queue;
    this.#owner = {
      isWanted,
      attemptStarted: () => {
        this.#writing++;
      },
      attemptEnded: () => {
        this.#writing--;
      },
    };
  }

  /** Being written: an answer to wait for, but nothing that reaches a reader. */
  get writing(): number {
    return this.#writing;
  }

  /** Not acknowledged yet. */
  get pending(): number {
    return this.#pending;
  }

  /** So many that this partition, and no other, should read no more. */
  get isFull(): boolean {
    return this.#bytes >= MAX_BYTES || this.#pending >= MAX_PENDING;
  }

  /** `bytes`: what it keeps in memory until it is `written`. */
  submit(compose: () => DeadLetter, bytes: number, written: () => void): void {
    this.#pending++;
    this.#bytes += bytes;
    this.#queue.submit(compose, this.#owner, () => {
      this.#pending--;
      this.#bytes -= bytes;
      written();
    });
  }
}

const MAX_BYTES = 16 * 1024 * 1024;
const MAX_PENDING = 10_000;
