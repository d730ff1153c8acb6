/** Counts of a mail about many devices: all together, and of what it does not list. */

import type { Severity } from "../core/alert.js";
import { foldedType } from "../core/window.js";
import type { Digest, DigestSummary, FleetDevice } from "../runtime/ports.js";
import { worstFirst } from "../runtime/summary.js";

export type Counts = Pick<DigestSummary, "bySeverity" | "byType" | "otherTypes">;
export type Unlisted = Counts & Pick<DigestSummary, "count">;

/** All together. */
export function sum(all: readonly Counts[]): Counts {
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

/** What is counted and not listed: a fleet mail lists few alerts of a device, if any. */
export function unlisted({ listed }: Digest, { count, bySeverity, byType, otherTypes }: DigestSummary): Unlisted {
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

/** The same of all devices. */
export function fleetFold(devices: readonly FleetDevice[]): Unlisted {
  const folded = devices.map(({ digest, summary }) => unlisted(digest, summary));
  return { count: folded.reduce((total, { count }) => total + count, 0), ...sum(folded) };
}
