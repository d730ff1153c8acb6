import type { SourceRecord } from "#src/runtime/ports.js";
import type { Random } from "#test/support/random.js";
import type { Broker } from "./broker.js";
import type { ProcessClock } from "./process-clock.js";
import type { SlowBatches } from "./slow-batches.js";

export const MAX_BATCH = 30;

interface FetchListener {
  position(partition: number): number | undefined;
  mayTake(partition: number, leaderEpoch: number | undefined): boolean;
  takeable(partition: number, records: readonly SourceRecord[]): number;
  outOfRange(partition: number): void;
  records(partition: number, records: readonly SourceRecord[], nextOffset: number): void;
}

/** Fetches of the partitions that are assigned and not paused, one at a time; what was fetched may come when nobody wants it any more. */
export class Fetcher {
  readonly #clock: ProcessClock;
  readonly #random: Random;
  readonly #broker: Broker;
  readonly #cut: () => boolean;
  readonly #listener: FetchListener;
  readonly #slow: SlowBatches | undefined;
  #generation = -1;
  #assigned: readonly number[] = [];
  #paused: ReadonlySet<number> = new Set();
  readonly #at = new Map<number, number>();
  /** How often a partition was sought. */
  readonly #seeks = new Map<number, number>();
  #due = false;
  /** A batch of this membership has come: the client can commit. */
  batchCame = false;

  constructor(deps: {
    clock: ProcessClock;
    random: Random;
    broker: Broker;
    cut: () => boolean;
    listener: FetchListener;
    /** Undefined: every fetch is taken at once. */
    slow: SlowBatches | undefined;
  }) {
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#broker = deps.broker;
    this.#cut = deps.cut;
    this.#listener = deps.listener;
    this.#slow = deps.slow;
  }

  get paused(): number {
    return this.#paused.size;
  }

  joined(generation: number, partitions: readonly number[]): void {
    this.#generation = generation;
    this.#assigned = partitions;
    this.#at.clear();
    this.wake();
  }

  left(): void {
    this.batchCame = false;
    this.#assigned = [];
  }

  seek(partition: number, offset: number): void {
    this.#at.set(partition, offset);
    this.#seeks.set(partition, this.#seeksOf(partition) + 1);
    this.wake();
  }

  #seeksOf(partition: number): number {
    return this.#seeks.get(partition) ?? 0;
  }

  setPaused(partitions: ReadonlySet<number>): void {
    this.#paused = new Set(partitions);
    this.wake();
  }

  /** Something may be there to fetch. */
  wake(): void {
    if (this.#due || this.#cut() || this.#ready().length === 0) return;
    this.#due = true;
    this.#clock.after(this.#random.between(5, 60), () => {
      this.#due = false;
      this.#fetch();
      this.wake();
    });
  }

  #ready(): number[] {
    return this.#assigned.filter((partition) => !this.#paused.has(partition) && this.#isWorthAsking(partition));
  }

  /** Something is there, or what was read is not. */
  #isWorthAsking(partition: number): boolean {
    const next = this.#next(partition);
    return next < this.#broker.stableOf(partition) || next > this.#broker.endOf(partition);
  }

  #next(partition: number): number {
    return this.#at.get(partition) ?? this.#broker.committed.get(partition)?.offset ?? 0;
  }

  #fetch(): void {
    const ready = this.#ready();
    if (ready.length === 0 || this.#cut()) return;
    const partition = this.#random.pick(ready);
    const at = this.#next(partition);
    if (at > this.#broker.endOf(partition)) {
      this.#listener.outOfRange(partition);
      return;
    }
    const to = Math.min(at + this.#random.between(1, MAX_BATCH), this.#broker.stableOf(partition));
    const records = (this.#broker.logs[partition] ?? []).slice(at, to);
    const generation = this.#generation;
    if (this.#slow?.isNext === true) {
      void this.#takeSlowly(this.#slow, { partition, at, records });
      return;
    }
    if (this.#random.chance(0.8)) {
      this.#batch(generation, partition, at, records);
      return;
    }
    // While it is under way the partition may be lost, paused or sought.
    this.#due = true;
    this.#clock.after(this.#random.between(1, 300), () => {
      this.#due = false;
      this.#batch(generation, partition, at, records);
      this.wake();
    });
  }

  /** Nothing else is fetched meanwhile. A seek, a pause or another generation ends it. */
  async #takeSlowly(
    slow: SlowBatches,
    fetched: { readonly partition: number; readonly at: number; readonly records: Broker["logs"][number] },
  ): Promise<void> {
    const { partition, at, records } = fetched;
    const [generation, seeks] = [this.#generation, this.#seeksOf(partition)];
    this.#due = true;
    await slow.take(fetched, this.#listener, {
      isStale: () => generation !== this.#generation || seeks !== this.#seeksOf(partition),
      isPaused: () => this.#paused.has(partition),
      take: (from, to) => this.#batch(generation, partition, from, records.slice(from - at, to - at)),
    });
    this.#due = false;
    this.wake();
  }

  #batch(generation: number, partition: number, at: number, records: Broker["logs"][number]): void {
    if (generation !== this.#generation || !this.#assigned.includes(partition)) return;
    this.batchCame = true;
    const expected = this.#listener.position(partition);
    if (expected === undefined) return;
    if (at !== expected) {
      this.seek(partition, expected);
      return;
    }
    // As KafkaJS does it: a batch of nothing but control records is passed over before anybody is asked.
    const [first] = records;
    const isPassed = records.every(({ kind }) => kind === "marker");
    if (!isPassed && !this.#listener.mayTake(partition, first?.leaderEpoch)) return;
    const given = records.filter(({ kind }) => kind !== "marker");
    const takeable = this.#listener.takeable(partition, given);
    const next = given[takeable]?.offset ?? at + records.length;
    this.#at.set(partition, next);
    this.#listener.records(partition, given.slice(0, takeable), next);
  }
}
