/**
 * When the daily report is due, and which time it covers: from the last report time to this one. A day of 23 or 25 hours is covered as it is.
 *
 * A report time is the first instant at which the clocks of the zone show that time of that date, or a later one. So it is there exactly once a day:
 * where the clocks skip it, when they have jumped; where they show it twice, the first time. A date that a zone skipped altogether (Samoa, 30 December
 * 2011) has none.
 */

import type { Zone } from "./zone.js";

export interface ReportSchedule {
  /** Minutes after midnight, in `zone`. */
  readonly atMinute: number;
  readonly zone: Zone;
}

/** One report: what happened in `[fromMs, toMs)`, due at `toMs`. */
export interface ReportPeriod {
  /** The date it is due on, in the zone: `2026-11-21`. With the group, it names the report. */
  readonly day: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The last report that was due at `nowMs` or before. */
export const lastDue = (nowMs: number, schedule: ReportSchedule): ReportPeriod => {
  let date = localDate(nowMs, schedule.zone);
  while (!exists(date, schedule.zone) || dueAt(date, schedule) > nowMs) date -= DAY_MS;
  let before = date - DAY_MS;
  while (!exists(before, schedule.zone)) before -= DAY_MS;
  return {
    day: new Date(date).toISOString().slice(0, 10),
    fromMs: dueAt(before, schedule),
    toMs: dueAt(date, schedule),
  };
};

/** When the first report after `nowMs` is due. */
export const nextDueMs = (nowMs: number, schedule: ReportSchedule): number => {
  let date = localDate(nowMs, schedule.zone);
  while (!exists(date, schedule.zone) || dueAt(date, schedule) <= nowMs) date += DAY_MS;
  return dueAt(date, schedule);
};

/** A date is the midnight of the same date in UTC. */
const localDate = (ms: number, zone: Zone): number => Math.floor((ms + zone.offsetMs(ms)) / DAY_MS) * DAY_MS;

const dueAt = (date: number, { atMinute, zone }: ReportSchedule): number =>
  firstShowing(date + atMinute * MINUTE_MS, zone);

const exists = (date: number, zone: Zone): boolean => firstShowing(date, zone) < firstShowing(date + DAY_MS, zone);

/** The first instant at which the clocks show `local` (as if it were UTC) or later. */
const firstShowing = (local: number, zone: Zone): number => {
  // No zone is further than this from UTC, and none changes its clocks twice in so short a time.
  const offsets = [-FURTHEST_MS, 0, FURTHEST_MS].map((ms) => zone.offsetMs(local + ms));
  const last = local - Math.min(...offsets);
  // Before this the clocks cannot show it. Clocks are changed at full minutes.
  for (let at = local - Math.max(...offsets); at < last; at += MINUTE_MS)
    if (at + zone.offsetMs(at) >= local) return at;
  return last;
};

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const FURTHEST_MS = 16 * 3_600_000;
