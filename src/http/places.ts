/** Who has a place at a listener, and who has to go for somebody else. Pure: the time comes in as milliseconds that never go back. */

export interface PlaceLimits {
  readonly total: number;
  /** Of one address. */
  readonly perAddress: number;
  /** Nothing was asked for so long: since it came, or since it took its last answer. */
  readonly idleMs: number;
  /** So long it may take from a request to an answer that was taken whole. */
  readonly answerMs: number;
}

/** `streaming`: an answer without an end. */
export type PlacePhase = "idle" | "answering" | "streaming";

interface Place {
  readonly address: string;
  phase: PlacePhase;
  sinceMs: number;
}

/** `C`: what has a place; each once. */
export class Places<C> {
  readonly #limits: PlaceLimits;
  /** The one that has been longest in its phase first. */
  readonly #places = new Map<C, Place>();
  readonly #perAddress = new Map<string, number>();

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#places.size;
  }

  /**
   * Gives it a place. Returns who has none any more: nobody, the one that has been idle longest, without such a one the one whose answer has been under
   * way longest, or the newcomer itself where all others are streams. Who just came is spared as long as somebody else was answered a second ago and has
   * not taken it: else a crowd that reads nothing would cost everybody the place before the first word. Of those it is one of the address that has most of
   * them: however fast a crowd comes, it puts out its own. Of an address that has all its places it is one of that address.
   */
  enter(one: C, address: string, nowMs: number): C | undefined {
    const ofAddress = this.#perAddress.get(address) ?? 0;
    let out: C | undefined;
    if (ofAddress >= this.#limits.perAddress) out = this.#first(nowMs, (place) => place.address === address) ?? one;
    else if (this.#places.size >= this.#limits.total) out = this.#first(nowMs, () => true) ?? one;
    if (out === one) return one;
    if (out !== undefined) this.leave(out);
    this.#places.set(one, { address, phase: "idle", sinceMs: nowMs });
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
    return out;
  }

  /** From now on it is in this phase. */
  turn(one: C, phase: PlacePhase, nowMs: number): void {
    const place = this.#places.get(one);
    if (place === undefined) return;
    place.phase = phase;
    place.sinceMs = nowMs;
    this.#places.delete(one);
    this.#places.set(one, place);
  }

  leave(one: C): void {
    const place = this.#places.get(one);
    if (place === undefined) return;
    this.#places.delete(one);
    const others = (this.#perAddress.get(place.address) ?? 1) - 1;
    if (others === 0) this.#perAddress.delete(place.address);
    else this.#perAddress.set(place.address, others);
  }

  /** Who has passed a deadline. They keep their places until they leave. */
  overdue(nowMs: number): readonly C[] {
    const { idleMs, answerMs } = this.#limits;
    const late: C[] = [];
    for (const [one, { phase, sinceMs }] of this.#places) {
      const mostMs = phase === "idle" ? idleMs : phase === "answering" ? answerMs : Number.POSITIVE_INFINITY;
      if (nowMs - sinceMs >= mostMs) late.push(one);
    }
    return late;
  }

  #first(nowMs: number, matches: (place: Place) => boolean): C | undefined {
    const rankOf = ({ phase, sinceMs }: Place): number =>
      (phase === "idle" ? 0 : 1) + (nowMs - sinceMs >= SPARED_MS ? 0 : SPARED_RANKS);
    const ranked = [...this.#places]
      .filter(([, place]) => place.phase !== "streaming" && matches(place))
      .map(([one, place]) => ({ one, address: place.address, rank: rankOf(place) }));
    const lowest = Math.min(...ranked.map(({ rank }) => rank));
    const first = ranked.filter(({ rank }) => rank === lowest);
    const count = new Map<string, number>();
    for (const { address } of first) count.set(address, (count.get(address) ?? 0) + 1);
    const most = Math.max(...count.values());
    return first.find(({ address }) => count.get(address) === most)?.one;
  }
}

/** Who is spared comes behind all who are not. */
const SPARED_RANKS = 2;
/** Enough to say what one came for, and for an answer that somebody reads. */
const SPARED_MS = 1_000;
