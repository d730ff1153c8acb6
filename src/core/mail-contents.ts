import { type AlertBuffer, type Entry, NO_ENTRY } from "./alert-buffer.js";
import type { CommitFrontier } from "./commit-frontier.js";
import type { MailContents, PendingMail } from "./partition-types.js";
import type { EventTime } from "./time.js";
import { addFold, emptyFold, type Folded, isEarlyPart, type Window } from "./window.js";

type MailEntry = MailContents["entries"][number];

/** Reads what the mails of a partition say, from the windows they are made of. */
export class MailReader {
  readonly #windowSizeMs: number;
  readonly #frontier: CommitFrontier;
  readonly #buffer: AlertBuffer;

  constructor(windowSizeMs: number, frontier: CommitFrontier, buffer: AlertBuffer) {
    this.#windowSizeMs = windowSizeMs;
    this.#frontier = frontier;
    this.#buffer = buffer;
  }

  /** Everything a mail says. At most `maxListed` entries, the rest counted. */
  contents(mail: PendingMail): MailContents {
    const entries: MailEntry[] = [];
    for (const window of mail.windows) this.#addEntries(window, entries);
    if (mail.windows.length > 1) entries.sort((a, b) => a.offset - b.offset);
    const first = mail.windows[0] as Window;
    const lastStart = Math.max(...mail.windows.map(({ bucket }) => bucket.start));
    return {
      windowStart: first.bucket.start,
      windowEnd: (lastStart + this.#windowSizeMs) as EventTime,
      idOffset: this.#frontier.firstOffset(first.hold),
      ...this.#span(mail),
      entries,
      folded: foldedOf(mail),
      ...partOf(mail),
    };
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

  /** The last alert of a window that is in memory; valid until the next step. */
  lastBytes(window: Window): Uint8Array | undefined {
    return window.tail === NO_ENTRY ? undefined : this.#buffer.value(window.tail);
  }

  #addEntries(window: Window, to: MailEntry[]): void {
    const first = this.#frontier.firstOffset(window.hold);
    for (let entry: Entry = window.head; entry !== NO_ENTRY; entry = this.#buffer.next(entry)) {
      to.push({
        offset: first + this.#buffer.offsetDelta(entry),
        eventTime: this.#buffer.eventTime(entry) as EventTime,
        late: this.#buffer.late(entry),
        bytes: this.#buffer.value(entry),
      });
    }
  }

  #span({ windows }: PendingMail): { firstOffset: number; lastOffset: number } {
    return {
      firstOffset: Math.min(...windows.map((window) => this.#frontier.firstOffset(window.hold))),
      lastOffset: Math.max(...windows.map((window) => window.lastOffset)),
    };
  }
}

const foldedOf = ({ windows }: PendingMail): Folded | undefined => {
  let sum: Folded | undefined;
  for (const { folded } of windows) {
    if (folded === undefined) continue;
    sum ??= emptyFold();
    addFold(sum, folded);
  }
  return sum;
};

const partOf = ({ windows }: PendingMail): Pick<MailContents, "part" | "toldEarly"> => {
  const [first] = windows as readonly [Window];
  const early = first.bucket.early?.get(first.deviceId);
  if (early === undefined) return {};
  if (!isEarlyPart(first)) return { part: "rest", ...(early.alerts === undefined ? {} : { toldEarly: early.alerts }) };
  // With windows that waited, it is no early mail any more.
  return windows.length === 1 ? { part: "early" } : {};
};
