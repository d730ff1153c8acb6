import { type AlertBuffer, NO_ENTRY } from "./alert-buffer.js";
import type { CommitFrontier } from "./commit-frontier.js";
import type { Firing } from "./fault.js";
import { type Faults, typeWord } from "./faults.js";
import type { MailContents, MailEntry, PendingMail } from "./partition-types.js";
import type { EventTime } from "./time.js";
import { addFold, emptyFold, type Folded, isEarlyPart, type Window } from "./window.js";
import type { Windows } from "./windows.js";

/** Reads what the mails of a partition say, from the windows they are made of. */
export class MailReader {
  readonly #windowSizeMs: number;
  readonly #frontier: CommitFrontier;
  readonly #buffer: AlertBuffer;
  readonly #windows: Windows;
  readonly #faults: Faults;

  constructor(
    windowSizeMs: number,
    parts: {
      readonly frontier: CommitFrontier;
      readonly buffer: AlertBuffer;
      readonly windows: Windows;
      readonly faults: Faults;
    },
  ) {
    this.#windowSizeMs = windowSizeMs;
    this.#frontier = parts.frontier;
    this.#buffer = parts.buffer;
    this.#windows = parts.windows;
    this.#faults = parts.faults;
  }

  /** Everything a mail says. */
  contents(mail: PendingMail): MailContents {
    const { windows } = mail;
    const first = windows[0] as Window;
    const entries = windows.length === 1 ? this.#entriesOf(first) : this.#merged(windows);
    const lastStart = Math.max(...windows.map(({ bucket }) => bucket.start));
    const { firstOffset, lastOffset } = this.#span(mail);
    const contents: MailContents = {
      windowStart: first.bucket.start,
      windowEnd: (lastStart + this.#windowSizeMs) as EventTime,
      idOffset: this.#frontier.firstOffset(first.hold),
      firstOffset,
      lastOffset,
      count: windows.reduce((total, { alerts }) => total + alerts, 0),
      entries,
      full: windows.length === 1 ? first.all : countedOf(windows),
    };
    return Object.assign(contents, partOf(mail));
  }

  /** Of the first `max` alerts that are in memory, in offset order, when they were written: of those whose way is timed. */
  times({ windows }: PendingMail, max: number): number[] {
    const [first] = windows;
    if (windows.length === 1 && first !== undefined)
      return first.isUntimed ? [] : this.#buffer.times(this.#windows.tailOf(first.id)).slice(0, max);
    const timed = this.#merged(windows).slice(0, max);
    return timed.filter(({ untimed }) => !untimed).map(({ eventTime }) => eventTime);
  }

  /** Every offset of a mail, as inclusive runs. */
  offsetRuns(mail: PendingMail): [number, number][] {
    const { firstOffset, lastOffset } = this.#span(mail);
    return this.#frontier.runsOf(new Set(mail.windows.map((window) => window.hold)), firstOffset, lastOffset);
  }

  /** Tags of the recipients who have all of a mail: from here, or from a previous owner. */
  deliveredTo({ windows: [first, ...others] }: PendingMail): ReadonlySet<number> {
    return new Set(
      first?.delivered.tags.filter((tag) => others.every(({ delivered }) => delivered.tags.includes(tag))),
    );
  }

  /**
   * When the fault began of which an alert of a mail is a part: the one of this type at this offset. In milliseconds, to the second; undefined: that is not
   * known. Until the mail is settled.
   */
  began({ windows: [first] }: PendingMail, type: string | undefined, offset: number): number | undefined {
    const { devices } = this.#windows;
    const device = this.#windows.deviceOf((first as Window).id);
    return this.#faults.began(devices.hashOf(device), devices.moreOf(device), typeWord(type), offset);
  }

  /**
   * What else of its device fires by the end of a mail: types of which none of its alerts is. `types`: those of its alerts, as they are counted; where they are
   * not all told apart, only types that fell silent before it are certain to be others.
   */
  firingBeside(mail: PendingMail, types: Iterable<string>, areAll: boolean): Firing[] {
    const { devices } = this.#windows;
    const { firstOffset, lastOffset } = this.#span(mail);
    const device = this.#windows.deviceOf((mail.windows[0] as Window).id);
    const lastEnd = Math.max(...mail.windows.map(({ bucket }) => bucket.start)) + this.#windowSizeMs;
    const own = new Set([...types].map(typeWord));
    return this.#faults
      .firing(devices.hashOf(device), devices.moreOf(device), lastOffset, lastEnd)
      .filter(({ type, last }) => !own.has(type) && (areAll || last < firstOffset));
  }

  /** The last alert of a window that is in memory; valid until the next step. */
  lastBytes(window: Window): Uint8Array | undefined {
    const tail = this.#windows.tailOf(window.id);
    return tail === NO_ENTRY ? undefined : this.#buffer.read(tail).bytes;
  }

  #merged(windows: readonly Window[]): MailEntry[] {
    return windows.flatMap((window) => this.#entriesOf(window)).sort((a, b) => a.offset - b.offset);
  }

  #entriesOf(window: Window): MailEntry[] {
    const counted = window.all !== undefined;
    const untimed = window.isUntimed;
    return this.#buffer.list(this.#windows.tailOf(window.id)).map(({ offset, eventTime, late, bytes }) => ({
      offset,
      eventTime: eventTime as EventTime,
      late,
      bytes,
      counted,
      untimed,
    }));
  }

  #span({ windows }: PendingMail): { firstOffset: number; lastOffset: number } {
    return {
      firstOffset: Math.min(...windows.map((window) => this.#frontier.firstOffset(window.hold))),
      lastOffset: Math.max(...windows.map((window) => this.#windows.lastOffsetOf(window.id))),
    };
  }
}

const countedOf = (windows: readonly Window[]): Folded | undefined => {
  let sum: Folded | undefined;
  for (const { all } of windows) {
    if (all === undefined) continue;
    sum ??= emptyFold();
    addFold(sum, all);
  }
  return sum;
};

/** With windows that waited for their turn, it is no part of one any more; but what was held leaves with an early mail, and it stays one. */
export const partOf = ({ windows, ofSeveral }: PendingMail): Pick<MailContents, "part" | "toldEarly"> => {
  const isLast = isEarlyPart(windows.at(-1) as Window) && windows.slice(0, -1).every(({ isUntimed }) => isUntimed);
  if (isLast && ofSeveral !== true) return { part: "early" };
  const { bucket, deviceId, hold } = windows[0] as Window;
  const early = bucket.early?.get(deviceId);
  if (early === undefined || early.hold === hold) return {};
  return { part: "rest", ...(early.alerts === undefined ? {} : { toldEarly: early.alerts }) };
};
