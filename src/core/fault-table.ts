import { SEVERITIES, type Severity } from "./alert.js";
import { type Fault, FIRES, rankOf } from "./fault.js";

declare const faultId: unique symbol;

/** A fault in the table; given to another one once it is removed. */
export type FaultId = number & { readonly [faultId]: true };

export const NO_FAULT = 0 as FaultId;

/**
 * The faults of a partition: by device and type, and by when they were heard last. There may be ten thousand, and one is asked for with each alert: each is
 * a record of `WORDS` numbers in one piece of memory, and leads to the next one of its place, by its device's hash: the one that began before it.
 */
export class FaultTable {
  /** A power of two. */
  #places = new Int32Array(MIN_PLACES);
  #words = new Int32Array(MIN_PLACES * WORDS);
  /** The same memory, for offsets and times. */
  #doubles = new Float64Array(this.#words.buffer);
  readonly #free: FaultId[] = [];
  #next = 1;
  #oldest = NO_FAULT;
  #newest = NO_FAULT;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** By when they were heard last; `NO_FAULT`: there is none. */
  get oldest(): FaultId {
    return this.#oldest;
  }

  get newest(): FaultId {
    return this.#newest;
  }

  /** The one that was heard last before it. */
  olderThan(id: FaultId): FaultId {
    return this.#words[id * WORDS + OLDER] as FaultId;
  }

  /** The newest one of the type, whether it fires or is over; `NO_FAULT`: there is none. */
  newestOf(hash: number, more: number, type: number): FaultId {
    const words = this.#words;
    let id = this.#first(hash);
    for (; id !== NO_FAULT; id = words[id * WORDS + NEXT] as FaultId) {
      const at = id * WORDS;
      if (words[at + TYPE] === type && words[at + HASH] === hash && ((words[at + FLAGS] as number) & MORE) === more)
        break;
    }
    return id;
  }

