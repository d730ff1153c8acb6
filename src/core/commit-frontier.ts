import { type DeliveredRun, isSame, type Recipients } from "./delivered.js";
import type { EventTime } from "./time.js";

/**
 * How far a partition may be committed.
 *
 * Whatever needs something more - a window not mailed yet, a dead letter not acknowledged yet - is a *hold*. Offsets are
 * given to a hold, or skipped when they need nothing. The frontier is the first offset of the oldest unsettled hold,
 * or the position when there is none. The unit is the hold, not the record, so settling costs the same for 1 and 20,000 alerts.
 *
 *     offsets      10 11 12 13 14 15        A holds 10, 12, 15; B holds 11, 13; 14 is a tombstone
 *     settle(B) →  frontier 10, settled above it: 11, 13-14
 *     settle(A) →  frontier 16
 *
 * A settled hold can be *pinned*: its offsets count as settled, and still the frontier does not pass it, so that a replay reads them.
 */
export class CommitFrontier {
  /** Next offset to read: everything below it is held, settled, or was never there. */
  #position: number;
  /** Hold → its first offset, SETTLED, or its first offset as `pinned` makes it. Holds are numbered in the order of their first offsets; `#base` is the first one kept. */
  #firstOffsets: number[] = [];
  /** Hold → the partition's time before its first record, and that record's event time. */
  #timesBefore: number[] = [];
  #eventTimes: number[] = [];
  #head = 0;
  /** Those before it are settled, pinned or passed. */
  #firstUnsettled = 0;
  #base = 0;
  readonly #passed = new Set<number>();
  /** Offset → hold, in chunks: 4 bytes an offset, and only where something is held. */
  readonly #chunks = new Map<number, Int32Array>();
  #lowestChunk: number;
  #lastChunk: Int32Array | undefined;
  #lastChunkIndex = -1;

  constructor(position: number) {
    this.#position = position;
    this.#lowestChunk = chunkOf(position);
  }

  get position(): number {
    return this.#position;
  }

