import { LogInquiry } from "../core/log-history.js";
import { ANOTHER_LOG } from "./believed.js";
import type { Clock } from "./clock.js";
import type { Logger } from "./log.js";
import type { Ownership } from "./ownership.js";
import type { PartitionWorker } from "./partition-worker.js";
import type { AlertSource, EpochAnswer } from "./ports.js";

interface Check {
  readonly worker: PartitionWorker;
  /** Of the batch that raised the doubt; the leader that answers must have come to it. */
  batchEpoch: number | undefined;
  /** Undefined: no epoch is known, and only the ends of the log can tell. */
  inquiry: LogInquiry | undefined;
  /** Wall clock at which the broker had nothing at the position, and the ends of the log are to be seen since. */
  outOfRangeAt: number | undefined;
  /** Whoever leads knows of no epoch so high, since then. */
  behindSince: number | undefined;
  /** All of what was read is in the log of the present leader. */
  continues: boolean;
}

/** What was read is not in the log any more; what of it is under way leaves first. */
interface Retreat {
  readonly worker: PartitionWorker;
  readonly cutAt: number;
  readonly until: number;
}

/**
 * Whether the logs are still the ones that were read. A leader that did not have all of a log (an unclean election) cuts its end off, and the offsets are
 * given to other records: who only goes on at its position never reads those below. So each new leader is asked how far its log is the one that was read
 * before anything is taken from it, and each present one every second, for a log can be cut off and stay quiet.
 *
 * Where a log has lost its end, the partition closes what is open, waits a little until it is mailed, and starts anew where the log was cut off: with
 * everything that is settled below, and nothing above.
 */
export class LogChecks {
  readonly #ownership: Ownership;
  readonly #source: AlertSource;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #onSuspended: () => void;
  readonly #onCut: () => void;
  readonly #checks = new Map<number, Check>();
  readonly #retreats = new Map<number, Retreat>();
  /** Batches of this epoch continue what was read under that one. */
  readonly #verified = new WeakMap<PartitionWorker, { readonly below: number | undefined; readonly epoch: number }>();
  #asking = false;
  #askAt = 0;
  #lookAt = 0;
  #toldUnsupported = false;

  constructor(deps: {
    ownership: Ownership;
    source: AlertSource;
    clock: Clock;
    log: Logger;
    /** Which partitions are paused has changed. */
    onSuspended: () => void;
    /** A partition is to start anew. */
    onCut: () => void;
  }) {
    this.#ownership = deps.ownership;
    this.#source = deps.source;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#onSuspended = deps.onSuspended;
    this.#onCut = deps.onCut;
  }

  mayTake(worker: PartitionWorker, epoch: number | undefined): boolean {
    if (this.#isSuspended(worker)) return false;
    const below = worker.source.epochs.below(worker.position);
    if (epoch === undefined || epoch < 0 || below === undefined || epoch === below) return true;
    const verified = this.#verified.get(worker);
    if (verified?.below === below && verified.epoch === epoch) return true;
    this.#log.info(
      { partition: worker.partition, position: worker.position, epochRead: below, epoch },
      "a partition has another leader: reading goes on once it has told how far its log is the one that was read",
    );
    this.#suspend(worker).batchEpoch = epoch;
    void this.#ask();
    return false;
  }

