import { type Entry, type EntryList, NO_ENTRY } from "./alert-buffer.js";
import type { HoldId } from "./commit-frontier.js";
import { NOBODY, type Recipients } from "./delivered.js";
import { type Device, Devices, grown } from "./devices.js";
import type { FullWindow } from "./full-windows.js";
import { type Bucket, NO_WINDOW, Window, type WindowId, type WindowState } from "./window.js";
import type { Buckets } from "./window-orders.js";

/**
 * A partition's windows. A window is one device's alerts of one tumbling window `[start, start + size)`: open → closed, perhaps held → mailing, then perhaps
 * passed → settled. There may be hundreds of thousands: each is a record of `WORDS` numbers, and what most windows don't have lies beside.
 */
export class Windows {
  readonly devices = new Devices();
  readonly #buckets: Buckets;
  #words = new Int32Array(WORDS * 16);
  readonly #free: WindowId[] = [];
  #next = 1;
  #count = 0;
  /** Of the few that have something of it. */
  readonly #more = new Map<WindowId, More>();

  constructor(buckets: Buckets) {
    this.#buckets = buckets;
  }

  /** Bytes allocated; 0 while there is none. */
  get bytes(): number {
    return (this.#count === 0 ? 0 : this.#words.byteLength) + this.devices.bytes;
  }

  /** An open one, the last of its bucket. */
  open(device: Device, bucket: Bucket, hold: HoldId): WindowId {
    const id = this.#free.pop() ?? (this.#next++ as WindowId);
    const at = id * WORDS;
    if (at + WORDS > this.#words.length) this.#words = grown(this.#words, at + WORDS);
    this.#words.fill(0, at, at + WORDS);
    this.#words[at + DEVICE] = device;
    this.#words[at + BUCKET] = bucket.number;
    this.#words[at + HOLD] = hold;
    if (bucket.lastOpened === NO_WINDOW) bucket.firstOpened = id;
    else this.#words[bucket.lastOpened * WORDS + OPENED_NEXT] = id;
    bucket.lastOpened = id;
    this.#count++;
    return id;
  }

  /** It is in no ring any more. Where its bucket is open, and leads by it to others, it is forgotten when the bucket closes. */
  settle(id: WindowId): void {
    if (this.bucketOf(id).closed) this.forget(id);
    else this.setState(id, "settled");
  }

  /** Settled, in a bucket that is closed: its number may be another one's from now on. */
  forget(id: WindowId): void {
    this.#more.delete(id);
    this.#count--;
    this.#free.push(id);
    if (this.#count > 0 || this.#next <= CROWD) return;
    // Nothing is left of a crowd that came once.
    this.#words = new Int32Array(WORDS * 16);
    this.#free.length = 0;
    this.#next = 1;
  }

  get(id: WindowId): Window {
    return new Window(this, id);
  }

  deviceOf(id: WindowId): Device {
    return this.#words[id * WORDS + DEVICE] as Device;
  }

  bucketOf(id: WindowId): Bucket {
    return this.#buckets.numbered(this.#words[id * WORDS + BUCKET] as number);
  }

  holdOf(id: WindowId): HoldId {
    return this.#words[id * WORDS + HOLD] as HoldId;
  }

  /** The device's next window; of its last one: the first. */
  nextOf(id: WindowId): WindowId {
    return this.#words[id * WORDS + NEXT] as WindowId;
  }

  setNext(id: WindowId, next: WindowId): void {
    this.#words[id * WORDS + NEXT] = next;
  }

  /** Takes all windows out of their bucket, in the order in which they were opened, also the settled ones. */
  takeOpened(bucket: Bucket): WindowId[] {
    const opened: WindowId[] = [];
    for (let id = bucket.firstOpened; id !== NO_WINDOW; id = this.openedAfter(id)) opened.push(id);
    bucket.firstOpened = NO_WINDOW;
    bucket.lastOpened = NO_WINDOW;
    return opened;
  }

  /** Their alerts in the buffer. */
  *lists(ids: Iterable<WindowId>): Generator<EntryList> {
    for (const id of ids) {
      const list = { tail: this.tailOf(id) };
      yield list;
      this.setTail(id, list.tail);
    }
  }

  /** The one that was opened after it in its bucket; `NO_WINDOW`: none. */
  openedAfter(id: WindowId): WindowId {
    return this.#words[id * WORDS + OPENED_NEXT] as WindowId;
  }

  isOpen(id: WindowId): boolean {
    return ((this.#words[id * WORDS + FLAGS] as number) & STATE) === OPEN;
  }

  stateOf(id: WindowId): WindowState {
    return STATES[(this.#words[id * WORDS + FLAGS] as number) & STATE] as WindowState;
  }

  setState(id: WindowId, state: WindowState): void {
    const at = id * WORDS + FLAGS;
    this.#words[at] = ((this.#words[at] as number) & ~STATE) | STATES.indexOf(state);
  }

  /** Who has exactly its alerts already: `NOBODY` but after a restart, and once its mail reached some and not all. */
  deliveredTo(id: WindowId): Recipients {
    return this.#moreOf(id)?.delivered ?? NOBODY;
  }

  setDelivered(id: WindowId, delivered: Recipients): void {
    if (delivered !== this.deliveredTo(id)) this.#withMore(id).delivered = delivered;
  }

  /** Its last alert in the buffer. */
  tailOf(id: WindowId): Entry {
    return ((this.#words[id * WORDS + TAIL] as number) >>> 0) as Entry;
  }

  setTail(id: WindowId, tail: Entry): void {
    this.#words[id * WORDS + TAIL] = tail;
  }

  /** Alerts in the buffer. */
  listedIn(id: WindowId): number {
    return this.#words[id * WORDS + LISTED] as number;
  }

  /** The last of its alerts, that of the offset, now lies in the buffer. */
  list(id: WindowId, tail: Entry, offset: number): void {
    const at = id * WORDS;
    this.#words[at + TAIL] = tail;
    this.#words[at + LISTED] = (this.#words[at + LISTED] as number) + 1;
    this.#words[at + LAST_OFFSET] = Math.floor(offset / 2 ** 32);
    this.#words[at + LAST_OFFSET + 1] = offset % 2 ** 32;
  }

  /** Of its alerts so many are left in the buffer, and end there. */
  keep(id: WindowId, tail: Entry, listed: number): void {
    this.setTail(id, tail);
    this.#words[id * WORDS + LISTED] = listed;
  }

  lastOffsetOf(id: WindowId): number {
    const at = id * WORDS + LAST_OFFSET;
    return (this.#words[at] as number) * 2 ** 32 + ((this.#words[at + 1] as number) >>> 0);
  }

  /** `IS_CRITICAL` and the like. */
  has(id: WindowId, flag: number): boolean {
    return ((this.#words[id * WORDS + FLAGS] as number) & flag) !== 0;
  }

  mark(id: WindowId, flag: number): void {
    const at = id * WORDS + FLAGS;
    this.#words[at] = (this.#words[at] as number) | flag;
  }

  /** Undefined: a mail can list all its alerts. */
  fullOf(id: WindowId): FullWindow | undefined {
    return this.#moreOf(id)?.full;
  }

  fill(id: WindowId, full: FullWindow): void {
    this.#withMore(id).full = full;
  }

  /** Another window has all that it had, but for its offsets. */
  empty(id: WindowId): void {
    this.keep(id, NO_ENTRY, 0);
    this.#withMore(id).full = undefined;
  }

  /** How many alerts it has. */
  alertsIn(id: WindowId): number {
    return this.fullOf(id)?.all.count ?? this.listedIn(id);
  }

  /** The highest of its alerts': how often one of them came back from the dead letters. */
  redrivesOf(id: WindowId): number {
    return this.#moreOf(id)?.redrives ?? 0;
  }

  countRedrives(id: WindowId, redrives: number): void {
    if (redrives > this.redrivesOf(id)) this.#withMore(id).redrives = redrives;
  }

  #moreOf(id: WindowId): More | undefined {
    return this.has(id, HAS_MORE) ? this.#more.get(id) : undefined;
  }

  #withMore(id: WindowId): More {
    let more = this.#moreOf(id);
    if (more === undefined) {
      more = {};
      this.#more.set(id, more);
      this.mark(id, HAS_MORE);
    }
    return more;
  }
}

interface More {
  delivered?: Recipients;
  full?: FullWindow | undefined;
  redrives?: number;
}

/** What a window's record holds. */
const DEVICE = 0;
const BUCKET = 1;
const FLAGS = 2;
const HOLD = 3;
const NEXT = 4;
const OPENED_NEXT = 5;
const TAIL = 6;
const LISTED = 7;
/** High and low half. */
const LAST_OFFSET = 8;
const WORDS = 10;
const CROWD = 1000;

const STATES: readonly WindowState[] = ["open", "closed", "mailing", "passed", "settled", "held"];
const OPEN = 0;
const STATE = 7;
const HAS_MORE = 32;
