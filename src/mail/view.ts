/** A digest as its mail shows it: `mail-view.ts` says what is in it. */

import { hasDoubtfulTime, type Severity } from "../core/alert.js";
import { foldedType } from "../core/window.js";
import type { Digest, ListedAlert } from "../runtime/ports.js";
import { seenAt, summaryOf, worstFirst } from "../runtime/summary.js";
import { cleanLine } from "./clean.js";
import type { AlertView, DigestView, FoldedView, ViewContext } from "./mail-view.js";
import type { MailTexts } from "./texts.js";
import {
  deviceNameOf,
  firstLine,
  joinCounts,
  joinTypes,
  messageLimit,
  NAME_MAX,
  shortTimes,
  sourceOf,
  summaryFacts,
  TYPE_MAX,
  windowFact,
  withUnit,
} from "./view-facts.js";

export type * from "./mail-view.js";
export { deviceNameOf, sourceOf } from "./view-facts.js";

/** Types named of those that are not listed; and where the mail has to be short. */
const FOLDED_TYPES = 100;
const FEW_TYPES = 20;

/** `room`: list this many at most, and say that it is for want of room. The summary is of all. */
export function viewOf(digest: Digest, subject: string, context: ViewContext, room = digest.listed.length): DigestView {
  const { texts, localTime } = context;
  const seen = digest.listed.map(seenAt);
  const summary = summaryOf(digest, seen);
  const short = shortTimes(localTime, digest.windowEnd);
  const listed = room < digest.listed.length ? digest.listed.slice(0, room) : digest.listed;
  const messageMax = messageLimit(listed);
  const deviceName = deviceNameOf(digest);
  const first = firstLine(summary, short, context);
  return {
    kind: "device",
    lang: texts.lang,
    direction: texts.direction,
    subject,
    ...first,
    title: deviceName,
    deviceId: cleanLine(digest.deviceId, NAME_MAX),
    deviceName,
    count: digest.count,
    counts: worstFirst
      .filter((severity) => summary.bySeverity[severity] > 0)
      .map((severity) => ({ severity, label: texts.severity[severity], count: summary.bySeverity[severity] })),
    total: texts.total(digest.count, joinCounts(summary.bySeverity, texts)),
    facts: [...summaryFacts(summary, short, context), windowFact(digest.windowStart, digest.windowEnd, context)],
    notes: notesOf(digest, room < digest.listed.length, texts),
    alerts: listed.map((one, index) =>
      alertView(one, index + 1, seen[index] ?? one.eventTime, messageMax, short, context),
    ),
    folded: foldedView(digest, listed.length, texts),
    footer: [
      { label: texts.labels.device, value: cleanLine(digest.deviceId, NAME_MAX) },
      { label: texts.labels.source, value: cleanLine(sourceOf(digest), NAME_MAX) },
    ],
  };
}

function notesOf(digest: Digest, short: boolean, texts: MailTexts): readonly string[] {
  const notes: string[] = [];
  if (digest.part === "early") notes.push(texts.early);
  if (digest.part === "rest") notes.push(texts.rest(digest.toldEarly));
  if (digest.windowCount > 1) notes.push(texts.merged(digest.windowCount));
  if (short) notes.push(texts.tooLong);
  return notes;
}

function alertView(
  listed: ListedAlert,
  number: number,
  at: number,
  messageMax: number,
  short: (ms: number) => string,
  { texts, localTime, numbers }: ViewContext,
): AlertView {
  const { alert, late, eventTime } = listed;
  const resolved = alert.status === "resolved";
  const marks: string[] = [];
  if (resolved) marks.push(texts.resolved);
  if (late) marks.push(texts.late);
  if (hasDoubtfulTime(alert.occurredAt, eventTime))
    marks.push(texts.deviceClock(cleanLine(alert.occurredAt ?? "", TYPE_MAX)));
  const value = withUnit(alert.value, alert, numbers);
  const threshold = withUnit(alert.threshold, alert, numbers);
  return {
    number,
    time: localTime.format(at),
    shortTime: short(at),
    severity: alert.severity,
    severityLabel: texts.severity[alert.severity],
    type: cleanLine(alert.type ?? "", TYPE_MAX),
    message: cleanLine(alert.message, messageMax, texts.cut),
    measurement:
      value !== ""
        ? texts.measured(value, threshold === "" ? undefined : threshold)
        : threshold === ""
          ? ""
          : texts.thresholdOnly(threshold),
    value,
    threshold,
    resolved,
    late,
    marks,
  };
}

/** What is counted already, and what `room` leaves out. */
function foldedView({ folded, listed }: Digest, shown: number, texts: MailTexts): FoldedView | undefined {
  const left = listed.slice(shown);
  const count = (folded?.count ?? 0) + left.length;
  if (count === 0) return undefined;
  const bySeverity: Record<Severity, number> = { info: 0, warning: 0, critical: 0, ...folded?.bySeverity };
  const byType = new Map([...(folded?.byType ?? [])].map(([type, { count }]) => [type, count]));
  for (const { alert } of left) {
    bySeverity[alert.severity]++;
    const type = foldedType(alert.type);
    byType.set(type, (byType.get(type) ?? 0) + 1);
  }
  const types = new Map([...byType].sort(([, a], [, b]) => b - a));
  const max = left.length > 0 ? FEW_TYPES : FOLDED_TYPES;
  return {
    count,
    sentence: texts.folded(shown, count),
    bySeverity: { label: texts.labels.bySeverity, value: joinCounts(bySeverity, texts) },
    byType: { label: texts.labels.byType, value: joinTypes(types, folded?.otherTypes ?? 0, max, texts) },
  };
}
