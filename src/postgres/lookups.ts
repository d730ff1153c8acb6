import { backoffMs, type Clock } from "../runtime/clock.js";
import { FaultLimiter } from "../runtime/fault-limiter.js";
import type { Logger } from "../runtime/log.js";
import type { Digest, Metrics, RecipientSource } from "../runtime/ports.js";
import { AnswerCache } from "./answer-cache.js";
import { type DatabaseFailure, lookupKey, lookupRequest, type RecipientDatabase } from "./lookup.js";
import { type Answer, type Lookup, LookupQueue } from "./lookup-queue.js";
import { Outage } from "./outage.js";

export interface LookupOptions {
  /** Most queries at once. */
  readonly connections: number;
  readonly cacheTtlMs: number;
  readonly cacheMax: number;
  readonly retryInitialMs: number;
  readonly retryMaxMs: number;
  readonly usesLabels: boolean;
}

export interface LookupDeps {
  readonly database: RecipientDatabase;
  readonly metrics: Pick<Metrics, "recipientLookup">;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  readonly options: LookupOptions;
}

/**
 * Answers from the cache, or asks: what comes within a few milliseconds goes in one query. A database that fails is away: it is probed with backoff,
 * answers that have expired count again, and the rest waits until it is back.
 */
export class Lookups implements RecipientSource {
  readonly #database: RecipientDatabase;
  readonly #metrics: Pick<Metrics, "recipientLookup">;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #random: () => number;
  readonly #options: LookupOptions;
  readonly #cache: AnswerCache<Answer>;
  readonly #outage: Outage;
  readonly #faults = new FaultLimiter(FAULT_EVERY_MS);
  readonly #open = new Map<string, Lookup>();
  readonly #queue = new LookupQueue();
  readonly #timers = new Set<() => void>();
  #gathering = false;
  #running = 0;
  #answeredOnce = false;
  #closed = false;

  constructor(deps: LookupDeps) {
    this.#database = deps.database;
    this.#metrics = deps.metrics;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#random = deps.random;
    this.#options = deps.options;
    const { cacheMax: max, cacheTtlMs: ttlMs } = deps.options;
    this.#cache = new AnswerCache({ max, ttlMs, elapsed: () => deps.clock.elapsed() });
    const { retryInitialMs, retryMaxMs } = deps.options;
    this.#outage = new Outage({ ...deps, retryInitialMs, retryMaxMs, onProbe: () => this.#probe() });
  }

  /** Whether it answered last. */
  get isUp(): boolean {
    return this.#answeredOnce && !this.#outage.isOn;
  }

  /** Asks about nobody. Resolves with a failure that no waiting will mend; a database that is away is waited for later. */
  async start(): Promise<DatabaseFailure | undefined> {
    const answer = await this.#database.ask([]);
    if (answer.kind === "answered") this.#isBack();
    else if (answer.failure.kind === "query" || answer.failure.kind === "refused") return answer.failure;
    else if (!this.#closed) this.#failed([], answer.failure);
    return undefined;
  }

  recipientsOf(digest: Digest): Promise<Answer> {
    const request = lookupRequest(digest, this.#options.usesLabels);
    const key = lookupKey(request);
    const cached = this.#cache.fresh(key);
    if (cached !== undefined) {
      this.#metrics.recipientLookup("cached", 1);
      return Promise.resolve(cached);
    }
    const stale = this.#outage.isOn ? this.#cache.last(key) : undefined;
    if (stale !== undefined) {
      this.#metrics.recipientLookup("stale", 1);
      return Promise.resolve(stale);
    }
    const open = this.#open.get(key);
    return new Promise((resolve) => {
      if (open !== undefined) {
        open.waiting.push(resolve);
        return;
      }
      const lookup = { key, request, waiting: [resolve], running: false, cacheable: true, failures: 0 };
      this.#open.set(key, lookup);
      this.#queue.push(lookup);
      this.#gather();
    });
  }

  /** What is known of a device is wrong from now on; without one, what is known of all. It is asked again, however long that takes. */
  changed(deviceId?: string): void {
    this.#cache.drop(deviceId);
    this.#distrustRunning(deviceId);
  }

  /** Changes may have been missed: everything is asked again, and counts only while nobody can be. */
  mayHaveChanged(): void {
    this.#cache.expireAll();
    this.#distrustRunning();
  }

  close(): void {
    this.#closed = true;
    this.#outage.close();
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  /** Those who asked before the change may have the answer; it is neither kept nor given to those who ask after it. */
  #distrustRunning(deviceId?: string): void {
    for (const lookup of this.#open.values()) {
      if (!lookup.running || (deviceId !== undefined && lookup.request.deviceId !== deviceId)) continue;
      lookup.cacheable = false;
      this.#open.delete(lookup.key);
    }
  }

  #gather(): void {
    if (this.#gathering || this.#outage.isOn) return;
    this.#gathering = true;
    this.#after(GATHER_MS, () => {
      this.#gathering = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (!this.#closed && !this.#outage.isOn && this.#running < this.#options.connections) {
      const batch = this.#queue.next();
      if (batch.length === 0) return;
      void this.#ask(batch);
    }
  }

  async #ask(batch: Lookup[]): Promise<void> {
    this.#running++;
    for (const lookup of batch) lookup.running = true;
    const answer = await this.#database.ask(batch.map(({ request }) => request));
    this.#running--;
    for (const lookup of batch) lookup.running = false;
    if (this.#closed) return;
    if (answer.kind === "failed") {
      this.#failed(batch, answer.failure);
    } else {
      this.#queue.answered(batch.length);
      this.#isBack();
      for (const [index, lookup] of batch.entries()) this.#answered(lookup, answer.recipients[index] ?? []);
    }
    this.#pump();
  }

  #answered(lookup: Lookup, answer: Answer): void {
    if (lookup.cacheable) this.#cache.put(lookup.key, lookup.request.deviceId, answer);
    this.#settle(lookup, answer, "asked");
  }

