declare const entryId: unique symbol;

/** An alert in the buffer; no offset, and no hold of the frontier. */
export type Entry = number & { readonly [entryId]: true };

export const NO_ENTRY = 0 as Entry;

/**
 * The bytes of buffered alerts, in slabs, as linked lists: one list a window, entered at its last alert.
 *
 * A parsed alert of 260 bytes takes 398 bytes of heap and a `Buffer` of its own another hundred; in a slab it takes its own size and `SHORT` bytes
 * more. Nothing is parsed again until its mail is composed. Each entry leads to the one before it, so that appending touches no other entry.
 *
 * A slab has an offset and an event time, its first entry's, and most entries say how far they are from those. An entry lies at a multiple of 2:
 *
 * ```
 * short  previous u32 · late, long, length u16 · offset u16 · event time i24 · bytes
 * long   previous u32 · late, long u16 · length u32 · offset f64 · event time f64 · bytes
 * ```
 */
export class AlertBuffer {
  #slabs: (Uint8Array | undefined)[] = [EMPTY];
  #views: (DataView | undefined)[] = [EMPTY_VIEW];
  #firstOffsets: number[] = [0];
  #firstTimes: number[] = [0];
  /** Bytes of entries still wanted, by slab. */
  #live: number[] = [0];
  #free: number[] = [];
  #current = 0;
  #used = SLAB;
  #bytes = 0;
  #liveBytes = 0;
  readonly #compactAbove: number;
  readonly #room: { -readonly [field in keyof Room]: Room[field] } = { bytes: EMPTY, view: EMPTY_VIEW, from: 0 };

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

  /** Where the bytes of the next entry are likely to stand. Until the next call. */
  get room(): Room {
    const room = this.#room;
    room.bytes = this.#slabs[this.#current] as Uint8Array;
    room.view = this.#views[this.#current] as DataView;
    room.from = this.#used + SHORT;
    return room;
  }

