import type { WallTime } from "../core/time.js";
import type { Health, PartitionState, RuntimeState, SmtpConnections } from "../runtime/ports.js";

export interface Build {
  readonly version: string;
  readonly revision: string;
}

/** What the status page and its events are made from; all of it in memory. */
export interface StatusSource {
  readonly build: Build;
  readonly health: Health;
  /** Undefined while nothing runs yet. */
  readonly state: () => RuntimeState | undefined;
  readonly now: () => WallTime;
}

/** `/api/status` and each event of `/api/events`. Unknown numbers are null; ages in seconds, never negative. */
export interface Status {
  readonly version: string;
  readonly revision: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Null: alive, ready. Else the reason. */
  readonly notAlive: string | null;
  readonly notReady: string | null;
  readonly runtime: RuntimeStatus | null;
}

export interface RuntimeStatus {
  readonly partitionCount: number;
  readonly partitions: readonly PartitionStatus[];
  readonly windowsOpen: number;
  readonly windowsPending: number;
  readonly oldestPendingWindowAgeSeconds: number;
  readonly bufferedAlerts: number;
  readonly bufferedBytes: number;
  readonly smtp: SmtpConnections & { readonly max: number; readonly circuitOpen: boolean };
  readonly lastPollAgeSeconds: number | null;
  readonly lastCommitAgeSeconds: number | null;
}

export interface PartitionStatus {
  readonly partition: number;
  readonly endOffset: number | null;
  readonly committedOffset: number | null;
  readonly position: number | null;
  readonly lagRecords: number | null;
  readonly lagSeconds: number;
  readonly checkpointBytes: number;
  readonly paused: readonly string[];
}

export const statusOf = ({ build, health, state, now }: StatusSource): Status => {
  const at = now();
  const current = state();
  return {
    version: build.version,
    revision: build.revision,
    time: new Date(at).toISOString(),
    notAlive: health.notAlive() ?? null,
    notReady: health.notReady() ?? null,
    runtime: current === undefined ? null : runtimeStatus(current, at),
  };
};

const runtimeStatus = (state: RuntimeState, now: number): RuntimeStatus => ({
  partitionCount: state.partitionCount,
  partitions: state.partitions.map((partition) => partitionStatus(partition, now)),
  windowsOpen: state.windowsOpen,
  windowsPending: state.windowsPending,
  oldestPendingWindowAgeSeconds: ageSeconds(state.oldestPendingWindowEnd, now) ?? 0,
  bufferedAlerts: state.bufferedAlerts,
  bufferedBytes: state.bufferedBytes,
  smtp: state.smtp,
  lastPollAgeSeconds: ageSeconds(state.lastPollAtMs, now),
  lastCommitAgeSeconds: ageSeconds(state.lastCommitAtMs, now),
});

const partitionStatus = (state: PartitionState, now: number): PartitionStatus => ({
  partition: state.partition,
  endOffset: state.endOffset ?? null,
  committedOffset: state.committedOffset ?? null,
  position: state.position ?? null,
  lagRecords:
    state.endOffset === undefined || state.committedOffset === undefined
      ? null
      : Math.max(0, state.endOffset - state.committedOffset),
  lagSeconds: ageSeconds(state.oldestUnsettledEventTime, now) ?? 0,
  checkpointBytes: state.checkpointBytes,
  paused: state.paused,
});

const ageSeconds = (at: number | undefined, now: number): number | null =>
  at === undefined ? null : Math.max(0, now - at) / 1000;
