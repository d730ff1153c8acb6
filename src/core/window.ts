import { isAtLeast, SEVERITIES, type Severity } from "./alert.js";
import type { HoldId } from "./commit-frontier.js";
import type { Recipients } from "./delivered.js";
import type { EventTime } from "./time.js";
import type { Windows } from "./windows.js";

declare const windowId: unique symbol;

/** A window of a partition; given to another one once it is settled and its bucket is closed. */
export type WindowId = number & { readonly [windowId]: true };

export const NO_WINDOW = 0 as WindowId;

/** All windows of a partition that start at the same instant. */
export interface Bucket {
  readonly start: EventTime;
  /** Its place among the buckets that there are. */
  readonly number: number;
  /** The windows opened, in that order, each leading to the next; the ones closed early stay in it until the others close. */
  firstOpened: WindowId;
  lastOpened: WindowId;
  /** Windows opened and not settled. */
  unsettled: number;
  /** Of them, those whose mail only waits for recipients that are behind. */
  passed: number;
  /** Of the others, those that are closed and tell nothing new (`HeldWindows`). */
  repeating: number;
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
 * `held`: closed, and kept back because it tells nothing new. `passed`: some recipients have it, and the others get it by and by; the device's next windows
 * do not wait for that.
 */
export type WindowState = "open" | "closed" | "held" | "mailing" | "passed" | "settled";

/** A window, for whoever looks at one. Valid until it is settled; what never changes of it is valid for ever. */
export class Window {
  readonly id: WindowId;
  readonly deviceId: string;
  readonly bucket: Bucket;
  /** Its hold in the commit frontier. */
  readonly hold: HoldId;
  readonly #windows: Windows;
  #deliveredAtEnd: Recipients | undefined;

  constructor(windows: Windows, id: WindowId) {
    this.id = id;
    this.deviceId = windows.devices.idOf(windows.deviceOf(id));
    this.bucket = windows.bucketOf(id);
    this.hold = windows.holdOf(id);
    this.#windows = windows;
  }

  /** It needs nothing more. Who had it is known still. */
  settle(): void {
    this.#deliveredAtEnd = this.delivered;
    this.#windows.settle(this.id);
  }

  get state(): WindowState {
    return this.#windows.stateOf(this.id);
  }

  /** Who has exactly its alerts already. */
  get delivered(): Recipients {
    return this.#deliveredAtEnd ?? this.#windows.deliveredTo(this.id);
  }

  get listed(): number {
    return this.#windows.listedIn(this.id);
  }

  /** How many alerts it has. */
  get alerts(): number {
    return this.#windows.alertsIn(this.id);
  }

  /** All its alerts counted, where they are more than a mail lists. */
  get all(): Folded | undefined {
    return this.#windows.fullOf(this.id)?.all;
  }

  get redrives(): number {
    return this.#windows.redrivesOf(this.id);
  }

  /** Has a critical alert. */
  get critical(): boolean {
    return this.#windows.has(this.id, IS_CRITICAL);
  }

  /** Closed, and tells nothing new. */
  get repeats(): boolean {
    return this.#windows.has(this.id, IS_REPEAT);
  }

  /** No part of the service level: it tells nothing new; or, read again after a restart, it may have been held before, and nobody knows. */
  get isUntimed(): boolean {
    return this.repeats || (this.#windows.has(this.id, WAS_COUNTED) && !this.#windows.has(this.id, HAS_NEWS));
  }
}

/** What may be true of a window. */
export const IS_CRITICAL = 8;
export const IS_LATE_BY_WALL_CLOCK = 16;
export const HAS_NEWS = 64;
export const IS_REPEAT = 128;
/** With `REPEAT_INTERVALS`: has an alert that was read before a restart already, and may have told something new then. */
export const WAS_COUNTED = 256;

export const isEarlyPart = ({ bucket, deviceId, hold }: Pick<Window, "bucket" | "deviceId" | "hold">): boolean =>
  bucket.early !== undefined && bucket.early.get(deviceId)?.hold === hold;

/** What alerts come to, where not all of them are kept. */
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

/** What a type's alerts come to, in offset order. */
export interface LastWord {
  /** Of the last one. */
  readonly offset: number;
  /** When the type's first alert was seen since it was last resolved; undefined: the last one resolved it. */
  readonly since: number | undefined;
  /** Of those since then. */
  readonly worst: Severity;
  /** The offset of the last one that resolved it: what was before has no part in `since` and `worst`. Undefined: none did. */
  readonly resolvedAt: number | undefined;
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
    count(into, key, { count: 1, offset, since, worst: severity, resolvedAt: resolved ? offset : undefined }, maxTypes);
    return;
  }
  // Nearly always, and in a storm for each alert: nothing is made anew.
  before.count++;
  before.offset = offset;
  if (resolved) before.resolvedAt = offset;
  if (resolved || before.since === undefined) {
    before.since = resolved ? undefined : time;
    before.worst = severity;
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
export const MAX_TYPE_CHARS = 100;

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
  if (after.since === undefined || after.resolvedAt !== undefined) return { ...after, count };
  if (before.since === undefined) return { ...after, count, resolvedAt: before.resolvedAt };
  return {
    count,
    offset: after.offset,
    since: Math.min(before.since, after.since),
    worst: worse(before.worst, after.worst),
    resolvedAt: before.resolvedAt,
  };
};

const othersFire = (into: Folded, { since, worst }: NonNullable<Folded["othersFiring"]>): void => {
  const before = into.othersFiring ?? { since, worst };
  into.othersFiring = { since: Math.min(before.since, since), worst: worse(before.worst, worst) };
};

const worse = (one: Severity, other: Severity): Severity => (isAtLeast(one, other) ? one : other);
