import {
  answersMakeRoom,
  BUFFER_MARKS,
  bufferLevel,
  CHECKPOINT_MARKS,
  type Held,
  heldBy,
  isHeldBySmtp,
  isPaused,
} from "./back-pressure.js";
import type { Logger } from "./log.js";
import type { Ownership } from "./ownership.js";
import type { PartitionWorker } from "./partition-worker.js";
import type { AlertSource, PauseReason } from "./ports.js";
import type { Preparations } from "./preparations.js";

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
