import type { Severity } from "./alert.js";

/** One type of one device, from its first firing alert on: to the one that resolved it, or as long as it fires. Times in whole seconds since 1970. */
export interface Fault {
  readonly device: FaultDevice;
  /** See `typeWord`. */
  readonly type: number;
  /** When its first alert was seen; undefined: it may have begun before what is known. */
  began: number | undefined;
  /** The offset of its first alert, or of any after it below which nobody asks. */
  readonly from: number;
  /** The offset of its last alert. */
  last: number;
  /** The offset of the alert that ended it: it resolved it, or began anew after a silence. `FIRES`: none did. */
  overAt: number;
  /** The highest event time of its alerts. */
  heard: number;
  worst: Severity;
  /** The event time at which it last took its place among the others. */
  touched: number;
  /** The worst of which somebody is mailed; once it is over, defined where somebody is mailed of that. Undefined: nobody is of anything so far. */
  told: Severity | undefined;
  /** In the order in which they were heard last. */
  older: Fault | undefined;
  newer: Fault | undefined;
}

export const FIRES = Number.POSITIVE_INFINITY;

export interface FaultDevice {
  readonly hash: number;
  readonly more: number;
  /** In the order in which they began. */
  readonly faults: Fault[];
  /** One that is the newest of its type: mostly the one that is asked for next. */
  recent: Fault | undefined;
  /** It had more types than are kept apart: of those that are not here, nothing is known. */
  isFull: boolean;
  /** Another one in the same place of the table. */
  next: FaultDevice | undefined;
}

/** A device by its ID's `hash32` and `hash16`: 48 bits tell the devices of a partition apart, and a checkpoint has no room for names. */
export interface DeviceHashes {
  readonly hash: number;
  readonly more: number;
}

/** The faults of a partition: by device, and by when they were heard last. What is asked of each alert takes no more than a look into a map. */
export class FaultTable {
  /** By their `hash`, those of one place one behind the other; a power of two. */
  #places: (FaultDevice | undefined)[] = emptyPlaces(64);
  #deviceCount = 0;
  #oldest: Fault | undefined;
  #newest: Fault | undefined;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get oldest(): Fault | undefined {
    return this.#oldest;
  }

  get newest(): Fault | undefined {
    return this.#newest;
  }

  device(hash: number, more: number): FaultDevice | undefined {
    const places = this.#places;
    let device = places[hash & (places.length - 1)];
    while (device !== undefined && (device.hash !== hash || device.more !== more)) device = device.next;
    return device;
  }

  deviceOrNew(hash: number, more: number): FaultDevice {
    const known = this.device(hash, more);
    if (known !== undefined) return known;
    if (this.#deviceCount >= this.#places.length) this.#spread();
    const place = hash & (this.#places.length - 1);
    const device: FaultDevice = {
      hash,
      more,
      faults: [],
      recent: undefined,
      isFull: false,
      next: this.#places[place],
    };
    this.#places[place] = device;
    this.#deviceCount++;
    return device;
  }

  /** Heard just now. */
  add(device: FaultDevice, says: Omit<Fault, "device" | "touched" | "older" | "newer">): void {
    const { type, began, from, last, overAt, heard, worst, told } = says;
    // Not by `...`, which is many times slower, and this is asked of each new fault.
    const fault: Fault = {
      device,
      type,
      began,
      from,
      last,
      overAt,
      heard,
      worst,
      touched: heard,
      told,
      older: undefined,
      newer: undefined,
    };
    device.faults.push(fault);
    device.recent = fault;
    this.#count++;
    this.#putLast(fault);
  }

  touch(fault: Fault, at: number): void {
    fault.touched = at;
    if (fault === this.#newest) return;
    this.#takeOut(fault);
    this.#putLast(fault);
  }

  /** A device without any is forgotten. */
  remove(fault: Fault): void {
    const { device } = fault;
    this.#takeOut(fault);
    this.#count--;
    device.faults.splice(device.faults.indexOf(fault), 1);
    device.recent = undefined;
    if (device.faults.length === 0) this.#forget(device);
  }

  #forget(device: FaultDevice): void {
    const place = device.hash & (this.#places.length - 1);
    let before = this.#places[place] as FaultDevice;
    if (before === device) this.#places[place] = device.next;
    else {
      while (before.next !== device) before = before.next as FaultDevice;
      before.next = device.next;
    }
    this.#deviceCount--;
  }

  #spread(): void {
    const before = this.#places;
    this.#places = emptyPlaces(before.length * 2);
    for (const first of before) {
      for (let device = first; device !== undefined; ) {
        const { next } = device;
        const place = device.hash & (this.#places.length - 1);
        device.next = this.#places[place];
        this.#places[place] = device;
        device = next;
      }
    }
  }

  #takeOut(fault: Fault): void {
    if (fault.older === undefined) this.#oldest = fault.newer;
    else fault.older.newer = fault.newer;
    if (fault.newer === undefined) this.#newest = fault.older;
    else fault.newer.older = fault.older;
  }

  #putLast(fault: Fault): void {
    fault.older = this.#newest;
    fault.newer = undefined;
    if (this.#newest === undefined) this.#oldest = fault;
    else this.#newest.newer = fault;
    this.#newest = fault;
  }
}

const emptyPlaces = (count: number): (FaultDevice | undefined)[] => new Array(count).fill(undefined);

/** The newest one of the type, whether it fires or is over. */
export const newestOf = (device: FaultDevice, type: number): Fault | undefined => {
  const { faults, recent } = device;
  if (recent?.type === type) return recent;
  for (let at = faults.length - 1; at >= 0; at--) {
    const fault = faults[at] as Fault;
    if (fault.type !== type) continue;
    device.recent = fault;
    return fault;
  }
  return undefined;
};
