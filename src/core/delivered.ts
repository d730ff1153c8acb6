import { hash53 } from "./hash.js";

/**
 * Half-delivered alerts: some recipients have them, others are still to get them (greylisting, a full mailbox). Whoever owns the partition next mails
 * only the others.
 *
 * The fact is about alerts, so a replay may put them into other windows than before: a window takes only alerts that the same recipients have
 * (`DeviceWindows`). Nobody gets one twice, and nobody misses one. Runs may reach over offsets that are settled: there they say nothing.
 */
export interface Delivered {
  /** See `recipientTag`; ascending. */
  readonly recipients: readonly number[];
  /** Exactly these recipients have the alerts at these offsets: inclusive, ascending, and in no other group. */
  readonly runs: readonly (readonly [number, number])[];
}

/** A set of recipients, by their tags. */
export interface Recipients {
  /** Ascending. */
  readonly tags: readonly number[];
  /** The same for the same tags. */
  readonly key: string;
}

/** 53 bits of an address as it is routed. Another order of recipients, or another list, changes nothing for those who are in both. */
export const recipientTag = (address: string): number => hash53(address);

export const recipientsOf = (tags: Iterable<number>): Recipients => {
  const ascending = [...new Set(tags)].sort((a, b) => a - b);
  return ascending.length === 0 ? NOBODY : { tags: ascending, key: ascending.join() };
};

export const isSame = (a: Recipients, b: Recipients): boolean => a === b || a.key === b.key;

export const NOBODY: Recipients = { tags: [], key: "" };

/** Those without a tag in `delivered`. Two recipients with one tag cannot be told apart: then neither counts as told. */
export const missingOf = (recipients: readonly string[], delivered: ReadonlySet<number>): readonly string[] => {
  if (delivered.size === 0) return recipients;
  const tags = recipients.map(recipientTag);
  return recipients.filter((_, index) => {
    const tag = tags[index] as number;
    return !delivered.has(tag) || tags.indexOf(tag) !== tags.lastIndexOf(tag);
  });
};

/** One run, and who has it. */
export interface DeliveredRun {
  readonly first: number;
  last: number;
  readonly recipients: Recipients;
}

/** Who has what by group, in the order of the groups' first offsets. `runs`: ascending, apart from one another. */
export const grouped = (runs: Iterable<DeliveredRun>): Delivered[] => {
  const groups = new Map<string, { recipients: readonly number[]; runs: [number, number][] }>();
  for (const { first, last, recipients } of runs) {
    const group = groups.get(recipients.key);
    if (group === undefined) groups.set(recipients.key, { recipients: recipients.tags, runs: [[first, last]] });
    else group.runs.push([first, last]);
  }
  return [...groups.values()];
};

/** What either knows: of each offset both together. */
export const mergeDelivered = (a: readonly Delivered[], b: readonly Delivered[]): Delivered[] =>
  grouped(runsOf([...a, ...b]));

/** What is known of the offsets from `from` on, and below `to`. */
export const within = (delivered: readonly Delivered[], from: number, to = Number.POSITIVE_INFINITY): Delivered[] =>
  delivered.flatMap(({ recipients, runs }) => {
    const kept = runs
      .filter(([first, last]) => last >= from && first < to)
      .map(([first, last]): [number, number] => [Math.max(first, from), Math.min(last, to - 1)]);
    return kept.length === 0 ? [] : [{ recipients, runs: kept }];
  });

/** Ascending, apart, neighbours with the same recipients joined; where groups overlap, all of their recipients together. */
const runsOf = (delivered: readonly Delivered[]): DeliveredRun[] => {
  const edges: { readonly at: number; readonly group: number; readonly by: 1 | -1 }[] = [];
  for (const [group, { runs }] of delivered.entries())
    for (const [first, last] of runs) edges.push({ at: first, group, by: 1 }, { at: last + 1, group, by: -1 });
  edges.sort((x, y) => x.at - y.at);
  const open = new Map<number, number>();
  const joined: DeliveredRun[] = [];
  for (const [index, { at, group, by }] of edges.entries()) {
    const count = (open.get(group) ?? 0) + by;
    if (count === 0) open.delete(group);
    else open.set(group, count);
    const next = edges[index + 1]?.at ?? at;
    if (next === at || open.size === 0) continue;
    const recipients = recipientsOf([...open.keys()].flatMap((each) => (delivered[each] as Delivered).recipients));
    const previous = joined.at(-1);
    if (previous?.last === at - 1 && isSame(previous.recipients, recipients)) previous.last = next - 1;
    else if (recipients !== NOBODY) joined.push({ first: at, last: next - 1, recipients });
  }
  return joined;
};

/** What a previous owner told, for whoever reads the offsets again, in their order. */
export class DeliveredBefore {
  readonly #runs: readonly DeliveredRun[];
  #at = 0;

  constructor(known: readonly Delivered[]) {
    this.#runs = runsOf(known);
  }

  /** Who has the alert at `offset`, which lies above those asked for before. */
  of(offset: number): Recipients {
    let run = this.#runs[this.#at];
    while (run !== undefined && run.last < offset) run = this.#runs[++this.#at];
    return run !== undefined && run.first <= offset ? run.recipients : NOBODY;
  }

  /** From `position` on. */
  from(position: number): DeliveredRun[] {
    return this.#runs
      .slice(this.#at)
      .filter(({ last }) => last >= position)
      .map((run) => ({ ...run, first: Math.max(run.first, position) }));
  }
}
