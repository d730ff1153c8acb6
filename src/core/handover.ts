import { mergeDelivered, within } from "./delivered.js";
import type { EarlyFact } from "./early-parts.js";
import type { PartitionStart } from "./partition.js";

/**
 * Two accounts of one partition made one: what either knows to be settled is settled. A settled offset is a fact, whoever saw it and however long
 * ago; so is who has an alert that others are still to get. Only the time and the marks belong to a position, and come from whoever
 * is further. What either had read may be in mails. Early mails below the further position belong to windows that are over there.
 */
export const mergeStarts = (a: PartitionStart, b: PartitionStart): PartitionStart => {
  const [further, other] = isFurther(a, b) ? [a, b] : [b, a];
  const settled = union(further.settled, other.settled, further.position);
  const { delivered: ofFurther = [], early: _early, readTo: _readTo, epochs = other.epochs, ...rest } = further;
  const delivered = within(mergeDelivered(ofFurther, other.delivered ?? []), further.position);
  const early = mergeEarly(further.early, other.early).filter(({ offset }) => offset >= further.position);
  const readTo = Math.max(a.readTo ?? a.position, b.readTo ?? b.position);
  return {
    ...rest,
    settled,
    ...(epochs === undefined ? {} : { epochs }),
    ...(delivered.length === 0 ? {} : { delivered }),
    ...(early.length === 0 ? {} : { early }),
    ...(readTo > further.position ? { readTo } : {}),
  };
};

/** Ascending; of two with one offset the one that knows how many were told. */
const mergeEarly = (a: readonly EarlyFact[] = [], b: readonly EarlyFact[] = []): EarlyFact[] => {
  const byOffset = new Map<number, EarlyFact>();
  for (const fact of [...a, ...b]) if (byOffset.get(fact.offset)?.alerts === undefined) byOffset.set(fact.offset, fact);
  return [...byOffset.values()].sort((x, y) => x.offset - y.offset);
};

/** With equal positions the one that knows more of the time. */
const isFurther = (a: PartitionStart, b: PartitionStart): boolean =>
  a.position !== b.position
    ? a.position > b.position
    : (a.time ?? -1) + a.marks.length >= (b.time ?? -1) + b.marks.length;

type Run = readonly [number, number];

/** Inclusive runs at or above `from`, ascending, neighbours joined. */
const union = (a: readonly Run[], b: readonly Run[], from: number): Run[] => {
  const runs = [...a, ...b].filter(([, last]) => last >= from).sort((x, y) => x[0] - y[0]);
  const joined: [number, number][] = [];
  for (const [first, last] of runs) {
    const previous = joined.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else joined.push([Math.max(first, from), last]);
  }
  return joined;
};
