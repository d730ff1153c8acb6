/** A digest as both bodies show it: every string one harmless line of bounded length (not yet escaped for HTML). */

import { type Alert, SEVERITIES, type Severity } from "../core/alert.js";
import type { Digest, FoldedAlerts, ListedAlert } from "../runtime/ports.js";
import { cleanLine } from "./clean.js";
import type { LocalTime } from "./local-time.js";
import type { MailTexts } from "./texts.js";

export interface AlertView {
  readonly time: string;
  readonly severity: Severity;
  /** May be "". */
  readonly type: string;
  readonly message: string;
  /** Value against threshold with unit; may be "". */
  readonly measurement: string;
  /** "resolved", "late", both or none, in the mail's language. */
  readonly marks: readonly string[];
}

export interface FoldedView {
  readonly sentence: string;
  readonly bySeverity: string;
  readonly byType: string;
}

export interface DigestView {
  readonly deviceName: string;
  readonly worst: Severity;
  /** The facts above the list, one per line. */
  readonly summary: readonly string[];
  readonly alerts: readonly AlertView[];
  readonly folded: FoldedView | undefined;
  readonly footer: readonly string[];
}

const MESSAGE_MAX = 2_000;
/** Of all messages together; above it each gets its fair share, so that 200 alerts of 1 MiB stay under 2 MiB in all. */
const MESSAGES_MAX = 160_000;
const NAME_MAX = 256;
const TYPE_MAX = 100;
const UNIT_MAX = 20;

export const worstFirst: readonly Severity[] = [...SEVERITIES].reverse();

/** The name a mail calls the device by: one line, never empty. */
export function deviceNameOf(digest: Digest): string {
  return cleanLine(digest.deviceName ?? "", NAME_MAX) || cleanLine(digest.deviceId, NAME_MAX) || "?";
}

/** `topic/partition/first-last`, as the header X-Alert-Digest-Source has it. */
export const sourceOf = (digest: Digest): string =>
  `${digest.topic}/${digest.partition}/${digest.firstOffset}-${digest.lastOffset}`;

export function viewOf(digest: Digest, texts: MailTexts, localTime: LocalTime): DigestView {
  const messageMax = messageLimit(digest.listed);
  const counts: Record<Severity, number> = { info: 0, warning: 0, critical: 0, ...digest.folded?.bySeverity };
  let resolved = 0;
  let late = 0;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  const alerts = digest.listed.map((listed): AlertView => {
    const { alert } = listed;
    const at = seenAt(listed);
    const marks: string[] = [];
    first = Math.min(first, at);
    last = Math.max(last, at);
    counts[alert.severity]++;
    if (alert.status === "resolved") {
      resolved++;
      marks.push(texts.resolved);
    }
    if (listed.late) {
      late++;
      marks.push(texts.late);
    }
    return {
      time: localTime.format(at),
      severity: alert.severity,
      type: cleanLine(alert.type ?? "", TYPE_MAX),
      message: cleanLine(alert.message, messageMax, texts.cut),
      measurement: measurementOf(alert, texts),
      marks,
    };
  });
  const worst = worstFirst.find((severity) => counts[severity] > 0) ?? "info";
  const summary = [texts.total(digest.count, joinCounts(counts, texts)), texts.worst(texts.severity[worst])];
  if (resolved + late > 0) summary.push(texts.ofThese(resolved, late));
  if (alerts.length > 0)
    summary.push(texts.span(localTime.format(first), localTime.format(last), digest.folded !== undefined));
  summary.push(
    texts.window(
      localTime.format(digest.windowStart),
      localTime.format(digest.windowEnd),
      localTime.zone(digest.windowStart),
    ),
  );
  if (digest.windowCount > 1) summary.push(texts.merged(digest.windowCount));
  return {
    deviceName: deviceNameOf(digest),
    worst,
    summary,
    alerts,
    folded: digest.folded && foldedView(digest.folded, alerts.length, texts),
    footer: [
      `${texts.device}: ${cleanLine(digest.deviceId, NAME_MAX)}`,
      `${texts.source}: ${cleanLine(sourceOf(digest), NAME_MAX)}`,
    ],
  };
}

/** When the device saw it, if it said so with a time zone; else the event time. */
function seenAt({ alert, eventTime }: ListedAlert): number {
  const { occurredAt } = alert;
  if (occurredAt === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d.{0,20}(Z|[+-]\d\d:?\d\d)$/i.test(occurredAt))
    return eventTime;
  const at = Date.parse(occurredAt);
  // Years that no clock of a device means, and that no format here can show.
  return at >= 0 && at < YEAR_9999 ? at : eventTime;
}

const YEAR_9999 = Date.UTC(9999, 0);

function measurementOf({ value, threshold, unit }: Alert, texts: MailTexts): string {
  if (value === undefined && threshold === undefined) return "";
  const cleanUnit = unit === undefined ? "" : cleanLine(unit, UNIT_MAX);
  const suffix = cleanUnit === "" ? "" : ` ${cleanUnit}`;
  const limit = threshold === undefined ? undefined : `${threshold}${suffix}`;
  if (value !== undefined) return texts.measured(`${value}${suffix}`, limit);
  return limit === undefined ? "" : texts.thresholdOnly(limit);
}

function messageLimit(listed: readonly ListedAlert[]): number {
  let total = 0;
  for (const { alert } of listed) total += Math.min(alert.message.length, MESSAGE_MAX);
  return total <= MESSAGES_MAX ? MESSAGE_MAX : Math.max(80, Math.floor(MESSAGES_MAX / listed.length));
}

function foldedView(folded: FoldedAlerts, listed: number, texts: MailTexts): FoldedView {
  const types = [...folded.byType].sort(([, a], [, b]) => b - a);
  const named = types.map(([type, count]) => `${cleanLine(type, TYPE_MAX) || texts.noType} ${count}`);
  if (folded.otherTypes > 0) named.push(`${texts.otherTypes} ${folded.otherTypes}`);
  return {
    sentence: texts.folded(listed, folded.count),
    bySeverity: `${texts.bySeverity}: ${joinCounts(folded.bySeverity, texts)}`,
    byType: `${texts.byType}: ${named.join(", ")}`,
  };
}

const joinCounts = (counts: Readonly<Record<Severity, number>>, texts: MailTexts): string =>
  worstFirst
    .filter((severity) => counts[severity] > 0)
    .map((severity) => `${texts.severity[severity]} ${counts[severity]}`)
    .join(", ");
