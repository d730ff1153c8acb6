import type { Consumer } from "kafkajs";

/**
 * Notices a Kafka client that is gone without an event, and one that only starts and crashes. KafkaJS tells of neither: with a silent broker, a
 * fetch that never comes back or a join that fails (tulios/kafkajs#1431, #660, #659), no crash event comes at all. Times in milliseconds of a
 * steady clock; `timeoutMs`: how long each of them may take. Longer than a crash, its retries and a restart take while the broker is away: those
 * are signs of life, and leaving then would lose what is known.
 */
export class ClientWatchdog {
  readonly #timeoutMs: number;
  #lastSignAt: number;
  #lastFetchAt: number;
  #lastAskedAt: number;
  #member = false;
  /** Since when there is a join that has neither succeeded nor failed; tries in a row count as one. */
  #joiningSince: number | undefined;
  #batchSince: number | undefined;
  /** Crashes that followed a join, the latest last. A broker that is away crashes the client too, but lets nobody join. */
  #crashesAfterJoin: number[] = [];
  #joinedSinceCrash = false;

  constructor(now: number, timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#lastSignAt = now;
    this.#lastFetchAt = now;
    this.#lastAskedAt = now;
  }

  /** Follows what the client tells of itself. `now`: milliseconds of a steady clock. */
  watch(consumer: Consumer, now: () => number): void {
    const { events } = consumer;
    consumer.on(events.CONNECT, () => this.sign(now()));
    consumer.on(events.HEARTBEAT, () => this.sign(now()));
    consumer.on(events.GROUP_JOIN, () => this.joined(now()));
    consumer.on(events.FETCH, () => this.fetched(now()));
    consumer.on(events.START_BATCH_PROCESS, () => this.batchBegan(now()));
    consumer.on(events.END_BATCH_PROCESS, () => this.batchEnded(now()));
    consumer.on(events.CRASH, () => this.crashed(now()));
  }

  /** The client did anything: beat, connected, joined, crashed. */
  sign(now: number): void {
    this.#lastSignAt = now;
  }

  fetched(now: number): void {
    this.#lastSignAt = now;
    this.#lastFetchAt = now;
  }

  /** JoinGroup is being sent. */
  joining(now: number): void {
    this.#lastSignAt = now;
    this.#joiningSince ??= now;
  }

  joined(now: number): void {
    this.fetched(now);
    this.#member = true;
    this.#joinedSinceCrash = true;
    this.#joiningSince = undefined;
    this.#batchSince = undefined;
  }

  batchBegan(now: number): void {
    this.#lastSignAt = now;
    this.#batchSince = now;
  }

  batchEnded(now: number): void {
    this.#lastSignAt = now;
    this.#batchSince = undefined;
  }

  crashed(now: number): void {
    this.#lastSignAt = now;
    this.#member = false;
    this.#joiningSince = undefined;
    this.#batchSince = undefined;
    if (this.#joinedSinceCrash) this.#crashesAfterJoin = [...this.#crashesAfterJoin, now].slice(-STORM_CRASHES);
    this.#joinedSinceCrash = false;
  }

  /** What is wrong, as a sentence; undefined while nothing is. Ask every few seconds. */
  complaint(now: number): string | undefined {
    const sinceAsked = now - this.#lastAskedAt;
    this.#lastAskedAt = now;
    if (sinceAsked >= FROZEN_MS) this.#forgive(sinceAsked);
    const joinMs = now - (this.#joiningSince ?? now);
    if (joinMs >= this.#timeoutMs) return `joining the group has come to nothing for ${seconds(joinMs)}`;
    const silentMs = now - this.#lastSignAt;
    if (silentMs >= this.#timeoutMs)
      return `the Kafka client has done nothing for ${seconds(silentMs)}: no fetch, no heartbeat, no error`;
    const batchMs = now - (this.#batchSince ?? now);
    if (batchMs >= this.#timeoutMs) return `a batch of records has not been finished for ${seconds(batchMs)}`;
    const fetchMs = now - this.#lastFetchAt;
    if (this.#member && fetchMs >= this.#timeoutMs)
      return `no fetch has come back for ${seconds(fetchMs)}, though the group counts this instance in`;
    const [first] = this.#crashesAfterJoin;
    if (first !== undefined && this.#crashesAfterJoin.length === STORM_CRASHES && now - first < STORM_MS) {
      return `the Kafka client joined the group and crashed ${STORM_CRASHES} times within ${seconds(now - first)}`;
    }
    return undefined;
  }

  /** It was this process that stood still (stopped, or its machine suspended): the client gets its time again. */
  #forgive(ms: number): void {
    this.#lastSignAt += ms;
    this.#lastFetchAt += ms;
    if (this.#joiningSince !== undefined) this.#joiningSince += ms;
    if (this.#batchSince !== undefined) this.#batchSince += ms;
  }
}

/** It is asked every few seconds. */
const FROZEN_MS = 15_000;
const STORM_CRASHES = 6;
const STORM_MS = 300_000;

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
