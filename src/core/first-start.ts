/** Where partitions without a committed offset begin (`KAFKA_START`). `spanMs`: with the records of the last so many milliseconds. */
export type StartAt = { readonly kind: "earliest" | "latest" } | { readonly kind: "span"; readonly spanMs: number };

/** As `KAFKA_START` takes it, in the largest unit that fits. */
export const startText = (at: StartAt): string => {
  if (at.kind !== "span") return at.kind;
  const [ms, unit] = UNITS.find(([each]) => at.spanMs % each === 0) ?? [1, "ms"];
  return `${at.spanMs / ms}${unit}`;
};

const UNITS = [
  [3_600_000, "h"],
  [60_000, "m"],
  [1_000, "s"],
] as const;

/** A partition, with the ends of its log and what the group committed of it. */
export interface StartingPartition {
  readonly partition: number;
  readonly offset: number | undefined;
  readonly logStart: number;
  readonly logEnd: number;
  readonly logStable: number;
}

export interface StartPlan {
  /** These get their first commit now. */
  readonly begin: readonly StartingPartition[];
  /** Where they begin. */
  readonly at: StartAt;
  /** Other partitions of the topic have a commit, or had one while this process ran. */
  readonly besideOthers: boolean;
}

/**
 * Which partitions this member gives a first commit to, and where. `KAFKA_START` is for a group that never read the topic. Where others of its partitions have a
 * commit, one without is new, or lost its offset: it begins where its log does, whatever is asked for. Kafka's own consumer begins a new partition at
 * its end with `latest`, and skips what was written between its creation and its discovery.
 *
 * "Others have a commit" must not come true in the middle of a first start. So for anything but `earliest`, the owner of partition 0 commits all partitions in
 * one request, and the other members wait for it. Undefined: wait.
 */
export const planStart = (world: {
  readonly startAt: StartAt;
  /** All of the topic's whose logs' ends are known. */
  readonly partitions: readonly StartingPartition[];
  /** This member's, of which it asks where they begin. */
  readonly own: ReadonlySet<number>;
  /** Partition 0 is this member's. */
  readonly ownsFirst: boolean;
  /** The process saw commits of this topic before. */
  readonly hasBegun: boolean;
  /** Some partitions' ends are not known, and it is too early to go on without them. */
  readonly mustWaitForOthers: boolean;
}): StartPlan | undefined => {
  const { startAt, partitions, ownsFirst, hasBegun, mustWaitForOthers } = world;
  const own = partitions.filter(({ partition, offset }) => offset === undefined && world.own.has(partition));
  const besideOthers = hasBegun || partitions.some(({ offset }) => offset !== undefined);
  if (besideOthers || startAt.kind === "earliest") return { begin: own, at: { kind: "earliest" }, besideOthers };
  if (!ownsFirst || mustWaitForOthers) return undefined;
  return { begin: partitions, at: startAt, besideOthers };
};

/** The first record at or after a time, as the broker found it. */
export interface RecordAt {
  readonly offset: number;
  readonly timestampMs: number;
}

/**
 * `found`: the first record of the span; undefined: there is none that can be read. The end is the last stable offset, for what an open transaction holds back
 * was told to nobody yet.
 */
export const startOffset = (at: StartAt, log: StartingPartition, found: RecordAt | undefined): number => {
  switch (at.kind) {
    case "earliest":
      return log.logStart;
    case "latest":
      return log.logStable;
    case "span":
      return found === undefined ? log.logStable : Math.min(Math.max(found.offset, log.logStart), log.logEnd);
  }
};

export interface StartSummary {
  /** Records that lie in the logs already and will be mailed, and when the first of them was written; undefined: nobody says. */
  readonly records: number;
  readonly sinceMs: number | undefined;
  /** Records before the start, that will not be mailed. */
  readonly skipped: number;
}

export const summarizeStart = (
  started: readonly {
    readonly log: StartingPartition;
    readonly offset: number;
    readonly first: RecordAt | undefined;
  }[],
): StartSummary => {
  const withRecords = started.filter(({ log, offset }) => log.logEnd > offset);
  const times = withRecords.flatMap(({ first }) => (first === undefined ? [] : [first.timestampMs]));
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  return {
    records: sum(withRecords.map(({ log, offset }) => log.logEnd - offset)),
    sinceMs: times.length === 0 ? undefined : Math.min(...times),
    skipped: sum(started.map(({ log, offset }) => offset - log.logStart)),
  };
};
