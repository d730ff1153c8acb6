import type { EventTime, WallTime } from "../core/time.js";
import { PAUSE_REASONS, type PartitionState, type RuntimeState } from "../runtime/ports.js";
import type { NameOf } from "./inventory.js";
import type { InventoryRegistry } from "./registry.js";

export interface GaugeContext {
  readonly topic: string;
  readonly group: string;
}

/** Sets every gauge from a state. Per-partition series are rebuilt, so those of a partition that left are gone. */
export const createRuntimeGauges = ({ gauge }: InventoryRegistry, { topic, group }: GaugeContext) => {
  const lagRecords = gauge("kafka_consumer_lag_records");
  const positionLag = gauge("kafka_consumer_position_lag_records");
  const lagSeconds = gauge("kafka_consumer_lag_seconds");
  const endOffset = gauge("kafka_log_end_offset");
  const behindTransaction = gauge("kafka_records_behind_open_transaction");
  const committedOffset = gauge("kafka_committed_offset");
  const checkpointBytes = gauge("checkpoint_bytes");
  const ofPartitions = [
    lagRecords,
    positionLag,
    lagSeconds,
    endOffset,
    behindTransaction,
    committedOffset,
    checkpointBytes,
  ];

  const showPartition = (state: PartitionState, now: WallTime): void => {
    const labels = { topic, group, partition: state.partition };
    const { endOffset: end, committedOffset: committed, position, behindOpenTransaction: behind } = state;
    if (end !== undefined) endOffset.set(labels, end);
    if (behind !== undefined) behindTransaction.set(labels, behind);
    if (committed !== undefined) committedOffset.set(labels, committed);
    // The end offset is polled and may be older than what it is compared with: lag is never negative.
    if (end !== undefined && committed !== undefined) lagRecords.set(labels, Math.max(0, end - committed));
    if (end !== undefined && position !== undefined) positionLag.set(labels, Math.max(0, end - position));
    lagSeconds.set(labels, secondsSince(state.oldestUnsettledEventTime, now));
    checkpointBytes.set({ partition: state.partition }, state.checkpointBytes);
  };

  /** Not known is no series, rather than a wrong 0. */
  const setOrRemove = (name: NameOf<"gauge">, value: number | undefined): void => {
    if (value === undefined) gauge(name).remove();
    else gauge(name).set(value);
  };

  const show = (state: RuntimeState, now: WallTime): void => {
    for (const series of ofPartitions) series.reset();
    for (const partition of state.partitions) showPartition(partition, now);
    gauge("kafka_topic_partitions").set({ topic, group }, state.partitionCount);
    const assigned = state.partitions.filter((partition) => partition.lastKnown !== true);
    gauge("kafka_partitions_assigned").set({ topic, group }, assigned.length);
    for (const reason of PAUSE_REASONS) {
      const paused = assigned.filter((partition) => partition.paused.includes(reason)).length;
      gauge("kafka_partitions_paused").set({ topic, group, reason }, paused);
    }
    gauge("kafka_last_poll_timestamp_seconds").set({ group }, (state.lastPollAtMs ?? 0) / 1000);
    gauge("kafka_last_heartbeat_timestamp_seconds").set({ group }, (state.lastHeartbeatAtMs ?? 0) / 1000);
    gauge("kafka_last_commit_timestamp_seconds").set({ group }, (state.lastCommitAtMs ?? 0) / 1000);
    gauge("windows_open").set(state.windowsOpen);
    gauge("windows_pending").set(state.windowsPending);
    gauge("windows_held").set(state.windowsHeld ?? 0);
    gauge("buffered_alerts").set(state.bufferedAlerts);
    gauge("buffered_bytes").set(state.bufferedBytes);
    gauge("oldest_pending_window_age_seconds").set(secondsSince(state.oldestPendingWindowEnd, now));
    gauge("smtp_connections").set({ state: "busy" }, state.smtp.busy);
    gauge("smtp_connections").set({ state: "idle" }, state.smtp.idle);
    gauge("smtp_connections_max").set(state.smtp.max);
    const { server } = state.smtp;
    setOrRemove("smtp_reachable", server && (server.reachable ? 1 : 0));
    setOrRemove("smtp_last_success_timestamp_seconds", server?.lastSuccessAt && server.lastSuccessAt / 1000);
    gauge("smtp_circuit_open").set(state.smtp.circuitOpen ? 1 : 0);
    gauge("recipients_waiting").set(state.recipientsWaiting ?? 0);
    gauge("mails_waiting_for_recipients").set(state.waitingForRecipients ?? 0);
    gauge("sent_records_oldest_waiting_seconds").set((state.oldestSentRecordMs ?? 0) / 1000);
    gauge("schema_registry_schemas").set(state.schemaRegistry?.schemas ?? 0);
    gauge("schema_registry_waiting_seconds").set((state.schemaRegistry?.waitingMs ?? 0) / 1000);
    gauge("report_overdue_seconds").set((state.reportOverdueMs ?? 0) / 1000);
    const { recipientsDatabaseUp: up } = state;
    setOrRemove("recipients_database_up", up === undefined ? undefined : up ? 1 : 0);
  };

  /** No state could be had: no series of a partition rather than old ones that look fresh. */
  const forget = (): void => {
    for (const series of ofPartitions) series.reset();
  };

  return { show, forget };
};

const secondsSince = (at: EventTime | undefined, now: WallTime): number =>
  at === undefined ? 0 : Math.max(0, now - at) / 1000;
