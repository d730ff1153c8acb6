import { DeliveredBefore, type DeliveredRun, isSame, type Recipients } from "./delivered.js";
import type { PartitionStart } from "./partition-types.js";

/**
 * What a restart knows of records that it reads again: which are settled, who has the others already, and how far was read before. Nothing else in the
 * core knows that there was a process before this one, but for marks (`Watermark`) and early parts (`EarlyParts`).
 */
export class Replay {
  readonly #settled: readonly (readonly [number, number])[];
  /** The first run that may hold the record at hand. */
  #run = 0;
  readonly #delivered: DeliveredBefore;
  readonly #readTo: number;
  #holdsBack: boolean;

  constructor({ position, settled, delivered = [], readTo = position }: PartitionStart) {
    this.#settled = settled;
    this.#delivered = new DeliveredBefore(delivered);
    this.#readTo = readTo;
    this.#holdsBack = readTo > position;
  }

  /** It has not come as far as was read before: no mail leaves, so that windows that left as one mail do so again. */
  get holdsBack(): boolean {
    return this.#holdsBack;
  }

  hasComeTo(position: number): boolean {
    return position >= this.#readTo;
  }

  /** Mails may leave, wherever it has come to. */
  end(): void {
    this.#holdsBack = false;
  }

  /** Offsets are asked for in ascending order, here and below. */
  wasSettled(offset: number): boolean {
    let run = this.#settled[this.#run];
    while (run !== undefined && run[1] < offset) run = this.#settled[++this.#run];
    return run !== undefined && run[0] <= offset;
  }

  /** Who has the alert already. */
  deliveredTo(offset: number): Recipients {
    return this.#delivered.of(offset);
  }

  /** Adds what was known before and is not read again yet. */
  addUnread(position: number, settled: [number, number][], delivered: DeliveredRun[]): void {
    for (const [first, last] of this.#settled.slice(this.#run)) {
      const from = Math.max(first, position);
      if (from > last) continue;
      const previous = settled.at(-1);
      if (previous !== undefined && previous[1] === from - 1) previous[1] = last;
      else settled.push([from, last]);
    }
    for (const run of this.#delivered.from(position)) {
      const previous = delivered.at(-1);
      if (previous?.last === run.first - 1 && isSame(previous.recipients, run.recipients)) previous.last = run.last;
      else delivered.push(run);
    }
  }

  /** For the checkpoint: a replay that ends halfway says what it was told. */
  readTo(position: number, frontier: number): { readTo?: number } {
    const readTo = this.#holdsBack ? Math.max(this.#readTo, position) : position;
    return readTo > frontier ? { readTo } : {};
  }
}