  #settle(lookup: Lookup, answer: Answer, outcome: "asked" | "stale"): void {
    if (this.#open.get(lookup.key) === lookup) this.#open.delete(lookup.key);
    this.#metrics.recipientLookup(outcome, lookup.waiting.length);
    for (const resolve of lookup.waiting) resolve(answer);
  }

  #failed(batch: Lookup[], failure: DatabaseFailure): void {
    this.#metrics.recipientLookup("failed", batch.length);
    const waiting = batch.filter((lookup) => !this.#endsStale(lookup)).flatMap((lookup) => this.#reopened(lookup));
    if (failure.kind === "data") {
      this.#isBack();
      this.#apart(waiting, failure);
      return;
    }
    if (failure.kind === "timeout") this.#queue.putBehind(waiting, batch.length);
    else this.#queue.putBack(waiting);
    this.#isAway(failure);
  }

  /** An answer that has expired is better than none. */
  #endsStale(lookup: Lookup): boolean {
    const stale = this.#cache.last(lookup.key);
    if (stale !== undefined) this.#settle(lookup, stale, "stale");
    return stale !== undefined;
  }

  /** To be asked again. Another one that asks the same may have come meanwhile. */
  #reopened(lookup: Lookup): readonly Lookup[] {
    lookup.cacheable = true;
    const other = this.#open.get(lookup.key);
    if (other !== undefined && other !== lookup) {
      other.waiting.push(...lookup.waiting);
      return [];
    }
    this.#open.set(lookup.key, lookup);
    return [lookup];
  }

  /** One of them makes the query fail: the others are asked without it, and it by itself, again and again. */
  #apart(lookups: Lookup[], failure: DatabaseFailure): void {
    const [first] = lookups;
    if (first === undefined) return;
    if (lookups.length > 1) {
      this.#queue.halve(lookups);
      return;
    }
    const { retryInitialMs, retryMaxMs } = this.#options;
    const retryInMs = backoffMs(++first.failures, retryInitialMs, retryMaxMs, this.#random);
    const told = this.#faults.admit("data", this.#clock.now());
    const { deviceId } = first.request;
    const { code, detail } = failure;
    if (told !== undefined)
      this.#log.error(
        { deviceId, code, detail, retryInMs, suppressed: told.suppressed },
        "recipients query fails for a device; its mails wait",
      );
    this.#after(retryInMs, () => {
      this.#queue.askAlone(first);
      this.#pump();
    });
  }

  #isAway(failure: DatabaseFailure): void {
    this.#queue.filter((lookup) => !this.#endsStale(lookup));
    this.#outage.failed(failure, this.#queue.length);
  }

  /** With those who wait, or about nobody. What is still under way tells as much as a probe. */
  #probe(): void {
    if (this.#running === 0) void this.#ask(this.#queue.next());
  }

  #isBack(): void {
    this.#answeredOnce = true;
    this.#outage.answered(this.#queue.length);
  }

  #after(ms: number, action: () => void): void {
    const cancel = this.#clock.after(ms, () => {
      this.#timers.delete(cancel);
      action();
    });
    this.#timers.add(cancel);
  }
}

/** Windows of many devices close in the same moment, give or take; nobody notices this long. */
const GATHER_MS = 5;
const FAULT_EVERY_MS = 30_000;
