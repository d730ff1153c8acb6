import type { PartitionStart } from "../core/partition.js";
import { believed, from, type SharedUpTo } from "./believed.js";
import type { DeletedRecords } from "./deleted-records.js";
import type { Logger } from "./log.js";
import type { CommitRequest, CommittedPartition } from "./ports.js";

/**
 * Where a partition that comes without windows begins: at its checkpoint, with what this process itself knows to be settled (`facts`), and within
 * the log. `known` is the commit that stands; undefined when the next one must be made in any case. `deleted`: what was to be read and is gone.
 */
export const startingPoint = (
  committed: CommittedPartition,
  facts: PartitionStart | undefined,
  log: Logger,
  shared: SharedUpTo = { checkpoint: Number.POSITIVE_INFINITY, facts: Number.POSITIVE_INFINITY },
): { start: PartitionStart; known: CommitRequest | undefined; deleted: DeletedRecords | undefined } => {
  const { partition, offset, metadata, logStart, logEnd } = committed;
  // Nobody knows where it was cut off.
  if (offset !== undefined && Math.min(offset, shared.checkpoint) > logEnd) {
    log.error(
      { partition, committed: offset, logStart, logEnd },
      "the committed offset lies beyond the end of the log: the topic was truncated or created anew; starting at its beginning",
    );
    return { start: from(logStart), known: undefined, deleted: undefined };
  }
  const start = believed(committed, facts, log, shared);
  const known = offset === undefined ? undefined : { partition, offset, metadata: metadata ?? "" };
  if (start.position >= logStart) return { start, known, deleted: undefined };
  const done = start.settled.reduce((sum, [first, last]) => sum + Math.max(0, Math.min(last + 1, logStart) - first), 0);
  const deleted = { partition, from: start.position, logStart, settled: done };
  const settled = start.settled.filter(([, last]) => last >= logStart);
  return { start: { ...start, position: logStart, settled }, known, deleted };
};
