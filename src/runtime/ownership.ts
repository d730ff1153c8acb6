import type { PartitionWorker } from "./partition-worker.js";
import type { LogEnd, PauseReason } from "./ports.js";

/** What the parts of `Assignments` know in common. Only `Assignments` changes `phase`, `epoch` and `draining`. */
export interface Ownership {
  /** `joining`: a rebalance is under way, and the old generation may still commit. */
  phase: "out" | "joining" | "owned";
  /** Counts the memberships: what was begun under an earlier one is not finished under this one. */
  epoch: number;
  draining: boolean;
  /** Partitions whose windows are in memory, also those that wait for the next membership. */
  readonly workers: Map<number, PartitionWorker>;
  /** Assigned, and not taking records yet. */
  readonly loading: Map<number, LoadingState>;
  /** Not taking records: whether the log is still the one that was read is being found out, or it is not, and what was read of it leaves. */
  readonly suspended: Set<number>;
  /** Ends of the log as last seen. */
  readonly ends: Map<number, LogEnd>;
  /** Why a partition is paused, apart from loading and draining. */
  readonly pauses: Map<number, Set<PauseReason>>;
}

export interface LoadingState {
  /** `Clock.elapsed` before which its checkpoint is not read: the previous owner may still be writing it. */
  notBefore: number;
  /** When it was first seen that the previous owner has mails in flight. */
  announcedAt: number | undefined;
  /** Held without a break since it was last loaded: nobody else can have gone further. */
  readonly unbroken: boolean;
  /** The log was found to have lost everything from here on. */
  readonly cutAt?: number | undefined;
}

export const noOwnership = (): Ownership => ({
  phase: "out",
  epoch: 0,
  draining: false,
  workers: new Map(),
  loading: new Map(),
  suspended: new Set(),
  ends: new Map(),
  pauses: new Map(),
});
