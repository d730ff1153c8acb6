import type { Clock } from "./clock.js";
import type { Logger } from "./log.js";
import type { Ownership } from "./ownership.js";
import type { PartitionWorker } from "./partition-worker.js";
import type { AlertCodec, AlertSource, PauseReason, SourceRecords } from "./ports.js";

export interface BufferLimits {
  readonly bufferMaxAlerts: number;
  readonly bufferMaxBytes: number;
}

/** Which partitions are not read, and why: a full buffer (and what fills it), a full checkpoint, a schema to come; loading and draining besides. */
export class Pauses {
  readonly #ownership: Ownership;
  readonly #source: AlertSource;
  readonly #limits: BufferLimits;
  readonly #log: Logger;
  readonly #circuitOpen: () => boolean;
  readonly #preparations: Preparations;
  #overBuffer = false;
  /** The buffer is full with what is fetched and not taken yet. */
  #crowded = false;
  #heldBySmtp = false;

  constructor(deps: {
    ownership: Ownership;
    source: AlertSource;
    limits: BufferLimits;
    /** The SMTP server cannot be reached. */
    circuitOpen: () => boolean;
    preparations: Preparations;
    log: Logger;
  }) {
    this.#ownership = deps.ownership;
    this.#source = deps.source;
    this.#limits = deps.limits;
    this.#circuitOpen = deps.circuitOpen;
    this.#preparations = deps.preparations;
    this.#log = deps.log;
  }

