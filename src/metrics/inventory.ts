/** Every metric of the product, once: `docs/metrics.md` says the same to operators, and a test holds the two together. */

import {
  ALERT_TO_MAIL_SECONDS,
  ALERTS_PER_WINDOW,
  CLOSE_DELAY_SECONDS,
  COMMIT_SECONDS,
  END_TO_MAIL_SECONDS,
  SEND_SECONDS,
} from "./buckets.js";
import type { Inventory, MetricSpec } from "./metric-spec.js";

const PARTITION = ["topic", "group", "partition"] as const;

export const INVENTORY = {
  build_info: { type: "gauge", labels: ["version", "revision", "node_version"], help: "Always 1; what is running" },
  kafka_consumer_lag_records: {
    type: "gauge",
    labels: PARTITION,
    help: "End offset - committed offset: what Kafka's own tool prints as LAG",
  },
  kafka_consumer_position_lag_records: { type: "gauge", labels: PARTITION, help: "End offset - next offset to read" },
  kafka_consumer_lag_seconds: {
    type: "gauge",
    labels: PARTITION,
    help: "Now - event time of the oldest unsettled alert, read or not, but for mails that others have and one recipient waits for; 0 if none",
  },
  kafka_log_end_offset: {
    type: "gauge",
    labels: PARTITION,
    help: "Offset the next record of the partition will get: the high watermark",
  },
  kafka_records_behind_open_transaction: {
    type: "gauge",
    labels: PARTITION,
    help: "Records in the log that nobody is given before an open transaction ends: high watermark - last stable offset",
  },
  kafka_committed_offset: { type: "gauge", labels: PARTITION, help: "Offset the group would resume from" },
  kafka_topic_partitions: { type: "gauge", labels: ["topic", "group"], help: "Partitions of the topic" },
  kafka_partitions_assigned: { type: "gauge", labels: ["topic", "group"], help: "Partitions this instance owns" },
  kafka_partitions_paused: {
    type: "gauge",
    labels: ["topic", "group", "reason"],
    help: "Owned partitions not being read, by reason; one may have several",
  },
  kafka_records_consumed_total: { type: "counter", labels: PARTITION, help: "Records read, of any kind" },
  kafka_records_deleted_unread_total: {
    type: "counter",
    labels: PARTITION,
    help: "Offsets that the broker deleted before they were read: retention, or kafka-delete-records",
  },
  kafka_records_without_key_total: {
    type: "counter",
    labels: [],
    help: "Alerts read from records without a key: they are taken, but nothing keeps their device in one partition",
  },
  kafka_rebalances_total: { type: "counter", labels: ["group"], help: "Times this instance joined the group" },
  kafka_commit_duration_seconds: {
    type: "histogram",
    labels: ["outcome"],
    help: "Offset commits by outcome",
    buckets: COMMIT_SECONDS,
  },
  kafka_last_poll_timestamp_seconds: {
    type: "gauge",
    labels: ["group"],
    help: "When a fetch last came back; 0 if never",
  },
  kafka_last_heartbeat_timestamp_seconds: {
    type: "gauge",
    labels: ["group"],
    help: "When the last heartbeat was sent that the group acknowledged; 0 if none was",
  },
  kafka_throttle_seconds_total: {
    type: "counter",
    labels: ["group"],
    help: "Time for which quotas of the brokers made the consumer wait",
  },
  kafka_slow_batches_total: {
    type: "counter",
    labels: ["group"],
    help: "Fetches whose records of one partition took over 5 s to take",
  },
  kafka_last_commit_timestamp_seconds: {
    type: "gauge",
    labels: ["group"],
    help: "When a commit was last confirmed; 0 if never",
  },
  alerts_total: {
    type: "counter",
    labels: ["outcome"],
    help: "Records by what became of them; muted: nobody is mailed, by a route",
  },
  alerts_by_severity_total: {
    type: "counter",
    labels: ["severity"],
    help: "Alerts that joined a window, late or not, by severity",
  },
  alert_repairs_total: {
    type: "counter",
    labels: ["field"],
    help: "Fields of alerts that were read kindly, or shown as written; timestamp: before 2000, taken as the moment of reading",
  },
  windows_open: { type: "gauge", labels: [], help: "Windows that still take alerts" },
  windows_pending: { type: "gauge", labels: [], help: "Windows closed and not yet settled" },
  windows_held: { type: "gauge", labels: [], help: "Pending windows kept back by REPEAT_INTERVALS; in no age" },
  buffered_alerts: { type: "gauge", labels: [], help: "Alerts in memory" },
  buffered_bytes: { type: "gauge", labels: [], help: "Memory the buffered alerts take, with what is fetched" },
  buffer_limit_bytes: { type: "gauge", labels: [], help: "Buffered bytes above which reading pauses" },
  oldest_pending_window_age_seconds: {
    type: "gauge",
    labels: [],
    help: "Now - end of the oldest window closed and not settled; 0 if none",
  },
  windows_closed_total: { type: "counter", labels: ["reason"], help: "Windows closed, by what closed them" },
  window_close_delay_seconds: {
    type: "histogram",
    labels: [],
    help: "From a window's end to its closing",
    buckets: CLOSE_DELAY_SECONDS,
  },
  window_alerts: {
    type: "histogram",
    labels: [],
    help: "Alerts of a window when it closed",
    buckets: ALERTS_PER_WINDOW,
  },
  mail_send_duration_seconds: {
    type: "histogram",
    labels: ["outcome"],
    help: "Send latency: one attempt, by what it ended in",
    buckets: SEND_SECONDS,
  },
  mails_total: {
    type: "counter",
    labels: ["outcome"],
    help: "Mails by their final outcome; presumed: sent three times, and the server never answered",
  },
  fleet_mails_total: { type: "counter", labels: [], help: "Mails made of several devices' mails" },
  fleet_windows_total: { type: "counter", labels: [], help: "Devices' mails that became part of a fleet mail" },
  urgent_mails_total: {
    type: "counter",
    labels: [],
    help: "Early mails accepted: sent before their window's end because of an urgent alert",
  },
  mail_template_failures_total: {
    type: "counter",
    labels: ["stage"],
    help: "Times a template failed: that part of the mail was the built-in one",
  },
  mail_retries_total: { type: "counter", labels: ["reason"], help: "Attempts that will be repeated, by reason" },
  mail_recipients_refused_total: {
    type: "counter",
    labels: ["reason"],
    help: "Recipients the server refused for good, by reason",
  },
  csv_attachments_total: {
    type: "counter",
    labels: ["outcome"],
    help: "CSV attachments by how much of the window is in them; with every attempt",
  },
  recipient_lookups_total: {
    type: "counter",
    labels: ["outcome"],
    help: "Questions to the recipients database, by where the answer came from; failed ones are asked again",
  },
  recipient_faults_total: {
    type: "counter",
    labels: ["reason"],
    help: "Recipients in the database with something wrong: without an address left out, else used without it",
  },
  recipients_database_up: {
    type: "gauge",
    labels: [],
    help: "1 while the recipients database answers; no series without RECIPIENTS_DATABASE_URL",
  },
  mails_waiting_for_recipients: { type: "gauge", labels: [], help: "Mails that wait to know who gets them" },
  busiest_recipient_mails: {
    type: "gauge",
    labels: [],
    help: "Mails of the last minute to the recipient who got most of them; 0 if nobody got one",
  },
  recipients_waiting: {
    type: "gauge",
    labels: [],
    help: "Recipients whose mail is tried again while others have it",
  },
  window_end_to_mail_seconds: {
    type: "histogram",
    labels: [],
    help: "From a window's end to its mail accepted; the service level is 10",
    buckets: END_TO_MAIL_SECONDS,
  },
  alert_to_mail_seconds: {
    type: "histogram",
    labels: [],
    help: "From an alert's event time to its mail accepted",
    buckets: ALERT_TO_MAIL_SECONDS,
  },
  dead_letters_total: {
    type: "counter",
    labels: ["stage", "reason"],
    help: "Dead letters acknowledged by their topic",
  },
  dead_lettered_alerts_total: {
    type: "counter",
    labels: ["severity"],
    help: "Alerts in dead letters of windows, by severity: somebody was not told of them",
  },
  smtp_connections: { type: "gauge", labels: ["state"], help: "SMTP connections, busy or idle" },
  smtp_connections_max: { type: "gauge", labels: [], help: "Most SMTP connections, so most mails in flight" },
  smtp_reachable: {
    type: "gauge",
    labels: [],
    help: "1 after a login at the SMTP server, by a mail or a probe; 0 after one that failed; no series before the first",
  },
  smtp_last_success_timestamp_seconds: {
    type: "gauge",
    labels: [],
    help: "When the SMTP server last took a login or answered a mail; no series before the first time",
  },
  smtp_circuit_open: {
    type: "gauge",
    labels: [],
    help: "1 while the SMTP server is unreachable or refuses us, and is only probed",
  },
  checkpoint_bytes: {
    type: "gauge",
    labels: ["partition"],
    help: "Size of the partition's checkpoint; the limit is 4096",
  },
  checkpoint_overflows_total: {
    type: "counter",
    labels: [],
    help: "Checkpoints that had to leave out settled offsets, or who has half-delivered alerts",
  },
  sent_records_total: {
    type: "counter",
    labels: ["outcome"],
    help: "Records of sent mails for KAFKA_SENT_TOPIC: written, failed for good, or dropped because too many waited",
  },
  sent_records_oldest_waiting_seconds: {
    type: "gauge",
    labels: [],
    help: "For how long the oldest record for KAFKA_SENT_TOPIC has waited to be written; 0 if none",
  },
  dead_letter_mails_total: {
    type: "counter",
    labels: ["outcome"],
    help: "Mails that tell of dead letters (DEAD_LETTER_TO): sent, or given up",
  },
  reports_total: { type: "counter", labels: ["outcome"], help: "Daily reports: sent, or given up" },
  report_overdue_seconds: {
    type: "gauge",
    labels: [],
    help: "Now - when the daily report was due that this instance is to send and is not through; 0 if none",
  },
  schema_registry_requests_total: {
    type: "counter",
    labels: ["outcome"],
    help: "Requests to the schema registry: found, missing (it has no such schema), or it could not answer: refused, throttled, failed, unreachable",
  },
  schema_registry_schemas: {
    type: "gauge",
    labels: [],
    help: "Schemas that are known, with those that the registry does not have",
  },
  schema_registry_waiting_seconds: {
    type: "gauge",
    labels: [],
    help: "For how long the oldest question to the schema registry has had no answer; 0 if none",
  },
  routes_reloads_total: {
    type: "counter",
    labels: ["outcome"],
    help: "Changes of ROUTES_FILE, by what became of them: reloaded, or failed and the routes from before stay",
  },
  routes_stale: {
    type: "gauge",
    labels: [],
    help: "1 while ROUTES_FILE is broken or gone and the routes from before stay in force",
  },
  mapping_reloads_total: {
    type: "counter",
    labels: ["outcome"],
    help: "Changes of MAPPING_FILE, by what became of them: reloaded, or failed and the mapping from before stays",
  },
  mapping_stale: {
    type: "gauge",
    labels: [],
    help: "1 while MAPPING_FILE is broken or gone and the mapping from before stays in force",
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;

export type MetricName = keyof typeof INVENTORY;
/** The names in an inventory of one type of metric. */
export type NameOf<T extends MetricSpec["type"], I extends Inventory = typeof INVENTORY> = {
  [N in keyof I]: I[N]["type"] extends T ? N : never;
}[keyof I] &
  string;
