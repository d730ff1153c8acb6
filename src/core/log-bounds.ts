import { within } from "./delivered.js";
import type { PartitionStart } from "./partition-types.js";

/** What a checkpoint said about offsets that its log does not have. */
export interface Unbelieved {
  /** The first offset that it said something about, and how many it called settled from there on. */
  readonly from: number;
  readonly settledOffsets: number;
}

/**
 * What is known of a log that ends at `end`, where the next record will be written. Nothing at or above the end counts: a log that lost its end (an unclean
 * election, a power cut, a restored disk) gives the same offsets to other records, which nobody was mailed.
 *
 * A mark at the end itself stays, as does a read position there: both speak of what lies below.
 *
 * The position is the caller's to judge, and at most `end`.
 */
export const belowEnd = (
  start: PartitionStart,
  end: number,
): { readonly start: PartitionStart; readonly unbelieved: Unbelieved | undefined } => {
  const from = firstAbove(start, end);
  if (from === undefined) return { start, unbelieved: undefined };
  const { delivered = [], early = [], readTo, faults, ...rest } = start;
  const settled = start.settled
    .filter(([first]) => first < end)
    .map(([first, last]): readonly [number, number] => [first, Math.min(last, end - 1)]);
  const deliveredBelow = within(delivered, 0, end);
  const earlyBelow = early.filter(({ offset }) => offset < end);
  const below: PartitionStart = {
    ...rest,
    marks: start.marks.filter(({ offset }) => offset <= end),
    settled,
    ...(deliveredBelow.length === 0 ? {} : { delivered: deliveredBelow }),
    ...(earlyBelow.length === 0 ? {} : { early: earlyBelow }),
    // What was read of the log as it is now: all of it.
    ...(readTo === undefined ? {} : { readTo: Math.min(readTo, end) }),
    // Alerts are counted in it that are gone.
    ...(faults === undefined || faults.upTo > end ? {} : { faults }),
  };
  return { start: below, unbelieved: { from, settledOffsets: count(start.settled) - count(settled) } };
};

/** The same of a log that is another one from `end` on, wherever the position was: of the time before an offset that lies lower nothing is known. */
export const upTo = (start: PartitionStart, end: number): PartitionStart => {
  if (end === Number.POSITIVE_INFINITY) return start;
  const epochs = start.epochs?.filter(({ offset }) => offset < end) ?? [];
  const known = epochs.length === 0 ? {} : { epochs };
  if (start.position > end) return { position: end, time: undefined, marks: [], settled: [], ...known };
  const { epochs: _, ...below } = belowEnd(start, end).start;
  return { ...below, ...known };
};

/** Nothing is said about this offset, or any above. */
export const knownTo = ({
  position,
  readTo = position,
  settled,
  early = [],
  delivered = [],
  faults,
}: PartitionStart): number =>
  Math.max(
    position,
    readTo,
    faults?.upTo ?? 0,
    (settled.at(-1)?.[1] ?? -1) + 1,
    (early.at(-1)?.offset ?? -1) + 1,
    ...delivered.map(({ runs }) => (runs.at(-1)?.[1] ?? -1) + 1),
  );

/** The lowest offset at or above `end` that something is said about. */
const firstAbove = (start: PartitionStart, end: number): number | undefined => {
  const { settled, marks, early = [], delivered = [], readTo = start.position, faults } = start;
  const above = [
    ...[settled, ...delivered.map(({ runs }) => runs)].flatMap((runs) =>
      runs.filter(([, last]) => last >= end).map(([first]) => Math.max(first, end)),
    ),
    ...marks.filter(({ offset }) => offset > end).map(() => end),
    ...early.filter(({ offset }) => offset >= end).map(({ offset }) => offset),
    ...(readTo > end || (faults?.upTo ?? 0) > end ? [end] : []),
  ];
  return above.length === 0 ? undefined : Math.min(...above);
};

const count = (runs: PartitionStart["settled"]): number =>
  runs.reduce((sum, [first, last]) => sum + last - first + 1, 0);
