/**
 * Hours that come again each week, as the clocks of a zone show them: an hour that the clocks skip is in none, one that they show twice is in both times.
 * Pure.
 */

import type { Zone } from "./zone.js";

/** As `days` of a file names them; the order is that of `Date`'s days, from Sunday on. */
export const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface WeeklyHours {
  /** On which they begin. */
  readonly days: ReadonlySet<Weekday>;
  /** Minutes after midnight; `toMinute` is not part of them. Where it is not later than `fromMinute`, they end on the next day. */
  readonly fromMinute: number;
  readonly toMinute: number;
}

export const isWithinHours = ({ days, fromMinute, toMinute }: WeeklyHours, ms: number, zone: Zone): boolean => {
  const local = ms + zone.offsetMs(ms);
  const minute = Math.floor(local / MINUTE_MS) - Math.floor(local / DAY_MS) * MINUTES;
  const today = weekdayOf(local);
  if (fromMinute < toMinute) return days.has(today) && minute >= fromMinute && minute < toMinute;
  return (days.has(today) && minute >= fromMinute) || (days.has(weekdayOf(local - DAY_MS)) && minute < toMinute);
};

/** Of midnight, 1 January 1970, it is Thursday. */
const weekdayOf = (local: number): Weekday => {
  const day = (Math.floor(local / DAY_MS) + 4) % 7;
  return WEEKDAYS[day < 0 ? day + 7 : day] as Weekday;
};

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Of a day. */
export const MINUTES = 1_440;
