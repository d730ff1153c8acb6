import { decodeCheckpoint } from "../core/checkpoint.js";
import { mergeStarts } from "../core/handover.js";
import type { PartitionStart } from "../core/partition.js";
import type { DeletedRecords } from "./deleted-records.js";
import type { Logger } from "./log.js";
import type { CommitRequest, CommittedPartition } from "./ports.js";

/**
 * Where a partition that comes without windows begins: at its checkpoint, with what this process itself knows to be settled (`facts`), and within
 * the log. `known` is the commit that stands; undefined when the next one must be made in any case. `deleted`: what was to be read and is gone.
 */
export const startingPoint = (
  { partition, offset, metadata, logStart, logEnd }: CommittedPartition,
  facts: PartitionStart | undefined,
  log: Logger,
): { start: PartitionStart; known: CommitRequest | undefined; deleted: DeletedRecords | undefined } => {
  const fields = { partition, committed: offset, logStart, logEnd };
  let start: PartitionStart = { position: offset ?? logStart, time: undefined, marks: [], settled: [] };
  if (offset !== undefined) start = decodeCheckpoint(metadata, offset) ?? start;
  if (facts !== undefined && facts.position <= logEnd) start = mergeStarts(start, facts);
  const known = offset === undefined ? undefined : { partition, offset, metadata: metadata ?? "" };
  // The log may have lost its end: nobody can read that far again.
  if (start.readTo !== undefined && start.readTo > logEnd) start = { ...start, readTo: logEnd };
  if (start.position < logStart) {
    const done = start.settled.reduce(
      (sum, [first, last]) => sum + Math.max(0, Math.min(last + 1, logStart) - first),
      0,
    );
    const deleted = { partition, from: start.position, logStart, settled: done };
    const settled = start.settled.filter(([, last]) => last >= logStart);
    return { start: { ...start, position: logStart, settled }, known, deleted };
  }
  if (start.position > logEnd) {
    log.error(
      fields,
      "the committed offset lies beyond the end of the log: the topic was truncated or created anew; starting at its beginning",
    );
    return {
      start: { position: logStart, time: undefined, marks: [], settled: [] },
      known: undefined,
      deleted: undefined,
    };
  }
  return { start, known, deleted: undefined };
};
