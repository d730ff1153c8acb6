/** The tiles of the overview: the verdict, the service level, and where alerts are, from left to right. */

import { FIRING, type Row } from "./kit/board.js";
import { statPanel } from "./kit/panels.js";
import { bucket, byPartition, counter, gauge, LE_10, other } from "./kit/promql.js";
import { LATE_AFTER_SECONDS, SERVICE_LEVEL_SECONDS, VERDICT, VERDICT_TEXTS } from "./verdict.js";

/** Share of windows mailed in time. Against windows closed: while the SMTP server is away no mail is observed at all. */
const mailedInTime = (range: string): string => {
  const inTime = `sum(increase(${bucket("window_end_to_mail_seconds", LE_10)}[${range}]))`;
  const closed = `sum(increase(${counter("windows_closed_total")}[${range}]))`;
  return `clamp_max(${inTime} / (${closed} > 0), 1)`;
};
const OBJECTIVE = 0.99;

/** Far below what the budget can be: it is what the tile shows as "no rules". */
export const NO_RULES = -1000;
/**
 * What is left; all of it while no window was due in the time that the rules have seen; `NO_RULES` where Prometheus does not know the rules at all.
 */
export const BUDGET_LEFT = [
  `min(${other("job:alert_digest_error_budget:remaining30d")})`,
  `(vector(1) and on () ${other("job:alert_digest_windows_closed:rate5m")})`,
  `vector(${NO_RULES})`,
].join(" or ");

export const overviewTiles: readonly Row[] = [
  {
    height: 5,
    panels: [
      [
        12,
        statPanel({
          title: "Is every alert mailed on time?",
          description: `The first reason that holds, from Kafka to the mailbox; otherwise YES. On time: a window's mail is accepted within ${SERVICE_LEVEL_SECONDS} s of its end, and no alert waits longer than ${LATE_AFTER_SECONDS} s in all (for WINDOW_SIZE 30s).`,
          unit: "none",
          queries: [{ expr: VERDICT, legend: "verdict" }],
          texts: VERDICT_TEXTS,
          filled: true,
          alerts: [
            "Down",
            "PartitionUnowned",
            "OutOfGroup",
            "WindowStuck",
            "RecipientsDatabaseAway",
            "OpenTransaction",
            "Throttled",
            "LagSeconds",
            "RoutesStale",
            "MappingStale",
          ],
        }),
      ],
      [
        4,
        statPanel({
          title: "Mailed within 10 s",
          description:
            "Windows whose mail was accepted within 10 s of their end, of all windows closed in the time shown. The objective is 99 %.",
          unit: "percentunit",
          decimals: 2,
          base: "red",
          levels: [{ from: OBJECTIVE, color: "green" }],
          queries: [{ expr: `${mailedInTime("$__range")} or vector(1)`, legend: "in time" }],
          alerts: ["SloBurnRate"],
        }),
      ],
      [
        4,
        statPanel({
          title: "Error budget left, 30 days",
          description:
            "1 % of the windows of 30 days may be late; this is the part of it that is left. Below 0 the objective is missed. It sees as far back as Prometheus keeps data. Without the recording rules nobody knows: load grafana/prometheus/rules/recording.yml.",
          unit: "percentunit",
          decimals: 0,
          base: "red",
          levels: [
            { from: 0, color: "yellow" },
            { from: 0.5, color: "green" },
          ],
          texts: { [NO_RULES]: { text: "NO RULES LOADED", color: "red" } },
          queries: [{ expr: BUDGET_LEFT, legend: "left" }],
        }),
      ],
      [
        4,
        statPanel({
          title: "Alerts firing now",
          description: "Alerts of this product's rules that fire now; the table below has them by name.",
          unit: "short",
          levels: [{ from: 1, color: "red" }],
          queries: [{ expr: `count(${FIRING}) or vector(0)`, legend: "firing" }],
        }),
      ],
    ],
  },
  {
    height: 4,
    panels: [
      [
        4,
        statPanel({
          title: "1 In Kafka, not yet read",
          description:
            "Records that no instance has read. Near 0 unless reading is paused, a partition has no owner or a backlog is being worked off.",
          unit: "short",
          levels: [{ from: 10_000, color: "yellow" }],
          queries: [
            {
              expr: `sum(${byPartition(gauge("kafka_consumer_position_lag_records"))}) or vector(0)`,
              legend: "records",
            },
          ],
          alerts: ["LagSeconds"],
        }),
      ],
      [
        4,
        statPanel({
          title: "2 In open windows",
          description:
            "Windows that still take alerts. This is normal waiting: at most a window's length and its grace.",
          unit: "short",
          base: "blue",
          queries: [{ expr: `sum(${gauge("windows_open")}) or vector(0)`, legend: "windows" }],
        }),
      ],
      [
        4,
        statPanel({
          title: "3 Waiting for their mail",
          description:
            "Windows closed whose mail is not accepted yet, without those that are held (`REPEAT_INTERVALS`). A burst at each window's end is normal; it must drain within seconds.",
          unit: "short",
          base: "blue",
          queries: [
            {
              expr: `(sum(${gauge("windows_pending")}) - sum(${gauge("windows_held")})) or vector(0)`,
              legend: "windows",
            },
          ],
          alerts: ["MailFailing"],
        }),
      ],
      [
        4,
        statPanel({
          title: "… the oldest since",
          description: "Age of the oldest window that is closed and not settled, since its end.",
          unit: "s",
          levels: [
            { from: SERVICE_LEVEL_SECONDS, color: "yellow" },
            { from: 120, color: "red" },
          ],
          queries: [{ expr: `max(${gauge("oldest_pending_window_age_seconds")}) or vector(0)`, legend: "oldest" }],
          alerts: ["WindowStuck"],
        }),
      ],
      [
        4,
        statPanel({
          title: "4 SMTP server",
          description:
            "Whether any instance finds the server unreachable, or refused by it whatever it sends. It only probes it then, and mails wait.",
          unit: "none",
          texts: {
            0: { text: "takes mails", color: "green" },
            1: { text: "TAKES NONE", color: "red" },
          },
          queries: [{ expr: `max(${gauge("smtp_circuit_open")}) or vector(0)`, legend: "circuit" }],
          alerts: ["SmtpAuthBroken", "SmtpRefusesUs", "MailFailing"],
        }),
      ],
      [
        4,
        statPanel({
          title: "Oldest alert not settled",
          description: `Age of the oldest alert that is neither mailed nor a dead letter: the worst lag. Up to ${LATE_AFTER_SECONDS} s is a window's length and its mail.`,
          unit: "s",
          levels: [
            { from: LATE_AFTER_SECONDS, color: "yellow" },
            { from: 300, color: "red" },
          ],
          queries: [{ expr: `max(${gauge("kafka_consumer_lag_seconds")}) or vector(0)`, legend: "oldest" }],
          alerts: ["LagSeconds"],
        }),
      ],
    ],
  },
];
