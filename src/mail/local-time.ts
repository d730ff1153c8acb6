/** Instants as a mail shows them. Asking `Intl` for every alert costs more than the rest of its line. */

import { zoneOf } from "../core/zone.js";

const MINUTE_MS = 60_000;
const QUARTER_HOUR_MS = 900_000;

export interface LocalTime {
  /** `2026-11-21 09:00:12` */
  format(ms: number): string;
  /** `2026-11-21T00:00:12.000Z`: ISO 8601 in UTC, whatever the time zone. */
  utc(ms: number): string;
  /** `Sat, 21 Nov 2026 09:00:12 +0900` (RFC 5322 section 3.3). */
  header(ms: number): string;
  /** `20261121T090012+0900`: ISO 8601, without what a file's name must not have. */
  compact(ms: number): string;
  /** `Asia/Seoul, UTC+09:00` as it holds at that instant; `names`: what a language calls zones. */
  zone(ms: number, names?: Readonly<Record<string, string>>): string;
}

/** Throws a RangeError when the IANA time zone is unknown. */
export function createLocalTime(timezone: string): LocalTime {
  const clocks = zoneOf(timezone);
  // Zones change their offset at full quarter hours only. Mails of many devices at once tell of the same minutes.
  const offsetOf = remembered((quarter) => clocks.offsetMs(quarter * QUARTER_HOUR_MS));
  const offsetMs = (ms: number): number => offsetOf(Math.floor(ms / QUARTER_HOUR_MS));
  const localMinute = remembered((minute) => {
    const ms = minute * MINUTE_MS;
    const iso = new Date(ms + offsetMs(ms)).toISOString();
    return `${iso.slice(0, 10)} ${iso.slice(11, 17)}`;
  });
  const utcMinute = remembered((minute) => new Date(minute * MINUTE_MS).toISOString().slice(0, -"12.000Z".length));

  const format = (ms: number): string => {
    const minute = Math.floor(ms / MINUTE_MS);
    return localMinute(minute) + two(Math.floor((ms - minute * MINUTE_MS) / 1_000));
  };
  /** `+09:00`, the colon or what stands for it. */
  const offset = (ms: number, colon: string): string => {
    const minutes = Math.round(offsetMs(ms) / MINUTE_MS);
    const size = Math.abs(minutes);
    return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}${colon}${two(size % 60)}`;
  };

  return {
    format,
    // Mails of one window have the same one.
    header: remembered((ms) => {
      const local = new Date(`${format(ms).replace(" ", "T")}Z`);
      return `${local.toUTCString().replace(" GMT", "")} ${offset(ms, "")}`;
    }),
    compact: (ms) => format(ms).replace(" ", "T").replace(/[-:]/g, "") + offset(ms, ""),
    utc(ms) {
      const minute = Math.floor(ms / MINUTE_MS);
      const rest = Math.floor(ms - minute * MINUTE_MS);
      return `${utcMinute(minute)}${two(Math.floor(rest / 1_000))}.${`${rest % 1_000}`.padStart(3, "0")}Z`;
    },
    zone: (ms, names = {}) => `${names[timezone] ?? timezone}, UTC${offset(ms, ":")}`,
  };
}

/** The same, asked once for each of the last few. */
function remembered<Value>(of: (at: number) => Value): (at: number) => Value {
  const known = new Map<number, Value>();
  return (at) => {
    let value = known.get(at);
    if (value === undefined) {
      value = of(at);
      if (known.size >= REMEMBERED_MAX) known.clear();
      known.set(at, value);
    }
    return value;
  };
}

/** Of minutes, and of quarter hours. */
const REMEMBERED_MAX = 500;

const two = (n: number): string => (n < 10 ? `0${n}` : `${n}`);
