/**
 * Notices a Kafka client that is gone without an event, and one that only starts and crashes. KafkaJS tells of neither: with a silent broker, or a
 * fetch that never comes back, no crash event comes at all. Times in milliseconds of a steady clock.
 */
export class ClientWatchdog {
  #lastSignAt: number;
  #lastFetchAt: number;
  #lastAskedAt: number;
  #member = false;
  /** Crashes that followed a join, the latest last. A broker that is away crashes the client too, but lets nobody join. */
  #crashesAfterJoin: number[] = [];
  #joinedSinceCrash = false;

  constructor(now: number) {
    this.#lastSignAt = now;
    this.#lastFetchAt = now;
    this.#lastAskedAt = now;
  }

  /** The client did anything: beat, connected, joined, crashed. */
  sign(now: number): void {
    this.#lastSignAt = now;
  }

  fetched(now: number): void {
    this.#lastSignAt = now;
    this.#lastFetchAt = now;
  }

  joined(now: number): void {
    this.fetched(now);
    this.#member = true;
    this.#joinedSinceCrash = true;
  }

  crashed(now: number): void {
    this.#lastSignAt = now;
    this.#member = false;
    if (this.#joinedSinceCrash) this.#crashesAfterJoin = [...this.#crashesAfterJoin, now].slice(-STORM_CRASHES);
    this.#joinedSinceCrash = false;
  }

  /** What is wrong, as a sentence; undefined while nothing is. */
  complaint(now: number): string | undefined {
    const sinceAsked = now - this.#lastAskedAt;
    this.#lastAskedAt = now;
    if (sinceAsked >= FROZEN_MS) {
      // It was this process that stood still (stopped, or its machine suspended): the client gets its time again.
      this.#lastSignAt += sinceAsked;
      this.#lastFetchAt += sinceAsked;
    }
    const silentMs = now - this.#lastSignAt;
    if (silentMs >= SILENCE_MS)
      return `the Kafka client has done nothing for ${seconds(silentMs)}: no fetch, no heartbeat, no error`;
    const fetchMs = now - this.#lastFetchAt;
    if (this.#member && fetchMs >= SILENCE_MS)
      return `no fetch has come back for ${seconds(fetchMs)}, though the group counts this instance in`;
    const [first] = this.#crashesAfterJoin;
    if (first !== undefined && this.#crashesAfterJoin.length === STORM_CRASHES && now - first < STORM_MS) {
      return `the Kafka client joined the group and crashed ${STORM_CRASHES} times within ${seconds(now - first)}`;
    }
    return undefined;
  }
}

/** It is asked every few seconds. */
const FROZEN_MS = 30_000;
/** Longer than a crash, its retries and a restart take while the broker is away: those are signs of life. */
const SILENCE_MS = 120_000;
const STORM_CRASHES = 6;
const STORM_MS = 300_000;

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
