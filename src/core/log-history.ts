/** Which log a partition was read of: its name, the leaders that wrote it, and what is known of it where it ends earlier than what was read. */

import { within } from "./delivered.js";
import type { PartitionStart } from "./partition-types.js";

/** The log that a partition was read of: under which leaders, and up to where it still is the one that was read. */
export class ReadLog {
  readonly name: LogName;
  readonly epochs: LeaderEpochs;
  readonly #knownAtStart: number;
  /** From here on the log is not the one that was read. */
  #cutAt = Number.POSITIVE_INFINITY;

  constructor(name: LogName, start: PartitionStart) {
    this.name = name;
    this.epochs = new LeaderEpochs(start.epochs);
    this.#knownAtStart = knownTo(start);
  }

  /** Nothing is known of this offset, or any above: also while what was known at the start is read again. */
  knownTo(position: number): number {
    return Math.max(position, this.#knownAtStart);
  }

  /** Under which leader the record at the offset was written; undefined: not known. */
  epochOf(offset: number): number | undefined {
    return this.epochs.below(offset + 1);
  }

  /**
   * Those of the records, from the first on, of whose offsets something is known under the leaders that wrote them. Behind them begins what another leader
   * put where records were read before: `LogChecks.mayTake` has to judge it, as it has judged the first of these.
   */
  continuing<R extends Read>(records: ReadRecords<R>): ReadRecords<R> {
    let before = records.at(0)?.leaderEpoch;
    for (let at = 1; at < records.length; at++) {
      const { offset, leaderEpoch } = records.at(at) as R;
      if (offset >= this.#knownAtStart) break;
      const isAnother = leaderEpoch !== undefined && leaderEpoch !== before;
      if (isAnother && (this.epochOf(offset) ?? leaderEpoch) !== leaderEpoch) return records.slice(0, at);
      before = leaderEpoch;
    }
    return records;
  }

  cutOff(at: number): void {
    this.#cutAt = Math.min(this.#cutAt, at);
  }

  /** The log still has the record that was read at the offset. */
  has(offset: number): boolean {
    return offset < this.#cutAt;
  }

  /** What is known of the partition, as far as it is about this log. */
  known(start: PartitionStart): PartitionStart {
    const { starts } = this.epochs;
    return upTo(starts.length === 0 ? start : { ...start, epochs: [...starts] }, this.#cutAt);
  }
}

/** What it asks of a record, and of several that a fetch brings. */
interface Read {
  readonly offset: number;
  /** Undefined: of an old message format. */
  readonly leaderEpoch?: number;
}
interface ReadRecords<R extends Read> {
  readonly length: number;
  at(index: number): R | undefined;
  slice(from?: number, to?: number): R[];
}

/** "From `offset` on, what was read was written under the leader of `epoch`", up to the next one's offset. */
export interface EpochStart {
  readonly epoch: number;
  readonly offset: number;
}

/**
 * Under which leaders the records were written that were read of one partition. Each leader of a partition has an epoch, a number that only grows, and
 * no two leaders have the same: two logs that have a record of one epoch at one offset are the same up to there.
 *
 * A leader that did not have all of the log (an unclean election) cuts it off and writes on from there, under its own epoch. The offsets do not tell; the
 * epochs do (KIP-101, KIP-279, KIP-320).
 */
export class LeaderEpochs {
  /** Ascending by both. */
  readonly #starts: EpochStart[];

  constructor(starts: readonly EpochStart[] = []) {
    this.#starts = starts.slice(-STARTS_MAX);
  }

  /** The highest one that is known; undefined while none is. */
  get last(): number | undefined {
    return this.#starts.at(-1)?.epoch;
  }

  /** Of the last record below `position`; undefined: unknown. */
  below(position: number): number | undefined {
    return this.#starts.findLast(({ offset }) => offset < position)?.epoch;
  }

  /**
   * A restart has to know those below its position as well: the next leader may be a replica that several elections have left behind, and its log may be
   * the one that was read only up to before them.
   */
  get starts(): readonly EpochStart[] {
    return this.#starts;
  }

  /** A record was read. Those of old message formats have no epoch (−1), and say nothing. */
  read(offset: number, epoch: number): void {
    const last = this.last;
    if (epoch < 0 || (last !== undefined && epoch <= last)) return;
    // Known of a replay that has not come so far.
    while ((this.#starts.at(-1)?.offset ?? -1) >= offset) this.#starts.pop();
    this.#starts.push({ epoch, offset });
    if (this.#starts.length > STARTS_MAX) this.#starts.shift();
  }
}

/** An election is rare, and one that goes back behind the last few of them rarer still. A checkpoint has them all: three bytes or four each. */
const STARTS_MAX = 8;

/** What the present leader says to "where does the epoch end?": the largest epoch of its log that is not above the one asked for, and where that one ends. */
export interface EpochEnd {
  readonly epoch: number;
  readonly endOffset: number;
}

/**
 * Finds out how much of what was read (`starts`, and up to `readTo`) the present leader still has, by asking it where epochs end. It has nothing that was
 * read under an epoch it does not know, and of one that it knows as much as both have.
 */
export class LogInquiry {
  readonly #starts: readonly EpochStart[];
  readonly #readTo: number;
  #epoch: number;

  /** Undefined where no epoch is known: then there is nothing to ask. */
  static of(starts: readonly EpochStart[], readTo: number): LogInquiry | undefined {
    const last = starts.at(-1);
    return last === undefined ? undefined : new LogInquiry(starts, readTo, last.epoch);
  }

  private constructor(starts: readonly EpochStart[], readTo: number, epoch: number) {
    this.#starts = [...starts];
    this.#readTo = readTo;
    this.#epoch = epoch;
  }

  /** To ask for. */
  get epoch(): number {
    return this.#epoch;
  }

  get readTo(): number {
    return this.#readTo;
  }

  /**
   * Up to where the log of today is the one that was read, at most `readTo`; undefined: `epoch` is to be asked for as well.
   *
   * `sameLeader`: nobody has led since that epoch. No leader cuts its own log off, so one that ends too early is another log: the topic was created anew.
   */
  answer({ epoch, endOffset }: EpochEnd, sameLeader: boolean): number | "another-log" | undefined {
    if (sameLeader && epoch === this.#epoch && endOffset < this.#readTo) return "another-log";
    const above = this.#starts.find((start) => start.epoch > Math.min(epoch, this.#epoch));
    const below = this.#starts.findLast((start) => start.epoch <= epoch);
    // Of the largest epoch that both may have, the leader has told the end: or it is an older one of ours, and it has not.
    if (below !== undefined && below.epoch !== epoch) {
      this.#epoch = below.epoch;
      return undefined;
    }
    return Math.min(endOffset, above?.offset ?? this.#readTo, this.#readTo);
  }

  /** Nobody knows the epoch: asks for the one before. */
  unknown(): "another-log" | undefined {
    const older = this.#starts.findLast((start) => start.epoch < this.#epoch);
    if (older === undefined) return "another-log";
    this.#epoch = older.epoch;
    return undefined;
  }
}

/** What a checkpoint said about offsets that its log does not have. */
interface Unbelieved {
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

/**
 * Names the log that a checkpoint was made for: two logs with one name are the same log. Undefined: the brokers tell no cluster ID, and nobody can
 * say whether two logs are the same.
 */
export type LogName = string | undefined;

/** Neither a topic's name nor a number has a slash in it, so no two logs get one name. */
export const logName = (clusterId: string | null | undefined, topic: string, partition: number): LogName =>
  clusterId ? `${topic}/${partition}/${clusterId}` : undefined;
