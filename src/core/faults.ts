import { isAtLeast, type Severity, seenMs } from "./alert.js";
import { type FaultFacts, factsOf } from "./fault-facts.js";
import { type DeviceHashes, type Fault, type FaultDevice, FaultTable, FIRES, newestOf } from "./fault-table.js";
import type { CountedFacts } from "./full-windows.js";
import { hash16, hash32 } from "./hash.js";
import { foldedType } from "./window.js";

/**
 * What an alert tells of its device: a type fires that did not; one fires worse than before; one is over; or nothing that was not known. `counted`: it was
 * read before a restart, and what it told then is not known any more.
 */
export type News = "new" | "worse" | "resolved" | "nothing" | "counted";

/** A type that fires. */
export interface Firing {
  /** See `typeWord`. */
  readonly type: number;
  readonly worst: Severity;
  /** When it began, in milliseconds, to the second; undefined: not known. */
  readonly since: number | undefined;
  /** The offset of its last alert so far. */
  readonly last: number;
}

/** An alert that was read. */
export interface HeardAlert {
  readonly offset: number;
  readonly eventTime: number;
  readonly says: CountedFacts;
  /** How often it came back from the dead letters; absent: 0. Then it is old, and says nothing of now; but those who missed it want to know. */
  readonly redrives?: number;
  /** Nobody is mailed of it: the first one like it of which somebody is tells something new. Absent: somebody is. */
  readonly isMuted?: boolean;
}

/**
 * Which types of which devices of a partition fire, since when, and how bad. In the order in which alerts are read: what a device says last counts.
 *
 * A fault begins with its first firing alert, and ends with one that resolves it, or when nothing was heard of it for `forgetMs`, by event time. When it
 * began is said only where that is certain: not of one that was firing, or may have been, before what this knows of (`#completeFrom`).
 *
 * A restart reads alerts again that its checkpoint has counted: they change nothing (`#countedTo`). Bounded: what was heard of the longest ago is forgotten
 * first, and then what is not known any more is not said.
 */
export class Faults {
  readonly #forget: number;
  readonly #max: number;
  #table = new FaultTable();
  readonly #countedTo: number;
  /** The highest event time of an alert, in seconds. */
  #time = Number.NEGATIVE_INFINITY;
  /** A fault that is not in the table was heard of at this event time last, or before. */
  #completeFrom: number;
  /** Below it nobody asks, as far as is known. */
  #frontier: number;
  /** Without a checkpoint, and after records that nobody read: from here on, the alerts read have told how far event time has come. */
  #learnedAt: number;

  constructor(
    forgetMs: number | undefined,
    { position, faults }: { readonly position: number; readonly faults?: FaultFacts | undefined },
    max = FAULTS_MAX,
  ) {
    this.#frontier = position;
    this.#forget = Math.ceil((forgetMs ?? FORGET_MS) / 1000);
    this.#max = max;
    // One that ends before the position knows nothing of what was between, which nobody read.
    const known = faults !== undefined && faults.upTo >= position ? faults : undefined;
    this.#countedTo = known?.upTo ?? position;
    this.#learnedAt = known === undefined && position > 0 ? position + LEARNING : position;
    this.#completeFrom = position > 0 ? Number.POSITIVE_INFINITY : NEVER;
    if (known === undefined) return;
    this.#time = known.heardTo;
    this.#completeFrom = known.completeFrom ?? NEVER;
    for (const { hash, more, isFull, faults } of known.devices) {
      const device = this.#table.deviceOrNew(hash, more);
      device.isFull = isFull;
      for (const { to, ...fault } of faults) {
        // Which alert ended it is not known: nobody is told that it fired until then.
        const overAt = to === undefined ? FIRES : fault.from;
        this.#table.add(device, { ...fault, last: to ?? known.upTo - 1, overAt, told: fault.worst });
      }
    }
  }

  /** How many are known, firing or over. */
  get count(): number {
    return this.#table.count;
  }

