/**
 * What a server has shown of itself, for as long as it can be expected to be true: how many recipients it takes in one transaction, and which
 * recipient made it refuse a whole message.
 */
export class ServerMemory {
  readonly #now: () => number;
  #limit: { readonly most: number; readonly at: number } | undefined;
  /** Address → when it was found out; the oldest first. */
  readonly #culprits = new Map<string, number>();

  /** `now`: milliseconds that only grow. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Most recipients of one transaction, as far as is known. */
  get mostRecipients(): number {
    if (this.#limit !== undefined && this.#isOld(this.#limit.at)) this.#limit = undefined;
    return this.#limit?.most ?? Number.POSITIVE_INFINITY;
  }

  /** It took so many, and no more. */
  limited(most: number): void {
    this.#limit = { most: Math.max(1, most), at: this.#now() };
  }

  /** One that took more has no such limit, or another one. */
  took(recipients: number): void {
    if (recipients > this.mostRecipients) this.#limit = undefined;
  }

  /** A message for others as well was refused because of this one. */
  blame(address: string): void {
    this.#culprits.delete(address);
    this.#culprits.set(address, this.#now());
    for (const oldest of this.#culprits.keys()) {
      if (this.#culprits.size <= CULPRITS_MAX) break;
      this.#culprits.delete(oldest);
    }
  }

  /** It goes in a transaction of its own. */
  isCulprit(address: string): boolean {
    const at = this.#culprits.get(address);
    if (at === undefined) return false;
    if (!this.#isOld(at)) return true;
    this.#culprits.delete(address);
    return false;
  }

  #isOld(at: number): boolean {
    return this.#now() - at >= REMEMBERED_MS;
  }
}

const REMEMBERED_MS = 3_600_000;
const CULPRITS_MAX = 1_000;