  /** The newest one of the type that the alert at the offset is a part of; `NO_FAULT`: there is none. */
  partOf(hash: number, more: number, type: number, offset: number): FaultId {
    const [words, doubles] = [this.#words, this.#doubles];
    let id = this.#first(hash);
    for (; id !== NO_FAULT; id = words[id * WORDS + NEXT] as FaultId) {
      const [at, times] = [id * WORDS, id * DOUBLES];
      if (words[at + TYPE] !== type || words[at + HASH] !== hash || ((words[at + FLAGS] as number) & MORE) !== more)
        continue;
      if ((doubles[times + FROM] as number) <= offset && offset <= (doubles[times + LAST] as number)) break;
    }
    return id;
  }

  /** All of a device, in the order in which they began. */
  of(hash: number, more: number): FaultId[] {
    const words = this.#words;
    const found: FaultId[] = [];
    for (let id = this.#first(hash); id !== NO_FAULT; id = words[id * WORDS + NEXT] as FaultId)
      if (words[id * WORDS + HASH] === hash && ((words[id * WORDS + FLAGS] as number) & MORE) === more) found.push(id);
    return found.reverse();
  }

  get(id: FaultId): Fault {
    const [words, doubles] = [this.#words, this.#doubles];
    const [at, times] = [id * WORDS, id * DOUBLES];
    const flags = words[at + FLAGS] as number;
    const began = doubles[times + BEGAN] as number;
    return {
      hash: words[at + HASH] as number,
      more: flags & MORE,
      type: words[at + TYPE] as number,
      began: Number.isNaN(began) ? undefined : began,
      from: doubles[times + FROM] as number,
      last: doubles[times + LAST] as number,
      overAt: doubles[times + OVER_AT] as number,
      heard: doubles[times + HEARD] as number,
      worst: SEVERITIES[(flags >>> WORST) & RANK] as Severity,
      told: SEVERITIES[(flags >>> TOLD) & RANK],
    };
  }

  typeOf(id: FaultId): number {
    return this.#words[id * WORDS + TYPE] as number;
  }

  beganOf(id: FaultId): number | undefined {
    const began = this.#doubles[id * DOUBLES + BEGAN] as number;
    return Number.isNaN(began) ? undefined : began;
  }

  setBegan(id: FaultId, began: number | undefined): void {
    this.#doubles[id * DOUBLES + BEGAN] = began ?? UNKNOWN;
  }

  lastOf(id: FaultId): number {
    return this.#doubles[id * DOUBLES + LAST] as number;
  }

  setOverAt(id: FaultId, offset: number): void {
    this.#doubles[id * DOUBLES + OVER_AT] = offset;
  }

  isOver(id: FaultId): boolean {
    return this.#doubles[id * DOUBLES + OVER_AT] !== FIRES;
  }

  heardOf(id: FaultId): number {
    return this.#doubles[id * DOUBLES + HEARD] as number;
  }

  /** An alert at `offset` is part of it. Among the others it takes its place anew where it has not for `touchAfter` seconds. */
  goesOn(id: FaultId, offset: number, time: number, touchAfter: number): void {
    const doubles = this.#doubles;
    const at = id * DOUBLES;
    doubles[at + LAST] = offset;
    if (time > (doubles[at + HEARD] as number)) doubles[at + HEARD] = time;
    if (time - (doubles[at + TOUCHED] as number) < touchAfter) return;
    doubles[at + TOUCHED] = time;
    if (id === this.#newest) return;
    this.#takeOut(id);
    this.#putLast(id);
  }

  /** The place of its worst severity in `SEVERITIES`. */
  worstOf(id: FaultId): number {
    return ((this.#words[id * WORDS + FLAGS] as number) >>> WORST) & RANK;
  }

  setWorst(id: FaultId, rank: number): void {
    this.#setRank(id, WORST, rank);
  }

  /** The same of what somebody was told; `UNTOLD`: nobody was of anything. */
  toldOf(id: FaultId): number {
    return ((this.#words[id * WORDS + FLAGS] as number) >>> TOLD) & RANK;
  }

  setTold(id: FaultId, rank: number): void {
    this.#setRank(id, TOLD, rank);
  }

  /** Its device had more types than are kept apart: of those that are not here, nothing is known. */
  isOfFull(id: FaultId): boolean {
    return ((this.#words[id * WORDS + FLAGS] as number) & FULL) !== 0;
  }

  /** All of a device that are here, and those that come while one of these is. */
  markFull(hash: number, more: number): void {
    for (const id of this.of(hash, more)) {
      const at = id * WORDS + FLAGS;
      this.#words[at] = (this.#words[at] as number) | FULL;
    }
  }

  /** Heard just now. */
  add({ hash, more, type, began, from, last, overAt, heard, worst, told }: Fault): void {
    if (this.#count >= this.#places.length) this.#spread();
    const isFull = this.of(hash, more).some((other) => this.isOfFull(other));
    const id = this.#free.pop() ?? (this.#next++ as FaultId);
    if ((id + 1) * WORDS > this.#words.length) this.#grow();
    this.#doubles.set([from, last, overAt, began ?? UNKNOWN, heard, heard], id * DOUBLES);
    const words = this.#words;
    const at = id * WORDS;
    words[at + HASH] = hash;
    words[at + TYPE] = type;
    words[at + FLAGS] = more | (rankOf(worst) << WORST) | (rankOf(told) << TOLD) | (isFull ? FULL : 0);
    this.#place(id);
    this.#count++;
    this.#putLast(id);
  }

  remove(id: FaultId): void {
    this.#takeOut(id);
    const words = this.#words;
    const place = this.#placeOf(words[id * WORDS + HASH] as number);
    const next = words[id * WORDS + NEXT] as FaultId;
    let before = this.#places[place] as FaultId;
    if (before === id) this.#places[place] = next;
    else {
      while (words[before * WORDS + NEXT] !== id) before = words[before * WORDS + NEXT] as FaultId;
      words[before * WORDS + NEXT] = next;
    }
    this.#count--;
    this.#free.push(id);
  }

  #first(hash: number): FaultId {
    return this.#places[this.#placeOf(hash)] as FaultId;
  }

  #placeOf(hash: number): number {
    return hash & (this.#places.length - 1);
  }

  /** Before those that began before it. */
  #place(id: FaultId): void {
    const place = this.#placeOf(this.#words[id * WORDS + HASH] as number);
    this.#words[id * WORDS + NEXT] = this.#places[place] as number;
    this.#places[place] = id;
  }

  #spread(): void {
    const before = this.#places;
    this.#places = new Int32Array(before.length * 2);
    for (const first of before) {
      const all: FaultId[] = [];
      for (let id = first as FaultId; id !== NO_FAULT; id = this.#words[id * WORDS + NEXT] as FaultId) all.push(id);
      for (const id of all.reverse()) this.#place(id);
    }
  }

  #grow(): void {
    const words = new Int32Array(Math.ceil(this.#next * 1.125) * WORDS);
    words.set(this.#words);
    this.#words = words;
    this.#doubles = new Float64Array(words.buffer);
  }

  #setRank(id: FaultId, which: number, rank: number): void {
    const at = id * WORDS + FLAGS;
    this.#words[at] = ((this.#words[at] as number) & ~(RANK << which)) | (rank << which);
  }

  #takeOut(id: FaultId): void {
    const words = this.#words;
    const older = words[id * WORDS + OLDER] as FaultId;
    const newer = words[id * WORDS + NEWER] as FaultId;
    if (older === NO_FAULT) this.#oldest = newer;
    else words[older * WORDS + NEWER] = newer;
    if (newer === NO_FAULT) this.#newest = older;
    else words[newer * WORDS + OLDER] = older;
  }

  #putLast(id: FaultId): void {
    const words = this.#words;
    words[id * WORDS + OLDER] = this.#newest;
    words[id * WORDS + NEWER] = NO_FAULT;
    if (this.#newest === NO_FAULT) this.#oldest = id;
    else words[this.#newest * WORDS + NEWER] = id;
    this.#newest = id;
  }
}

/** Of a record: offsets and times, as doubles. */
const FROM = 0;
const LAST = 1;
const OVER_AT = 2;
const BEGAN = 3;
const HEARD = 4;
const TOUCHED = 5;
/** After them, as words. */
const HASH = 12;
const TYPE = 13;
/** `more`, how bad, and whether its device is full. */
const FLAGS = 14;
const NEXT = 15;
/** In the order in which they were heard last. */
const OLDER = 16;
const NEWER = 17;
const WORDS = 18;
const DOUBLES = WORDS / 2;
const MIN_PLACES = 16;
const MORE = 0xffff;
const WORST = 16;
const TOLD = 18;
const RANK = 3;
const FULL = 1 << 20;
/** Instead of a time. */
const UNKNOWN = Number.NaN;
