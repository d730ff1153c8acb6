import { type DeliveredRun, isSame, type Recipients } from "./delivered.js";
import type { EventTime } from "./time.js";

declare const holdId: unique symbol;

/** Something that keeps the frontier back; no offset, and no entry of the alert buffer. */
export type HoldId = number & { readonly [holdId]: true };

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
 * A settled hold can be *pinned*: its offsets count as settled, and still the frontier does not pass it, so that a replay reads them. An unsettled one
 * can be *passed*: others need not wait for it, and the frontier does.
 */
export class CommitFrontier {
  /** Next offset to read: everything below it is held, settled, or was never there. */
  #position: number;
  /** By hold, in the order of their first offsets, from `#head` to `#end`; `#base` is the hold at `#head`. */
  #firstOffsets = new Float64Array(MIN_ROOM);
  #states = new Uint8Array(MIN_ROOM);
  /** The partition's time before a hold's first record, and that record's event time. */
  #timesBefore = new Float64Array(MIN_ROOM);
  #eventTimes = new Float64Array(MIN_ROOM);
  #head = 0;
  #end = 0;
  /** No hold before it is open. */
  #firstOpen = 0;
  #base = 0;
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
    return this.holds === 0 ? this.#position : (this.#firstOffsets[this.#head] as number);
  }

  /** Unsettled and pinned holds, and the settled ones between them. */
  get holds(): number {
    return this.#end - this.#head;
  }

  /** The partition's time as it was before the record at the frontier was read; undefined when nothing is held. */
  get timeBeforeFrontier(): EventTime | undefined {
    const time = this.holds === 0 ? Number.NEGATIVE_INFINITY : this.#timesBefore[this.#head];
    return time === Number.NEGATIVE_INFINITY ? undefined : (time as EventTime);
  }

  /** Event time of the record with the lowest offset that is neither settled nor passed; undefined when there is none. */
  get oldestEventTime(): EventTime | undefined {
    while (this.#firstOpen < this.#end && this.#states[this.#firstOpen] !== OPEN) this.#firstOpen++;
    return this.#firstOpen < this.#end ? (this.#eventTimes[this.#firstOpen] as EventTime) : undefined;
  }

  /** Bytes kept per offset and per hold. */
  get bytes(): number {
    return this.#chunks.size * CHUNK * 4 + this.#end * HOLD_BYTES;
  }

  /** Opens a hold whose first offset is `offset`, the next one read. */
  hold(offset: number, eventTime: EventTime, timeBefore: number): HoldId {
    const id = ((this.#base + this.holds) & MAX_ID) as HoldId;
    if (this.#end === this.#states.length) this.#moveTo(Math.ceil(this.holds * 1.125) + MIN_ROOM);
    const at = this.#end++;
    this.#firstOffsets[at] = offset;
    this.#states[at] = OPEN;
    this.#eventTimes[at] = eventTime;
    this.#timesBefore[at] = timeBefore;
    this.extend(id, offset);
    return id;
  }

  /** Gives `offset`, the next one read, to a hold. */
  extend(hold: HoldId, offset: number): void {
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
  firstOffset(hold: HoldId): number {
    return this.#firstOffsets[this.#index(hold)] as number;
  }

  /** The hold needs nothing more, but the frontier is not to pass it before it is settled in full. */
  pin(hold: HoldId): void {
    if (this.#stateOf(hold) >= PINNED) throw new Error(`hold ${hold} is not open: settled twice?`);
    this.#states[this.#index(hold)] = PINNED;
  }

  /** Others need not wait for it: the frontier does. */
  pass(hold: HoldId): void {
    this.#states[this.#index(hold)] = PASSED;
  }

  /** The hold needs nothing more. Returns whether the frontier moved. */
  settle(hold: HoldId): boolean {
    if (this.#stateOf(hold) === SETTLED) throw new Error(`hold ${hold} is not open: settled twice?`);
    const index = this.#index(hold);
    this.#states[index] = SETTLED;
    if (index !== this.#head) return false;
    while (this.#head < this.#end && this.#states[this.#head] === SETTLED) {
      this.#head++;
      this.#base = (this.#base + 1) & MAX_ID;
    }
    this.#firstOpen = Math.max(this.#firstOpen, this.#head);
    this.#forgetBelowFrontier();
    return true;
  }

  /**
   * Inclusive runs of settled offsets above the frontier, ascending; and of the unsettled ones, who has them (`delivered`, by hold). A run of these reaches
   * over settled offsets, where it says nothing, so that there are few.
   */
  runs(delivered: ReadonlyMap<HoldId, Recipients> = NO_HOLDS): {
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
        const hold = chunk[offset % CHUNK] as HoldId;
        if (hold === NONE || this.#stateOf(hold) >= PINNED) {
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
  runsOf(holds: ReadonlySet<HoldId>, first: number, last: number): [number, number][] {
    const runs: [number, number][] = [];
    for (let offset = first; offset <= last; offset++) {
      const hold = this.#chunks.get(chunkOf(offset))?.[offset % CHUNK];
      if (!holds.has(hold as HoldId)) continue;
      const run = runs.at(-1);
      if (run !== undefined && run[1] === offset - 1) run[1] = offset;
      else runs.push([offset, offset]);
    }
    return runs;
  }

  /** Ids run in a circle: one that lies behind the base was settled, and forgotten, long ago. */
  #stateOf(hold: HoldId): HoldState {
    const index = this.#index(hold);
    return index < this.#end ? (this.#states[index] as HoldState) : SETTLED;
  }

  #index(hold: HoldId): number {
    return this.#head + ((hold - this.#base) & MAX_ID);
  }

  #forgetBelowFrontier(): void {
    if (this.#head >= 1024 && this.#head * 2 >= this.#end) this.#moveTo(this.holds + MIN_ROOM);
    const lowest = chunkOf(this.frontier);
    if (lowest === this.#lowestChunk) return;
    for (const index of this.#chunks.keys()) if (index < lowest) this.#forgetChunk(index);
    this.#lowestChunk = lowest;
  }

  /** To arrays with so much room, without those before `#head`. */
  #moveTo(room: number): void {
    const moved = <A extends Float64Array | Uint8Array>(to: A, from: A): A => {
      to.set(from.subarray(this.#head, this.#end));
      return to;
    };
    this.#firstOffsets = moved(new Float64Array(room), this.#firstOffsets);
    this.#states = moved(new Uint8Array(room), this.#states);
    this.#eventTimes = moved(new Float64Array(room), this.#eventTimes);
    this.#timesBefore = moved(new Float64Array(room), this.#timesBefore);
    this.#firstOpen -= this.#head;
    this.#end -= this.#head;
    this.#head = 0;
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
const MIN_ROOM = 16;
const HOLD_BYTES = 25;
const NO_HOLDS: ReadonlyMap<HoldId, Recipients> = new Map();
/** In a chunk: the offset is in no hold. */
const NONE = -1;
const MAX_ID = 0x7fffffff;

const OPEN = 0;
const PASSED = 1;
const PINNED = 2;
const SETTLED = 3;
type HoldState = typeof OPEN | typeof PASSED | typeof PINNED | typeof SETTLED;

const chunkOf = (offset: number): number => Math.floor(offset / CHUNK);
