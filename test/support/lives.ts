import type { Ownership } from "#src/runtime/ownership.js";
import type { PartitionWorker } from "#src/runtime/partition-worker.js";

export const HANDOVER_TIMES = { handoverMs: 1_500, handoverMaxMs: 60_000 };

const ASSIGNED = {
  kind: "assigned",
  now: 0,
  sameMember: true,
  alone: true,
  troubledAt: Number.NEGATIVE_INFINITY,
} as const;

/** Makes a partition active with a worker of the test's own. */
export const hold = (ownership: Ownership, worker: { readonly partition: number }): void => {
  const { partition } = worker;
  ownership.happened(partition, ASSIGNED);
  ownership.happened(partition, { kind: "read-own" });
  ownership.workers.set(partition, worker as unknown as PartitionWorker);
};

/** A new generation, as `PartitionLoader` has it. */
export const join = (ownership: Ownership, assigned: readonly number[], now = 0): void => {
  for (const partition of new Set([...ownership.partitions, ...assigned]))
    ownership.happened(partition, assigned.includes(partition) ? { ...ASSIGNED, now } : { kind: "unassigned", now });
};
