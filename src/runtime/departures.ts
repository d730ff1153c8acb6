import { encodeCheckpoint } from "../core/checkpoint.js";
import type { LogName } from "../core/log-name.js";
import type { PartitionStart } from "../core/partition.js";
import type { CheckpointRoom } from "./checkpoint-room.js";
import type { Clock } from "./clock.js";
import type { PartitionWorker } from "./partition-worker.js";
import type { AlertSource, CommitRequest, CommittedPartition } from "./ports.js";

interface Departed {
  readonly worker: PartitionWorker;
  /** The next owner was told, in time, that mails are in flight: it waits, and only this process commits the partition. */
  announced: boolean;
  /** Mails in flight and frontier as last committed; undefined: nothing handed over since this join. */
  handedOver: string | undefined;
}

export interface HandoverTimes {
  /** A new owner reads the checkpoint this long after the join. */
  readonly handoverMs: number;
  /** A new owner that was told of mails in flight waits for them this long. */
  readonly handoverMaxMs: number;
}

/**
 * Partitions that were lost, and what is known of them: what was settled, and which mails are still in flight. A settled offset stays a fact until a
 * commit has confirmed it, so after each join it is handed to the checkpoint of partitions that are someone else's now, in the time in which their new
 * owner does not read it yet; and a partition that comes back starts with it.
 */
export class Departures {
  readonly #source: AlertSource;
  readonly #room: CheckpointRoom;
  readonly #clock: Clock;
  readonly #times: HandoverTimes;
  readonly #departed = new Map<number, Departed>();
  #assigned: ReadonlySet<number> = new Set();
  #joinedAt = Number.NEGATIVE_INFINITY;
  #epoch = 0;
  #busy = false;

  constructor(deps: { source: AlertSource; room: CheckpointRoom; clock: Clock; times: HandoverTimes }) {
    this.#source = deps.source;
    this.#room = deps.room;
    this.#clock = deps.clock;
    this.#times = deps.times;
  }

  add(worker: PartitionWorker): void {
    worker.lose();
    this.#departed.set(worker.partition, { worker, announced: worker.announced, handedOver: undefined });
  }

  get size(): number {
    return this.#departed.size;
  }

  /** Mails of a lost partition that this process still has in flight: it must not be loaded again before they have ended. */
  inFlight(partition: number): number {
    return this.#departed.get(partition)?.worker.inFlight ?? 0;
  }

  /** What is known of the partition, if it was of this log. */
  facts(partition: number, log: LogName): PartitionStart | undefined {
    const worker = this.#departed.get(partition)?.worker;
    return worker?.log === log ? worker?.checkpoint(0) : undefined;
  }

  /** How many mails of these facts a crash would still repeat. */
  unconfirmed(partition: number): number {
    return this.#departed.get(partition)?.worker.unconfirmed ?? 0;
  }

  isOwnCommit(committed: CommittedPartition): boolean {
    return this.#departed.get(committed.partition)?.worker.isOwnCommit(committed) ?? false;
  }

  forget(partition: number): void {
    this.#departed.delete(partition);
  }

  /** A new generation began: whatever is not assigned to this member may be handed over now. */
  joined(assigned: ReadonlySet<number>): void {
    this.#epoch++;
    this.#assigned = assigned;
    this.#joinedAt = this.#clock.elapsed();
    for (const departed of this.#departed.values()) departed.handedOver = undefined;
  }

  /** Something is to be handed over, or being so. */
  get isDue(): boolean {
    return [...this.#departed.values()].some((departed) => this.#isDue(departed));
  }

  /** Something is known of partitions that came back and are not loaded yet: a commit after their load tells it, for no handover may. */
  get isKept(): boolean {
    return [...this.#departed.keys()].some((partition) => this.#assigned.has(partition));
  }

  /** Does what is due, if anything. Call it often. */
  async step(): Promise<void> {
    if (this.#busy || !this.#source.canCommit) return;
    const due = [...this.#departed.values()].filter((departed) => this.#isDue(departed));
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

  #isDue(departed: Departed): boolean {
    if (this.#assigned.has(departed.worker.partition) || departed.handedOver === stateOf(departed.worker)) return false;
    const sinceJoin = this.#clock.elapsed() - this.#joinedAt;
    return (
      sinceJoin <
      (departed.announced || departed.worker.announced ? this.#times.handoverMaxMs : this.#times.handoverMs) * 0.7
    );
  }

  /**
   * Only onto an own commit. Where someone else has committed since, an owner has begun without what would be told, and a commit of theirs between this
   * read and this write would be undone.
   */
  async #handOver(due: readonly Departed[]): Promise<void> {
    const epoch = this.#epoch;
    const committed = await this.#source.committed(due.map(({ worker }) => worker.partition));
    // Time has passed: look again at what may be done, synchronously before the commit.
    const still = due.filter((departed) => epoch === this.#epoch && this.#isDue(departed));
    const requests: CommitRequest[] = [];
    const told: Departed[] = [];
    for (const departed of still) {
      const { worker } = departed;
      const entry = committed.find(({ partition }) => partition === worker.partition);
      // Nobody could say: its log has no leader just now.
      if (entry === undefined) continue;
      if (!worker.isOwnCommit(entry)) {
        this.#told(departed, stateOf(worker));
        continue;
      }
      const own = worker.checkpoint(worker.inFlight);
      const { metadata } = encodeCheckpoint(own, worker.log, this.#room.chars);
      requests.push(worker.attempt({ partition: worker.partition, offset: own.position, metadata }));
      told.push(departed);
    }
    const states = told.map(({ worker }) => stateOf(worker));
    const inFlight = told.map(({ worker }) => worker.inFlight);
    if (requests.length === 0) return;
    const outcome = await this.#source.commit(requests);
    if (outcome === "too-large" && this.#room.refused(requests)) return await this.#handOver(told);
    if (outcome !== "committed") return;
    for (const [index, departed] of told.entries()) {
      // As it was told, whatever has ended meanwhile: the next owner waits for an answer.
      departed.announced = (inFlight[index] as number) > 0 || departed.announced;
      this.#told(departed, states[index] as string);
    }
  }

  #told(departed: Departed, state: string): void {
    departed.handedOver = state;
    if (state === stateOf(departed.worker) && departed.worker.inFlight === 0) this.forget(departed.worker.partition);
  }
}

const stateOf = (worker: PartitionWorker): string => `${worker.inFlight} ${worker.facts}`;
