import type { PartitionState, RuntimeState } from "#src/runtime/ports.js";

/** Of a process that has nothing under way, changed. */
export const runtimeState = (changes: Partial<RuntimeState> = {}): RuntimeState => ({
  partitionCount: 6,
  partitions: [],
  windowsOpen: 0,
  windowsPending: 0,
  bufferedAlerts: 0,
  bufferedBytes: 0,
  oldestPendingWindowEnd: undefined,
  smtp: { busy: 0, idle: 0, max: 8, circuitOpen: false },
  lastPollAtMs: undefined,
  lastCommitAtMs: undefined,
  ...changes,
});

/** Of one that is read, 30 records behind the end of its log, changed. */
export const partitionState = (partition: number, changes: Partial<PartitionState> = {}): PartitionState => ({
  partition,
  endOffset: 100,
  committedOffset: 60,
  position: 90,
  oldestUnsettledEventTime: undefined,
  behindOpenTransaction: 0,
  checkpointBytes: 12,
  paused: [],
  ...changes,
});
