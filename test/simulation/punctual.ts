import assert from "node:assert/strict";
import type { Digest } from "#src/runtime/ports.js";
import type { Process } from "./process.js";
import { GATHER_MS, type Readers, ROUTING_MS_MAX, WINDOW_MS } from "./scenario.js";
import type { Surroundings } from "./world.js";

/** From the window's end and the grace on, while nothing stands in the way. */
const LATEST_MS = 1_000;
/** What it may take to know who gets it, and with what else. */
const ASKED_MS: Readonly<Record<Readers, number>> = {
  together: 0,
  apart: 0,
  asked: ROUTING_MS_MAX,
  fleet: GATHER_MS,
  storm: GATHER_MS,
};
/** Longer than a fetch takes. */
const UNREAD_MS = 500;

/** How long an attachment takes, for every third window. Draws no random numbers: seeds stay what they were. */
export const attachMs = (windowStart: number): number => {
  const second = Math.floor(windowStart / 1_000);
  return second % 3 === 0 ? (second * 37) % ATTACH_MS_MAX : 0;
};
const ATTACH_MS_MAX = 400;

/** How long a record takes. */
export const recordMs = (windowStart: number): number => 1 + ((Math.floor(windowStart / 1_000) * 13) % RECORD_MS_MAX);
const RECORD_MS_MAX = 50;

/**
 * G4 and G5: holds the start of each mail against the moment from which on nothing stood in its way. A recipient that the server deferred, and did not
 * take since, stands in its own way only: what is tried for such ones alone is not held to be on time. Nor does it make a device busy, while they are waited
 * for: whom the server refused, or who was given up, is tried once with each next mail, in its turn.
 */
export class Punctual {
  readonly #process: Process;
  readonly #world: Surroundings;
  /** When something last stood in the way of all mails of this process. */
  #hinderedAt = 0;
  /** When a partition last had something behind an open transaction: none of its windows closed by the clock. */
  readonly #keptBackAt = new Map<number, number>();
  /** When a device's previous mail, or its dead letter, had its last answer. */
  readonly #deviceBusyAt = new Map<string, number>();

  /** Alerts that were sent to a recipient, or tried to be: in other company later, or merged with more, they are tried again. */
  readonly #tried = new Set<string>();
  /** Who did not take what was tried last. */
  readonly #deferred = new Set<string>();
  /** Of them, those that are waited for: a refusal, or a dead letter, ends that, and each next mail is tried for them in its turn. */
  readonly #waitedFor = new Set<string>();
  /** When a deferred recipient was taken again. */
  readonly #openedAt = new Map<string, number>();

  constructor(process: Process, world: Surroundings) {
    this.#process = process;
    this.#world = world;
  }

