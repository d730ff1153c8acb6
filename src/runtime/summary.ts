/** What a digest comes to: what a mail says first, and all that a fleet mail says of a device. Pure. */

import { type Alert, isAtLeast, SEVERITIES, type Severity, seenMs } from "../core/alert.js";
import { addFold, emptyFold, type Folded, type FoldedAlert, fold, foldedType } from "../core/window.js";
import type { Digest, DigestSummary, ListedAlert } from "./ports.js";

/** `seen`: of each listed alert, where the caller needs them too. */
export function summaryOf(digest: Digest, seen: readonly number[] = digest.listed.map(seenAt)): DigestSummary {
  const { listed, count } = digest;
  const all = allOf(digest, seen);
  const { bySeverity, otherTypes, resolved, late } = all;
  const worst = worstFirst.find((severity) => bySeverity[severity] > 0) ?? "info";
  const firing = worstOf(firingOf(digest, all));
  const [first, last] = all.last < all.first ? [digest.windowStart, digest.windowEnd] : [all.first, all.last];
  return {
    count,
    bySeverity,
    byType: new Map([...all.byType].map(([type, { count }]) => [type, count] as const).sort(([, a], [, b]) => b - a)),
    otherTypes,
    worst,
    // What is over was as bad as its worst alert; its last one says "back to normal".
    severity: firing?.severity ?? worst,
    first,
    last,
    late,
    resolved,
    extreme: extremeOf(listed),
    headline: firing === undefined ? listed.at(-1)?.alert : (firing.alert ?? unlisted(digest, firing)),
    since: firing?.since ?? first,
    state: firing === undefined ? "resolved" : "firing",
  };
}

/** The listed alerts counted as the folded ones are, and both together. Those that are listed are bounded already: no type is left out. */
function allOf({ listed, folded }: Digest, seen: readonly number[]): Folded {
  const before = emptyFold();
  for (const [index, one] of listed.entries()) fold(before, foldedAlert(one, seen[index]), Number.POSITIVE_INFINITY);
  if (folded === undefined) return before;
  const all = emptyFold();
  addFold(all, folded, Number.POSITIVE_INFINITY);
  addFold(all, before, Number.POSITIVE_INFINITY);
  return all;
}

/** What is counted of an alert that is not listed. */
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
  /** Of the last one that is as bad. */
  readonly offset: number;
}

function firingOf({ listed, folded, lastOffset }: Digest, all: Folded): readonly Firing[] {
  const firing: Firing[] = [];
  const voiceOf = voicesOf(listed);
  for (const [type, { since, worst, offset }] of all.byType) {
    if (since === undefined) continue;
    const later = folded?.byType.get(type);
    const voice = voiceOf(type, later?.afterResolved ?? false);
    const isLater = voice === undefined || later?.worst === worst;
    firing.push({ since, severity: worst, alert: voice?.alert, type, offset: isLater ? offset : voice.offset });
  }
  if (folded?.othersFiring !== undefined) {
    const { since, worst } = folded.othersFiring;
    firing.push({ since, severity: worst, alert: undefined, type: "", offset: lastOffset });
  }
  return firing;
}

/**
 * Which listed alert tells best of a type that fires: of those since one resolved it, the last one of the worst severity; where none is, the last one
 * that fired before. `over`: something that is not listed resolved it.
 */
function voicesOf(listed: readonly ListedAlert[]): (type: string, over: boolean) => ListedAlert | undefined {
  const worst = new Map<string, ListedAlert>();
  const last = new Map<string, ListedAlert>();
  for (const one of listed) {
    const type = foldedType(one.alert.type);
    if (one.alert.status === "resolved") {
      worst.delete(type);
      continue;
    }
    last.set(type, one);
    const before = worst.get(type);
    if (before === undefined || isAtLeast(one.alert.severity, before.alert.severity)) worst.set(type, one);
  }
  return (type, over) => (over ? undefined : worst.get(type)) ?? last.get(type);
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

/** Nobody has its message any more. */
const unlisted = ({ deviceId }: Digest, { severity, type }: Firing): Alert => ({
  deviceId,
  message: type,
  severity,
  status: "firing",
  type: type === "" ? undefined : type,
});

/** Of the firing ones of the worst severity, the one whose value lies farthest from its threshold. */
function extremeOf(listed: readonly ListedAlert[]): Alert | undefined {
  let extreme: Alert | undefined;
  for (const { alert } of listed)
    if (alert.status !== "resolved" && excessOf(alert) >= 0 && (extreme === undefined || isFarther(alert, extreme)))
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
