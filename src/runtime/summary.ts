/** What a digest comes to: what a mail says first, and all that a fleet mail says of a device. Pure. */

import { type Alert, isAtLeast, SEVERITIES, type Severity, seenMs, WRITTEN_FIELDS } from "../core/alert.js";
import { emptyFold, type FoldedAlert, fold, foldedType } from "../core/window.js";
import type { Digest, DigestSummary, FoldedAlerts, ListedAlert } from "./ports.js";

/** `seen`: of each listed alert, where the caller needs them too. */
export function summaryOf(digest: Digest, seen: readonly number[] = digest.listed.map(seenAt)): DigestSummary {
  const { listed, count } = digest;
  const all = allOf(digest, seen);
  const { bySeverity, otherTypes, resolved, late } = all;
  const worst = worstFirst.find((severity) => bySeverity[severity] > 0) ?? "info";
  const allFiring = firingOf(digest, all);
  const firing = worstOf(allFiring);
  const beside = firing === undefined ? digest.beside : undefined;
  const [first, last] = all.last < all.first ? [digest.windowStart, digest.windowEnd] : [all.first, all.last];
  return {
    count,
    bySeverity,
    byType: new Map([...all.byType].map(([type, { count }]) => [type, count] as const).sort(([, a], [, b]) => b - a)),
    otherTypes,
    worst,
    // What is over was as bad as its worst alert; its last one says "back to normal". But where anything fires still, it is as bad as that.
    severity: firing?.severity ?? beside?.worst ?? worst,
    first,
    last,
    late,
    resolved,
    repeats: repeatsIn(listed),
    unread: unreadIn(listed),
    extreme: farthest(listed.map(({ alert }) => (alert.status === "resolved" ? undefined : alert))),
    headline: firing === undefined ? listed.at(-1)?.alert : (firing.alert ?? unlisted(digest, firing)),
    ...sinceOf(digest, all, firing, first),
    state: firing === undefined && beside === undefined ? "resolved" : "firing",
    alsoFiring: Math.max(0, allFiring.length - 1),
    beside: beside?.types ?? 0,
  };
}

/** What is listed is bounded already: no type is left out. */
function allOf({ listed, all }: Digest, seen: readonly number[]): FoldedAlerts {
  if (all !== undefined) return all;
  const counted = emptyFold();
  for (const [index, one] of listed.entries()) fold(counted, foldedAlert(one, seen[index]), Number.POSITIVE_INFINITY);
  return counted;
}

/** What is counted of an alert. */
export const foldedAlert = (one: ListedAlert, time = seenAt(one)): FoldedAlert => {
  const { severity, type, status } = one.alert;
  return { offset: one.offset, time, severity, type, resolved: status === "resolved", late: one.late };
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
  Number(b.state === "firing") - Number(a.state === "firing") ||
  SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) ||
  SEVERITIES.indexOf(b.worst) - SEVERITIES.indexOf(a.worst) ||
  b.bySeverity[b.worst] - a.bySeverity[a.worst] ||
  b.count - a.count;

/** A type whose last word was that it fires; or all types together that were too many to be told apart. */
interface Firing {
  /** When the first alert was seen since it was last resolved. */
  readonly since: number;
  /** The worst since then. */
  readonly severity: Severity;
  /** The listed one that says best what is wrong, if any. */
  readonly alert: Alert | undefined;
  readonly type: string;
  readonly isOneType: boolean;
  /** Of the last one that is as bad. */
  readonly offset: number;
}

/** Since when the worst of what fires does so, here or beside; where nothing does, since when the first of what is over did. */
function sinceOf(
  { began, beside }: Digest,
  { byType, otherTypes }: FoldedAlerts,
  firing: Firing | undefined,
  first: number,
): Pick<DigestSummary, "since" | "sinceKnown"> {
  if (firing !== undefined) {
    const since = firing.isOneType ? began?.get(firing.type) : undefined;
    return {
      since: since === undefined ? firing.since : exactly(since, firing.since),
      sinceKnown: since !== undefined,
    };
  }
  if (beside !== undefined) return { since: beside.since ?? first, sinceKnown: beside.since !== undefined };
  const all = [...byType.keys()].map((type) => began?.get(type));
  if (otherTypes > 0 || all.length === 0 || all.includes(undefined)) return { since: first, sinceKnown: false };
  return { since: exactly(Math.min(...(all as number[])), first), sinceKnown: true };
}

