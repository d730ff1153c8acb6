import { CAPITAL_Z, COLON, POINT } from "./ascii.js";
import { isPossibleTime } from "./time.js";

/** An alert as producers write it, decoded and checked. Field meanings: docs/alert-record.md. */

export const SEVERITIES = ["info", "warning", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A severity at or above another. */
export const isAtLeast = (severity: Severity, least: Severity): boolean =>
  SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);

export const STATUSES = ["firing", "resolved"] as const;
export type Status = (typeof STATUSES)[number];

/** When the device saw it, in milliseconds; undefined where it does not say so with a time zone. Its clock may be wrong: `seenMs`. */
export function occurredMs(occurredAt: string | undefined): number | undefined {
  if (occurredAt === undefined) return undefined;
  return usualInstant(occurredAt) ?? anyInstant(occurredAt);
}

/** No device sees an alert so long after its record was written: such a clock is wrong. */
const AHEAD_MAX_MS = 24 * 60 * 60_000;

/**
 * When the device saw the alert, where it says so and can be right; else the record's event time. A mail that said "since 1970", or since next year,
 * would be wrong about the one thing that matters in it.
 */
export function seenMs(occurredAt: string | undefined, eventTimeMs: number): number {
  if (occurredAt === undefined) return eventTimeMs;
  const occurred = occurredMs(occurredAt);
  return occurred === undefined || isDoubtful(occurred, eventTimeMs) ? eventTimeMs : occurred;
}

/** The device names a time, and it cannot be: a mail shows it beside the record's. */
export function hasDoubtfulTime(occurredAt: string | undefined, eventTimeMs: number): boolean {
  if (occurredAt === undefined || isOfThatDay(occurredAt, eventTimeMs)) return false;
  const occurred = occurredMs(occurredAt);
  if (occurred !== undefined) return isDoubtful(occurred, eventTimeMs);
  const local = localTimeMs(occurredAt);
  // Wherever the device is.
  return local !== undefined && isDoubtful(local + ZONES_MS, eventTimeMs) && isDoubtful(local - ZONES_MS, eventTimeMs);
}

/** What the clock on the device's wall said, where it names no time zone; undefined: it does, or no time of day. */
export function localTime(occurredAt: string | undefined): string | undefined {
  return localTimeMs(occurredAt) === undefined ? undefined : occurredAt;
}

/**
 * Asked for each alert that is read, and nearly always true: a usual text of the record's day, or of the day before. Whatever time of day it says, if it says
 * one, is after 1999 and no day ahead.
 */
const isOfThatDay = (occurredAt: string, eventTimeMs: number): boolean => {
  if (!hasUsualForm(occurredAt) || !knowsDays(eventTimeMs)) return false;
  return occurredAt.startsWith(usualDays.today) || occurredAt.startsWith(usualDays.before);
};

/** The same of the text that stands there in bytes: of most alerts no text is made. */
export const isOfThatDayIn = (bytes: Uint8Array, from: number, to: number, eventTimeMs: number): boolean => {
  if (to - from !== USUAL_LENGTH || !knowsDays(eventTimeMs)) return false;
  if (bytes[from + 13] !== COLON || bytes[from + 16] !== COLON) return false;
  if (bytes[from + 19] !== POINT || bytes[from + 23] !== CAPITAL_Z) return false;
  return beginsWith(bytes, from, usualDays.today) || beginsWith(bytes, from, usualDays.before);
};

const beginsWith = (bytes: Uint8Array, from: number, text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text.charCodeAt(i)) return false;
  return true;
};

/** Whether `usualDays` are those of this moment now. */
const knowsDays = (eventTimeMs: number): boolean => {
  const day = Math.floor(eventTimeMs / DAY_MS);
  if (!(day > DAYS.first && day < DAYS.last)) return false;
  if (day !== usualDays.day) usualDays = { day, today: dayText(day), before: dayText(day - 1) };
  return true;
};

const dayText = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, "2026-11-21T".length);

/** How texts of the day that was asked for last begin, and of the day before. None begins so at first. */
let usualDays = { day: Number.NaN, today: "?", before: "?" };

const DAY_MS = 24 * 60 * 60_000;
/** Since 1970: 1 January 2000, and 1 January 10000, of which no usual text is. */
const DAYS = { first: 10_957, last: 2_932_897 };

/** As if it were UTC. */
const localTimeMs = (occurredAt: string | undefined): number | undefined => {
  if (occurredAt === undefined || !/^\d{4}-\d\d-\d\dT[\d:.,]{5,30}$/.test(occurredAt)) return undefined;
  return dateOf(`${occurredAt}Z`);
};

