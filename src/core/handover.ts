import type { FaultFacts } from "./checkpoint-faults.js";
import { mergeDelivered, within } from "./delivered.js";
import type { EarlyFact } from "./early-parts.js";
import type { EpochStart } from "./log-history.js";
import type { PartitionStart } from "./partition.js";

/**
 * What this process knows of a partition (`own`), made part of what is committed. What either knows to be settled is settled. A settled offset is a fact,
 * whoever saw it and however long ago; so is who has an alert that others are still to get. What either had read may be in mails.
 *
 * Position, time and marks are the commit's: every owner in between began there, and mails of theirs that nobody committed come again under the
 * same Message-ID only from there. What this process saw of the wall clock since, and could not commit, is in no mail of its own (`commitFirst`).
 */
export const mergeStarts = (committed: PartitionStart, own: PartitionStart): PartitionStart => {
  const {
    delivered: _delivered,
    early: _early,
    readTo: _readTo,
    epochs: _epochs,
    faults: _faults,
    ...rest
  } = committed;
  const { position } = committed;
  const below: Run = [position, own.position - 1];
  const settled = union([...committed.settled, below], own.settled, position);
  const delivered = within(mergeDelivered(committed.delivered ?? [], own.delivered ?? []), position);
  const early = mergeEarly(committed.early, own.early).filter(({ offset }) => offset >= position);
  const readTo = Math.max(committed.readTo ?? position, own.readTo ?? own.position);
  const epochs = mergeEpochs(committed.epochs, own.epochs);
  const faults = ofMore(committed.faults, own.faults);
  return {
    ...rest,
    settled,
    ...(epochs.length === 0 ? {} : { epochs }),
    ...(delivered.length === 0 ? {} : { delivered }),
    ...(early.length === 0 ? {} : { early }),
    ...(readTo > position ? { readTo } : {}),
    ...(faults === undefined ? {} : { faults }),
  };
};

/** Both are right for what they have counted: that of more of the log counts. */
const ofMore = (a: FaultFacts | undefined, b: FaultFacts | undefined): FaultFacts | undefined =>
  b === undefined || (a !== undefined && a.upTo >= b.upTo) ? a : b;

/** Ascending; of two with one offset the one that knows how many were told. */
const mergeEarly = (a: readonly EarlyFact[] = [], b: readonly EarlyFact[] = []): EarlyFact[] => {
  const byOffset = new Map<number, EarlyFact>();
  for (const fact of [...a, ...b]) if (byOffset.get(fact.offset)?.alerts === undefined) byOffset.set(fact.offset, fact);
  return [...byOffset.values()].sort((x, y) => x.offset - y.offset);
};

/** Both are of one log, so that epochs ascend with offsets. Of one that both know, whoever saw more of it counts. */
const mergeEpochs = (a: readonly EpochStart[] = [], b: readonly EpochStart[] = []): EpochStart[] => {
  const lowest = new Map<number, EpochStart>();
  for (const start of [...a, ...b])
    if (start.offset < (lowest.get(start.epoch)?.offset ?? Number.POSITIVE_INFINITY)) lowest.set(start.epoch, start);
  return [...lowest.values()].sort((x, y) => x.epoch - y.epoch);
};

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
