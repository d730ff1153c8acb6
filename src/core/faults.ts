import { seenMs } from "./alert.js";
import { type FaultFacts, factsOf } from "./checkpoint-faults.js";
import { type DeviceHashes, FIRES, type Firing, rankOf, UNTOLD } from "./fault.js";
import { type FaultId, FaultTable, NO_FAULT } from "./fault-table.js";
import type { CountedFacts } from "./full-windows.js";
import { hash16, hash32 } from "./hash.js";
import type { WrittenBytes } from "./partition-types.js";
import { foldedType } from "./window.js";

/**
 * What an alert tells of its device: a type fires that did not; one fires worse than before; one is over; or nothing that was not known. `counted`: it was
 * read before a restart, and what it told then is not known any more.
 */
export type News = "new" | "worse" | "resolved" | "nothing" | "counted";

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
      for (const { to, ...fault } of faults) {
        // Which alert ended it is not known: nobody is told that it fired until then.
        const overAt = to === undefined ? FIRES : fault.from;
        this.#table.add({ hash, more, ...fault, last: to ?? known.upTo - 1, overAt, told: fault.worst });
      }
      if (isFull) this.#table.markFull(hash, more);
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
    const table = this.#table;
    const fault = table.newestOf(hash, more, type);
    if (says.status === "resolved") return this.#resolved(hash, more, type, fault, alert);
    if (fault === NO_FAULT || table.isOver(fault) || at - table.heardOf(fault) > this.#forget) {
      this.#begin(hash, more, type, fault, alert);
      return "new";
    }
    table.goesOn(fault, offset, at, TOUCH_AFTER);
    const began = table.beganOf(fault);
    // One that comes late and is older than a silence was a fault of its own.
    if (began !== undefined && at < began && began - at <= this.#forget)
      table.setBegan(fault, Math.min(began, seenAt(alert)));
    const rank = rankOf(says.severity);
    if (rank > table.worstOf(fault)) table.setWorst(fault, rank);
    if (alert.isMuted) return "nothing";
    const told = table.toldOf(fault);
    if (told !== UNTOLD && told >= rank) return "nothing";
    table.setTold(fault, rank);
    return told === UNTOLD ? "new" : "worse";
  }

  /** The same, where the hashes are not known yet. `id`: in UTF-8. */
  heardOf({ memory, from, to }: WrittenBytes, alert: HeardAlert): News {
    return this.heard(hash32(memory, from, to), hash16(memory, from, to), alert);
  }

  /** Nobody has read what lay below this offset: what fired may be over, or may have ended and begun anew. */
  missed(nextOffset: number): void {
    this.#table = new FaultTable();
    this.#completeFrom = Number.POSITIVE_INFINITY;
    this.#learnedAt = nextOffset + LEARNING;
  }

  /** When the fault began of which the alert at `offset` is a part, in milliseconds, to the second. Undefined: that is not known. */
  began(hash: number, more: number, type: number, offset: number): number | undefined {
    const table = this.#table;
    const part = table.partOf(hash, more, type, offset);
    const began = part === NO_FAULT ? undefined : table.beganOf(part);
    return began === undefined ? undefined : began * 1000;
  }

  /** What of a device fired once the alert at `offset` was read, of what somebody is mailed of, as far as it is known. `time`: of then, in milliseconds. */
  firing(hash: number, more: number, offset: number, time: number): Firing[] {
    const at = Math.floor(time / 1000);
    return this.#table
      .of(hash, more)
      .map((fault) => this.#table.get(fault))
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

  #begin(hash: number, more: number, type: number, before: FaultId, alert: HeardAlert): void {
    const table = this.#table;
    const at = Math.floor(alert.eventTime / 1000);
    const isThere = before !== NO_FAULT;
    // It is over, or all of it is known: else it may have been heard of later than the table has it.
    const isBeforeKnown = isThere && (table.isOver(before) || table.beganOf(before) !== undefined);
    if (isThere && !table.isOver(before)) table.setOverAt(before, alert.offset);
    if (!this.#makeRoom(before)) {
      this.#completeFrom = Math.max(this.#completeFrom, at);
      return;
    }
    const others = this.#withRoom(hash, more, type);
    if (others === undefined) return;
    const isFull = others.some((fault) => table.isOfFull(fault));
    const isCertain = isBeforeKnown || ((isThere || !isFull) && at - this.#completeFrom > this.#forget);
    table.add({ hash, more, ...firstOf(type, alert, isCertain ? seenAt(alert) : undefined, FIRES) });
  }

  #resolved(hash: number, more: number, type: number, fault: FaultId, alert: HeardAlert): News {
    const table = this.#table;
    const { offset, says, isMuted } = alert;
    const at = Math.floor(alert.eventTime / 1000);
    if (fault !== NO_FAULT) {
      const isTold = table.isOver(fault) && (isMuted || table.toldOf(fault) !== UNTOLD);
      table.goesOn(fault, offset, at, TOUCH_AFTER);
      if (!isTold) table.setTold(fault, isMuted ? UNTOLD : rankOf(says.severity));
      if (!table.isOver(fault)) table.setOverAt(fault, offset);
      return isTold ? "nothing" : "resolved";
    }
    // What it resolved is not known. That it is resolved is: who says so again tells nothing new.
    if (this.#makeRoom(NO_FAULT) && this.#withRoom(hash, more, type) !== undefined)
      table.add({ hash, more, ...firstOf(type, alert, undefined, offset) });
    return "resolved";
  }

  /**
   * In the table: the one before it of its type goes first, then what was heard of the longest ago. But nothing that was heard of just now: where more fire than
   * there is room for, each would push out another, and nobody would know of any.
   */
  #makeRoom(before: FaultId): boolean {
    const table = this.#table;
    if (table.count < this.#max) return true;
    const fault = before === NO_FAULT ? table.oldest : before;
    if (!table.isOver(fault) && this.#time - table.heardOf(fault) <= FRESH) return false;
    this.#forgetFault(fault);
    return true;
  }

  /**
   * Of a device. Makes room for one more, of what is over or silent, and returns the others; undefined: there is none. A type that comes again and again keeps
   * few of those that are over.
   */
  #withRoom(hash: number, more: number, type: number): readonly FaultId[] | undefined {
    const table = this.#table;
    let faults = table.of(hash, more);
    if (faults.length >= OVER_MAX) {
      const over = faults.filter((fault) => table.typeOf(fault) === type && table.isOver(fault));
      if (over.length >= OVER_MAX) {
        table.remove(over[0] as FaultId);
        faults = faults.filter((fault) => fault !== over[0]);
      }
    }
    if (faults.length < TYPES_MAX) return faults;
    const other = faults.find((fault) => table.isOver(fault) || this.#isSilent(fault));
    if (other === undefined) {
      table.markFull(hash, more);
      return undefined;
    }
    this.#forgetFault(other);
    return faults.filter((fault) => fault !== other);
  }

  #isSilent(fault: FaultId): boolean {
    return this.#time - this.#table.heardOf(fault) > this.#forget;
  }

  #passTime(at: number): void {
    this.#time = at;
    const table = this.#table;
    for (let { oldest } = table; oldest !== NO_FAULT; oldest = table.oldest) {
      // Twice as long: a late alert may still be part of it.
      if (at - table.heardOf(oldest) <= 2 * this.#forget || table.lastOf(oldest) >= this.#frontier) return;
      this.#forgetFault(oldest);
    }
  }

  #forgetFault(fault: FaultId): void {
    const table = this.#table;
    const { hash, more, heard } = table.get(fault);
    if (!table.isOver(fault)) this.#completeFrom = Math.max(this.#completeFrom, heard);
    if (table.isOfFull(fault) && table.of(hash, more).length === 1)
      this.#completeFrom = Math.max(this.#completeFrom, this.#time);
    table.remove(fault);
  }
}

/** By which a type is known here: of what it is counted under in a mail. */
export const typeWord = (type: string | undefined): number => hash32(ENCODER.encode(foldedType(type)));

export const deviceHashes = (id: Uint8Array): DeviceHashes => ({ hash: hash32(id), more: hash16(id) });

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