  outOfRange(worker: PartitionWorker): void {
    if (this.#isSuspended(worker)) return;
    const check = this.#suspend(worker);
    check.outOfRangeAt = this.#clock.now();
    check.continues = check.inquiry === undefined;
    void this.#ask();
  }

  /** Call it often. */
  tick(): void {
    for (const [partition, { worker }] of this.#checks) if (!this.#isHeld(worker)) this.#forget(partition);
    for (const [partition, retreat] of this.#retreats) this.#stepBack(partition, retreat);
    void this.#ask();
  }

  /** The ends of the logs, asked for at `at`. */
  ends(at: number, ends: ReadonlyMap<number, { readonly start: number; readonly end: number }>): void {
    for (const [partition, check] of this.#checks) {
      const { worker, outOfRangeAt, continues } = check;
      const found = ends.get(partition);
      if (outOfRangeAt === undefined || !continues || found === undefined || at < outOfRangeAt) continue;
      if (found.start > worker.position) {
        // What is missing is told where the batch after it comes.
        this.#resume(partition, found.start);
      } else if (worker.position <= found.end) this.#resume(partition, worker.position);
      else if (check.inquiry === undefined) this.#startAnew(worker, undefined);
      else check.continues = false;
    }
  }

  #isHeld(worker: PartitionWorker): boolean {
    return this.#ownership.workers.get(worker.partition) === worker;
  }

  #isActive(partition: number): boolean {
    return this.#ownership.life(partition).kind === "active";
  }

  #isSuspended({ partition }: PartitionWorker): boolean {
    return this.#ownership.suspended.has(partition);
  }

