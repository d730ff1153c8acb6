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
  const occurred = occurredMs(occurredAt);
  return occurred === undefined || isDoubtful(occurred, eventTimeMs) ? eventTimeMs : occurred;
}

/** The device names a time, and it cannot be: a mail shows it beside the record's. */
export function hasDoubtfulTime(occurredAt: string | undefined, eventTimeMs: number): boolean {
  const occurred = occurredMs(occurredAt);
  return occurred !== undefined && isDoubtful(occurred, eventTimeMs);
}

const isDoubtful = (occurred: number, eventTimeMs: number): boolean =>
  !isPossibleTime(occurred) || occurred > eventTimeMs + AHEAD_MAX_MS;

const anyInstant = (text: string): number | undefined => {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d.{0,20}(Z|[+-]\d\d:?\d\d)$/i.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
};

/** `2026-11-21T08:30:00.123Z`, by which most programs say it: read of every alert that is folded. Undefined: not so, or a day that not every month has. */
const usualInstant = (text: string): number | undefined => {
  if (text.length !== 24 || text[4] !== "-" || text[7] !== "-" || text[10] !== "T" || text[23] !== "Z")
    return undefined;
  if (text[13] !== ":" || text[16] !== ":" || text[19] !== ".") return undefined;
  const [year, month, day] = [digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2)];
  const [hour, minute, second] = [digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2)];
  const isUsual =
    year >= 1970 &&
    year < 9999 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= 28 &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  const at = isUsual ? Date.UTC(year, month - 1, day, hour, minute, second, digits(text, 20, 3)) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
};

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
  /** ISO 8601, as the producer wrote it. */
  readonly occurredAt?: string | undefined;
  readonly alertId?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}