/** What is known to the second, as an alert of this mail has it. */
const exactly = (since: number, here: number): number => (Math.floor(here / 1000) * 1000 === since ? here : since);

function firingOf({ listed, lastOffset }: Digest, all: FoldedAlerts): readonly Firing[] {
  const firing: Firing[] = [];
  const voices = voicesOf(listed, all);
  for (const [type, { since, worst, offset, resolvedAt = -1 }] of all.byType) {
    if (since === undefined) continue;
    const voice = voices.get(type);
    // Of the worst ones of a type, its last one is listed before the others.
    const isWorst = voice?.alert.severity === worst && voice.offset > resolvedAt;
    firing.push({
      since,
      severity: worst,
      alert: voice?.alert,
      type,
      isOneType: true,
      offset: isWorst ? voice.offset : offset,
    });
  }
  if (all.othersFiring !== undefined) {
    const { since, worst } = all.othersFiring;
    const alert = voices.get(undefined)?.alert;
    firing.push({ since, severity: worst, alert, type: "", isOneType: false, offset: lastOffset });
  }
  return firing;
}

/**
 * Which listed alert tells best of a type that fires: of those since one resolved it, the last one of the worst severity; where none is, the last one
 * that fired before. Under `undefined`: of the types that were too many to be told apart.
 */
function voicesOf(
  listed: readonly ListedAlert[],
  { byType }: FoldedAlerts,
): ReadonlyMap<string | undefined, ListedAlert> {
  const voices = new Map<string | undefined, ListedAlert>();
  for (const one of listed) {
    if (one.alert.status === "resolved") continue;
    const type = foldedType(one.alert.type);
    const counted = byType.get(type);
    const key = counted === undefined ? undefined : type;
    const before = voices.get(key);
    const isOver = before !== undefined && before.offset < (counted?.resolvedAt ?? 0);
    if (before === undefined || isOver || isAtLeast(one.alert.severity, before.alert.severity)) voices.set(key, one);
  }
  return voices;
}

/** Of types that are as bad, rather one that a listed alert tells of; then the last one. */
function worstOf(candidates: readonly Firing[]): Firing | undefined {
  const [worst] = [...candidates].sort(
    (a, b) =>
      SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) ||
      Number(b.alert !== undefined) - Number(a.alert !== undefined) ||
      b.offset - a.offset,
  );
  return worst;
}

/** A producer that was not sure whether it had told says it again. */
function repeatsIn(listed: readonly ListedAlert[]): number {
  const seen = new Set<string>();
  let repeats = 0;
  for (const { alert } of listed) {
    if (alert.alertId === undefined) continue;
    // The end of an alert has its ID, and is news.
    const id = `${alert.status} ${alert.alertId}`;
    if (seen.has(id)) repeats++;
    seen.add(id);
  }
  return repeats;
}

function unreadIn(listed: readonly ListedAlert[]): DigestSummary["unread"] {
  const written = listed.filter(({ alert }) => alert.asWritten !== undefined);
  if (written.length === 0) return [];
  return WRITTEN_FIELDS.map((field) => ({
    field,
    count: written.filter(({ alert }) => alert.asWritten?.[field] !== undefined).length,
  })).filter(({ count }) => count > 0);
}

/** The same of several devices. */
export const sumUnread = (all: readonly DigestSummary["unread"][]): DigestSummary["unread"] =>
  WRITTEN_FIELDS.map((field) => ({
    field,
    count: all.flat().reduce((sum, one) => (one.field === field ? sum + one.count : sum), 0),
  })).filter(({ count }) => count > 0);

/** Nobody has its message any more. */
const unlisted = ({ deviceId }: Digest, { severity, type }: Firing): Alert => ({
  deviceId,
  message: type,
  severity,
  status: "firing",
  type: type === "" ? undefined : type,
});

/** Of those of the worst severity that have both, the one whose value lies farthest from its threshold. */
export function farthest(alerts: readonly (Alert | undefined)[]): Alert | undefined {
  let extreme: Alert | undefined;
  for (const alert of alerts)
    if (alert !== undefined && excessOf(alert) >= 0 && (extreme === undefined || isFarther(alert, extreme)))
      extreme = alert;
  return extreme;
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
