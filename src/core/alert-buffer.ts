declare const entryId: unique symbol;

/** An alert in the buffer; no offset, and no hold of the frontier. */
export type Entry = number & { readonly [entryId]: true };

export const NO_ENTRY = 0 as Entry;

/**
 * The bytes of buffered alerts, in slabs, as linked lists: one list a window.
 *
 * A parsed alert of 260 bytes takes 398 bytes of heap and a `Buffer` of its own another hundred; in a slab it takes its own size and
 * `HEADER` bytes more. Nothing is parsed again until its mail is composed.
 *
 * An entry lies at a multiple of 8:  next u32 (in units of 8; 0: last) · offset − first offset u32 · length u24 · late u8 · event time i48 · bytes
 */
export class AlertBuffer {
  #slabs: (Uint8Array | undefined)[] = [EMPTY];
  #views: (DataView | undefined)[] = [undefined];
  /** Bytes of entries still wanted, by slab. */
  #live: number[] = [0];
  #free: number[] = [];
  #current = 0;
  #used = SLAB;
  #bytes = 0;
  #liveBytes = 0;
  readonly #compactAbove: number;

  /** `compactAbove`: bytes up to which it is never sparse. */
  constructor(compactAbove = 32 * SLAB) {
    this.#compactAbove = compactAbove;
  }

  /** Bytes allocated. */
  get bytes(): number {
    return this.#bytes;
  }

  /** More than half of a large buffer lies in slabs that only a few entries keep alive. */
  get sparse(): boolean {
    return this.#bytes > this.#compactAbove && this.#liveBytes * 2 < this.#bytes;
  }

  /** Copies `bytes` in and returns the entry. `tail` is the entry to append to, `NO_ENTRY` for a new list. */
  append(tail: Entry, offsetDelta: number, eventTime: number, late: boolean, bytes: Uint8Array): Entry {
    const size = HEADER + bytes.length;
    if (this.#used + size > SLAB) this.#open(size);
    const at = this.#used;
    this.#used = (at + size + 7) & ~7;
    const index = this.#current;
    const view = this.#views[index] as DataView;
    view.setUint32(at, 0);
    view.setUint32(at + 4, offsetDelta);
    view.setUint32(at + 8, bytes.length * 2 + (late ? 1 : 0));
    // 48 bits: until the year 10889.
    view.setUint16(at + 12, Math.floor(eventTime / 2 ** 32));
    view.setUint32(at + 14, eventTime % 2 ** 32);
    (this.#slabs[index] as Uint8Array).set(bytes, at + HEADER);
    this.#live[index] = (this.#live[index] as number) + size;
    this.#liveBytes += size;
    const entry = (index * UNITS + (at >>> 3)) as Entry;
    if (tail !== NO_ENTRY) (this.#views[slabOf(tail)] as DataView).setUint32((tail % UNITS) * 8, entry);
    return entry;
  }

  next(entry: Entry): Entry {
    return this.#view(entry).getUint32((entry % UNITS) * 8) as Entry;
  }

  offsetDelta(entry: Entry): number {
    return this.#view(entry).getUint32((entry % UNITS) * 8 + 4);
  }

  late(entry: Entry): boolean {
    return (this.#view(entry).getUint32((entry % UNITS) * 8 + 8) & 1) === 1;
  }

  eventTime(entry: Entry): number {
    const at = (entry % UNITS) * 8;
    const view = this.#view(entry);
    return view.getUint16(at + 12) * 2 ** 32 + view.getUint32(at + 14);
  }

  /** A view of the slab: valid until the next call that is not a getter. */
  value(entry: Entry): Uint8Array {
    const at = (entry % UNITS) * 8;
    const length = this.#view(entry).getUint32(at + 8) >>> 1;
    return (this.#slabs[slabOf(entry)] as Uint8Array).subarray(at + HEADER, at + HEADER + length);
  }

  /** The whole list is no longer wanted. */
  release(head: Entry): void {
    for (let entry = head; entry !== NO_ENTRY; ) {
      const index = slabOf(entry);
      const view = this.#views[index] as DataView;
      const at = (entry % UNITS) * 8;
      const size = HEADER + (view.getUint32(at + 8) >>> 1);
      const next = view.getUint32(at) as Entry;
      this.#liveBytes -= size;
      const live = (this.#live[index] as number) - size;
      this.#live[index] = live;
      if (live === 0) {
        if (index === this.#current) this.#used = 0;
        else this.#drop(index);
      }
      entry = next;
    }
    // A slab made for one large value must not be filled again as if it were an ordinary one.
    if (this.#used === 0 && (this.#slabs[this.#current] as Uint8Array).length > SLAB) {
      this.#drop(this.#current);
      this.#current = 0;
      this.#used = SLAB;
    }
  }

  /** Keeps the entries of these lists only, which say where they begin and end now: what else a slab held is gone with it. */
  compact(lists: Iterable<EntryList>): void {
    const fresh = new AlertBuffer(this.#compactAbove);
    for (const list of lists) {
      let [head, tail] = [NO_ENTRY, NO_ENTRY];
      for (let entry = list.head; entry !== NO_ENTRY; entry = this.next(entry)) {
        tail = fresh.append(tail, this.offsetDelta(entry), this.eventTime(entry), this.late(entry), this.value(entry));
        if (head === NO_ENTRY) head = tail;
      }
      list.head = head;
      list.tail = tail;
    }
    this.#slabs = fresh.#slabs;
    this.#views = fresh.#views;
    this.#live = fresh.#live;
    this.#free = fresh.#free;
    this.#current = fresh.#current;
    this.#used = fresh.#used;
    this.#bytes = fresh.#bytes;
    this.#liveBytes = fresh.#liveBytes;
  }

  #open(size: number): void {
    const previous = this.#current;
    const slab = new Uint8Array(Math.max(SLAB, size));
    const index = this.#free.pop() ?? this.#slabs.length;
    this.#slabs[index] = slab;
    this.#views[index] = new DataView(slab.buffer);
    this.#live[index] = 0;
    this.#bytes += slab.length;
    this.#current = index;
    this.#used = 0;
    if (previous !== 0 && this.#live[previous] === 0) this.#drop(previous);
  }

  #drop(index: number): void {
    this.#bytes -= (this.#slabs[index] as Uint8Array).length;
    this.#slabs[index] = undefined;
    this.#views[index] = undefined;
    this.#free.push(index);
  }

  #view(entry: Entry): DataView {
    return this.#views[slabOf(entry)] as DataView;
  }
}

/** `NO_ENTRY`: there is none. */
export interface EntryList {
  head: Entry;
  tail: Entry;
}

const SLAB = 64 * 1024;
const UNITS = SLAB / 8;
const HEADER = 18;
const EMPTY = new Uint8Array(0);

const slabOf = (entry: Entry): number => Math.floor(entry / UNITS);
