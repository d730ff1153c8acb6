/** What a digest comes to: what a mail says first, and all that a fleet mail says of a device. Pure. */

import { type Alert, SEVERITIES, type Severity } from "../core/alert.js";
import type { Digest, DigestSummary, ListedAlert } from "./ports.js";

/** A type that fires, as its last listed alert said. */
interface Firing {
  /** When the first alert was seen since it was last resolved. */
  readonly since: number;
  /** The last alert of the worst severity since then. */
  readonly worst: Alert;
  /** Its place in the list. */
  readonly index: number;
}

/** `seen`: of each listed alert, where the caller needs them too. */
export function summaryOf(digest: Digest, seen: readonly number[] = digest.listed.map(seenAt)): DigestSummary {
  const { listed, folded } = digest;
  const bySeverity: Record<Severity, number> = { info: 0, warning: 0, critical: 0, ...folded?.bySeverity };
  const byType = new Map(folded?.byType);
  const firing = new Map<string, Firing>();
  let extreme: Alert | undefined;
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [late, resolved] = [0, 0];
  for (const [index, one] of listed.entries()) {
    const { alert } = one;
    const type = alert.type ?? "";
    const at = seen[index] ?? one.eventTime;
    first = Math.min(first, at);
    last = Math.max(last, at);
    bySeverity[alert.severity]++;
    byType.set(type, (byType.get(type) ?? 0) + 1);
    if (one.late) late++;
    if (alert.status === "resolved") {
      resolved++;
      firing.delete(type);
      continue;
    }
    const before = firing.get(type);
    const since = before === undefined ? at : Math.min(before.since, at);
    const asBad = before === undefined || rank(alert) >= rank(before.worst);
    firing.set(type, asBad ? { since, worst: alert, index } : { ...before, since });
    if (excessOf(alert) >= 0 && (extreme === undefined || isFarther(alert, extreme))) extreme = alert;
  }
  const headline = worstOf(firing.values());
  const none = listed.length === 0;
  // Of folded alerts nobody knows whether they said "resolved": then it is not claimed to be over.
  const state = headline !== undefined ? "firing" : folded === undefined && !none ? "resolved" : "unknown";
  const open = headline?.worst.severity;
  const isOpen = (severity: Severity): boolean => severity === open || (folded?.bySeverity[severity] ?? 0) > 0;
  const worst = worstFirst.find((severity) => bySeverity[severity] > 0) ?? "info";
  return {
    count: digest.count,
    bySeverity,
    byType: new Map([...byType].sort(([, a], [, b]) => b - a)),
    otherTypes: folded?.otherTypes ?? 0,
    worst,
    // What is over was as bad as its worst alert; its last one says "back to normal".
    severity: state === "resolved" ? worst : (worstFirst.find(isOpen) ?? worst),
    first: none ? digest.windowStart : first,
    last: none ? digest.windowEnd : last,
    late,
    resolved,
    extreme,
    headline: headline?.worst ?? listed.at(-1)?.alert,
    since: headline?.since ?? (none ? digest.windowStart : first),
    state,
    firing: state !== "resolved",
  };
}

export const worstFirst: readonly Severity[] = [...SEVERITIES].reverse();

/** When the device saw it, if it said so with a time zone; else the event time. Milliseconds. */
export function seenAt({ alert, eventTime }: Pick<ListedAlert, "alert" | "eventTime">): number {
  const { occurredAt } = alert;
  if (occurredAt === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d.{0,20}(Z|[+-]\d\d:?\d\d)$/i.test(occurredAt))
    return eventTime;
  const at = Date.parse(occurredAt);
  // Years that no clock of a device means, and that no format here can show.
  return at >= 0 && at < YEAR_9999 ? at : eventTime;
}

function worstOf(candidates: Iterable<Firing>): Firing | undefined {
  let found: Firing | undefined;
  for (const one of candidates) {
    const by = found === undefined ? 1 : rank(one.worst) - rank(found.worst);
    if (found === undefined || by > 0 || (by === 0 && one.index > found.index)) found = one;
  }
  return found;
}

const rank = ({ severity }: Alert): number => SEVERITIES.indexOf(severity);

/** A critical limit that is hardly passed is worse than a warning's by far. */
const isFarther = (one: Alert, other: Alert): boolean =>
  rank(one) === rank(other) ? excessOf(one) > excessOf(other) : rank(one) > rank(other);

/** How far the value lies from its threshold, as a part of it: values of different units compare. -Infinity without both. */
function excessOf({ value, threshold }: Alert): number {
  if (value === undefined || threshold === undefined) return Number.NEGATIVE_INFINITY;
  return Math.abs(value - threshold) / Math.max(Math.abs(threshold), 1e-9);
}

const YEAR_9999 = Date.UTC(9999, 0);
