import type { DueMails } from "./closing.js";
import type { CommitFrontier, HoldId } from "./commit-frontier.js";
import { DeliveredBefore, type DeliveredRun, grouped, type Recipients } from "./delivered.js";
import type { EarlyParts } from "./early-parts.js";
import type { Faults } from "./faults.js";
import type { PartitionStart } from "./partition-types.js";
import type { Watermark } from "./watermark.js";
import type { Buckets } from "./window-orders.js";

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
    for (const [first, last] of this.#settled) {
      const from = Math.max(first, position);
      if (from > last) continue;
      const previous = settled.at(-1);
      if (previous !== undefined && previous[1] === from - 1) previous[1] = last;
      else settled.push([from, last]);
    }
    delivered.push(...this.#delivered.from(position));
  }
}

/** What a restart at the frontier has to know, of the parts of a partition that know it. */
export const startingPointOf = (
  parts: {
    readonly frontier: CommitFrontier;
    readonly watermark: Watermark;
    readonly due: DueMails;
    readonly early: EarlyParts;
    readonly faults: Faults;
    readonly buckets: Buckets;
    readonly delivered: ReadonlyMap<HoldId, Recipients>;
  },
  replay: Replay | undefined,
): PartitionStart => {
  const { watermark } = parts;
  const { position, frontier, holds, timeBeforeFrontier } = parts.frontier;
  const { settled, delivered } = parts.frontier.runs(parts.delivered);
  replay?.addUnread(position, settled, delivered);
  // A replay that ends halfway says what it was told.
  const readTo = parts.due.holdsBack ? Math.max(replay?.readTo ?? 0, position) : position;
  const early = parts.early.facts(parts.buckets, position);
  const faults = parts.faults.facts(position, frontier);
  return {
    position: frontier,
    time: holds > 0 ? timeBeforeFrontier : watermark.knownTime,
    marks: watermark.marksAbove(frontier),
    settled,
    ...(delivered.length === 0 ? {} : { delivered: grouped(delivered) }),
    ...(early.length === 0 ? {} : { early }),
    ...(readTo > frontier ? { readTo } : {}),
    ...(faults === undefined ? {} : { faults }),
  };
};
