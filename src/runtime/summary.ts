/** What a digest comes to: what a mail says first, and all that a fleet mail says of a device. Pure. */

import { type Alert, isAtLeast, SEVERITIES, type Severity, seenMs } from "../core/alert.js";
import { type Folded, type FoldedAlert, foldedType } from "../core/window.js";
import type { Digest, DigestSummary, FoldedAlerts, ListedAlert } from "./ports.js";

/** A type that fires, as its last alert said. */
interface Firing {
  /** When the first alert was seen since it was last resolved. */
  readonly since: number;
  /** The worst since then. */
  readonly severity: Severity;
  /** The last listed alert that says it, of the worst severity listed; where none is, at least one of its type. */
  readonly alert: Alert | undefined;
  readonly type: string;
  /** Of the last one that is as bad. */
  readonly offset: number;
}

/** `seen`: of each listed alert, where the caller needs them too. */
export function summaryOf(digest: Digest, seen: readonly number[] = digest.listed.map(seenAt)): DigestSummary {
  const { listed, folded } = digest;
  const bySeverity: Record<Severity, number> = { info: 0, warning: 0, critical: 0, ...folded?.bySeverity };
  const byType = new Map(folded?.byType);
  const firing = new Map<string, Firing>();
  /** By type: the last listed alert that fires, also where it was resolved after that. */
  const fired = new Map<string, Alert>();
  let extreme: Alert | undefined;
  let first = folded?.first ?? Number.POSITIVE_INFINITY;
  let last = folded?.last ?? Number.NEGATIVE_INFINITY;
  let { late, resolved } = folded ?? { late: 0, resolved: 0 };
  for (const [index, one] of listed.entries()) {
    const { alert, offset } = one;
    const at = seen[index] ?? one.eventTime;
    first = Math.min(first, at);
    last = Math.max(last, at);
    bySeverity[alert.severity]++;
    byType.set(alert.type ?? "", (byType.get(alert.type ?? "") ?? 0) + 1);
    if (one.late) late++;
    const type = foldedType(alert.type);
    if (alert.status === "resolved") {
      resolved++;
      firing.delete(type);
      continue;
    }
    fired.set(type, alert);
    const before = firing.get(type);
    const since = Math.min(before?.since ?? at, at);
    const { severity } = alert;
    const asBad = before === undefined || isAtLeast(severity, before.severity);
    firing.set(type, asBad ? { since, severity, alert, type, offset } : { ...before, since });
    if (excessOf(alert) >= 0 && (extreme === undefined || isFarther(alert, extreme))) extreme = alert;
  }
  for (const [type, word] of folded?.lastWords ?? []) {
    const { since, worst: severity, offset } = word;
    const before = word.afterResolved ? undefined : firing.get(type);
    if (since === undefined) firing.delete(type);
    else if (before === undefined) firing.set(type, { since, severity, alert: fired.get(type), type, offset });
    else if (isAtLeast(severity, before.severity))
      firing.set(type, { ...before, since: Math.min(before.since, since), severity, offset });
    else firing.set(type, { ...before, since: Math.min(before.since, since) });
  }
  const worstFiring = worstOf([...firing.values(), ...othersOf(digest)]);
  if (last < first) [first, last] = [digest.windowStart, digest.windowEnd];
  const worst = worstFirst.find((severity) => bySeverity[severity] > 0) ?? "info";
  return {
    count: digest.count,
    bySeverity,
    byType: new Map([...byType].sort(([, a], [, b]) => b - a)),
    otherTypes: folded?.otherTypes ?? 0,
    worst,
    // What is over was as bad as its worst alert; its last one says "back to normal".
    severity: worstFiring?.severity ?? worst,
    first,
    last,
    until: last,
    late,
    resolved,
    extreme,
    headline: worstFiring === undefined ? listed.at(-1)?.alert : (worstFiring.alert ?? unlisted(digest, worstFiring)),
    since: worstFiring?.since ?? first,
    state: worstFiring === undefined ? "resolved" : "firing",
    firing: worstFiring !== undefined,
  };
}

export const foldedAlertsOf = (folded: Folded): FoldedAlerts => ({
  ...folded,
  byType: new Map([...folded.byType].map(([type, { count }]) => [type, count])),
  lastWords: folded.byType,
});

/** What is counted of an alert that is not listed. */
export const foldedAlert = (one: ListedAlert): FoldedAlert => {
  const { severity, type, status } = one.alert;
  return { offset: one.offset, time: seenAt(one), severity, type, resolved: status === "resolved", late: one.late };
};

export const worstFirst: readonly Severity[] = [...SEVERITIES].reverse();

/** When the device saw it, if it said so with a time zone and can be right; else the event time. Milliseconds. */
export const seenAt = ({ alert, eventTime }: Pick<ListedAlert, "alert" | "eventTime">): number =>
  seenMs(alert.occurredAt, eventTime);

/**
 * Which of two devices is worse, the worse first: one whose trouble goes on before one whose trouble is over, then by severity, then by how many
 * alerts. A mail's headline and its list of devices both follow it.
 */
export const byWorst = (a: DigestSummary, b: DigestSummary): number =>
  Number(b.firing) - Number(a.firing) ||
  SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) ||
  SEVERITIES.indexOf(b.worst) - SEVERITIES.indexOf(a.worst) ||
  b.bySeverity[b.worst] - a.bySeverity[a.worst] ||
  b.count - a.count;

/** Of types that are as bad, rather one that a listed alert tells of; then the last one. */
function worstOf(candidates: readonly Firing[]): Firing | undefined {
  let found: Firing | undefined;
  for (const one of candidates) {
    if (found === undefined) {
      found = one;
      continue;
    }
    const by =
      SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(found.severity) ||
      Number(one.alert !== undefined) - Number(found.alert !== undefined) ||
      one.offset - found.offset;
    if (by > 0) found = one;
  }
  return found;
}

function othersOf({ folded, lastOffset }: Digest): Firing[] {
  if (folded?.othersFiring === undefined) return [];
  const { since, worst } = folded.othersFiring;
  return [{ since, severity: worst, alert: undefined, type: "", offset: lastOffset }];
}

/** Nobody has its message any more. */
const unlisted = ({ deviceId }: Digest, { severity, type }: Firing): Alert => ({
  deviceId,
  message: type,
  severity,
  status: "firing",
  type: type === "" ? undefined : type,
});

const rank = ({ severity }: Alert): number => SEVERITIES.indexOf(severity);

/** A critical limit that is hardly passed is worse than a warning's by far. */
const isFarther = (one: Alert, other: Alert): boolean =>
  rank(one) === rank(other) ? excessOf(one) > excessOf(other) : rank(one) > rank(other);

/** How far the value lies from its threshold, as a part of it: values of different units compare. -Infinity without both. */
function excessOf({ value, threshold }: Alert): number {
  if (value === undefined || threshold === undefined) return Number.NEGATIVE_INFINITY;
  return Math.abs(value - threshold) / Math.max(Math.abs(threshold), 1e-9);
}