  /** The offset to commit: everything below it is settled. */
  get frontier(): number {
    if (this.#head === this.#firstOffsets.length) return this.#position;
    const first = this.#firstOffsets[this.#head] as number;
    return first < 0 ? pinned(first) : first;
  }

  /** Unsettled and pinned holds, and the settled ones between them. */
  get holds(): number {
    return this.#firstOffsets.length - this.#head;
  }

  /** The partition's time as it was before the record at the frontier was read; undefined when nothing is held. */
  get timeBeforeFrontier(): EventTime | undefined {
    const time = this.#timesBefore[this.#head];
    return time === Number.NEGATIVE_INFINITY ? undefined : (time as EventTime | undefined);
  }

  /** Event time of the record with the lowest offset that is neither settled nor passed; undefined when there is none. */
  get oldestEventTime(): EventTime | undefined {
    for (; ; this.#firstUnsettled++) {
      const isSettled = (this.#firstOffsets[this.#firstUnsettled] as number) < 0;
      if (!isSettled && !this.#passed.has(this.#idAt(this.#firstUnsettled))) break;
    }
    return this.#eventTimes[this.#firstUnsettled] as EventTime | undefined;
  }

  /** Bytes kept per offset and per hold. */
  get bytes(): number {
    return this.#chunks.size * CHUNK * 4 + this.#firstOffsets.length * 24;
  }

  /** Opens a hold whose first offset is `offset`, the next one read. */
  hold(offset: number, eventTime: EventTime, timeBefore: number): number {
    const id = (this.#base + this.#firstOffsets.length - this.#head) & MAX_ID;
    this.#firstOffsets.push(offset);
    this.#eventTimes.push(eventTime);
    this.#timesBefore.push(timeBefore);
    this.extend(id, offset);
    return id;
  }

  /** Gives `offset`, the next one read, to a hold. */
  extend(hold: number, offset: number): void {
    const index = chunkOf(offset);
    let chunk = this.#lastChunkIndex === index ? this.#lastChunk : this.#chunks.get(index);
    if (chunk === undefined) {
      chunk = new Int32Array(CHUNK).fill(NONE);
      this.#chunks.set(index, chunk);
    }
    this.#lastChunk = chunk;
    this.#lastChunkIndex = index;
    chunk[offset % CHUNK] = hold;
    this.#position = offset + 1;
  }

  /** `offset`, the next one read, needs nothing (a tombstone, or settled before a restart). So do the offsets jumped over. */
  skip(offset: number): void {
    this.#position = offset + 1;
  }

  /** The first offset of an unsettled hold. */
  firstOffset(hold: number): number {
    return this.#firstOffsets[this.#index(hold)] as number;
  }

  /** The hold needs nothing more, but the frontier is not to pass it before it is settled in full. */
  pin(hold: number): void {
    const index = this.#index(hold);
    const first = this.#firstOffsets[index];
    this.#passed.delete(hold);
    if (first === undefined || first < 0) throw new Error(`hold ${hold} is not open: settled twice?`);
    this.#firstOffsets[index] = pinned(first);
  }

  /** An unsettled hold that others need not wait for: the frontier does. */
  pass(hold: number): void {
    this.#passed.add(hold);
  }

  /** The hold needs nothing more. Returns whether the frontier moved. */
  settle(hold: number): boolean {
    this.#passed.delete(hold);
    const index = this.#index(hold);
    if (index >= this.#firstOffsets.length || this.#firstOffsets[index] === SETTLED) {
      throw new Error(`hold ${hold} is not open: settled twice?`);
    }
    this.#firstOffsets[index] = SETTLED;
    if (index !== this.#head) return false;
    while (this.#firstOffsets[this.#head] === SETTLED) {
      this.#head++;
      this.#base = (this.#base + 1) & MAX_ID;
    }
    this.#firstUnsettled = Math.max(this.#firstUnsettled, this.#head);
    this.#forgetBelowFrontier();
    return true;
  }

  /** Whether `offset`, at or above the frontier and below the position, needs nothing more. */
  isSettled(offset: number): boolean {
    const hold = this.#chunks.get(chunkOf(offset))?.[offset % CHUNK] ?? NONE;
    return hold === NONE || this.#isSettledHold(hold);
  }

  /**
   * Inclusive runs of settled offsets above the frontier, ascending; and of the unsettled ones, who has them (`delivered`, by hold). A run of these reaches
   * over settled offsets, where it says nothing, so that there are few.
   */
  runs(delivered: ReadonlyMap<number, Recipients> = NO_HOLDS): {
    settled: [number, number][];
    delivered: DeliveredRun[];
  } {
    const settled: [number, number][] = [];
    const runs: DeliveredRun[] = [];
    let start = -1;
    let run: DeliveredRun | undefined;
    for (let offset = this.frontier; offset < this.#position; ) {
      const index = chunkOf(offset);
      const chunk = this.#chunks.get(index);
      const end = Math.min(this.#position, (index + 1) * CHUNK);
      let unsettled = 0;
      for (; chunk !== undefined && offset < end; offset++) {
        const hold = chunk[offset % CHUNK] as number;
        if (hold === NONE || this.#isSettledHold(hold)) {
          if (start < 0) start = offset;
          continue;
        }
        unsettled++;
        if (start >= 0) settled.push([start, offset - 1]);
        start = -1;
        const recipients = delivered.size === 0 ? undefined : delivered.get(hold);
        if (recipients === undefined) run = undefined;
        else if (run !== undefined && isSame(run.recipients, recipients)) run.last = offset;
        else {
          run = { first: offset, last: offset, recipients };
          runs.push(run);
        }
      }
      if (unsettled > 0) continue;
      if (start < 0) start = offset;
      offset = end;
      if (end % CHUNK === 0) this.#forgetChunk(index);
    }
    if (start >= 0) settled.push([start, this.#position - 1]);
    return { settled, delivered: runs };
  }

  /** Inclusive runs of the offsets given to a set of unsettled holds, ascending, from `first` to `last`. */
  runsOf(holds: ReadonlySet<number>, first: number, last: number): [number, number][] {
    const runs: [number, number][] = [];
    for (let offset = first; offset <= last; offset++) {
      const hold = this.#chunks.get(chunkOf(offset))?.[offset % CHUNK] ?? NONE;
      if (!holds.has(hold)) continue;
      const run = runs.at(-1);
      if (run !== undefined && run[1] === offset - 1) run[1] = offset;
      else runs.push([offset, offset]);
    }
    return runs;
  }

  #isSettledHold(hold: number): boolean {
    const distance = (hold - this.#base) & MAX_ID;
    // Ids run in a circle: one that lies behind the base was settled, and forgotten, long ago.
    const index = this.#head + distance;
    return index >= this.#firstOffsets.length || (this.#firstOffsets[index] as number) < 0;
  }

  #index(hold: number): number {
    return this.#head + ((hold - this.#base) & MAX_ID);
  }

  #idAt(index: number): number {
    return (this.#base + index - this.#head) & MAX_ID;
  }

  #forgetBelowFrontier(): void {
    if (this.#head >= 1024 && this.#head * 2 >= this.#firstOffsets.length) {
      this.#firstOffsets = this.#firstOffsets.slice(this.#head);
      this.#eventTimes = this.#eventTimes.slice(this.#head);
      this.#timesBefore = this.#timesBefore.slice(this.#head);
      this.#firstUnsettled -= this.#head;
      this.#head = 0;
    }
    const lowest = chunkOf(this.frontier);
    if (lowest === this.#lowestChunk) return;
    for (const index of this.#chunks.keys()) if (index < lowest) this.#forgetChunk(index);
    this.#lowestChunk = lowest;
  }

  /** Where nothing is unsettled, and nothing will be. Else one hold that stays unsettled would keep all that was read since. */
  #forgetChunk(index: number): void {
    this.#chunks.delete(index);
    if (this.#lastChunkIndex !== index) return;
    this.#lastChunkIndex = -1;
    this.#lastChunk = undefined;
  }
}

const CHUNK = 4096;
const NO_HOLDS: ReadonlyMap<number, Recipients> = new Map();
const NONE = -1;
const SETTLED = -1;
const MAX_ID = 0x7fffffff;
/** Below `SETTLED`, and back again. */
const pinned = (offset: number): number => -2 - offset;

const chunkOf = (offset: number): number => Math.floor(offset / CHUNK);