  /** After every step. */
  look(): void {
    const { broker, clock } = this.#world;
    if (this.#isHindered()) this.#hinderedAt = clock.elapsed();
    for (const partition of broker.logs.keys())
      if (broker.stableOf(partition) < broker.endOf(partition)) this.#keptBackAt.set(partition, clock.elapsed());
  }

  /** Each of them is waited for: what is tried for such ones alone makes no device busy. */
  areWaitedFor(to: readonly string[]): boolean {
    return to.every((address) => this.#waitedFor.has(address));
  }

  /**
   * An attempt, or a dead letter for these. `wereWaitedFor`: when it began. One that began before its recipient was deferred keeps its device busy, whatever
   * others learn meanwhile. `over`: who never gets it.
   */
  ended(
    device: string,
    to: readonly string[],
    { wereWaitedFor, accepted, over }: { wereWaitedFor: boolean; accepted: readonly string[]; over: readonly string[] },
  ): void {
    const now = this.#world.clock.elapsed();
    if (accepted.length > 0 || !wereWaitedFor || !this.areWaitedFor(to)) this.#deviceBusyAt.set(device, now);
    for (const address of to) {
      if (accepted.includes(address) || over.includes(address)) this.#waitedFor.delete(address);
      else this.#waitedFor.add(address);
      if (!accepted.includes(address)) this.#deferred.add(address);
      else if (this.#deferred.delete(address)) this.#openedAt.set(address, now);
    }
  }

  /** The first attempt of a message. `devices`: all of which it tells; it can start when each of them can. */
  started(
    {
      partition,
      deviceId,
      windowStart,
      windowEnd,
      windowCount,
      repeats,
      firstOffset,
      lastOffset,
      listed,
      part,
    }: Digest,
    to: readonly string[],
    devices: readonly string[],
  ): void {
    const { clock, broker, options, losesEnds } = this.#world;
    const alerts = to.flatMap((address) => listed.map(({ offset }) => `${partition}/${offset} ${address}`));
    const isTriedAgain = alerts.some((alert) => this.#tried.has(alert));
    for (const alert of alerts) this.#tried.add(alert);
    if (isTriedAgain) return;
    // What was read of a log that lost its end leaves early, and what is read again late.
    if (losesEnds || this.#areDeferred(to)) return;
    const log = broker.logs[partition] ?? [];
    // Timestamps out of order move no time: then the end of the log has to be seen, which takes a moment without new records.
    const written = options.inOrder ? log[lastOffset] : log.at(-1);
    const now = clock.elapsed();
    // An early mail is due at once, but for windows of its device before it.
    const startedAt = clock.now() - now;
    const cameAt = (log[firstOffset]?.appendedAt ?? 0) + startedAt;
    const isRepeat = repeats !== undefined && repeats === windowCount;
    // It may take along what was held.
    const dueAt =
      part === "early" ? windowEnd - WINDOW_MS : isRepeat ? this.#repeatedBy(windowStart, cameAt) : windowEnd;
    const due = dueAt + options.graceMs - startedAt;
    const since = Math.max(
      due,
      this.#hinderedAt,
      written?.appendedAt ?? 0,
      this.#keptBackAt.get(partition) ?? 0,
      ...devices.map((device) => this.#deviceBusyAt.get(device) ?? 0),
      ...to.map((address) => this.#openedAt.get(address) ?? 0),
    );
    const gathered = options.readers === "fleet" || options.readers === "storm";
    assert.ok(
      now - since <= LATEST_MS + ASKED_MS[options.readers] + (gathered ? ATTACH_MS_MAX : attachMs(windowStart)),
      `G4: a mail of ${deviceId} starts ${Math.round(now - since)} ms after it could have`,
    );
  }

  /**
   * What tells nothing new is held for no longer than the longest interval: from the end of its window on; of what came late, from the end of the window in
   * which it came.
   */
  #repeatedBy(windowStart: number, cameAt: number): number {
    const from = Math.max(windowStart, Math.floor(cameAt / WINDOW_MS) * WINDOW_MS);
    return from + WINDOW_MS + Math.max(0, ...(this.#world.options.repeatIntervalsMs ?? []));
  }

  #areDeferred(to: readonly string[]): boolean {
    return to.every((address) => this.#deferred.has(address));
  }

  /** Also while connections are all in use, reading lags or pauses, or as much is exposed as may be. */
  #isHindered(): boolean {
    const { broker, clock, moods, options } = this.#world;
    const process = this.#process;
    // What a cut took away is sent again when its time is over.
    if (!process.isWell || process.wasCut || (!options.apart && moods.brokerFails)) return true;
    if (!process.hasLease || process.paused > 0) return true;
    // It asked for fewer connections, or for none.
    if (moods.hasManners) return true;
    if (process.delivery.inFlight >= options.connections || process.delivery.circuitOpen || !process.assignments.ready)
      return true;
    const now = clock.elapsed();
    for (const worker of process.assignments.workers) {
      // What an open transaction keeps back holds up its own partition only.
      const isKeptBack = worker.position >= broker.stableOf(worker.partition);
      const next = isKeptBack ? undefined : broker.logs[worker.partition]?.[worker.position];
      if (next !== undefined && now - next.appendedAt > UNREAD_MS) return true;
      if (process.exposure.count(worker.partition) >= options.connections) return true;
    }
    return false;
  }
}
