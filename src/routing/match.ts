/** Which routes a digest takes, and why. Pure. */

import type { Alert, Severity } from "../core/alert.js";
import type { Digest, FoldedAlerts } from "../runtime/ports.js";
import type { Glob } from "./glob.js";
import type { Conditions, Route } from "./route.js";

export type Condition = keyof Conditions;

export type Verdict =
  | {
      readonly matched: true;
      /** The first alert that fits; undefined when it can only be one of those that are counted, not listed. */
      readonly by: Alert | undefined;
    }
  /** The first condition that no alert meets together with those before it. */
  | { readonly matched: false; readonly failed: Condition };

/**
 * A digest matches when its device does and one of its alerts meets severity, type and labels together. What is not there (no name, no type, no such
 * label) meets no condition. Of folded alerts only counts are known: a severity and a type that are both among them may be one alert's, which counts as
 * one that fits; their labels are taken for those of the listed ones. So rather a mail too many than somebody who is not told.
 */
export const judge = ({ match }: Route, digest: Digest): Verdict => {
  if (match.device && !isLike(match.device, digest.deviceId)) return { matched: false, failed: "device" };
  if (match.deviceName && !isLike(match.deviceName, digest.deviceName)) return { matched: false, failed: "deviceName" };
  let furthest = 0;
  for (const { alert } of digest.listed) {
    const met = metBy(alert, match);
    if (met === ALERT_CONDITIONS.length) return { matched: true, by: alert };
    furthest = Math.max(furthest, met);
  }
  const folded = digest.folded === undefined ? 0 : metByFolded(digest.folded, match);
  if (folded === LABELS && (!match.labels || digest.listed.some(({ alert }) => fits(alert, match, "labels"))))
    return { matched: true, by: undefined };
  return { matched: false, failed: ALERT_CONDITIONS[Math.max(furthest, folded)] ?? "labels" };
};

/** The routes a digest takes, in order: up to the first that does not go on. */
export const matching = (routes: readonly Route[], digest: Digest): readonly Route[] => {
  const taken: Route[] = [];
  for (const route of routes) {
    if (!judge(route, digest).matched) continue;
    taken.push(route);
    if (!route.continue) break;
  }
  return taken;
};

const ALERT_CONDITIONS = ["severity", "type", "labels"] as const;
const LABELS = ALERT_CONDITIONS.indexOf("labels");

/** How many of the conditions on alerts are met, in their order. */
const metBy = (alert: Alert, match: Conditions): number => {
  const failed = ALERT_CONDITIONS.findIndex((condition) => !fits(alert, match, condition));
  return failed < 0 ? ALERT_CONDITIONS.length : failed;
};

const fits = (alert: Alert, match: Conditions, condition: (typeof ALERT_CONDITIONS)[number]): boolean => {
  switch (condition) {
    case "severity":
      return match.severity === undefined || match.severity.has(alert.severity);
    case "type":
      return match.type === undefined || isLike(match.type, alert.type);
    case "labels":
      return [...(match.labels ?? [])].every(([label, patterns]) => isLike(patterns, labelOf(alert, label)));
  }
};

/** Of severity and type, what some of them may meet together: any severity goes with any type. */
const metByFolded = ({ bySeverity, byType, otherTypes }: FoldedAlerts, match: Conditions): number => {
  const severities = Object.entries(bySeverity) as [Severity, number][];
  if (match.severity && !severities.some(([severity, count]) => count > 0 && match.severity?.has(severity))) return 0;
  if (match.type && otherTypes === 0 && ![...byType.keys()].some((type) => isLike(match.type ?? [], type))) return 1;
  return LABELS;
};

/** An empty text is as good as none: counts know no difference. */
const isLike = (patterns: readonly Glob[], text: string | undefined): boolean =>
  text !== undefined && text !== "" && patterns.some((pattern) => pattern.matches(text));

export const labelOf = ({ labels }: Pick<Alert, "labels">, label: string): string | undefined =>
  labels !== undefined && Object.hasOwn(labels, label) ? labels[label] : undefined;
