/** Which routes a digest takes, and why. Pure. */

import type { Alert, Severity } from "../core/alert.js";
import type { EventTime } from "../core/time.js";
import type { Zone } from "../core/zone.js";
import type { Digest, ListedAlert, UnlistedAlerts } from "../runtime/ports.js";
import { composed, type Glob, LOOKED_AT_MAX } from "./glob.js";
import { isInForce, type Mute, sparesCritical } from "./mute.js";
import type { Conditions, Route } from "./route.js";

export type Condition = keyof Conditions;

/** Of a mute: `critical` is muted only by name; `time`: it does not hold then; `others`: not all alerts of the window are muted. */
export type MuteCondition = Condition | "critical" | "time" | "others";

export type Verdict =
  | {
      readonly matched: true;
      /** The first alert that fits; undefined when it can only be one of those that are counted, not listed. */
      readonly by: Alert | undefined;
    }
  /** The first condition that no alert meets together with those before it. */
  | { readonly matched: false; readonly failed: MuteCondition };

/**
 * A digest matches when its device does and one of its alerts meets severity, type and labels together. What is not there (no name, no type, no such
 * label) meets no condition. Of folded alerts only counts are known: a severity and a type that are both among them may be one alert's, which counts as
 * one that fits; their labels are taken for those of the listed ones. So rather a mail too many than somebody who is not told.
 */
export const judge = ({ match, mute }: Route, digest: Digest, zone: Zone): Verdict => {
  if (match.device && !isLike(match.device, digest.deviceId)) return { matched: false, failed: "device" };
  if (match.deviceName && !isLike(match.deviceName, digest.deviceName)) return { matched: false, failed: "deviceName" };
  const judged = new Judged();
  if (mute !== undefined) return judgeMute(mute, match, digest, zone, judged);
  let furthest = 0;
  for (const { alert } of digest.listed) {
    const met = metBy(alert, match, judged);
    if (met === ALERT_CONDITIONS.length) return { matched: true, by: alert };
    furthest = Math.max(furthest, met);
  }
  const folded = digest.folded === undefined ? 0 : metByFolded(digest.folded, match);
  if (folded === LABELS && (!match.labels || digest.listed.some(({ alert }) => fits(alert, match, "labels", judged))))
    return { matched: true, by: undefined };
  return { matched: false, failed: ALERT_CONDITIONS[Math.max(furthest, folded)] ?? "labels" };
};

/** A window is one mail: it is muted when each of its alerts is, at its own time. Of folded ones nobody knows enough. */
const judgeMute = (mute: Mute, match: Conditions, { listed, folded }: Digest, zone: Zone, judged: Judged): Verdict => {
  const failures = listed.map((one) => muteFailure(mute, match, one, zone, judged));
  const failed = failures.find((failure) => failure !== undefined);
  if (failed === undefined && folded === undefined) return { matched: true, by: listed[0]?.alert };
  return { matched: false, failed: failed !== undefined && listed.length === 1 ? failed : "others" };
};

const muteFailure = (
  mute: Mute,
  match: Conditions,
  { alert, eventTime }: ListedAlert,
  zone: Zone,
  judged: Judged,
): MuteCondition | undefined => {
  const failed = ALERT_CONDITIONS.find((condition) => !fits(alert, match, condition, judged));
  if (failed !== undefined) return failed;
  if (sparesCritical(mute, alert)) return "critical";
  return isInForce(mute, eventTime, zone) ? undefined : "time";
};

/** A window of one alert, in which nothing else matters. */
export const digestOfAlert = (alert: Alert, eventTime: EventTime): Digest => ({
  topic: "",
  partition: 0,
  deviceId: alert.deviceId,
  deviceName: alert.deviceName,
  windowStart: eventTime,
  windowEnd: eventTime,
  windowCount: 1,
  idOffset: 0,
  firstOffset: 0,
  lastOffset: 0,
  count: 1,
  listed: [{ offset: 0, eventTime, late: false, alert }],
  folded: undefined,
});

/** The routes a digest takes, in order: up to the first that does not go on. `zone`: of hours that name none. */
export const matching = (routes: readonly Route[], digest: Digest, zone: Zone): readonly Route[] => {
  const taken: Route[] = [];
  for (const route of routes) {
    if (!judge(route, digest, zone).matched) continue;
    taken.push(route);
    if (!route.continue) break;
  }
  return taken;
};

const ALERT_CONDITIONS = ["severity", "type", "labels"] as const;
const LABELS = ALERT_CONDITIONS.indexOf("labels");

/** How many of the conditions on alerts are met, in their order. */
const metBy = (alert: Alert, match: Conditions, judged: Judged): number => {
  const failed = ALERT_CONDITIONS.findIndex((condition) => !fits(alert, match, condition, judged));
  return failed < 0 ? ALERT_CONDITIONS.length : failed;
};

const fits = (
  alert: Alert,
  match: Conditions,
  condition: (typeof ALERT_CONDITIONS)[number],
  judged: Judged,
): boolean => {
  switch (condition) {
    case "severity":
      return match.severity === undefined || match.severity.has(alert.severity);
    case "type":
      return match.type === undefined || judged.isLike(match.type, alert.type);
    case "labels":
      return [...(match.labels ?? [])].every(([label, patterns]) => judged.isLike(patterns, labelOf(alert, label)));
  }
};

/** Of severity and type, what some of them may meet together: any severity goes with any type. */
const metByFolded = ({ bySeverity, byType, otherTypes }: UnlistedAlerts, match: Conditions): number => {
  const severities = Object.entries(bySeverity) as [Severity, number][];
  if (match.severity && !severities.some(([severity, count]) => count > 0 && match.severity?.has(severity))) return 0;
  if (match.type && otherTypes === 0 && ![...byType.keys()].some((type) => isLike(match.type ?? [], type))) return 1;
  return LABELS;
};

/** What was judged of one digest: hundreds of its alerts may have the same long text, which is judged once. */
class Judged {
  #known: Map<readonly Glob[], Map<string, boolean>> | undefined;

  isLike(patterns: readonly Glob[], text: string | undefined): boolean {
    // Of a very long one only the beginning is looked at, which is less work than to look it up.
    if (text === undefined || text.length < WORTH_KNOWING || text.length > LOOKED_AT_MAX) return isLike(patterns, text);
    this.#known ??= new Map();
    const known = this.#known.get(patterns) ?? new Map<string, boolean>();
    this.#known.set(patterns, known);
    let answer = known.get(text);
    if (answer === undefined) {
      answer = isLike(patterns, text);
      known.set(text, answer);
    }
    return answer;
  }
}

/** A shorter one is judged as fast as it is looked up. */
const WORTH_KNOWING = 32;

/** An empty text is as good as none: counts know no difference. */
const isLike = (patterns: readonly Glob[], text: string | undefined): boolean =>
  text !== undefined && text !== "" && patterns.some((pattern) => pattern.matches(text));

export const labelOf = ({ labels }: Pick<Alert, "labels">, label: string): string | undefined =>
  labels === undefined ? undefined : Object.hasOwn(labels, label) ? labels[label] : composedLabelOf(labels, label);

/** A name that the other side composes in another way. Nearly no name can be. */
function composedLabelOf(labels: Readonly<Record<string, string>>, label: string): string | undefined {
  if (label.normalize("NFD") === label.normalize("NFC")) return undefined;
  const wanted = composed(label);
  return Object.entries(labels).find(([name]) => composed(name) === wanted)?.[1];
}
