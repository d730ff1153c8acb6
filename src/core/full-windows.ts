import { type Severity, type Status, seenMs } from "./alert.js";
import type { AlertBuffer } from "./alert-buffer.js";
import { Listing } from "./listing.js";
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
