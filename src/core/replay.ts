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
  /** Before that, no mail leaves. */
  readonly readTo: number;

  /** Undefined where nothing is read again. */
  static of(start: PartitionStart): Replay | undefined {
    const replay = new Replay(start);
    return replay.isOver(start.position) ? undefined : replay;
  }

  private constructor({ position, settled, delivered = [], readTo = position }: PartitionStart) {
    this.#settled = settled;
    this.#delivered = new DeliveredBefore(delivered);
    this.readTo = readTo;
  }

  /** All of which it knows something lies below `position`. */
  isOver(position: number): boolean {
    const settledTo = this.#settled.at(-1)?.[1] ?? -1;
    return this.readTo <= position && settledTo < position && this.#delivered.from(position).length === 0;
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
}