  /** An alert was read; each once, in offset order. `hash`, `more`: its device's (`DeviceHashes`). */
  heard(hash: number, more: number, alert: HeardAlert): News {
    const { offset, says } = alert;
    if ((alert.redrives ?? 0) > 0) return "new";
    if (offset < this.#countedTo) return "counted";
    const at = Math.floor(alert.eventTime / 1000);
    if (at > this.#time) this.#passTime(at);
    if (offset < this.#learnedAt || this.#completeFrom === Number.POSITIVE_INFINITY) this.#completeFrom = this.#time;
    const type = says.typeWord ?? typeWord(says.type);
    const device = this.#table.device(hash, more);
    const fault = device === undefined ? undefined : newestOf(device, type);
    if (says.status === "resolved") return this.#resolved(hash, more, type, fault, alert);
    if (fault === undefined || isOver(fault) || at - fault.heard > this.#forget) {
      this.#begin(hash, more, type, fault, alert);
      return "new";
    }
    this.#goesOn(fault, offset, at);
    // One that comes late and is older than a silence was a fault of its own.
    if (fault.began !== undefined && at < fault.began && fault.began - at <= this.#forget)
      fault.began = Math.min(fault.began, seenAt(alert));
    if (fault.worst !== says.severity && !isAtLeast(fault.worst, says.severity)) fault.worst = says.severity;
    if (alert.isMuted || fault.told === says.severity) return "nothing";
    if (fault.told !== undefined && isAtLeast(fault.told, says.severity)) return "nothing";
    const news = fault.told === undefined ? "new" : "worse";
    fault.told = says.severity;
    return news;
  }

  /** The same, where the hashes are not known yet. `id`: in UTF-8. */
  heardOf(id: Uint8Array, alert: HeardAlert): News {
    return this.heard(hash32(id), hash16(id), alert);
  }

  /** Nobody has read what lay below this offset: what fired may be over, or may have ended and begun anew. */
  missed(nextOffset: number): void {
    this.#table = new FaultTable();
    this.#completeFrom = Number.POSITIVE_INFINITY;
    this.#learnedAt = nextOffset + LEARNING;
  }

  /** When the fault began of which the alert at `offset` is a part, in milliseconds, to the second. Undefined: that is not known. */
  began(hash: number, more: number, type: number, offset: number): number | undefined {
    const part = this.#table
      .device(hash, more)
      ?.faults.findLast((fault) => fault.type === type && fault.from <= offset && offset <= fault.last);
    return part?.began === undefined ? undefined : part.began * 1000;
  }

  /** What of a device fired once the alert at `offset` was read, of what somebody is mailed of, as far as it is known. `time`: of then, in milliseconds. */
  firing(hash: number, more: number, offset: number, time: number): Firing[] {
    const faults = this.#table.device(hash, more)?.faults ?? [];
    const at = Math.floor(time / 1000);
    return faults
      .filter(({ from, overAt, heard, told }) => {
        return from <= offset && offset < overAt && told !== undefined && at - heard <= this.#forget;
      })
      .map(({ type, worst, began, last }) => {
        return { type, worst, since: began === undefined ? undefined : began * 1000, last };
      });
  }

  /**
   * For the checkpoint: of what was heard of last, as much as one may hold. `frontier`: below it, nobody asks. Undefined: nothing is known.
   */
  facts(position: number, frontier: number, max = FAULTS_TOLD_MAX): FaultFacts | undefined {
    if (this.#completeFrom === Number.POSITIVE_INFINITY) return undefined;
    this.#frontier = frontier;
    const { devices, isCut } = factsOf(this.#table, frontier, max);
    const completeFrom = isCut ? this.#time : this.#completeFrom;
    return {
      upTo: Math.max(position, this.#countedTo),
      heardTo: Math.max(0, this.#time),
      completeFrom: completeFrom === NEVER ? undefined : completeFrom,
      devices,
    };
  }

  #begin(hash: number, more: number, type: number, before: Fault | undefined, alert: HeardAlert): void {
    const at = Math.floor(alert.eventTime / 1000);
    // It is over, or all of it is known: else it may have been heard of later than the table has it.
    const isBeforeKnown = before !== undefined && (isOver(before) || before.began !== undefined);
    if (before !== undefined && !isOver(before)) before.overAt = alert.offset;
    if (!this.#makeRoom(before)) {
      this.#completeFrom = Math.max(this.#completeFrom, at);
      return;
    }
    const device = this.#table.deviceOrNew(hash, more);
    if (!this.#hasRoom(device, type)) return;
    const isCertain =
      isBeforeKnown || ((before !== undefined || !device.isFull) && at - this.#completeFrom > this.#forget);
    this.#table.add(device, firstOf(type, alert, isCertain ? seenAt(alert) : undefined, FIRES));
  }

  #resolved(hash: number, more: number, type: number, fault: Fault | undefined, alert: HeardAlert): News {
    const { offset, says, isMuted } = alert;
    const at = Math.floor(alert.eventTime / 1000);
    if (fault !== undefined) {
      const isTold = isOver(fault) && (isMuted || fault.told !== undefined);
      this.#goesOn(fault, offset, at);
      if (!isTold) fault.told = isMuted ? undefined : says.severity;
      if (!isOver(fault)) fault.overAt = offset;
      return isTold ? "nothing" : "resolved";
    }
    // What it resolved is not known. That it is resolved is: who says so again tells nothing new.
    if (!this.#makeRoom(undefined)) return "resolved";
    const device = this.#table.deviceOrNew(hash, more);
    if (!this.#hasRoom(device, type)) return "resolved";
    this.#table.add(device, firstOf(type, alert, undefined, offset));
    return "resolved";
  }

  /**
   * In the table: the one before it of its type goes first, then what was heard of the longest ago. But nothing that was heard of just now: where more fire than
   * there is room for, each would push out another, and nobody would know of any.
   */
  #makeRoom(before: Fault | undefined): boolean {
    if (this.#table.count < this.#max) return true;
    const fault = before ?? (this.#table.oldest as Fault);
    if (!isOver(fault) && this.#time - fault.heard <= FRESH) return false;
    this.#forgetFault(fault);
    return true;
  }

  /** Of a device. Makes room for one more, of what is over or silent. A type that comes again and again keeps few of those that are over. */
  #hasRoom(device: FaultDevice, type: number): boolean {
    if (device.faults.length >= OVER_MAX) {
      const over = device.faults.filter((fault) => fault.type === type && isOver(fault));
      if (over.length >= OVER_MAX) this.#table.remove(over[0] as Fault);
    }
    if (device.faults.length < TYPES_MAX) return true;
    const other = device.faults.find((fault) => isOver(fault) || this.#isSilent(fault));
    if (other === undefined) {
      device.isFull = true;
      return false;
    }
    this.#forgetFault(other);
    return true;
  }

  #goesOn(fault: Fault, offset: number, at: number): void {
    if (at > fault.heard) fault.heard = at;
    fault.last = offset;
    if (at - fault.touched >= TOUCH_AFTER) this.#table.touch(fault, at);
  }

  #isSilent({ heard }: Fault): boolean {
    return this.#time - heard > this.#forget;
  }

  #passTime(at: number): void {
    this.#time = at;
    for (let { oldest } = this.#table; oldest !== undefined; oldest = this.#table.oldest) {
      // Twice as long: a late alert may still be part of it.
      if (at - oldest.heard <= 2 * this.#forget || oldest.last >= this.#frontier) return;
      this.#forgetFault(oldest);
    }
  }

  #forgetFault(fault: Fault): void {
    const { device, heard } = fault;
    if (!isOver(fault)) this.#completeFrom = Math.max(this.#completeFrom, heard);
    if (device.isFull && device.faults.length === 1) this.#completeFrom = Math.max(this.#completeFrom, this.#time);
    this.#table.remove(fault);
  }
}

/** By which a type is known here: of what it is counted under in a mail. */
export const typeWord = (type: string | undefined): number => hash32(ENCODER.encode(foldedType(type)));

export const deviceHashes = (id: Uint8Array): DeviceHashes => ({ hash: hash32(id), more: hash16(id) });

const isOver = ({ overAt }: Fault): boolean => overAt !== FIRES;

const firstOf = (type: number, alert: HeardAlert, began: number | undefined, overAt: number) => {
  const { offset, eventTime, says, isMuted } = alert;
  const told = isMuted ? undefined : says.severity;
  const heard = Math.floor(eventTime / 1000);
  return { type, began, from: offset, last: offset, overAt, heard, worst: says.severity, told };
};

const seenAt = ({ says, eventTime }: HeardAlert): number => Math.floor(seenMs(says.occurredAt, eventTime) / 1000);

const ENCODER = new TextEncoder();
/** `FIRING_FORGET`. */
const FORGET_MS = 60 * 60_000;
const NEVER = Number.NEGATIVE_INFINITY;
/** Of a partition: 2 MB. */
const FAULTS_MAX = 10_000;
/** In seconds: what was heard of since counts as heard of just now; and the order of the table is true to within so many. */
const FRESH = 300;
const TOUCH_AFTER = 30;
/** As many as a checkpoint of 4,096 characters can hold. */
export const FAULTS_TOLD_MAX = 300;
/** Of a device: they are gone through for each of its alerts. */
const TYPES_MAX = 64;
/** Of a type of a device, of those that are over: windows that wait may ask for them. */
const OVER_MAX = 4;
/** Alerts after which event time has come as far as that of others read before them, but for a few. */
const LEARNING = 32;
