/** Counts of a mail: by severity and by type, of all, of several together, and of what is counted and not listed. */

import type { Severity } from "../core/alert.js";
import { foldedType } from "../core/window.js";
import type { Digest, DigestSummary, ListedAlert } from "../runtime/ports.js";
import { worstFirst } from "../runtime/summary.js";
import { cleanLine, TYPE_MAX } from "./clean.js";
import type { DocumentSection } from "./document.js";
import type { MailTexts } from "./texts.js";

export type Counts = Pick<DigestSummary, "count" | "bySeverity" | "byType" | "otherTypes">;

/** Of several together. */
export function sum(all: readonly Omit<Counts, "count">[]): Omit<Counts, "count"> {
  const bySeverity: Record<Severity, number> = { info: 0, warning: 0, critical: 0 };
  const byType = new Map<string, number>();
  let otherTypes = 0;
  for (const one of all) {
    for (const severity of worstFirst) bySeverity[severity] += one.bySeverity[severity];
    for (const [type, count] of one.byType) byType.set(type, (byType.get(type) ?? 0) + count);
    otherTypes += one.otherTypes;
  }
  return { bySeverity, byType, otherTypes };
}

/** What a device's own mail counts and does not list: what is folded, and for want of room all but these. */
export function notListed(digest: Digest, listed: readonly ListedAlert[]): Counts | undefined {
  const kept = new Set(listed);
  const left = listed === digest.listed ? [] : digest.listed.filter((one) => !kept.has(one));
  const count = (digest.folded?.count ?? 0) + left.length;
  if (count === 0) return undefined;
  const bySeverity: Record<Severity, number> = { info: 0, warning: 0, critical: 0, ...digest.folded?.bySeverity };
  const byType = new Map([...(digest.folded?.byType ?? [])].map(([type, { count }]) => [type, count]));
  for (const { alert } of left) {
    bySeverity[alert.severity]++;
    const type = foldedType(alert.type);
    byType.set(type, (byType.get(type) ?? 0) + 1);
  }
  const counts = { count, bySeverity, byType, otherTypes: digest.folded?.otherTypes ?? 0 };
  return left.length === 0 ? counts : { ...counts, ...firstTypes(counts, FEW_TYPES) };
}

/** The most frequent ones by name, the rest together. */
function firstTypes({ byType, otherTypes }: Counts, max: number): Pick<Counts, "byType" | "otherTypes"> {
  const types = [...byType].sort(([, a], [, b]) => b - a);
  const others = types.slice(max).reduce((total, [, count]) => total + count, otherTypes);
  return { byType: new Map(types.slice(0, max)), otherTypes: others };
}

/** The same of a device in a fleet mail, which lists few of its alerts, if any. */
export function unlisted({ listed }: Digest, { count, bySeverity, byType, otherTypes }: DigestSummary): Counts {
  const severities = { ...bySeverity };
  const types = new Map(byType);
  for (const { alert } of listed) {
    severities[alert.severity]--;
    const type = foldedType(alert.type);
    types.set(type, (types.get(type) ?? 0) - 1);
  }
  for (const [type, left] of types) if (left <= 0) types.delete(type);
  return { count: count - listed.length, bySeverity: severities, byType: types, otherTypes };
}

export const foldedOf = (folded: Counts, texts: MailTexts): DocumentSection["folded"] =>
  folded.count === 0 ? null : { count: folded.count, ...countsOf(folded, texts) };

export function countsOf({ bySeverity, byType, otherTypes }: Omit<Counts, "count">, texts: MailTexts) {
  return {
    bySeverity: worstFirst
      .filter((severity) => bySeverity[severity] > 0)
      .map((severity) => ({ severity, name: texts.severity[severity], count: bySeverity[severity] })),
    byType: [...byType]
      .sort(([, a], [, b]) => b - a)
      .map(([type, count]) => ({ type: cleanLine(type, TYPE_MAX), count })),
    otherTypes,
  };
}

/** Types named of those that are not listed, where the mail has to be short. */
const FEW_TYPES = 20;