/** No clock is farther from UTC. */
const ZONES_MS = 14 * 60 * 60_000;

const isDoubtful = (occurred: number, eventTimeMs: number): boolean =>
  !isPossibleTime(occurred) || occurred > eventTimeMs + AHEAD_MAX_MS;

/** `Date` wants minutes in an offset, which PostgreSQL leaves out. */
const anyInstant = (text: string): number | undefined => {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d.{0,20}(Z|[+-]\d\d(:?\d\d)?)$/i.test(text)) return undefined;
  return dateOf(text.replace(/[+-]\d\d$/, "$&:00"));
};

/** `Date` wants a point where ISO 8601 also has a comma, and knows no leap second: that is the second after it, as POSIX counts. */
const dateOf = (text: string): number | undefined => {
  const isLeap = text.startsWith(":60", 16);
  const at = Date.parse((isLeap ? `${text.slice(0, 16)}:59${text.slice(19)}` : text).replace(",", "."));
  return Number.isNaN(at) ? undefined : at + (isLeap ? 1_000 : 0);
};

/** `2026-11-21T08:30:00.123Z`, by which most programs say it: read of every alert that is folded. Undefined: not so, or a day that not every month has. */
const usualInstant = (text: string): number | undefined => {
  if (!hasUsualForm(text)) return undefined;
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  const ms = digits(text, 20, 3);
  if (!(hour < 24 && minute < 60 && second < 60 && ms >= 0)) return undefined;
  const day = text.startsWith(usualDays.today) ? usualDays.day : usualDay(text);
  return day === undefined ? undefined : day * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1_000 + ms;
};

/** Since 1970. */
const usualDay = (text: string): number | undefined => {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const isUsual = year >= 1970 && year < 9999 && month >= 1 && month <= 12 && day >= 1 && day <= 28;
  return isUsual ? Date.UTC(year, month - 1, day) / DAY_MS : undefined;
};

const USUAL_LENGTH = "2026-11-21T08:30:00.123Z".length;

/** Its marks; what stands between them need be no digits. */
const hasUsualForm = (text: string): boolean =>
  text.length === USUAL_LENGTH &&
  text[4] === "-" &&
  text[7] === "-" &&
  text[10] === "T" &&
  text[13] === ":" &&
  text[16] === ":" &&
  text[19] === "." &&
  text[23] === "Z";

/** NaN where one of them is none. */
const digits = (text: string, from: number, count: number): number => {
  let value = 0;
  for (let at = from; at < from + count; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
};

/** The fields of a record, in the order in which people read about them. */
export const ALERT_FIELDS = [
  "deviceId",
  "message",
  "deviceName",
  "severity",
  "status",
  "type",
  "value",
  "threshold",
  "unit",
  "occurredAt",
  "alertId",
  "labels",
] as const;

export interface Alert {
  readonly deviceId: string;
  readonly message: string;
  readonly deviceName?: string | undefined;
  readonly severity: Severity;
  readonly status: Status;
  readonly type?: string | undefined;
  readonly value?: number | undefined;
  readonly threshold?: number | undefined;
  readonly unit?: string | undefined;
  /** ISO 8601; without an offset where the producer named none. */
  readonly occurredAt?: string | undefined;
  readonly alertId?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** What could not be read, as it was written, cut where it is long; absent: nothing. */
  readonly asWritten?: AsWritten | undefined;
  /** What was too long to be kept whole; absent: nothing. */
  readonly cut?: CutFields | undefined;
}

/** Texts that are cut where they are very long, and labels. */
export const CUT_FIELDS = ["message", "deviceName", "type", "unit", "alertId", "labels"] as const;
/** Of a text how long it was, in UTF-16 units; of labels how many are cut or missing. */
export type CutFields = Readonly<Partial<Record<(typeof CUT_FIELDS)[number], number>>>;

/** Fields that are more than a text, in the order in which a mail names them. */
export const WRITTEN_FIELDS = ["severity", "status", "value", "threshold", "occurredAt", "labels"] as const;
export type WrittenField = (typeof WRITTEN_FIELDS)[number];
export type AsWritten = Readonly<Partial<Record<WrittenField, string>>>;

/** Largest value that is read as an alert, in bytes. */
export const MAX_VALUE_BYTES = 1024 * 1024;

/** Why a larger one is a dead letter. */
export const tooLarge = (bytes: number): string => `the value has ${bytes} bytes, at most ${MAX_VALUE_BYTES} are read`;
