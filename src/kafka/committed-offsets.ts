import { logName } from "../core/log-history.js";
import type { CommittedPartition } from "../runtime/ports.js";
import type { GroupOffset } from "./group-offsets.js";
import type { LogEndsAnswer } from "./log-ends.js";

export interface TopicCommits {
  /** Of all partitions of the topic, without those whose ends nobody tells. */
  readonly known: readonly CommittedPartition[];
  /** Those. */
  readonly silent: readonly number[];
}

/** Committed offset, checkpoint and ends of the log of each partition. `partitions` are asked for in any case. Rejects when the broker does not answer. */
export const fetchCommitted = async (
  readOffsets: (partitions: readonly number[]) => Promise<readonly GroupOffset[]>,
  readEnds: () => Promise<LogEndsAnswer>,
  topic: string,
  partitions: readonly number[],
): Promise<TopicCommits> => {
  const committed = await readOffsets(partitions);
  // After the offsets, or one committed meanwhile could lie beyond an end that is too old: as if the topic had been truncated.
  const { ends, clusterId } = await readEnds();
  const silent: number[] = [];
  const known = committed.flatMap(({ partition, offset, metadata }) => {
    const end = ends.get(partition);
    if (end === undefined) {
      silent.push(partition);
      return [];
    }
    return {
      partition,
      log: logName(clusterId, topic, partition),
      offset: offset < 0 ? undefined : offset,
      metadata,
      logStart: end.start,
      logEnd: end.end,
      logStable: end.stable,
    };
  });
  return { known, silent };
};
