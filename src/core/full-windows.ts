import { SEVERITIES, type Severity, type Status, seenMs } from "./alert.js";
import type { AlertBuffer } from "./alert-buffer.js";
import { addFold, emptyFold, type Folded, fold, foldedType, type WindowId } from "./window.js";
import type { WindowTally } from "./window-tally.js";
import type { Windows } from "./windows.js";

/** What an alert says of itself, as far as counting goes. */
export interface CountedFacts {
  readonly severity: Severity;
  readonly status: Status;
  readonly type?: string | undefined;
  /** Of the type (`typeWord`), where that is known already. */
  readonly typeWord?: number;
  /** ISO 8601, as the producer wrote it. */
  readonly occurredAt?: string | undefined;
}

/** Reads an alert of the buffer: those that came before their window was full were not counted. */
export type FactsOf = (bytes: Uint8Array) => CountedFacts;

/** A window with more alerts than a mail lists; a held one also has those of windows held after it. */
export interface FullWindow {
  /** All its alerts, in the order in which they came. */
  readonly all: Folded;
  /** Those in the buffer. */
  readonly listing: Listing;
}

/**
 * The windows that have more alerts than a mail lists. All their alerts are counted; in the buffer stay those that the mail will list, and, so that not
 * each alert costs a choice, while the window is open up to as many again.
 */
export class FullWindows {
  readonly #maxListed: number;
  readonly #factsOf: FactsOf;
  readonly #windows: Windows;
  readonly #buffer: AlertBuffer;
  readonly #tally: WindowTally;

  constructor(
    maxListed: number,
    factsOf: FactsOf,
    parts: { readonly windows: Windows; readonly buffer: AlertBuffer; readonly tally: WindowTally },
  ) {
    this.#maxListed = maxListed;
    this.#factsOf = factsOf;
    this.#windows = parts.windows;
    this.#buffer = parts.buffer;
    this.#tally = parts.tally;
  }

  /** An alert was put into the buffer, the window's last one. */
  added(id: WindowId, { offset, eventTime, says }: Added, late: boolean): void {
    const windows = this.#windows;
    if (windows.listedIn(id) <= this.#maxListed) return;
    const full = windows.fullOf(id);
    if (full !== undefined) count(full, { offset, eventTime, late }, says);
    else this.#fill(id);
    if (windows.listedIn(id) >= 2 * this.#maxListed) this.#thin(id);
  }

  /** A closed window takes over what another one has, which leaves with it in one mail. Returns how many alerts fewer are in memory for it. */
  join(into: WindowId, from: WindowId): number {
    const windows = this.#windows;
    const { all, listing } = windows.fullOf(into) ?? this.#fill(into);
    const more = windows.fullOf(from) ?? this.#fill(from);
    addFold(all, more.all);
    listing.addAll(more.listing);
    const moved = this.#buffer.list(windows.tailOf(from));
    let tail = windows.tailOf(into);
    for (const { offset, eventTime, late, bytes } of moved)
      tail = this.#buffer.append(tail, offset, eventTime, late, bytes);
    this.#buffer.release(windows.tailOf(from));
    windows.empty(from);
    const listed = windows.listedIn(into) + moved.length;
    windows.keep(into, tail, listed);
    if (listed >= 2 * this.#maxListed) this.#thin(into);
    return listed - windows.listedIn(into);
  }

  /** It takes nothing more. */
  closing(id: WindowId): void {
    if (this.#windows.listedIn(id) > this.#maxListed) this.#thin(id);
  }

  #fill(id: WindowId): FullWindow {
    const filled = { all: emptyFold(), listing: new Listing() };
    this.#windows.fill(id, filled);
    for (const each of this.#buffer.list(this.#windows.tailOf(id))) count(filled, each, this.#factsOf(each.bytes));
    return filled;
  }

  #thin(id: WindowId): void {
    const { listing } = this.#windows.fullOf(id) as FullWindow;
    const before = listing.count;
    const kept = listing.keep(this.#maxListed);
    const tail = this.#buffer.thin(this.#windows.tailOf(id), kept);
    this.#windows.keep(id, tail, listing.count);
    this.#tally.dropped(before - listing.count);
  }
}

interface Added {
  readonly offset: number;
  readonly eventTime: number;
  readonly says: CountedFacts;
}

interface Entry extends Omit<Added, "says"> {
  readonly late: boolean;
}

const count = (
  { all, listing }: FullWindow,
  { offset, eventTime, late }: Entry,
  { severity, type, status, occurredAt }: CountedFacts,
): void => {
  fold(all, { offset, time: seenMs(occurredAt, eventTime), severity, type, resolved: status === "resolved", late });
  listing.add(severity, foldedType(type));
};

/**
 * Which of many alerts a mail lists: the worst severities first, of a severity the last alert of each type, then the newest. An alert that is out once
 * never comes in again, whatever follows: so alerts may be dropped while more of them come, and the same are left as if all had been there.
 */
export class Listing {
  /** Of each alert, in offset order: its severity, and the number of its type. */
  #ranks: number[] = [];
  #types = new Map<string, number>();

  /** `type`: "" without one. */
  add(severity: Severity, type: string): void {
    let number = this.#types.get(type);
    if (number === undefined) {
      number = this.#types.size;
      this.#types.set(type, number);
    }
    this.#ranks.push(number * LEVELS + SEVERITIES.indexOf(severity));
  }

  /** Those of another one, behind its own. */
  addAll(other: Listing): void {
    const names = [...other.#types.keys()];
    for (const rank of other.#ranks)
      this.add(SEVERITIES[rank % LEVELS] as Severity, names[Math.floor(rank / LEVELS)] as string);
  }

  get count(): number {
    return this.#ranks.length;
  }

  /** Keeps at most `max` of them, and says which. */
  keep(max: number): readonly boolean[] {
    const kept = chosen(this.#ranks, max);
    const names = [...this.#types.keys()];
    const ranks = this.#ranks.filter((_, index) => kept[index]);
    this.#ranks = [];
    this.#types = new Map();
    for (const rank of ranks)
      this.add(SEVERITIES[rank % LEVELS] as Severity, names[Math.floor(rank / LEVELS)] as string);
    return kept;
  }
}

const LEVELS = SEVERITIES.length;

const chosen = (ranks: readonly number[], max: number): boolean[] => {
  const kept = ranks.map(() => false);
  let room = max;
  for (let level = LEVELS - 1; level >= 0 && room > 0; level--) {
    const newestFirst: number[] = [];
    for (let at = ranks.length - 1; at >= 0; at--) if ((ranks[at] as number) % LEVELS === level) newestFirst.push(at);
    for (const at of newestFirst.length <= room ? newestFirst : lastOfTypesFirst(newestFirst, ranks).slice(0, room))
      kept[at] = true;
    room -= newestFirst.length;
  }
  return kept;
};

const lastOfTypesFirst = (newestFirst: readonly number[], ranks: readonly number[]): number[] => {
  const seen = new Set<number>();
  const lasts: number[] = [];
  const others: number[] = [];
  for (const at of newestFirst) {
    const rank = ranks[at] as number;
    (seen.has(rank) ? others : lasts).push(at);
    seen.add(rank);
  }
  return [...lasts, ...others];
};
