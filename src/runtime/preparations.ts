import type { Clock } from "./clock.js";
import type { AlertCodec, SourceRecords } from "./ports.js";

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
