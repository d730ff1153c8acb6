import type { LogName } from "../core/log-history.js";
import type { PartitionStart } from "../core/partition.js";
import type { HandedOver, HandoverTimes, Life } from "../core/partition-life.js";
import type { Clock } from "./clock.js";
import type { CheckpointRoom } from "./commit-metadata.js";
import { encodeCheckpoint } from "./commit-metadata.js";
import type { Ownership } from "./ownership.js";
import type { PartitionWorker } from "./partition-worker.js";
import type { AlertSource, CommitRequest } from "./ports.js";

/** Something to hand over, and the life that the partition had when that was found. */
interface Due {
  readonly worker: PartitionWorker;
  readonly life: Life;
}

/**
 * Partitions that were lost, and what is known of them: what was settled, and which mails are still in flight. A settled offset stays a fact until a
 * commit has confirmed it, so after each join it is handed to the checkpoint of partitions that are someone else's now, in the time in which their new
 * owner does not read it yet; and a partition that comes back starts with it.
 */
export class Departures {
  readonly #ownership: Ownership;
  readonly #source: AlertSource;
  readonly #room: CheckpointRoom;
  readonly #clock: Clock;
  readonly #times: HandoverTimes;
  #busy = false;

  constructor(deps: {
    ownership: Ownership;
    source: AlertSource;
    room: CheckpointRoom;
    clock: Clock;
    times: HandoverTimes;
  }) {
    this.#ownership = deps.ownership;
    this.#source = deps.source;
    this.#room = deps.room;
    this.#clock = deps.clock;
    this.#times = deps.times;
  }

  /** Mails of a lost partition that this process still has in flight: it must not be loaded again before they have ended. */
  inFlight(partition: number): number {
    return this.#ownership.departed.get(partition)?.inFlight ?? 0;
  }

  /** What is known of the partition, if it was of this log. */
  facts(partition: number, log: LogName): PartitionStart | undefined {
    const worker = this.#ownership.departed.get(partition);
    return worker?.log === log ? worker?.checkpoint(0) : undefined;
  }

  /** How many mails of these facts a crash would still repeat. */
  unconfirmed(partition: number): number {
    return this.#ownership.departed.get(partition)?.unconfirmed ?? 0;
  }

  /** Something is to be handed over, or being so. */
  get isDue(): boolean {
    return this.#due().length > 0;
  }

  /** Something is known of partitions that came back and are not loaded yet: a commit after their load tells it, for no handover may. */
  get isKept(): boolean {
    return [...this.#ownership.departed.keys()].some(
      (partition) => this.#ownership.life(partition).kind === "returned",
    );
  }

  /** Does what is due, if anything. Call it often. */
  async step(): Promise<void> {
    if (this.#busy || !this.#source.canCommit) return;
    const due = this.#due();
    if (due.length === 0) return;
    this.#busy = true;
    try {
      await this.#handOver(due);
    } catch {
      // The broker did not answer: the next step tries again, while there is time.
    } finally {
      this.#busy = false;
    }
  }

  #due(): readonly Due[] {
    return [...this.#ownership.departed.values()].flatMap((worker) => {
      const life = this.#ownership.life(worker.partition);
      return this.#isDue(life, worker) ? { worker, life } : [];
    });
  }

  #isDue(life: Life, worker: PartitionWorker): boolean {
    if (life.kind !== "departed" || isSame(life.handedOver, accountOf(worker))) return false;
    const { handoverMs, handoverMaxMs } = this.#times;
    const nextOwnerReadsAfter = life.nextOwnerWaits || worker.announced ? handoverMaxMs : handoverMs;
    return this.#clock.elapsed() - life.joinedAt < nextOwnerReadsAfter * 0.7;
  }

  /**
   * Only onto an own commit. Where someone else has committed since, an owner has begun without what would be told, and a commit of theirs between this
   * read and this write would be undone.
   */
  async #handOver(due: readonly Due[]): Promise<void> {
    const committed = await this.#source.committed(due.map(({ worker }) => worker.partition));
    const requests: CommitRequest[] = [];
    const told: { readonly due: Due; readonly account: HandedOver }[] = [];
    for (const one of due) {
      const { worker, life } = one;
      const { partition } = worker;
      // Time has passed, and perhaps another join: look again at what may be done, synchronously before the commit.
      if (this.#ownership.life(partition) !== life || !this.#isDue(life, worker)) continue;
      const entry = committed.find((each) => each.partition === partition);
      // Nobody could say: its log has no leader just now.
      if (entry === undefined) continue;
      if (!worker.isOwnCommit(entry)) {
        this.#handedOver(worker, accountOf(worker), false);
        continue;
      }
      const own = worker.checkpoint(worker.inFlight);
      const { metadata } = encodeCheckpoint(own, worker.log, this.#room.chars);
      requests.push(worker.attempt({ partition, offset: own.position, metadata }));
      told.push({ due: one, account: accountOf(worker) });
    }
    if (requests.length === 0) return;
    const outcome = await this.#source.commit(requests);
    if (outcome === "too-large" && this.#room.refused(requests))
      return await this.#handOver(told.map(({ due }) => due));
    if (outcome !== "committed") return;
    // As it was told, whatever has ended meanwhile: the next owner waits for an answer.
    for (const { due, account } of told) this.#handedOver(due.worker, account, account.inFlight > 0);
  }

  #handedOver(worker: PartitionWorker, handedOver: HandedOver, nextOwnerWaits: boolean): void {
    const { partition } = worker;
    // It came back, and departed again.
    if (this.#ownership.departed.get(partition) !== worker) return;
    const isAll = isSame(handedOver, accountOf(worker)) && worker.inFlight === 0;
    this.#ownership.happened(partition, { kind: "handed-over", handedOver, isAll, nextOwnerWaits });
  }
}

const accountOf = (worker: PartitionWorker): HandedOver => ({
  inFlight: worker.inFlight,
  settled: worker.settledCount,
});

const isSame = (a: HandedOver | undefined, b: HandedOver): boolean =>
  a?.inFlight === b.inFlight && a.settled === b.settled;
