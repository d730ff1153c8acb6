/** What `alert-digest translate` counts, and its gauges at the moment of a scrape. */

import type { WallTime } from "../core/time.js";
import {
  type LogEnd,
  type Metrics,
  ROUTES_RELOADS,
  SCHEMA_REQUEST_OUTCOMES,
  TRANSACTION_OUTCOMES,
  TRANSLATION_OUTCOMES,
  type TranslationMetrics,
} from "../runtime/ports.js";
import { INVENTORY } from "./inventory.js";
import type { Inventory } from "./metric-spec.js";
import { createRegistryOf } from "./registry.js";

const {
  build_info,
  kafka_consumer_lag_records,
  kafka_consumer_position_lag_records,
  kafka_log_end_offset,
  kafka_committed_offset,
  kafka_topic_partitions,
  kafka_partitions_assigned,
  kafka_partitions_paused,
  kafka_records_consumed_total,
  kafka_records_deleted_unread_total,
  kafka_last_heartbeat_timestamp_seconds,
  kafka_last_poll_timestamp_seconds,
  kafka_rebalances_total,
  kafka_throttle_seconds_total,
  kafka_slow_batches_total,
  mapping_reloads_total,
  mapping_stale,
  schema_registry_requests_total,
  schema_registry_schemas,
  schema_registry_waiting_seconds,
} = INVENTORY;

