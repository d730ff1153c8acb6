/** What a digest comes to: what a mail says first, and all that a fleet mail says of a device. Pure. */

import { type Alert, SEVERITIES, type Severity } from "../core/alert.js";
import type { Digest, DigestSummary, ListedAlert } from "./ports.js";

export function summaryOf(digest: Digest): DigestSummary {
  const { listed, folded } = digest;
  const bySeverity: Record<Severity, number> = { info: 0, warning: 0, critical: 0, ...folded?.bySeverity };
  const byType = new Map(folded?.byType);
  /** Of each type its last alert. */
  const last = new Map<string, Alert>();
  let extreme: Alert | undefined;
  let [firstSeen, lastSeen] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [late, resolved] = [0, 0];
  for (const one of listed) {
    const { alert } = one;
    const type = alert.type ?? "";
    const at = seenAt(one);
    firstSeen = Math.min(firstSeen, at);
    lastSeen = Math.max(lastSeen, at);
    bySeverity[alert.severity]++;
    byType.set(type, (byType.get(type) ?? 0) + 1);
    last.set(type, alert);
    if (one.late) late++;
    if (alert.status === "resolved") resolved++;
    if (excessOf(alert) > (extreme === undefined ? Number.NEGATIVE_INFINITY : excessOf(extreme))) extreme = alert;
  }
  const worst = worstFirst.find((severity) => bySeverity[severity] > 0) ?? "info";
  const none = listed.length === 0;
  return {
    count: digest.count,
    bySeverity,
    byType: new Map([...byType].sort(([, a], [, b]) => b - a)),
    otherTypes: folded?.otherTypes ?? 0,
    worst,
    first: none ? digest.windowStart : firstSeen,
    last: none ? digest.windowEnd : lastSeen,
    late,
    resolved,
    extreme,
    headline: headlineOf(listed),
    // Of folded alerts nobody knows whether they said "resolved": then it is not claimed to be over.
    firing: folded !== undefined || [...last.values()].some((alert) => alert.status === "firing"),
  };
}

export const worstFirst: readonly Severity[] = [...SEVERITIES].reverse();

/** When the device saw it, if it said so with a time zone; else the event time. Milliseconds. */
export function seenAt({ alert, eventTime }: ListedAlert): number {
  const { occurredAt } = alert;
  if (occurredAt === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d.{0,20}(Z|[+-]\d\d:?\d\d)$/i.test(occurredAt))
    return eventTime;
  const at = Date.parse(occurredAt);
  // Years that no clock of a device means, and that no format here can show.
  return at >= 0 && at < YEAR_9999 ? at : eventTime;
}

/** The last firing alert of the worst severity that fires; where none does, the last one. */
function headlineOf(listed: readonly ListedAlert[]): Alert | undefined {
  for (const severity of worstFirst) {
    const found = listed.findLast(({ alert }) => alert.status === "firing" && alert.severity === severity);
    if (found !== undefined) return found.alert;
  }
  return listed.at(-1)?.alert;
}

/** How far the value lies from its threshold, as a part of it: values of different units compare. -Infinity without both. */
function excessOf({ value, threshold }: Alert): number {
  if (value === undefined || threshold === undefined) return Number.NEGATIVE_INFINITY;
  return Math.abs(value - threshold) / Math.max(Math.abs(threshold), 1e-9);
}

const YEAR_9999 = Date.UTC(9999, 0);