  reasons(partition: number): readonly PauseReason[] {
    return [...(this.#ownership.pauses.get(partition) ?? [])];
  }

  /** What should be paused against what is: the client forgets pauses when it restarts. Call it often. */
  reconcile(): void {
    // A commit needs a batch of this membership: with something to hand over, a first one may come. It is not taken, and not resolved.
    const needsBatch = this.#ownership.departed.size > 0 && !this.#source.canCommit;
    const paused = new Set(needsBatch ? [] : this.#ownership.waiting);
    for (const partition of this.#ownership.suspended) paused.add(partition);
    for (const [partition, worker] of this.#ownership.workers) {
      const reasons = this.#reasonsOf(partition);
      if (this.#overBuffer || this.#crowded || worker.deadLettersFull) reasons.add("buffer");
      else reasons.delete("buffer");
      if (this.#heldBySmtp) reasons.add("smtp");
      else reasons.delete("smtp");
      if (this.#preparations.waits(partition)) reasons.add("registry");
      else reasons.delete("registry");
      // KafkaJS can commit only after a batch. If waiting mails need a commit to leave, one batch is let in although reading pauses.
      const needsCommit = worker.awaitsCommit && !this.#source.canCommit;
      if ((reasons.size > 0 && !needsCommit) || this.#ownership.draining) paused.add(partition);
    }
    this.#source.setPaused(paused);
  }

  /** After records were taken, and often. */
  checkBuffer(): void {
    const held = heldBy([...this.#ownership.workers.values()].map(({ read }) => read));
    const over = isPaused(this.#overBuffer, bufferLevel(held, this.#limits), BUFFER_MARKS);
    const all = { ...held, bytes: held.bytes + this.#source.fetchedBytes };
    const wasCrowded = this.#crowded;
    // Once it is taken, the buffer alone decides: nothing else would end a pause of one that is nearly full.
    const isCrowded = wasCrowded && this.#source.fetchedBytes > 0;
    this.#crowded = isPaused(isCrowded, bufferLevel(all, this.#limits), BUFFER_MARKS);
    this.#heldBySmtp = over && isHeldBySmtp(held, this.#circuitOpen());
    if (over === this.#overBuffer) {
      if (this.#crowded !== wasCrowded) this.reconcile();
      return;
    }
    this.#overBuffer = over;
    this.#log.warn(
      { alerts: held.alerts, bytes: held.bytes, smtpUnreachable: this.#heldBySmtp },
      over ? "buffer full: reading pauses, nothing is dropped" : "buffer has room again: reading goes on",
    );
    this.reconcile();
  }

  /** After a commit: its size is known then. */
  checkCheckpoints(workers: readonly PartitionWorker[]): void {
    for (const worker of workers) {
      if (!this.#ownership.workers.has(worker.partition)) continue;
      const reasons = this.#reasonsOf(worker.partition);
      // Reading again what was read before makes no checkpoint larger.
      if (worker.read.holdsBack) continue;
      if (isPaused(reasons.has("checkpoint"), worker.checkpointFill, CHECKPOINT_MARKS)) reasons.add("checkpoint");
      else reasons.delete("checkpoint");
    }
  }

  /**
   * Only where nothing else would end the pause: closing early makes the rest of a backlog late, and lumps it together. Last of all where all that can be
   * read has been read, and an open transaction keeps the rest back: reading on would not fill its checkpoint, and its end may come at any moment.
   */
  closeWhilePaused(): void {
    const workers = [...this.#ownership.workers.values()];
    // What a replay holds back waits for no answer.
    const underWay = workers.map(({ read: { bufferedAlerts, bufferedBytes, pendingAlerts, holdsBack } }) => ({
      bufferedAlerts,
      bufferedBytes,
      pendingAlerts: holdsBack ? 0 : pendingAlerts,
    }));
    const bufferWaits = !answersMakeRoom(heldBy(underWay));
    if (this.#overBuffer && bufferWaits && this.#letHeldGo(workers, heldBy(workers.map(({ read }) => read)))) return;
    const keptBack: PartitionWorker[] = [];
    let othersOpen = 0;
    for (const worker of workers) {
      if (worker.waitsForAnswers) continue;
      // Nobody knows when it goes on: what was read before is not to wait for that.
      if (this.#source.unreadable.has(worker.partition) || this.#preparations.waitsLong(worker.partition)) {
        worker.closeDueWhilePaused();
      }
      const reasons = this.#ownership.pauses.get(worker.partition);
      if (reasons === undefined) continue;
      // What was settled since the last commit may have made the checkpoint small: the next one tells.
      const full =
        reasons.has("checkpoint") && !worker.changed && isPaused(true, worker.checkpointFill, CHECKPOINT_MARKS);
      // What is only fetched is taken in a moment, and gives way by itself.
      const fillsBuffer = this.#overBuffer && reasons.has("buffer") && bufferWaits;
      if (this.#isKeptBack(worker)) {
        if (fillsBuffer) keptBack.push(worker);
      } else if (full && worker.read.windowsHeld > 0) {
        worker.letHeldGo();
      } else if (full || fillsBuffer) {
        othersOpen += worker.read.windowsOpen;
        worker.closeDueWhilePaused();
      }
    }
    // Those of the others are over within a window's length, and may make room enough.
    if (othersOpen === 0) for (const worker of keptBack) worker.closeDueWhilePaused();
  }

  /** Held windows make room for what is to be read, those held for longest first. Returns whether some do. */
  #letHeldGo(workers: readonly PartitionWorker[], held: Held): boolean {
    const holding = workers.filter(({ read }) => read.windowsHeld > 0);
    const tooMany = held.alerts * (1 - BUFFER_MARKS.low / bufferLevel(held, this.#limits));
    for (const worker of holding) worker.letHeldGo(Math.max(1, tooMany / holding.length));
    return holding.length > 0;
  }

  #isKeptBack({ partition, position }: PartitionWorker): boolean {
    const ends = this.#ownership.ends.get(partition);
    return ends !== undefined && ends.stable < ends.end && position >= ends.stable;
  }

  #reasonsOf(partition: number): Set<PauseReason> {
    const { pauses } = this.#ownership;
    let reasons = pauses.get(partition);
    if (reasons === undefined) {
      reasons = new Set();
      pauses.set(partition, reasons);
    }
    return reasons;
  }
}

// When reading pauses for want of room, and when it goes on. Pure; who asks keeps what was answered last.

/** Pauses at `high`, goes on at `low`: in between it stays as it was, so that not every mail switches reading on and off. */
export interface Marks {
  readonly high: number;
  readonly low: number;
}

/** Shares of `BUFFER_MAX_ALERTS` and `BUFFER_MAX_BYTES`, whichever is nearer to its limit. */
export const BUFFER_MARKS: Marks = { high: 1, low: 0.8 };
/** Shares of the characters a commit's metadata may have; beyond the whole, settled offsets are left out. */
export const CHECKPOINT_MARKS: Marks = { high: 0.75, low: 0.5 };

export const isPaused = (wasPaused: boolean, level: number, { high, low }: Marks): boolean =>
  wasPaused ? level > low : level >= high;

/** What is in memory, all partitions together. */
interface Held {
  readonly alerts: number;
  readonly bytes: number;
  /** Of the alerts, those in windows that are closed and not settled: what answers of the SMTP server will free. */
  readonly pendingAlerts: number;
}

export const heldBy = (
  workers: Iterable<{ bufferedAlerts: number; bufferedBytes: number; pendingAlerts: number }>,
): Held => {
  const held = { alerts: 0, bytes: 0, pendingAlerts: 0 };
  for (const worker of workers) {
    held.alerts += worker.bufferedAlerts;
    held.bytes += worker.bufferedBytes;
    held.pendingAlerts += worker.pendingAlerts;
  }
  return held;
};

export const bufferLevel = (
  held: Held,
  limits: { readonly bufferMaxAlerts: number; readonly bufferMaxBytes: number },
): number => Math.max(held.alerts / limits.bufferMaxAlerts, held.bytes / limits.bufferMaxBytes);

/**
 * Of a full buffer: is it full because the SMTP server cannot be reached? A cause beside `buffer` and never alone, so the whole buffer serves an
 * outage, and nothing that ends the one pause has to wait for the other.
 */
export const isHeldBySmtp = ({ alerts, pendingAlerts }: Held, circuitOpen: boolean): boolean =>
  circuitOpen && pendingAlerts > 0 && pendingAlerts * 2 >= alerts;

/** Once the mails that wait are answered, the buffer is below its low mark: nothing else has to give way. */
export const answersMakeRoom = ({ alerts, pendingAlerts }: Held): boolean =>
  pendingAlerts > 0 && pendingAlerts >= (BUFFER_MARKS.high - BUFFER_MARKS.low) * alerts;

/** A partition that waits for so long is not waiting for one answer: nobody knows when it goes on. */
const LONG_MS = 10_000;

/**
 * Partitions whose next record cannot be decoded yet, because something has to be had from outside first: its schema. Nothing of them is read meanwhile,
 * nothing is lost, and the membership of the group goes on.
 */
export class Preparations {
  readonly #prepare: AlertCodec["prepare"];
  readonly #clock: Clock;
  readonly #onChanged: () => void;
  /** Partition → since when, and for which question. */
  readonly #waiting = new Map<number, { readonly since: number; readonly ready: Promise<void> }>();

  constructor(deps: {
    codec: Pick<AlertCodec, "prepare">;
    clock: Clock;
    /** A partition waits, or goes on. */
    onChanged: () => void;
  }) {
    this.#prepare = deps.codec.prepare?.bind(deps.codec);
    this.#clock = deps.clock;
    this.#onChanged = deps.onChanged;
  }

  /** How many of the partition's next records, from the first on, can be decoded now. Where it is not all of them, the partition waits from now on. */
  decodable(partition: number, records: SourceRecords): number {
    const preparation = this.#prepare?.(records.slice());
    if (preparation === undefined) return records.length;
    const { decodable, ready } = preparation;
    // The records before it were read meanwhile: another one waits now, and its time begins.
    const since = decodable === 0 ? this.#waiting.get(partition)?.since : undefined;
    this.#waiting.set(partition, { since: since ?? this.#clock.elapsed(), ready });
    void ready.then(() => {
      if (this.#waiting.get(partition)?.ready !== ready) return;
      this.#waiting.delete(partition);
      this.#onChanged();
    });
    this.#onChanged();
    return decodable;
  }

  waits(partition: number): boolean {
    return this.#waiting.has(partition);
  }

  waitsLong(partition: number): boolean {
    const waiting = this.#waiting.get(partition);
    return waiting !== undefined && this.#clock.elapsed() - waiting.since >= LONG_MS;
  }
}
