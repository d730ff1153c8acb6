import type { Admin } from "kafkajs";
import type { CommittedPartition } from "../runtime/ports.js";
import { fetchLogEnds } from "./end-offsets.js";

/** Committed offset, checkpoint and ends of the log of these partitions. Rejects when the broker does not answer. */
export const fetchCommitted = async (
  admin: Admin,
  groupId: string,
  topic: string,
  partitions: readonly number[],
): Promise<CommittedPartition[]> => {
  // Never `resolveOffsets: true` here: it writes offsets.
  const committed = await admin.fetchOffsets({ groupId, topics: [topic] });
  // After the offsets, or one committed meanwhile could lie beyond an end that is too old: as if the topic had been truncated.
  const ends = await fetchLogEnds(admin, topic);
  const byPartition = new Map(
    committed.flatMap(({ partitions: list }) => list.map((entry) => [entry.partition, entry])),
  );
  return partitions.map((partition) => {
    const end = ends.get(partition);
    if (end === undefined) throw new Error(`the end of partition ${partition} is unknown`);
    const entry = byPartition.get(partition);
    const offset = Number(entry?.offset ?? -1);
    return {
      partition,
      offset: offset < 0 ? undefined : offset,
      metadata: entry?.metadata ?? null,
      logStart: end.start,
      logEnd: end.end,
    };
  });
};
