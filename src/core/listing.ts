import { SEVERITIES, type Severity } from "./alert.js";

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
