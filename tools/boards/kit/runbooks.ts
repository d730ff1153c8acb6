/** Runbooks of the alerts: `docs/runbooks`, a page for each. */

import * as dashboard from "@grafana/grafana-foundation-sdk/dashboard";

/**
 * Grafana serves what lies in its folder `public`, and the compose file mounts `docs/runbooks` there: the links work without a
 * host that this repository would have to know.
 */
export const RUNBOOKS_URL = "/public/alert-digest/runbooks";

export const ALERTS = [
  "CheckpointNearLimit",
  "ClockSkew",
  "CommitStalledWhileReading",
  "DeadLetters",
  "Down",
  "LagSeconds",
  "MailAmbiguous",
  "MailFailing",
  "MailPresumed",
  "MappingStale",
  "NearBufferLimit",
  "NotOnRecord",
  "OpenTransaction",
  "OutOfGroup",
  "PartitionUnowned",
  "RebalanceStorm",
  "RecipientFlooded",
  "RecipientWaiting",
  "RecipientsDatabaseAway",
  "RecipientsFaulty",
  "RecordsDeletedUnread",
  "RecordsWaiting",
  "RecordsWithoutKey",
  "RegistryUnreachable",
  "ReportFailed",
  "ReportLate",
  "RoutesStale",
  "SloBurnRate",
  "SmtpAuthBroken",
  "SmtpRefusesUs",
  "SmtpUnreachable",
  "TemplateFails",
  "Throttled",
  "WindowStuck",
] as const;
export type Alert = (typeof ALERTS)[number];

export const RUNBOOKS_INDEX = `${RUNBOOKS_URL}/README.md`;
export const runbookUrl = (alert: string): string => `${RUNBOOKS_URL}/${alert}.md`;

/** In a tab of its own: Grafana would take a link within its own host for one of its pages. */
export const runbookLink = (alert: Alert): dashboard.DashboardLinkBuilder =>
  new dashboard.DashboardLinkBuilder(`Runbook: ${alert}`)
    .type(dashboard.DashboardLinkType.Link)
    .url(runbookUrl(alert))
    .targetBlank(true);
