import { hash53 } from "./hash.js";

/**
 * Half-delivered windows: some recipients have the mail, others are still to get it (greylisting, a full mailbox). Whoever owns the partition next
 * mails only the others.
 *
 * The fact says "these recipients have seen exactly these alerts", so it is bound to the exact offsets of a window and to nothing else. A replay
 * that puts one alert more or less into the window voids it, and everybody gets the mail: a repeat, never an alert that someone is not told. It is
 * kept per window, not per mail, so a mail of several windows (`CATCH_UP=merge`) may come apart or together again.
 */
export interface Reached {
  /** Of the window. */
  readonly firstOffset: number;
  /** See `windowFingerprint`. */
  readonly fingerprint: number;
  /** See `recipientTag`; ascending. */
  readonly recipients: readonly number[];
}

/** 53 bits of an address as it is routed. Another order of recipients, or another list, changes nothing for those who are in both. */
export const recipientTag = (address: string): number => hash53(address);

/** 32 bits that stand for one window's device and offsets. Together with the first offset: a name for "exactly these alerts". */
export const windowFingerprint = (deviceId: string, runs: readonly (readonly [number, number])[]): number =>
  hash53(`${runs.map(([first, last]) => `${first}-${last}`).join(" ")}|${deviceId}`) % 2 ** 32;

/** Those without a tag in `reached`. Two recipients with one tag cannot be told apart: then neither counts as reached. */
export const missingOf = (recipients: readonly string[], reached: ReadonlySet<number>): readonly string[] => {
  if (reached.size === 0) return recipients;
  const tags = recipients.map(recipientTag);
  return recipients.filter((_, index) => {
    const tag = tags[index] as number;
    return !reached.has(tag) || tags.indexOf(tag) !== tags.lastIndexOf(tag);
  });
};

/** What either knows; ascending by first offset. */
export const mergeReached = (a: readonly Reached[], b: readonly Reached[]): Reached[] => {
  const windows = new Map<string, Reached>();
  for (const one of [...a, ...b]) {
    const key = `${one.firstOffset} ${one.fingerprint}`;
    const known = windows.get(key)?.recipients ?? [];
    const recipients = [...new Set([...known, ...one.recipients])].sort((x, y) => x - y);
    windows.set(key, { firstOffset: one.firstOffset, fingerprint: one.fingerprint, recipients });
  }
  return [...windows.values()].sort((x, y) => x.firstOffset - y.firstOffset || x.fingerprint - y.fingerprint);
};

/** The half-delivered windows of one partition: those of its own mails, and those that a previous owner told of. */
export class ReachedWindows {
  readonly #windows = new Map<number, readonly Reached[]>();

  constructor(known: readonly Reached[]) {
    for (const one of known) this.add(one);
  }

  add(one: Reached): void {
    this.#windows.set(one.firstOffset, mergeReached(this.#windows.get(one.firstOffset) ?? [], [one]));
  }

  /** Who has the window. `fingerprint` is asked for only where something is known: it costs a look at each offset. */
  of(firstOffset: number, fingerprint: () => number): readonly number[] {
    const known = this.#windows.get(firstOffset);
    if (known === undefined) return [];
    const now = fingerprint();
    return known.find((one) => one.fingerprint === now)?.recipients ?? [];
  }

  forget(firstOffset: number): void {
    this.#windows.delete(firstOffset);
  }

  /** Ascending by first offset. Drops those that are settled. */
  unsettled(isSettled: (offset: number) => boolean): Reached[] {
    for (const offset of this.#windows.keys()) if (isSettled(offset)) this.#windows.delete(offset);
    return mergeReached([...this.#windows.values()].flat(), []);
  }
}