  #suspend(worker: PartitionWorker): Check {
    const check = newCheck(worker);
    this.#checks.set(worker.partition, check);
    this.#ownership.suspended.add(worker.partition);
    this.#onSuspended();
    return check;
  }

  #forget(partition: number): void {
    this.#checks.delete(partition);
    if (!this.#retreats.has(partition)) this.#ownership.suspended.delete(partition);
  }

  /** `at`: KafkaJS may have moved past a batch of control records meanwhile. */
  #resume(partition: number, at: number): void {
    this.#forget(partition);
    this.#source.seek(partition, at);
    this.#onSuspended();
  }

  /** Those in doubt, soon; all others, now and then. */
  async #ask(): Promise<void> {
    const now = this.#clock.elapsed();
    const { epoch, phase, workers, draining } = this.#ownership;
    if (this.#asking || now < this.#askAt || phase !== "owned" || draining) return;
    if (now >= this.#lookAt) {
      this.#lookAt = now + LOOK_EVERY_MS;
      for (const worker of workers.values()) {
        const { partition } = worker;
        if (worker.source.epochs.last === undefined || !this.#isActive(partition) || this.#retreats.has(partition))
          continue;
        if (!this.#checks.has(partition)) this.#checks.set(partition, newCheck(worker));
      }
    }
    const asked = [...this.#checks.values()].filter(({ inquiry, continues }) => inquiry !== undefined && !continues);
    if (asked.length === 0) return;
    this.#asking = true;
    const questions = asked.map(({ worker: { partition }, inquiry, batchEpoch = -1 }) => {
      const last = inquiry?.epoch ?? 0;
      return { partition, epoch: last, atLeast: Math.max(last, batchEpoch) };
    });
    let answers: readonly EpochAnswer[] = [];
    try {
      answers = await this.#source.endsOfEpochs(questions);
    } catch (error) {
      this.#log.debug({ error: (error as Error).message }, "leader epochs not told; asking again");
    } finally {
      this.#asking = false;
      this.#askAt = this.#clock.elapsed() + ASK_AGAIN_MS;
    }
    if (epoch !== this.#ownership.epoch) return;
    for (const answer of answers) {
      const check = this.#checks.get(answer.partition);
      if (check !== undefined && asked.includes(check) && this.#isHeld(check.worker)) this.#hear(check, answer);
    }
  }

  #hear(check: Check, answer: EpochAnswer): void {
    const { worker, inquiry } = check;
    if (inquiry === undefined) return;
    if (answer.kind === "behind") {
      this.#behind(check, inquiry);
      return;
    }
    check.behindSince = undefined;
    if (answer.kind === "unsupported") {
      this.#tellUnsupported();
      this.#goOn(check);
      return;
    }
    const shared = inquiry.answer(answer.end, answer.sameLeader);
    if (shared === "another-log") this.#anotherLog(worker);
    else if (shared !== undefined && shared >= inquiry.readTo) this.#goOn(check);
    else if (shared !== undefined) this.#lostEnd(worker, shared, inquiry.readTo);
  }

  /** It may be the old leader, which does not know that it is none any more; but not for long. */
  #behind(check: Check, inquiry: LogInquiry): void {
    const now = this.#clock.elapsed();
    check.behindSince ??= now;
    if (now - check.behindSince < BEHIND_MS) return;
    if (inquiry.unknown() === "another-log") this.#anotherLog(check.worker);
    else check.batchEpoch = undefined;
  }

  #goOn(check: Check): void {
    const { worker, batchEpoch } = check;
    check.continues = true;
    if (!this.#isSuspended(worker)) {
      this.#checks.delete(worker.partition);
      return;
    }
    if (check.outOfRangeAt !== undefined) return;
    if (batchEpoch !== undefined)
      this.#verified.set(worker, { below: worker.source.epochs.below(worker.position), epoch: batchEpoch });
    this.#resume(worker.partition, worker.position);
  }

  #lostEnd(worker: PartitionWorker, cutAt: number, readTo: number): void {
    const { partition, position } = worker;
    this.#log.error(
      { partition, from: position, to: cutAt, records: readTo - cutAt },
      "the log lost its end, though it was read already: an election made a replica the leader that did not have it; reading goes back to where it was cut off",
    );
    this.#startAnew(worker, cutAt);
  }

  #anotherLog(worker: PartitionWorker): void {
    const { partition, position } = worker;
    const start = this.#ownership.ends.get(partition)?.start ?? 0;
    this.#log.error({ partition, from: position, to: start }, ANOTHER_LOG);
    this.#startAnew(worker, start);
  }

  #startAnew(worker: PartitionWorker, cutAt: number | undefined): void {
    const { partition } = worker;
    this.#checks.delete(partition);
    this.#ownership.suspended.add(partition);
    if (cutAt !== undefined) worker.cutOff(cutAt);
    const until = this.#clock.elapsed() + (cutAt === undefined ? 0 : RETREAT_MS);
    this.#retreats.set(partition, { worker, cutAt: cutAt ?? Number.POSITIVE_INFINITY, until });
    this.#onSuspended();
  }

  #stepBack(partition: number, { worker, cutAt, until }: Retreat): void {
    if (this.#isHeld(worker)) {
      if (!this.#isActive(partition)) return;
      if (!worker.isQuiet && this.#clock.elapsed() < until) return;
      const { pendingAlerts } = worker.read;
      if (pendingAlerts > 0)
        this.#log.warn(
          { partition, cutAt, alerts: pendingAlerts },
          "not all of what was read of the lost end could be mailed in time: what is left in the log is read again, the rest is gone",
        );
    }
    this.#retreats.delete(partition);
    this.#ownership.suspended.delete(partition);
    if (!this.#isHeld(worker)) return;
    this.#ownership.happened(partition, { kind: "cut", at: Number.isFinite(cutAt) ? cutAt : undefined });
    this.#onCut();
  }

  #tellUnsupported(): void {
    if (this.#toldUnsupported) return;
    this.#toldUnsupported = true;
    this.#log.warn(
      {},
      "the broker is older than Kafka 2.3 and does not tell leader epochs: a log that loses its end is not noticed",
    );
  }
}

const newCheck = (worker: PartitionWorker): Check => ({
  worker,
  batchEpoch: undefined,
  inquiry: LogInquiry.of(worker.source.epochs.starts, worker.source.knownTo(worker.position)),
  outOfRangeAt: undefined,
  behindSince: undefined,
  continues: false,
});

const LOOK_EVERY_MS = 1_000;
const ASK_AGAIN_MS = 200;
/** An old leader that is cut off from the others hears of the new one when it is back: nobody waits for it for ever. */
const BEHIND_MS = 30_000;
/** For what was read of a lost end to be mailed, before it is given up. */
const RETREAT_MS = 10_000;
