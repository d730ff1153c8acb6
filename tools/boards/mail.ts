/** How mails leave and how windows fill: latency, retries, dead letters, connections, the circuit. */

import type { BoardSpec } from "./kit/board.js";
import { graphPanel, heatmapPanel, timelinePanel } from "./kit/panels.js";
import { bucket, count, counter, gauge, increase, quantile, rate, seen } from "./kit/promql.js";
import { SERVICE_LEVEL_SECONDS } from "./verdict.js";

export const mail: BoardSpec = {
  uid: "alert-digest-mail",
  title: "alert-digest: Mail and windows",
  description: "How mails leave and how windows fill: latency, retries, dead letters, connections, the circuit",
  rows: [
    {
      height: 9,
      panels: [
        [
          12,
          heatmapPanel({
            title: "Attempt latency",
            description:
              "One attempt to send, from its start to the final reply, whatever it ended in. A band that climbs is a server that slows down.",
            unit: "s",
            queries: [{ expr: `sum by (le) (${increase(bucket("mail_send_duration_seconds"))})` }],
            alerts: ["MailFailing"],
          }),
        ],
        [
          12,
          graphPanel({
            title: "Attempt latency by outcome",
            description:
              "Half and 99 % of the attempts took at most this long. Attempts that end at SMTP_TIMEOUT are timeouts.",
            unit: "s",
            queries: [
              { expr: quantile(0.5, "mail_send_duration_seconds", ["outcome"]), legend: "{{outcome}} p50" },
              { expr: quantile(0.99, "mail_send_duration_seconds", ["outcome"]), legend: "{{outcome}} p99" },
            ],
            alerts: ["MailFailing", "MailAmbiguous"],
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
            title: "Window end to mail",
            description:
              "The service level: 99 % of the windows within 10 s of their end. It starts at the grace (2 s).",
            unit: "s",
            queries: [
              { expr: quantile(0.5, "window_end_to_mail_seconds"), legend: "p50" },
              { expr: quantile(0.99, "window_end_to_mail_seconds"), legend: "p99" },
            ],
            levels: [{ from: SERVICE_LEVEL_SECONDS, color: "red" }],
            alerts: ["WindowStuck"],
          }),
        ],
        [
          8,
          graphPanel({
            title: "Retries by reason",
            description:
              "Attempts that will be repeated. connection-…, timeout, auth: the server; …-deferred: what it says of one mail.",
            unit: "short",
            style: "bars",
            queries: [
              {
                expr: seen(`sum by (reason) (${increase(counter("mail_retries_total"))})`, "reason"),
                legend: "{{reason}}",
              },
            ],
            alerts: ["MailFailing", "SmtpAuthBroken", "SmtpRefusesUs", "MailAmbiguous"],
          }),
        ],
        [
          8,
          graphPanel({
            title: "Refused recipients and dead letters",
            description:
              "Who was not told and why: recipients refused for good, and dead letters by stage. List them with: alert-digest dead-letters list",
            unit: "short",
            style: "bars",
            queries: [
              {
                expr: seen(`sum by (reason) (${increase(counter("mail_recipients_refused_total"))})`, "reason"),
                legend: "recipient: {{reason}}",
              },
              {
                expr: seen(`sum by (stage, reason) (${increase(counter("dead_letters_total"))})`, "reason"),
                legend: "dead letter: {{stage}} {{reason}}",
              },
            ],
            alerts: ["DeadLetters"],
          }),
        ],
      ],
    },
    {
      height: 7,
      panels: [
        [
          6,
          graphPanel({
            title: "Recipients that wait",
            description:
              "The mail server defers them, and others have their mails. Who, since when and why: on the page and in the log.",
            unit: "short",
            style: "stacked",
            queries: [{ expr: gauge("recipients_waiting"), legend: "{{instance}}" }],
            alerts: ["RecipientWaiting"],
          }),
        ],
        [
          6,
          graphPanel({
            title: "Mails to the busiest recipient",
            description:
              "Of each instance: mails of the last minute to whoever got most of them. Who that is: in the log's lines mail accepted.",
            unit: "short",
            style: "stacked",
            queries: [{ expr: gauge("busiest_recipient_mails"), legend: "{{instance}}" }],
            alerts: ["RecipientFlooded"],
          }),
        ],
        [
          6,
          graphPanel({
            title: "Alerts by severity",
            description: "Alerts that joined a window, late or not.",
            unit: "cps",
            style: "stacked",
            queries: [
              { expr: `sum by (severity) (${rate(counter("alerts_by_severity_total"))})`, legend: "{{severity}}" },
            ],
          }),
        ],
        [
          6,
          graphPanel({
            title: "Alerts in dead letters, by severity",
            description:
              "Somebody was not told of these. Only of windows: what a record that cannot be read would have said is not known.",
            unit: "short",
            style: "bars",
            queries: [
              {
                expr: seen(`sum by (severity) (${increase(counter("dead_lettered_alerts_total"))})`, "severity"),
                legend: "{{severity}}",
              },
            ],
            alerts: ["DeadLetters"],
          }),
        ],
      ],
    },
    {
      height: 7,
      panels: [
        [
          6,
          graphPanel({
            title: "Attempts by outcome",
            description:
              "Attempts per second. deferred: the server wants this mail later; unreachable: it cannot be talked to; ambiguous: the final reply never came, the mail may have been taken.",
            unit: "cps",
            style: "stacked",
            queries: [
              { expr: `sum by (outcome) (${rate(count("mail_send_duration_seconds"))})`, legend: "{{outcome}}" },
            ],
            alerts: ["MailFailing", "MailAmbiguous"],
          }),
        ],
        [
          6,
          timelinePanel({
            title: "Circuit by instance",
            description:
              "While it is open the server is unreachable or refuses us: one probe at a time, nobody's mail counts as failed, and mails wait.",
            unit: "none",
            queries: [{ expr: gauge("smtp_circuit_open"), legend: "{{instance}}" }],
            texts: { 0: { text: "closed", color: "green" }, 1: { text: "open: mails wait", color: "red" } },
            alerts: ["SmtpAuthBroken", "SmtpRefusesUs", "MailFailing"],
          }),
        ],
        [
          6,
          graphPanel({
            title: "SMTP connections",
            description:
              "Of all instances, busy and idle, against the most there may be. All busy while windows wait: SMTP_CONNECTIONS or the server is the bottleneck.",
            unit: "short",
            style: "stacked",
            queries: [
              { expr: `sum by (state) (${gauge("smtp_connections")})`, legend: "{{state}}" },
              { expr: `sum(${gauge("smtp_connections_max")})`, legend: "limit" },
            ],
            limit: "limit",
            alerts: ["WindowStuck"],
          }),
        ],
        [
          6,
          graphPanel({
            title: "Mails by final outcome",
            description:
              "Mails that are settled, per second: accepted by the server, acknowledged as a dead letter, or presumed delivered: sent three times, and the server never answered.",
            unit: "cps",
            style: "stacked",
            queries: [{ expr: `sum by (outcome) (${rate(counter("mails_total"))})`, legend: "{{outcome}}" }],
            alerts: ["DeadLetters", "MailPresumed"],
          }),
        ],
      ],
    },
    {
      height: 7,
      panels: [
        [
          12,
          timelinePanel({
            title: "Mail server by instance",
            description:
              "As each instance found it when it last tried: by a mail, or by a login without one at the start and every four minutes. Nothing is shown before the first try.",
            unit: "none",
            queries: [{ expr: gauge("smtp_reachable"), legend: "{{instance}}" }],
            texts: { 0: { text: "not reachable", color: "red" }, 1: { text: "reachable", color: "green" } },
            alerts: ["SmtpUnreachable", "SmtpAuthBroken"],
          }),
        ],
        [
          12,
          graphPanel({
            title: "Since the mail server last answered",
            description:
              "Seconds since it took a login or answered a mail. Up to four minutes where there is nothing to mail.",
            unit: "s",
            queries: [{ expr: `time() - ${gauge("smtp_last_success_timestamp_seconds")}`, legend: "{{instance}}" }],
            alerts: ["SmtpAuthBroken"],
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
            title: "Windows",
            description:
              "Open: still take alerts. Pending: closed, their mail is not accepted yet. Held: of the pending ones, those that tell nothing new and wait for `REPEAT_INTERVALS`.",
            unit: "short",
            queries: [
              { expr: `sum(${gauge("windows_open")})`, legend: "open" },
              { expr: `sum(${gauge("windows_pending")})`, legend: "pending" },
              { expr: `sum(${gauge("windows_held")})`, legend: "held" },
            ],
            alerts: ["WindowStuck"],
          }),
        ],
        [
          8,
          graphPanel({
            title: "Close delay",
            description:
              "From a window's end to its closing: the grace (2 s) and little more. Minutes mean that a backlog is being worked off, or alerts with old timestamps.",
            unit: "s",
            queries: [
              { expr: quantile(0.5, "window_close_delay_seconds"), legend: "p50" },
              { expr: quantile(0.99, "window_close_delay_seconds"), legend: "p99" },
            ],
            alerts: ["ClockSkew"],
          }),
        ],
        [
          8,
          graphPanel({
            title: "Windows closed by",
            description: "stream_time: a later alert of the partition closed it; wall_clock: nothing came after it.",
            unit: "cps",
            style: "stacked",
            queries: [
              { expr: `sum by (reason) (${rate(counter("windows_closed_total"))})`, legend: "{{reason}}" },
              { expr: `sum(${rate(counter("urgent_mails_total"))})`, legend: "early, by an urgent alert" },
            ],
          }),
        ],
      ],
    },
    {
      height: 8,
      panels: [
        [
          6,
          heatmapPanel({
            title: "Alerts per window",
            description: "How many alerts a window held when it closed: how much each mail folds.",
            unit: "short",
            queries: [{ expr: `sum by (le) (${increase(bucket("window_alerts"))})` }],
          }),
        ],
        [
          6,
          graphPanel({
            title: "CSV attachments",
            description:
              "Windows attached as a file, with every attempt. cut: the mail would have been too long (MAIL_MAX_SIZE); missing: alerts could not be read back from Kafka, and the mail says so.",
            unit: "short",
            style: "bars",
            queries: [
              {
                expr: seen(`sum by (outcome) (${increase(counter("csv_attachments_total"))})`, "outcome"),
                legend: "{{outcome}}",
              },
            ],
          }),
        ],
        [
          6,
          graphPanel({
            title: "Devices in one mail",
            description:
              "Fleet mails (RECIPIENT_MAX_MAILS, DIGEST_BY=recipient) and the devices' mails that became part of one.",
            unit: "short",
            style: "bars",
            queries: [
              { expr: `sum(${increase(counter("fleet_mails_total"))})`, legend: "fleet mails" },
              { expr: `sum(${increase(counter("fleet_windows_total"))})`, legend: "windows in them" },
            ],
          }),
        ],
        [
          6,
          graphPanel({
            title: "Alerts in memory",
            description: "Alerts in open and pending windows, by instance.",
            unit: "short",
            style: "stacked",
            queries: [{ expr: gauge("buffered_alerts"), legend: "{{instance}}" }],
            alerts: ["NearBufferLimit"],
          }),
        ],
      ],
    },
    {
      height: 7,
      panels: [
        [
          8,
          graphPanel({
            title: "Sent mails on record",
            description:
              "Records for KAFKA_SENT_TOPIC. dropped: the topic did not take them for long, and too many waited; failed: it refuses them, or they were lost at a stop. No mail waits for that.",
            unit: "short",
            style: "bars",
            queries: [
              {
                expr: seen(`sum by (outcome) (${increase(counter("sent_records_total"))})`, "outcome"),
                legend: "{{outcome}}",
              },
            ],
            alerts: ["NotOnRecord"],
          }),
        ],
        [
          8,
          graphPanel({
            title: "Daily reports, and mails about dead letters",
            description:
              "One report a day for the whole group. failed: refused, or not accepted before the next one was due. Of dead letters (DEAD_LETTER_TO) each instance sends at most one mail an interval.",
            unit: "short",
            style: "bars",
            queries: [
              {
                expr: seen(`sum by (outcome) (${increase(counter("reports_total"))})`, "outcome"),
                legend: "{{outcome}}",
              },
              {
                expr: seen(`sum by (outcome) (${increase(counter("dead_letter_mails_total"))})`, "outcome"),
                legend: "dead letters: {{outcome}}",
              },
            ],
            alerts: ["ReportFailed"],
          }),
        ],
        [
          8,
          graphPanel({
            title: "Templates that failed",
            description:
              "Templates of one's own (MAIL_…_TEMPLATE) that failed on a mail, with every attempt: that part of it was the built-in one. The log names file, line and reason.",
            unit: "short",
            style: "bars",
            queries: [
              {
                expr: seen(`sum by (stage) (${increase(counter("mail_template_failures_total"))})`, "stage"),
                legend: "{{stage}}",
              },
            ],
            alerts: ["TemplateFails"],
          }),
        ],
      ],
    },
    {
      height: 6,
      panels: [
        [
          6,
          timelinePanel({
            title: "Routes and mapping by instance",
            description:
              "stale: ROUTES_FILE or MAPPING_FILE was changed and is broken, or gone; what was in force before stays so. The log names every mistake with its line.",
            unit: "none",
            queries: [
              { expr: gauge("routes_stale"), legend: "routes, {{instance}}" },
              { expr: gauge("mapping_stale"), legend: "mapping, {{instance}}" },
            ],
            texts: { 0: { text: "as in the file", color: "green" }, 1: { text: "stale", color: "red" } },
            alerts: ["RoutesStale", "MappingStale"],
          }),
        ],
        [
          6,
          graphPanel({
            title: "Changes of routes and mapping",
            description: "Each instance reads ROUTES_FILE and MAPPING_FILE by itself: a change counts once for each.",
            unit: "short",
            style: "bars",
            queries: [
              { expr: `sum by (outcome) (${increase(counter("routes_reloads_total"))})`, legend: "routes {{outcome}}" },
              {
                expr: `sum by (outcome) (${increase(counter("mapping_reloads_total"))})`,
                legend: "mapping {{outcome}}",
              },
            ],
          }),
        ],
        [
          6,
          graphPanel({
            title: "Oldest sent mail that is not on record",
            description:
              "For how long the oldest record has waited for KAFKA_SENT_TOPIC to take it. No mail waits for that; what waits at a stop is lost.",
            unit: "s",
            queries: [{ expr: gauge("sent_records_oldest_waiting_seconds"), legend: "{{instance}}" }],
            alerts: ["RecordsWaiting", "NotOnRecord"],
          }),
        ],
        [
          6,
          graphPanel({
            title: "Daily report overdue",
            description:
              "For how long the daily report has been due and is not through; the instance that owns partition 0 sends it.",
            unit: "s",
            queries: [{ expr: gauge("report_overdue_seconds"), legend: "{{instance}}" }],
            alerts: ["ReportLate", "ReportFailed"],
          }),
        ],
      ],
    },
    {
      height: 7,
      panels: [
        [
          6,
          timelinePanel({
            title: "Recipients database by instance",
            description:
              "away: it does not answer. Devices in the cache are mailed, the others wait. Nothing is shown without RECIPIENTS_DATABASE_URL.",
            unit: "none",
            queries: [{ expr: gauge("recipients_database_up"), legend: "{{instance}}" }],
            texts: { 0: { text: "away", color: "red" }, 1: { text: "answers", color: "green" } },
            alerts: ["RecipientsDatabaseAway"],
          }),
        ],
        [
          6,
          graphPanel({
            title: "Mails waiting for recipients",
            description: "Nobody knows yet who gets them: the database is away, or its query fails on their devices.",
            unit: "short",
            style: "stacked",
            queries: [{ expr: gauge("mails_waiting_for_recipients"), legend: "{{instance}}" }],
            alerts: ["RecipientsDatabaseAway", "WindowStuck"],
          }),
        ],
        [
          6,
          graphPanel({
            title: "Recipients looked up",
            description:
              "By where the answer came from. stale: an old one, while the database was away; failed: asked in vain, to be asked again.",
            unit: "cps",
            style: "stacked",
            queries: [
              { expr: `sum by (outcome) (${rate(counter("recipient_lookups_total"))})`, legend: "{{outcome}}" },
            ],
            alerts: ["RecipientsDatabaseAway"],
          }),
        ],
        [
          6,
          graphPanel({
            title: "Faulty recipients",
            description:
              "Rows of the database with something wrong, each time they are read. address: left out; the others count without what is wrong.",
            unit: "short",
            style: "bars",
            queries: [
              { expr: `sum by (reason) (${increase(counter("recipient_faults_total"))})`, legend: "{{reason}}" },
            ],
            alerts: ["RecipientsFaulty"],
          }),
        ],
      ],
    },
  ],
};