  /**
   * Copies the bytes in that stand between `from` and `to`, and returns the entry; what was written into `room` stands where it belongs. `previous` is the
   * list's last entry, `NO_ENTRY` for a new list.
   */
  append(
    previous: Entry,
    offset: number,
    eventTime: number,
    late: boolean,
    bytes: Uint8Array,
    from = 0,
    to = bytes.length,
  ): Entry {
    const length = to - from;
    let header = this.#headerFor(offset, eventTime, length);
    if (this.#used + header + length > SLAB) {
      header = length > SHORT_LENGTH_MAX ? LONG : SHORT;
      this.#open(header + length);
    }
    const index = this.#current;
    const at = this.#used;
    if (at === 0) {
      this.#firstOffsets[index] = offset;
      this.#firstTimes[index] = eventTime;
    }
    const slab = this.#slabs[index] as Uint8Array;
    const place = at + header;
    // First of all: a long head stands where the room begins.
    if (length === bytes.length) slab.set(bytes, place);
    // Not `subarray`: of a Buffer that is a Buffer, which costs more.
    else if (bytes !== slab) slab.set(new Uint8Array(bytes.buffer, bytes.byteOffset + from, length), place);
    else if (from !== place) slab.copyWithin(place, from, to);
    const view = this.#views[index] as DataView;
    view.setUint32(at, previous);
    if (header === SHORT) {
      const timeDelta = eventTime - (this.#firstTimes[index] as number);
      view.setUint16(at + 4, length | (late ? LATE : 0));
      view.setUint16(at + 6, offset - (this.#firstOffsets[index] as number));
      view.setInt16(at + 8, timeDelta >> 8);
      view.setUint8(at + 10, timeDelta & 0xff);
    } else {
      view.setUint16(at + 4, IS_LONG | (late ? LATE : 0));
      view.setUint32(at + 6, length);
      view.setFloat64(at + 10, offset);
      view.setFloat64(at + 18, eventTime);
    }
    this.#used = (at + header + length + 1) & ~1;
    this.#live[index] = (this.#live[index] as number) + header + length;
    this.#liveBytes += header + length;
    return (index * UNITS + (at >>> 1)) as Entry;
  }

  /** Its bytes are a view of the slab: valid until the next call that changes the buffer. */
  read(entry: Entry): StoredAlert {
    const slab = slabOf(entry);
    const at = (entry & (UNITS - 1)) * 2;
    const view = this.#views[slab] as DataView;
    const isLong = (view.getUint16(at + 4) & IS_LONG) !== 0;
    const from = at + (isLong ? LONG : SHORT);
    return {
      previous: view.getUint32(at) as Entry,
      offset: isLong ? view.getFloat64(at + 10) : (this.#firstOffsets[slab] as number) + view.getUint16(at + 6),
      late: (view.getUint16(at + 4) & LATE) !== 0,
      eventTime: this.#timeAt(slab, at),
      bytes: (this.#slabs[slab] as Uint8Array).subarray(from, from + lengthAt(view, at)),
    };
  }

  /** The list that ends with `tail` is no longer wanted. */
  release(tail: Entry): void {
    for (let entry = tail; entry !== NO_ENTRY; ) {
      const index = slabOf(entry);
      const view = this.#views[index] as DataView;
      const at = (entry & (UNITS - 1)) * 2;
      const length = lengthAt(view, at);
      const size = length + ((view.getUint16(at + 4) & IS_LONG) !== 0 ? LONG : SHORT);
      const previous = view.getUint32(at) as Entry;
      this.#liveBytes -= size;
      const live = (this.#live[index] as number) - size;
      this.#live[index] = live;
      if (live === 0) {
        if (index === this.#current) this.#used = 0;
        else this.#drop(index);
      }
      entry = previous;
    }
    // A slab made for one large value must not be filled again as if it were an ordinary one.
    if (this.#used === 0 && (this.#slabs[this.#current] as Uint8Array).length > SLAB) {
      this.#drop(this.#current);
      this.#current = 0;
      this.#used = SLAB;
    }
  }

  /** Of the list that ends with `tail`, only those of which `kept` is true stay, by their place in it; at least one. Returns where it ends now. */
  thin(tail: Entry, kept: readonly boolean[]): Entry {
    let end = NO_ENTRY;
    for (const [index, { offset, eventTime, late, bytes }] of this.list(tail).entries())
      if (kept[index]) end = this.append(end, offset, eventTime, late, bytes);
    this.release(tail);
    return end;
  }

  /** Keeps the entries of these lists only, which say where they end now: what else a slab held is gone with it. */
  compact(lists: Iterable<EntryList>): void {
    const fresh = new AlertBuffer(this.#compactAbove);
    for (const list of lists) {
      let tail = NO_ENTRY;
      for (const { offset, eventTime, late, bytes } of this.list(list.tail))
        tail = fresh.append(tail, offset, eventTime, late, bytes);
      list.tail = tail;
    }
    this.#slabs = fresh.#slabs;
    this.#views = fresh.#views;
    this.#firstOffsets = fresh.#firstOffsets;
    this.#firstTimes = fresh.#firstTimes;
    this.#live = fresh.#live;
    this.#free = fresh.#free;
    this.#current = fresh.#current;
    this.#used = fresh.#used;
    this.#bytes = fresh.#bytes;
    this.#liveBytes = fresh.#liveBytes;
  }

  /** The list that ends with `tail`, from its first alert on. */
  list(tail: Entry): StoredAlert[] {
    const list: StoredAlert[] = [];
    for (let entry = tail; entry !== NO_ENTRY; ) {
      const alert = this.read(entry);
      list.push(alert);
      entry = alert.previous;
    }
    return list.reverse();
  }

  /** Event times of the list that ends with `tail`, from its first alert on. */
  times(tail: Entry): number[] {
    const times: number[] = [];
    for (let entry = tail; entry !== NO_ENTRY; ) {
      const slab = slabOf(entry);
      const at = (entry & (UNITS - 1)) * 2;
      const view = this.#views[slab] as DataView;
      times.push(this.#timeAt(slab, at));
      entry = view.getUint32(at) as Entry;
    }
    return times.reverse();
  }

  #timeAt(slab: number, at: number): number {
    const view = this.#views[slab] as DataView;
    if ((view.getUint16(at + 4) & IS_LONG) !== 0) return view.getFloat64(at + 18);
    return (this.#firstTimes[slab] as number) + view.getInt16(at + 8) * 256 + view.getUint8(at + 10);
  }

  /** How many bytes stand before those of the alert. */
  #headerFor(offset: number, eventTime: number, length: number): number {
    if (length > SHORT_LENGTH_MAX) return LONG;
    if (this.#used === 0) return SHORT;
    const offsetDelta = offset - (this.#firstOffsets[this.#current] as number);
    const timeDelta = eventTime - (this.#firstTimes[this.#current] as number);
    const isNear = (offsetDelta & 0xffff) === offsetDelta && (timeDelta << 8) >> 8 === timeDelta;
    return isNear ? SHORT : LONG;
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
}

/** Memory that nothing stands in yet, from `from` to the end of `bytes`. Who writes there writes for `append`, and one entry at a time. */
export interface Room {
  readonly bytes: Uint8Array;
  /** Of the same. */
  readonly view: DataView;
  readonly from: number;
}

/** An entry, as it was appended. */
export interface StoredAlert {
  /** The one before it in its list; `NO_ENTRY` at its first. */
  readonly previous: Entry;
  readonly offset: number;
  readonly late: boolean;
  readonly eventTime: number;
  readonly bytes: Uint8Array;
}

/** `NO_ENTRY`: there is none. */
export interface EntryList {
  tail: Entry;
}

const SLAB = 64 * 1024;
const UNITS = SLAB / 2;
const SHORT = 11;
const LONG = 26;
const LATE = 0x8000;
const IS_LONG = 0x4000;
const SHORT_LENGTH_MAX = 0x3fff;
const EMPTY = new Uint8Array(0);
const EMPTY_VIEW = new DataView(EMPTY.buffer);

/** An entry has 32 bits: 8 GiB of slabs. */
const slabOf = (entry: Entry): number => entry >>> 15;
const lengthAt = (view: DataView, at: number): number => {
  const short = view.getUint16(at + 4);
  return (short & IS_LONG) !== 0 ? view.getUint32(at + 6) : short & SHORT_LENGTH_MAX;
};
