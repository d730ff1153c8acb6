import { hash16, hash32 } from "./hash.js";
import { bytesOf, type WrittenBytes, wholeOf } from "./partition-types.js";
import { NO_WINDOW, type WindowId } from "./window.js";

declare const deviceNumber: unique symbol;

/** A device of a partition that has windows; given to another one when it has none. */
export type Device = number & { readonly [deviceNumber]: true };

export const NO_DEVICE = 0 as Device;

/**
 * The devices of a partition by their IDs, which are kept once, as bytes of UTF-8: no text and no object a device. A hash table with open addressing,
 * filled to three quarters at most, and a record of `WORDS` numbers for each device.
 */
export class Devices {
  #slots = new Int32Array(MIN_SLOTS);
  #records = new Int32Array(WORDS * 16);
  #names = new Uint8Array(256);
  #namesUsed = 0;
  /** Places of names that are gone, by their size in units of 8 bytes. */
  readonly #freeNames: number[][] = [];
  readonly #free: Device[] = [];
  #next = 1;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Bytes allocated; 0 while there is none. */
  get bytes(): number {
    return this.#count === 0 ? 0 : this.#slots.byteLength + this.#records.byteLength + this.#names.byteLength;
  }

  /** `NO_DEVICE`: it is not there. */
  find(id: WrittenBytes): Device {
    return this.#slots[this.#slotOf(id, hash32(id.memory, id.from, id.to))] as Device;
  }

  findText(id: string): Device {
    return this.find(wholeOf(ENCODER.encode(id)));
  }

  /** Copies the ID of one that is not there yet. */
  findOrAdd(id: WrittenBytes): Device {
    const hash = hash32(id.memory, id.from, id.to);
    const found = this.#slots[this.#slotOf(id, hash)] as Device;
    return found === NO_DEVICE ? this.#add(id, hash) : found;
  }

  remove(device: Device): void {
    const at = device * WORDS;
    this.#takeOut(device);
    const units = unitsOf(this.#records[at + NAME_LENGTH] as number);
    this.#freeNames[units] ??= [];
    this.#freeNames[units].push(this.#records[at + NAME_AT] as number);
    this.#count--;
    this.#free.push(device);
    if (this.#count === 0 && this.#next > CROWD) this.#forgetAll();
  }

  idOf(device: Device): string {
    const at = (this.#records[device * WORDS + NAME_AT] as number) * UNIT;
    return textOf(this.#names.subarray(at, at + (this.#records[device * WORDS + NAME_LENGTH] as number)));
  }

  /** Of its ID: `hash32`. */
  hashOf(device: Device): number {
    return this.#records[device * WORDS] as number;
  }

  /** Of its ID: `hash16`. */
  moreOf(device: Device): number {
    return this.#records[device * WORDS + MORE] as number;
  }

  /** Its newest window; `NO_WINDOW` at first, and where it is no device. */
  newest(device: Device): WindowId {
    return this.#records[device * WORDS + NEWEST] as WindowId;
  }

  setNewest(device: Device, newest: WindowId): void {
    this.#records[device * WORDS + NEWEST] = newest;
  }

  *[Symbol.iterator](): Generator<Device> {
    for (const device of this.#slots) if (device !== NO_DEVICE) yield device as Device;
  }

  /** Where it is, or has its place. */
  #slotOf(id: WrittenBytes, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const device = this.#slots[slot] as Device;
      if (device === NO_DEVICE || (this.#records[device * WORDS] === hash && this.#isNamed(device, id))) return slot;
    }
  }

  #add(id: WrittenBytes, hash: number): Device {
    if (this.#count >= this.#slots.length * 0.75) this.#resize(this.#slots.length * 2);
    const device = this.#free.pop() ?? (this.#next++ as Device);
    if ((device + 1) * WORDS > this.#records.length) this.#records = grown(this.#records, (device + 1) * WORDS);
    const at = device * WORDS;
    this.#records[at] = hash;
    this.#records[at + NAME_AT] = this.#keep(id);
    this.#records[at + NAME_LENGTH] = id.to - id.from;
    this.#records[at + NEWEST] = NO_WINDOW;
    this.#records[at + MORE] = hash16(id.memory, id.from, id.to);
    this.#place(device);
    this.#count++;
    return device;
  }

  #isNamed(device: Device, { memory, from, to }: WrittenBytes): boolean {
    const length = to - from;
    if (this.#records[device * WORDS + NAME_LENGTH] !== length) return false;
    const names = this.#names;
    const at = (this.#records[device * WORDS + NAME_AT] as number) * UNIT;
    for (let i = 0; i < length; i++) if (names[at + i] !== memory[from + i]) return false;
    return true;
  }

  /** Returns where, in units. */
  #keep(id: WrittenBytes): number {
    const bytes = bytesOf(id);
    const units = unitsOf(bytes.length);
    let at = this.#freeNames[units]?.pop();
    if (at === undefined) {
      at = this.#namesUsed;
      this.#namesUsed += units;
      if (this.#namesUsed * UNIT > this.#names.length) this.#names = grown(this.#names, this.#namesUsed * UNIT);
    }
    this.#names.set(bytes, at * UNIT);
    return at;
  }

  #place(device: Device): void {
    const mask = this.#slots.length - 1;
    let slot = (this.#records[device * WORDS] as number) & mask;
    while (this.#slots[slot] !== NO_DEVICE) slot = (slot + 1) & mask;
    this.#slots[slot] = device;
  }

  /** Those that had to go on because of it move up. */
  #takeOut(device: Device): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = (this.#records[device * WORDS] as number) & mask;
    while (slots[hole] !== device) hole = (hole + 1) & mask;
    for (let slot = (hole + 1) & mask; slots[slot] !== NO_DEVICE; slot = (slot + 1) & mask) {
      const home = (this.#records[(slots[slot] as number) * WORDS] as number) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      slots[hole] = slots[slot] as number;
      hole = slot;
    }
    slots[hole] = NO_DEVICE;
  }

  #resize(slots: number): void {
    const before = this.#slots;
    this.#slots = new Int32Array(slots);
    for (const device of before) if (device !== NO_DEVICE) this.#place(device as Device);
  }

  /** Nothing is left of a crowd that came once. */
  #forgetAll(): void {
    this.#slots = new Int32Array(MIN_SLOTS);
    this.#records = new Int32Array(WORDS * 16);
    this.#names = new Uint8Array(256);
    this.#namesUsed = 0;
    this.#freeNames.length = 0;
    this.#free.length = 0;
    this.#next = 1;
  }
}

/** Of a device's record: its ID's hash first. */
const NAME_AT = 1;
const NAME_LENGTH = 2;
const NEWEST = 3;
const MORE = 4;
const WORDS = 5;
const MIN_SLOTS = 16;
const CROWD = 1000;
const UNIT = 8;
/** A byte order mark at the front is part of an ID. */
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** Of bytes in UTF-8. */
export const textOf = (id: Uint8Array): string => DECODER.decode(id);

const unitsOf = (length: number): number => Math.max(1, Math.ceil(length / UNIT));

/** A copy with room for `length`, and an eighth more. */
export function grown(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer>;
export function grown(array: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer>;
export function grown(array: Int32Array | Uint8Array, length: number): Int32Array | Uint8Array {
  const larger = array instanceof Uint8Array ? new Uint8Array(room(length)) : new Int32Array(room(length));
  larger.set(array);
  return larger;
}

const room = (length: number): number => Math.ceil((length * 9) / 8) + 64;
