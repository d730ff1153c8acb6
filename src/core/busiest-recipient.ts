/** How many mails the one recipient got that got most of them in a minute: a number, and no word about who it is. */
export class BusiestRecipient {
  #minute = Number.NEGATIVE_INFINITY;
  /** Of the minute that runs. */
  readonly #mails = new Map<string, number>();
  #most = 0;
  #mostBefore = 0;

  /** They got one mail each. */
  note(addresses: readonly string[], nowMs: number): void {
    this.#turnTo(minuteOf(nowMs));
    for (const address of addresses) {
      const before = this.#mails.get(address);
      // Whoever gets many is among the first, or comes again in the next minute.
      if (before === undefined && this.#mails.size >= ADDRESSES_MAX) continue;
      const mails = (before ?? 0) + 1;
      this.#mails.set(address, mails);
      this.#most = Math.max(this.#most, mails);
    }
  }

  /** Of the last whole minute, or of the one that runs where it has more by now. */
  mails(nowMs: number): number {
    this.#turnTo(minuteOf(nowMs));
    return Math.max(this.#most, this.#mostBefore);
  }

  #turnTo(minute: number): void {
    if (minute === this.#minute) return;
    this.#mostBefore = minute === this.#minute + 1 ? this.#most : 0;
    this.#minute = minute;
    this.#most = 0;
    this.#mails.clear();
  }
}

const minuteOf = (ms: number): number => Math.floor(ms / 60_000);
const ADDRESSES_MAX = 10_000;