/** Those of `run` that tell of reading Kafka, by input topic, and two of its own. `docs/translate.md` says the same to operators. */
export const TRANSLATION_INVENTORY = {
  build_info,
  kafka_consumer_lag_records,
  kafka_consumer_position_lag_records,
  kafka_log_end_offset,
  kafka_committed_offset,
  kafka_topic_partitions,
  kafka_partitions_assigned,
  kafka_partitions_paused,
  kafka_records_consumed_total,
  kafka_records_deleted_unread_total,
  kafka_last_heartbeat_timestamp_seconds,
  kafka_last_poll_timestamp_seconds,
  kafka_rebalances_total,
  kafka_throttle_seconds_total,
  kafka_slow_batches_total,
  mapping_reloads_total,
  mapping_stale,
  schema_registry_requests_total,
  schema_registry_schemas,
  schema_registry_waiting_seconds,
  translated_total: {
    type: "counter",
    labels: ["topic", "outcome"],
    help: "What the records of an input topic became, once it is committed: alert, ignored, or invalid and a dead letter",
  },
  translation_transaction_seconds: {
    type: "histogram",
    labels: ["outcome"],
    help: "One Kafka transaction: committed, refused for a record that the broker does not take, or failed and done again",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
} as const satisfies Inventory;

/** What is known of an input topic at a scrape. */
export interface TranslationState {
  readonly topic: string;
  readonly group: string;
  readonly partitionCount: number;
  readonly partitions: readonly {
    readonly partition: number;
    readonly position: number | undefined;
    readonly committed: number | undefined;
    readonly end: LogEnd | undefined;
    readonly waitsFor: "buffer" | "registry" | undefined;
  }[];
  readonly lastPollAtMs: number | undefined;
  readonly lastHeartbeatAtMs: number | undefined;
}

export interface TranslationPage extends Pick<Metrics, "mappingReloaded" | "schemaRequest"> {
  /** What a topic's translation and its membership count. */
  of(
    topic: string,
    group: string,
  ): TranslationMetrics & Pick<Metrics, "rebalance" | "throttled" | "recordsDeletedUnread" | "slowBatch">;
  readonly contentType: string;
  render(): Promise<string>;
}

export const createTranslationPage = (options: {
  readonly build: { readonly version: string; readonly revision: string };
  /** Read at each scrape. */
  readonly state: () => readonly TranslationState[];
  /** Of the schema registry; absent: none is asked. */
  readonly registry?: () => { readonly schemas: number; readonly waitingMs: number | undefined } | undefined;
  readonly now: () => WallTime;
  /** Also `process_*` and `nodejs_*`. */
  readonly processMetrics: boolean;
}): TranslationPage => {
  const { registry, gauge, counter, histogram } = createRegistryOf(TRANSLATION_INVENTORY, options.processMetrics);
  const { version, revision } = options.build;
  gauge("build_info").set({ version, revision, node_version: process.version }, 1);
  const transactions = histogram("translation_transaction_seconds");
  for (const outcome of TRANSACTION_OUTCOMES) transactions.zero({ outcome });
  for (const outcome of ROUTES_RELOADS) counter("mapping_reloads_total").inc({ outcome }, 0);
  for (const outcome of SCHEMA_REQUEST_OUTCOMES) counter("schema_registry_requests_total").inc({ outcome }, 0);
  gauge("mapping_stale").set(0);
  const ofPartitions = (
    [
      "kafka_consumer_lag_records",
      "kafka_consumer_position_lag_records",
      "kafka_log_end_offset",
      "kafka_committed_offset",
    ] as const
  ).map(gauge);
  /** Series of a partition that went are gone; one that came begins with 0. */
  const shown = new Map<string, ReadonlySet<number>>();
  const byPartition = (["kafka_records_consumed_total", "kafka_records_deleted_unread_total"] as const).map(counter);
  const keepOnly = (topic: string, group: string, partitions: ReadonlySet<number>): void => {
    const before = shown.get(topic) ?? new Set<number>();
    for (const total of byPartition) {
      for (const partition of before) if (!partitions.has(partition)) total.remove({ topic, group, partition });
      for (const partition of partitions) total.inc({ topic, group, partition }, 0);
    }
    shown.set(topic, partitions);
  };
  const show = ({
    topic,
    group,
    partitionCount,
    partitions,
    lastPollAtMs,
    lastHeartbeatAtMs,
  }: TranslationState): void => {
    keepOnly(topic, group, new Set(partitions.map(({ partition }) => partition)));
    gauge("kafka_topic_partitions").set({ topic, group }, partitionCount);
    gauge("kafka_partitions_assigned").set({ topic, group }, partitions.length);
    for (const reason of ["buffer", "registry"] as const) {
      const paused = partitions.filter(({ waitsFor }) => waitsFor === reason).length;
      gauge("kafka_partitions_paused").set({ topic, group, reason }, paused);
    }
    gauge("kafka_last_poll_timestamp_seconds").set({ group }, (lastPollAtMs ?? 0) / 1000);
    gauge("kafka_last_heartbeat_timestamp_seconds").set({ group }, (lastHeartbeatAtMs ?? 0) / 1000);
    for (const { partition, position, committed, end } of partitions) {
      const labels = { topic, group, partition };
      if (committed !== undefined) gauge("kafka_committed_offset").set(labels, committed);
      if (end === undefined) continue;
      gauge("kafka_log_end_offset").set(labels, end.end);
      if (committed !== undefined) gauge("kafka_consumer_lag_records").set(labels, Math.max(0, end.end - committed));
      if (position !== undefined)
        gauge("kafka_consumer_position_lag_records").set(labels, Math.max(0, end.end - position));
    }
  };
  return {
    of(topic, group) {
      counter("kafka_rebalances_total").inc({ group }, 0);
      counter("kafka_throttle_seconds_total").inc({ group }, 0);
      counter("kafka_slow_batches_total").inc({ group }, 0);
      for (const outcome of TRANSLATION_OUTCOMES) counter("translated_total").inc({ topic, outcome }, 0);
      return {
        records: (partition, count) => counter("kafka_records_consumed_total").inc({ topic, group, partition }, count),
        recordsDeletedUnread: (partition, count) =>
          counter("kafka_records_deleted_unread_total").inc({ topic, group, partition }, count),
        translated: (outcome, count) => counter("translated_total").inc({ topic, outcome }, count),
        transaction: (outcome, seconds) => transactions.observe({ outcome }, Math.max(0, seconds)),
        rebalance: () => counter("kafka_rebalances_total").inc({ group }),
        slowBatch: () => counter("kafka_slow_batches_total").inc({ group }),
        throttled: (seconds) => counter("kafka_throttle_seconds_total").inc({ group }, Math.max(0, seconds)),
      };
    },
    mappingReloaded(outcome) {
      counter("mapping_reloads_total").inc({ outcome });
      gauge("mapping_stale").set(outcome === "failed" ? 1 : 0);
    },
    schemaRequest: (outcome) => counter("schema_registry_requests_total").inc({ outcome }),
    contentType: registry.contentType,
    render() {
      for (const series of ofPartitions) series.reset();
      for (const state of options.state()) show(state);
      const { schemas, waitingMs = 0 } = options.registry?.() ?? { schemas: 0 };
      gauge("schema_registry_schemas").set(schemas);
      gauge("schema_registry_waiting_seconds").set(waitingMs / 1000);
      return registry.metrics();
    },
  };
};
