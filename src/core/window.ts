import { isAtLeast, SEVERITIES, type Severity } from "./alert.js";
import { type EntryList, NO_ENTRY } from "./alert-buffer.js";
import type { HoldId } from "./commit-frontier.js";
import { NOBODY, type Recipients } from "./delivered.js";
import type { EventTime } from "./time.js";

/** All windows of a partition that start at the same instant. */
export interface Bucket {
  readonly start: EventTime;
  /** Those opened; the ones closed early stay in it until the others close. */
  readonly open: Window[];
  /** Windows opened and not settled. */
  unsettled: number;
  /** Of them, those whose mail only waits for recipients that are behind. */
  passed: number;
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
  readonly hold: HoldId;
  /** Of the urgent alert. */
  readonly offset: number;
  /** How many windows after the one of its own time: not 0 only for an alert that came late. */
  readonly shift: number;
  /** How many were told early; undefined where a replay cannot know. */
  readonly alerts: number | undefined;
  settled: boolean;
}

/**
 * One device's alerts of one tumbling window `[start, start + size)`: open → closed → mailing, then perhaps passed → settled.
 * There may be hundreds of thousands: fields are few, and what most windows don't have lies behind one reference.
 */
export interface Window extends EntryList {
  readonly deviceId: string;
  readonly bucket: Bucket;
  /** Who has exactly its alerts already: `NOBODY` but after a restart, and once its mail reached some and not all. */
  delivered: Recipients;
  /** Its hold in the commit frontier. */
  readonly hold: HoldId;
  /** The device's next window; of its last one: the first. */
  next: Window;
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
  /** `passed`: some recipients have it, and the others get it by and by; the device's next windows do not wait for that. */
  state: "open" | "closed" | "mailing" | "passed";
}

/** An open window; `DeviceWindows` gives it its place. */
export const newWindow = (deviceId: string, bucket: Bucket, hold: HoldId): Window => ({
  deviceId,
  bucket,
  delivered: NOBODY,
  hold,
  next: undefined as unknown as Window,
  head: NO_ENTRY,
  tail: NO_ENTRY,
  lastOffset: 0,
  listed: 0,
  folded: undefined,
  critical: false,
  redrives: 0,
  lateByWallClock: false,
  state: "open",
});

/** How many alerts it has. */
export const alertsOf = (window: Window): number => window.listed + (window.folded?.count ?? 0);

export const isEarlyPart = (window: Window): boolean =>
  window.bucket.early !== undefined && window.bucket.early.get(window.deviceId)?.hold === window.hold;

/** Alerts beyond the limit of a mail: counted, their bytes not kept. */
export interface Folded {
  count: number;
  readonly bySeverity: Record<Severity, number>;
  readonly byType: Map<string, FoldedType>;
  otherTypes: number;
  /** Those that said that something is over. */
  resolved: number;
  late: number;
  /** The other types together, if one of them fired: what cannot be told apart is never said to be over. */
  othersFiring: { readonly since: number; readonly worst: Severity } | undefined;
  /** The earliest and the latest time of them; Infinity and -Infinity while there is none. */
  first: number;
  last: number;
}

/** What a type's folded alerts come to, in offset order. */
export interface LastWord {
  /** Of the last one. */
  readonly offset: number;
  /** When the type's first alert was seen since it was last resolved; undefined: the last one resolved it. */
  readonly since: number | undefined;
  /** Of those since then. */
  readonly worst: Severity;
  /** One of them resolved it: what was before them has no part in `since` and `worst`. */
  readonly afterResolved: boolean;
}

type FoldedType = { -readonly [field in keyof LastWord]: LastWord[field] } & { count: number };

/** As those see it who only read it. */
export type FoldedAlerts = Readonly<Omit<Folded, "bySeverity" | "byType">> & {
  readonly bySeverity: Readonly<Record<Severity, number>>;
  /** Types are at most `MAX_FOLDED_TYPES`, the rest is under `otherTypes`; alerts without a type are under "". */
  readonly byType: ReadonlyMap<string, Readonly<FoldedType>>;
};

/** What is counted of an alert. `time`: when it was seen, in milliseconds. */
export interface FoldedAlert {
  readonly offset: number;
  readonly time: number;
  readonly severity: Severity;
  readonly type: string | undefined;
  readonly resolved: boolean;
  readonly late: boolean;
}

