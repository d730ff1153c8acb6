import type { Admin } from "kafkajs";
import { logName } from "../core/log-name.js";
import type { CommittedPartition } from "../runtime/ports.js";
import type { LogEndsAnswer } from "./log-ends.js";

/** Committed offset, checkpoint and ends of the log of these partitions, without those whose ends nobody tells. Rejects when the broker does not answer. */
export const fetchCommitted = async (
  admin: Pick<Admin, "fetchOffsets">,
  readEnds: () => Promise<LogEndsAnswer>,
  groupId: string,
  topic: string,
  partitions: readonly number[],
): Promise<CommittedPartition[]> => {
  // Never `resolveOffsets: true` here: it writes offsets.
  const committed = await admin.fetchOffsets({ groupId, topics: [topic] });
  // After the offsets, or one committed meanwhile could lie beyond an end that is too old: as if the topic had been truncated.
  const { ends, clusterId } = await readEnds();
  const byPartition = new Map(
    committed.flatMap(({ partitions: list }) => list.map((entry) => [entry.partition, entry])),
  );
  return partitions.flatMap((partition) => {
    const end = ends.get(partition);
    if (end === undefined) return [];
    const entry = byPartition.get(partition);
    const offset = Number(entry?.offset ?? -1);
    return {
      partition,
      log: logName(clusterId, topic, partition),
      offset: offset < 0 ? undefined : offset,
      metadata: entry?.metadata ?? null,
      logStart: end.start,
      logEnd: end.end,
      logStable: end.stable,
    };
  });
};
