import { createRoutesChecks } from "#src/config/routes-checks.js";
import type { Alert, Severity } from "#src/core/alert.js";
import { eventTime } from "#src/core/time.js";
import { MAIL_LOCALES } from "#src/mail/texts/index.js";
import type { Route } from "#src/routing/route.js";
import { parseRoutes } from "#src/routing/routes-file.js";
import type { Digest, FoldedAlerts } from "#src/runtime/ports.js";
import { foldedAlerts } from "#test/support/folded-alerts.js";

export const CHECKS = createRoutesChecks(MAIL_LOCALES);

/** A window of these alerts, in which nothing else matters. */
export const digestOf = (
  deviceId: string,
  alerts: readonly Partial<Alert>[] = [{}],
  more: { readonly deviceName?: string; readonly folded?: FoldedAlerts } = {},
): Digest => {
  const at = eventTime(1_790_000_000_000);
  return {
    topic: "alerts",
    partition: 0,
    deviceId,
    deviceName: more.deviceName,
    windowStart: at,
    windowEnd: at,
    windowCount: 1,
    idOffset: 0,
    firstOffset: 0,
    lastOffset: alerts.length - 1,
    count: alerts.length + (more.folded?.count ?? 0),
    listed: alerts.map((alert, offset) => ({
      offset,
      eventTime: at,
      late: false,
      alert: { deviceId, message: "", severity: "warning", status: "firing", ...alert },
    })),
    folded: more.folded,
  };
};

export const folded = (
  bySeverity: Partial<Record<Severity, number>>,
  byType: Readonly<Record<string, number>> = {},
  otherTypes = 0,
): FoldedAlerts =>
  foldedAlerts({
    count: Object.values(bySeverity).reduce((sum, count) => sum + count, 0),
    bySeverity: { info: 0, warning: 0, critical: 0, ...bySeverity },
    byType: new Map(Object.entries(byType)),
    otherTypes,
  });

/** The routes of a YAML list; fails with what is wrong with it. */
export const routesOf = (list: string): readonly Route[] => {
  const result = parseRoutes(`version: 1\nroutes:\n${list}`, "routes.yaml", CHECKS);
  if (result.ok) return result.routes;
  throw new Error(result.errors.map(({ where, problem }) => `${where}: ${problem}`).join("\n"));
};
