import { mergeStarts } from "../core/handover.js";
import { belowEnd, upTo } from "../core/log-history.js";
import type { PartitionStart } from "../core/partition.js";
import { type CheckpointReading, decodeCheckpoint, readCheckpoint } from "./commit-metadata.js";
import type { Logger } from "./log.js";
import type { CommittedPartition } from "./ports.js";

/** Up to where what the checkpoint, and what this process, says is of the log as it is now: see `SharedEnds`. */
export interface SharedUpTo {
  readonly checkpoint: number;
  readonly facts: number;
  /** The log is not the one of the checkpoint at all, not one that lost its end. Default false. */
  readonly isAnotherLog?: boolean;
}

/** As a log line. */
export const ANOTHER_LOG =
  "the log is not the one that was read: the topic was created anew, or restored; reading begins at its start";

/** What was committed, as it was meant. */
export const checkpointOf = ({ log, offset, metadata, logStart }: CommittedPartition): PartitionStart => {
  const known = offset === undefined ? undefined : decodeCheckpoint(metadata, offset, log);
  return known ?? from(offset ?? logStart);
};

/**
 * What is known of a partition that comes without windows: what its checkpoint says, if it was made for this log, and what this process itself knows to be
 * settled (`facts`). Nothing of it counts where the log has ended; a warning says what is not believed.
 */
export const believed = (
  committed: CommittedPartition,
  facts: PartitionStart | undefined,
  log: Logger,
  shared: SharedUpTo,
): PartitionStart => {
  const all = told(committed, log);
  const end = Math.min(shared.checkpoint, committed.logEnd);
  const said = all.position <= end ? within(committed, all, end, log) : all;
  const start = upTo(said, shared.checkpoint);
  if (start.position < said.position)
    log.error(
      { partition: committed.partition, from: said.position, to: start.position },
      shared.isAnotherLog === true
        ? ANOTHER_LOG
        : "the log lost its end, though it was read already: an election made a replica the leader that did not have it; reading begins where it was cut off",
    );
  const own = facts === undefined ? undefined : upTo(facts, shared.facts);
  return within(committed, merged(start, own, committed.logEnd), committed.logEnd, log);
};

/** Nothing is known but where to read on. */
export const from = (position: number): PartitionStart => ({ position, time: undefined, marks: [], settled: [] });

/** What the checkpoint says, or the committed offset alone. */
const told = ({ partition, log: of, offset, metadata, logStart }: CommittedPartition, log: Logger): PartitionStart => {
  if (offset === undefined) return from(logStart);
  const reading = readCheckpoint(metadata, offset, of);
  if (reading.kind === "own") return reading.checkpoint;
  if (reading.kind !== "none")
    log.warn(
      { partition, committed: offset, checkpoint: reading.kind, ...claimed(reading) },
      "the checkpoint is not of this log, or cannot be read: only the committed offset counts, and mails of alerts above it may be repeated",
    );
  return from(offset);
};

/** What is not believed: how many offsets were called settled, from where to where. */
const claimed = (reading: CheckpointReading): object => {
  const { settled } = ("claims" in reading ? reading.claims : undefined) ?? from(0);
  const [first] = settled[0] ?? [];
  if (first === undefined) return {};
  const offsets = settled.reduce((sum, [start, end]) => sum + end - start + 1, 0);
  return { settledOffsets: offsets, settledFrom: first, settledTo: settled.at(-1)?.[1] };
};

/** One that begins above the end of the log knew a log that is gone. */
const merged = (start: PartitionStart, facts: PartitionStart | undefined, logEnd: number): PartitionStart =>
  facts === undefined || facts.position > logEnd ? start : mergeStarts(start, facts);

const within = (
  { partition, offset, logEnd }: CommittedPartition,
  start: PartitionStart,
  end: number,
  log: Logger,
): PartitionStart => {
  const { start: below, unbelieved } = belowEnd(start, end);
  if (unbelieved !== undefined)
    log.warn(
      { partition, committed: offset, logEnd, from: unbelieved.from, settledOffsets: unbelieved.settledOffsets },
      "the log ends before what the checkpoint knows of it: it lost its end; what was known from there on does not count, and new alerts there are mailed",
    );
  return below;
};
