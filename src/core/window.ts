import type { Severity } from "./alert.js";
import type { EventTime } from "./time.js";

/** All windows of a partition that start at the same instant. */
export interface Bucket {
  readonly start: EventTime;
  /** Those opened; the ones closed early stay in it until the others close. */
  readonly open: Window[];
  /** Windows opened and not settled. */
  unsettled: number;
  closed: boolean;
  /** By device; absent while there is none, which is almost always. */
  early: Map<string, EarlyPart> | undefined;
}

/**
 * A window was closed before its end because of an urgent alert, its last one. What the device tells after that is a window of its own in the same
 * bucket. Kept until nothing of either is outstanding and the bucket takes nothing more: as long, a replay has to know of it.
 */
export interface EarlyPart {
  /** In the commit frontier: of the window, or of the urgent alert alone where a replay found the window settled. */
  readonly hold: number;
  /** Of the urgent alert. */
  readonly offset: number;
  /** How many windows after the one of its own time: not 0 only for an alert that came late. */
  readonly shift: number;
  /** How many were told early; undefined where a replay cannot know. */
  readonly alerts: number | undefined;
  settled: boolean;
}

/**
 * One device's alerts of one tumbling window `[start, start + size)`: open → closed → settled.
 * There may be hundreds of thousands: fields are few, and what most windows don't have lies behind one reference.
 */
export interface Window {
  readonly deviceId: string;
  readonly bucket: Bucket;
  /** Its hold in the commit frontier. */
  readonly hold: number;
  /** The device's next window; of its last one: the first. */
  next: Window;
  /** First and last entry in the alert buffer; 0 when there is none. */
  head: number;
  tail: number;
  lastOffset: number;
  /** Alerts in the buffer. */
  listed: number;
  folded: Folded | undefined;
  /** Has a critical alert. */
  critical: boolean;
  /** The highest of its alerts': how often one of them came back from the dead letters. */
  redrives: number;
  /** Has an alert whose own window was closed by the wall clock, not by a record. */
  lateByWallClock: boolean;
  state: "open" | "closed" | "mailing";
}

export const isEarlyPart = (window: Window): boolean =>
  window.bucket.early !== undefined && window.bucket.early.get(window.deviceId)?.hold === window.hold;

/** Alerts beyond the limit of a mail: counted, their bytes not kept. */
export interface Folded {
  count: number;
  readonly bySeverity: Record<Severity, number>;
  readonly byType: Map<string, number>;
  otherTypes: number;
}

export const windowStart = (time: number, sizeMs: number): EventTime =>
  (Math.floor(time / sizeMs) * sizeMs) as EventTime;

export const emptyFold = (): Folded => ({
  count: 0,
  bySeverity: { info: 0, warning: 0, critical: 0 },
  byType: new Map(),
  otherTypes: 0,
});

/** Counts one alert. The number of types is bounded: producers choose them. */
export const fold = (into: Folded, severity: Severity, type: string | undefined): void => {
  into.count++;
  into.bySeverity[severity]++;
  // A copy of its own: a slice would keep the whole of a long text.
  const key =
    type === undefined ? "" : type.length <= MAX_TYPE_CHARS ? type : [...type.slice(0, MAX_TYPE_CHARS), "…"].join("");
  const seen = into.byType.get(key);
  if (seen !== undefined) into.byType.set(key, seen + 1);
  else if (into.byType.size < MAX_FOLDED_TYPES) into.byType.set(key, 1);
  else into.otherTypes++;
};

export const addFold = (into: Folded, other: Folded): void => {
  into.count += other.count;
  for (const severity of ["info", "warning", "critical"] as const)
    into.bySeverity[severity] += other.bySeverity[severity];
  for (const [type, count] of other.byType) {
    const seen = into.byType.get(type);
    if (seen !== undefined || into.byType.size < MAX_FOLDED_TYPES) into.byType.set(type, (seen ?? 0) + count);
    else into.otherTypes += count;
  }
  into.otherTypes += other.otherTypes;
};

export const MAX_FOLDED_TYPES = 100;
const MAX_TYPE_CHARS = 100;
