import type { Logger } from "./log.js";
import type { Metrics } from "./ports.js";

export interface DeletedRecords {
  readonly partition: number;
  /** The first offset that was still to be read. */
  readonly from: number;
  /** The first one that is left. */
  readonly logStart: number;
  /** How many in between were settled before. */
  readonly settled?: number;
}

/**
 * Tells of offsets that the broker deleted before anybody read them: always as this one error and this one count, however it was noticed.
 * Of offsets, not of records: how many of them a transaction or the compaction had taken nobody can know any more.
 */
export const tellDeletedUnread = (
  { metrics, log }: { metrics: Pick<Metrics, "recordsDeletedUnread">; log: Logger },
  { partition, from, logStart, settled = 0 }: DeletedRecords,
): void => {
  const deleted = logStart - from - settled;
  if (deleted <= 0) return;
  metrics.recordsDeletedUnread(partition, deleted);
  log.error(
    { partition, from, logStart, deleted },
    "records were deleted before they were read: the topic's retention was too short, or somebody deleted them; nobody is told of their alerts",
  );
};