export const windowStart = (time: number, sizeMs: number): EventTime =>
  (Math.floor(time / sizeMs) * sizeMs) as EventTime;

export const emptyFold = (): Folded => ({
  count: 0,
  bySeverity: { info: 0, warning: 0, critical: 0 },
  byType: new Map(),
  otherTypes: 0,
  resolved: 0,
  late: 0,
  othersFiring: undefined,
  first: Number.POSITIVE_INFINITY,
  last: Number.NEGATIVE_INFINITY,
});

/** Counts one alert, which may have come before others that were counted. The number of types is bounded: producers choose them. */
export const fold = (
  into: Folded,
  { offset, time, severity, type, resolved, late }: FoldedAlert,
  maxTypes = MAX_FOLDED_TYPES,
): void => {
  into.count++;
  into.bySeverity[severity]++;
  if (resolved) into.resolved++;
  if (late) into.late++;
  if (time < into.first) into.first = time;
  if (time > into.last) into.last = time;
  const key = foldedType(type);
  const before = into.byType.get(key);
  if (before === undefined || offset < before.offset) {
    const since = resolved ? undefined : time;
    count(into, key, { count: 1, offset, since, worst: severity, afterResolved: resolved }, maxTypes);
    return;
  }
  // Nearly always, and in a storm for each alert: nothing is made anew.
  before.count++;
  before.offset = offset;
  if (resolved || before.since === undefined) {
    before.since = resolved ? undefined : time;
    before.worst = severity;
    before.afterResolved = true;
  } else {
    before.since = Math.min(before.since, time);
    before.worst = worse(before.worst, severity);
  }
};

/**
 * What both count. The last word on each type is exact. Since when it fires and how bad it is since then are so where the offsets of the two don't mix;
 * where they do, as near as the ends of both tell.
 */
export const addFold = (into: Folded, other: FoldedAlerts, maxTypes = MAX_FOLDED_TYPES): void => {
  into.count += other.count;
  for (const severity of SEVERITIES) into.bySeverity[severity] += other.bySeverity[severity];
  into.resolved += other.resolved;
  into.late += other.late;
  into.first = Math.min(into.first, other.first);
  into.last = Math.max(into.last, other.last);
  for (const [type, counted] of other.byType) count(into, type, counted, maxTypes);
  into.otherTypes += other.otherTypes;
  if (other.othersFiring !== undefined) othersFire(into, other.othersFiring);
};

/** Under what a type is counted: cut when it is very long; "" without one. */
export const foldedType = (type: string | undefined): string =>
  // A copy of its own: a slice would keep the whole of a long text.
  type === undefined ? "" : type.length <= MAX_TYPE_CHARS ? type : [...type.slice(0, MAX_TYPE_CHARS), "…"].join("");

export const MAX_FOLDED_TYPES = 100;
const MAX_TYPE_CHARS = 100;

const count = (into: Folded, type: string, counted: Readonly<FoldedType>, maxTypes: number): void => {
  const before = into.byType.get(type);
  if (before !== undefined) into.byType.set(type, joined(before, counted));
  else if (into.byType.size < maxTypes) into.byType.set(type, { ...counted });
  else {
    into.otherTypes += counted.count;
    if (counted.since !== undefined) othersFire(into, { since: counted.since, worst: counted.worst });
  }
};

const joined = (one: FoldedType, other: Readonly<FoldedType>): FoldedType => {
  const [before, after] = one.offset < other.offset ? [one, other] : [other, one];
  const count = one.count + other.count;
  if (after.since === undefined || after.afterResolved) return { ...after, count };
  if (before.since === undefined) return { ...after, count, afterResolved: true };
  return {
    count,
    offset: after.offset,
    since: Math.min(before.since, after.since),
    worst: worse(before.worst, after.worst),
    afterResolved: before.afterResolved,
  };
};

const othersFire = (into: Folded, { since, worst }: NonNullable<Folded["othersFiring"]>): void => {
  const before = into.othersFiring ?? { since, worst };
  into.othersFiring = { since: Math.min(before.since, since), worst: worse(before.worst, worst) };
};

const worse = (one: Severity, other: Severity): Severity => (isAtLeast(one, other) ? one : other);
