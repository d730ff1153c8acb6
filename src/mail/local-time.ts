/** Instants as a mail shows them. Asking `Intl` for every alert costs more than the rest of its line. */

import { zoneOf } from "../core/zone.js";

const MINUTE_MS = 60_000;
const QUARTER_HOUR_MS = 900_000;

export interface LocalTime {
  /** `2026-11-21 09:00:12` */
  format(ms: number): string;
  /** `2026-11-21T00:00:12.000Z`: ISO 8601 in UTC, whatever the time zone. */
  utc(ms: number): string;
  /** `Asia/Seoul, UTC+09:00` as it holds at that instant. */
  zone(ms: number): string;
}

/** Throws a RangeError when the IANA time zone is unknown. */
export function createLocalTime(timezone: string): LocalTime {
  const clocks = zoneOf(timezone);
  // Zones change their offset at full quarter hours only, and alerts of a mail lie close together.
  let knownQuarter = Number.NaN;
  let knownOffsetMs = 0;
  let knownMinute = Number.NaN;
  let knownPrefix = "";
  let knownUtcMinute = Number.NaN;
  let knownUtcPrefix = "";

  function offsetMs(ms: number): number {
    const quarter = Math.floor(ms / QUARTER_HOUR_MS);
    if (quarter !== knownQuarter) {
      knownOffsetMs = clocks.offsetMs(quarter * QUARTER_HOUR_MS);
      knownQuarter = quarter;
    }
    return knownOffsetMs;
  }

  return {
    format(ms) {
      const minute = Math.floor(ms / MINUTE_MS);
      if (minute !== knownMinute) {
        const iso = new Date(ms + offsetMs(ms)).toISOString();
        knownPrefix = `${iso.slice(0, 10)} ${iso.slice(11, 17)}`;
        knownMinute = minute;
      }
      return knownPrefix + two(Math.floor((ms - minute * MINUTE_MS) / 1_000));
    },
    utc(ms) {
      const minute = Math.floor(ms / MINUTE_MS);
      if (minute !== knownUtcMinute) {
        knownUtcPrefix = new Date(ms).toISOString().slice(0, -"12.000Z".length);
        knownUtcMinute = minute;
      }
      const rest = Math.floor(ms - minute * MINUTE_MS);
      return `${knownUtcPrefix}${two(Math.floor(rest / 1_000))}.${`${rest % 1_000}`.padStart(3, "0")}Z`;
    },
    zone(ms) {
      const minutes = Math.round(offsetMs(ms) / MINUTE_MS);
      const size = Math.abs(minutes);
      return `${timezone}, UTC${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
    },
  };
}

const two = (n: number): string => (n < 10 ? `0${n}` : `${n}`);
