/** Is every alert mailed on time, and if not, where does it wait? */

import { type BoardSpec, FIRING } from "./kit/board.js";
import { graphPanel, heatmapPanel, tablePanel } from "./kit/panels.js";
import { bucket, count, counter, gauge, increase, other, rate, seen } from "./kit/promql.js";
import { RUNBOOKS_URL } from "./kit/runbooks.js";
import { overviewTiles } from "./overview-tiles.js";
import { LATE_AFTER_SECONDS } from "./verdict.js";

export const overview: BoardSpec = {
  uid: "alert-digest-overview",
  title: "alert-digest: Overview",
  description: "Is every alert mailed on time, and if not, where does it wait?",
  rows: [
    ...overviewTiles,
    {
      height: 6,
      panels: [
        [
          8,
          graphPanel({
            title: "Consumed",
            description: "Records read from Kafka per second, of any kind. The pipeline goes from left to right.",
            unit: "cps",
            queries: [{ expr: `sum(${rate(counter("kafka_records_consumed_total"))})`, legend: "records" }],
          }),
        ],
        [
          8,
          graphPanel({
            title: "Windows closed",
            description: "Windows closed per second: each needs one mail (one for several while catching up).",
            unit: "cps",
            queries: [{ expr: `sum(${rate(counter("windows_closed_total"))})`, legend: "windows" }],
          }),
        ],
        [
          8,
          graphPanel({
            title: "Mails settled",
            description: "Mails accepted by the SMTP server per second, and those that became dead letters.",
            unit: "cps",
            queries: [{ expr: `sum by (outcome) (${rate(counter("mails_total"))})`, legend: "{{outcome}}" }],
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
            title: "How long the oldest has waited",
            description:
              "The oldest alert that is not settled: a saw-tooth of a window's length is normal. The oldest closed window: must stay under 10 s.",
            unit: "s",
            queries: [
              { expr: `max(${gauge("kafka_consumer_lag_seconds")}) or vector(0)`, legend: "alert not settled" },
              {
                expr: `max(${gauge("oldest_pending_window_age_seconds")}) or vector(0)`,
                legend: "window waiting for its mail",
              },
            ],
            levels: [{ from: LATE_AFTER_SECONDS, color: "red" }],
            alerts: ["WindowStuck", "LagSeconds"],
          }),
        ],
        [
          12,
          heatmapPanel({
            title: "Alert to mail",
            description:
              "From an alert's event time to its mail accepted. Healthy: spread evenly from the grace to a window's length beyond it (2 to 34 s).",
            unit: "s",
            queries: [{ expr: `sum by (le) (${increase(bucket("alert_to_mail_seconds"))})` }],
            alerts: ["ClockSkew"],
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
            title: "Attempts by outcome",
            description:
              "Attempts to send per second. Anything but accepted is repeated or becomes a dead letter; the board Mail and windows has the reasons.",
            unit: "cps",
            style: "stacked",
            queries: [
              { expr: `sum by (outcome) (${rate(count("mail_send_duration_seconds"))})`, legend: "{{outcome}}" },
            ],
            alerts: ["MailFailing", "MailAmbiguous"],
          }),
        ],
        [
          8,
          graphPanel({
            title: "Memory of the buffer",
            description:
              "Memory of the alerts held, by instance, against its limit. At the limit reading pauses and alerts wait in Kafka; nothing is dropped.",
            unit: "bytes",
            queries: [
              { expr: gauge("buffered_bytes"), legend: "{{instance}}" },
              { expr: `max(${gauge("buffer_limit_bytes")})`, legend: "limit" },
            ],
            limit: "limit",
            alerts: ["NearBufferLimit"],
          }),
        ],
        [
          8,
          graphPanel({
            title: "Instances and partitions",
            description:
              "Instances that answer, partitions of the topic and those of them that have an owner. The last two must be equal except for seconds at a rebalance.",
            unit: "short",
            queries: [
              { expr: `sum(${other("up")}) or vector(0)`, legend: "instances up" },
              { expr: `sum(${gauge("kafka_partitions_assigned")}) or vector(0)`, legend: "partitions owned" },
              {
                expr: `sum(max by (topic, group) (${gauge("kafka_topic_partitions")})) or vector(0)`,
                legend: "partitions",
              },
            ],
            limit: "partitions",
            alerts: ["Down", "PartitionUnowned"],
          }),
        ],
      ],
    },
    {
      height: 8,
      panels: [
        [
          16,
          tablePanel({
            title: "Firing alerts",
            description:
              'What fires now and since when; the name leads to its runbook. One row "none" while nothing fires.',
            unit: "dtdurations",
            value: "for",
            hidden: ["job", "alertstate", "service"],
            queries: [
              {
                expr: `(time() - ALERTS_FOR_STATE and ignoring (alertstate) ${FIRING}) or on () label_replace(vector(0), "alertname", "none", "", "")`,
              },
            ],
            cellLinks: { alertname: { title: "Runbook", url: `${RUNBOOKS_URL}/\${__value.text}.md` } },
          }),
        ],
        [
          8,
          graphPanel({
            title: "Dead letters",
            description:
              "Records that cannot be read and mails that cannot be delivered, by reason: people who were not told. List them with: alert-digest dead-letters list",
            unit: "short",
            style: "bars",
            queries: [
              {
                expr: seen(`sum by (stage, reason) (${increase(counter("dead_letters_total"))})`, "reason"),
                legend: "{{stage}} {{reason}}",
              },
            ],
            alerts: ["DeadLetters"],
          }),
        ],
      ],
    },
  ],
};
