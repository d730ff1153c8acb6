/** Where alerts are in Kafka: lag, who owns which partition, rebalances, pauses, commits. */

import type { BoardSpec } from "./kit/board.js";
import { graphPanel, timelinePanel } from "./kit/panels.js";
import { byPartition, count, counter, gauge, increase, quantile, rate } from "./kit/promql.js";

/** An offset is a gauge that only grows: its slope, where a rate would take it for a counter. */
const slope = (series: string): string =>
  `sum(clamp_min(max by (topic, partition) (deriv(${series}[$__rate_interval])), 0))`;
const CHECKPOINT_LIMIT = 4096;

export const kafka: BoardSpec = {
  uid: "alert-digest-kafka",
  title: "alert-digest: Kafka",
  description: "Where alerts are in Kafka: lag, who owns which partition, rebalances, pauses, commits",
  rows: [
    {
      height: 9,
      panels: [
        [
          12,
          graphPanel({
            title: "Lag in seconds",
            description:
              "Age of the oldest unsettled alert by partition: the lag to watch. A saw-tooth of a window's length and its mail is normal.",
            unit: "s",
            queries: [{ expr: byPartition(gauge("kafka_consumer_lag_seconds")), legend: "{{topic}}/{{partition}}" }],
            alerts: ["LagSeconds"],
          }),
        ],
        [
          12,
          graphPanel({
            title: "Lag in records",
            description:
              "End offset less committed offset by partition, as Kafka's own tool prints it. At least a window's alerts by design: nothing is committed before its mail was accepted.",
            unit: "short",
            queries: [{ expr: byPartition(gauge("kafka_consumer_lag_records")), legend: "{{topic}}/{{partition}}" }],
            alerts: ["LagSeconds"],
          }),
        ],
      ],
    },
    {
      height: 8,
      panels: [
        [
          8,
          graphPanel({
            title: "Produced, read and committed",
            description:
              "Records per second that come into the topic, are read and are settled. Apart for longer than a window means that work piles up between the two.",
            unit: "cps",
            queries: [
              { expr: slope(gauge("kafka_log_end_offset")), legend: "produced" },
              { expr: `sum(${rate(counter("kafka_records_consumed_total"))})`, legend: "read" },
              { expr: slope(gauge("kafka_committed_offset")), legend: "committed" },
            ],
            alerts: ["CommitStalledWhileReading"],
          }),
        ],
        [
          8,
          graphPanel({
            title: "Behind an open transaction",
            description:
              "Records that Kafka gives to nobody before a producer ends its transaction: high watermark less last stable offset. For moments it is normal where producers write in transactions. The age of the oldest is in Lag in seconds.",
            unit: "short",
            queries: [
              {
                expr: byPartition(gauge("kafka_records_behind_open_transaction")),
                legend: "{{topic}}/{{partition}}",
              },
            ],
            alerts: ["OpenTransaction"],
          }),
        ],
        [
          8,
          graphPanel({
            title: "Not read and not committed",
            description:
              "All partitions together. Not read: waits in Kafka. Not committed beyond that: is in memory, in a window or waiting for its mail.",
            unit: "short",
            queries: [
              { expr: `sum(${byPartition(gauge("kafka_consumer_position_lag_records"))})`, legend: "not read" },
              { expr: `sum(${byPartition(gauge("kafka_consumer_lag_records"))})`, legend: "not committed" },
            ],
            alerts: ["CommitStalledWhileReading"],
          }),
        ],
      ],
    },
    {
      height: 9,
      panels: [
        [
          12,
          timelinePanel({
            title: "Owners of each partition",
            description:
              "Instances that say they own the partition. A gap is a partition that nobody reads; two are normal for a moment only, while it moves.",
            unit: "short",
            queries: [
              {
                expr: `count by (topic, partition) (${gauge("kafka_consumer_lag_seconds")})`,
                legend: "{{topic}}/{{partition}}",
              },
            ],
            texts: { 1: { text: "owned", color: "green" }, 2: { text: "two owners", color: "orange" } },
            alerts: ["PartitionUnowned"],
          }),
        ],
        [
          12,
          graphPanel({
            title: "Partitions by instance",
            description:
              "How many partitions each instance owns, stacked, against those of the topic. A gap below the dashed line is read by nobody.",
            unit: "short",
            style: "stacked",
            queries: [
              { expr: gauge("kafka_partitions_assigned"), legend: "{{instance}}" },
              { expr: `sum(max by (topic, group) (${gauge("kafka_topic_partitions")}))`, legend: "partitions" },
            ],
            limit: "partitions",
            alerts: ["PartitionUnowned", "Down"],
          }),
        ],
      ],
    },
    {
      height: 8,
      panels: [
        [
          8,
          graphPanel({
            title: "Rebalances",
            description:
              "Times each instance joined the group. Some at a deploy or a scaling; all the time is a storm.",
            unit: "short",
            style: "bars",
            queries: [{ expr: increase(counter("kafka_rebalances_total")), legend: "{{instance}}" }],
            alerts: ["RebalanceStorm"],
          }),
        ],
        [
          8,
          graphPanel({
            title: "Paused partitions",
            description:
              "Owned partitions that are not being read, by reason (one may have several). buffer: memory is full; checkpoint: many mails above a stuck one; smtp: the server is away and memory is full of what waits for it; registry: the next record waits for its schema.",
            unit: "short",
            queries: [{ expr: `sum by (reason) (${gauge("kafka_partitions_paused")})`, legend: "{{reason}}" }],
            alerts: ["NearBufferLimit", "CheckpointNearLimit", "RegistryUnreachable"],
          }),
        ],
        [
          8,
          graphPanel({
            title: "Records by what became of them",
            description:
              "windowed: the normal case; late: came after its window closed; replayed: read again after a restart; invalid: dead letter; tombstone: passed over; muted: a route says that nobody is mailed. Also alerts without a key, whose order hangs on the producer, and alerts of which a field was read kindly.",
            unit: "cps",
            style: "stacked",
            queries: [
              { expr: `sum by (outcome) (${rate(counter("alerts_total"))})`, legend: "{{outcome}}" },
              { expr: `sum(${rate(counter("kafka_records_without_key_total"))})`, legend: "without key" },
              { expr: `sum by (field) (${rate(counter("alert_repairs_total"))})`, legend: "repaired: {{field}}" },
            ],
            limit: "without key",
            alerts: ["ClockSkew", "DeadLetters", "RecordsWithoutKey"],
          }),
        ],
      ],
    },
    {
      height: 8,
      panels: [
        [
          12,
          graphPanel({
            title: "Questions to the schema registry",
            description:
              "found, and missing: it says that it has no such schema. The others say that it could not answer: refused (401, 403), throttled (429), failed (anything else that is no schema), unreachable. None without SCHEMA_REGISTRY_URL.",
            unit: "short",
            style: "bars",
            queries: [
              {
                expr: `sum by (outcome) (${increase(counter("schema_registry_requests_total"))})`,
                legend: "{{outcome}}",
              },
            ],
            alerts: ["RegistryUnreachable"],
          }),
        ],
        [
          6,
          graphPanel({
            title: "Waiting for a schema",
            description:
              "For how long the oldest question to the schema registry has had no answer. Up to half a minute for a schema that does not exist; longer, the registry is away.",
            unit: "s",
            queries: [{ expr: gauge("schema_registry_waiting_seconds"), legend: "{{instance}}" }],
            alerts: ["RegistryUnreachable"],
          }),
        ],
        [
          6,
          graphPanel({
            title: "Known schemas",
            description: "Schemas that are kept, at most 1,000; also those that the registry says it does not have.",
            unit: "short",
            queries: [{ expr: gauge("schema_registry_schemas"), legend: "{{instance}}" }],
          }),
        ],
      ],
    },
    {
      height: 8,
      panels: [
        [
          8,
          graphPanel({
            title: "Commit latency",
            description:
              "How long the broker takes to confirm a commit. Milliseconds; seconds mean a struggling broker.",
            unit: "s",
            queries: [
              { expr: quantile(0.5, "kafka_commit_duration_seconds", ["outcome"]), legend: "{{outcome}} p50" },
              { expr: quantile(0.99, "kafka_commit_duration_seconds", ["outcome"]), legend: "{{outcome}} p99" },
            ],
            alerts: ["CommitStalledWhileReading"],
          }),
        ],
        [
          8,
          graphPanel({
            title: "Commits by outcome",
            description:
              "Commits per second. rejected: the broker would not take it, mostly at a rebalance; failed: no answer, tried again.",
            unit: "cps",
            style: "stacked",
            queries: [
              { expr: `sum by (outcome) (${rate(count("kafka_commit_duration_seconds"))})`, legend: "{{outcome}}" },
            ],
            alerts: ["CommitStalledWhileReading"],
          }),
        ],
        [
          8,
          graphPanel({
            title: "Since the last fetch, heartbeat and commit",
            description:
              "Seconds since a fetch came back, since a heartbeat left that the group acknowledged, and since a commit was confirmed. Fetch and heartbeat are seconds ago even when there is nothing to read; the commit only when there was something to commit.",
            unit: "s",
            queries: [
              { expr: `time() - (${gauge("kafka_last_poll_timestamp_seconds")} > 0)`, legend: "{{instance}} fetch" },
              {
                expr: `time() - (${gauge("kafka_last_heartbeat_timestamp_seconds")} > 0)`,
                legend: "{{instance}} heartbeat",
              },
              { expr: `time() - (${gauge("kafka_last_commit_timestamp_seconds")} > 0)`, legend: "{{instance}} commit" },
            ],
            alerts: ["OutOfGroup", "CommitStalledWhileReading"],
          }),
        ],
      ],
    },
    {
      height: 7,
      panels: [
        [
          10,
          graphPanel({
            title: "Checkpoints",
            description:
              "Characters that the commit metadata of a partition takes: mails settled above one that is not. At 75 % of the limit the partition pauses.",
            unit: "short",
            queries: [
              { expr: `max by (partition) (${gauge("checkpoint_bytes")})`, legend: "{{partition}}" },
              { expr: `vector(${CHECKPOINT_LIMIT})`, legend: "limit" },
            ],
            limit: "limit",
            alerts: ["CheckpointNearLimit"],
          }),
        ],
        [
          7,
          graphPanel({
            title: "Checkpoints that were cut",
            description:
              "Checkpoints that had to leave something out. A crash or a move right after one mails some windows again; nothing is lost.",
            unit: "short",
            style: "bars",
            queries: [{ expr: increase(counter("checkpoint_overflows_total")), legend: "{{instance}}" }],
            alerts: ["CheckpointNearLimit"],
          }),
        ],
        [
          7,
          graphPanel({
            title: "Deleted before they were read",
            description:
              "Records that the topic's retention, or somebody, deleted before they were read. Nobody is mailed about their alerts: it should be 0.",
            unit: "short",
            style: "bars",
            queries: [
              {
                expr: `sum by (topic, partition) (${increase(counter("kafka_records_deleted_unread_total"))})`,
                legend: "{{topic}}/{{partition}}",
              },
            ],
            alerts: ["RecordsDeletedUnread"],
          }),
        ],
      ],
    },
    {
      height: 7,
      panels: [
        [
          12,
          graphPanel({
            title: "Held back by quotas",
            description:
              "Share of the time for which quotas of the brokers made each instance wait; brokers add up. A quota must allow the largest batch in ten seconds.",
            unit: "percentunit",
            queries: [{ expr: rate(counter("kafka_throttle_seconds_total")), legend: "{{instance}}" }],
            alerts: ["Throttled"],
          }),
        ],
        [
          12,
          graphPanel({
            title: "Slow batches",
            description:
              "Fetches whose records of one partition took an instance over 5 s to take: large alerts, or a batch that unpacks to very much. Its log names the place. Other partitions have their turn in between.",
            unit: "short",
            queries: [{ expr: increase(counter("kafka_slow_batches_total")), legend: "{{instance}}" }],
          }),
        ],
      ],
    },
  ],
};
