/** Instants as a mail shows them. Asking `Intl` for every alert costs more than the rest of its line. */

const QUARTER_HOUR_MS = 900_000;

export interface LocalTime {
  /** `2026-11-21 09:00:12` */
  format(ms: number): string;
  /** `Asia/Seoul, UTC+09:00` as it holds at that instant. */
  zone(ms: number): string;
}

/** Throws a RangeError when the IANA time zone is unknown. */
export function createLocalTime(timezone: string): LocalTime {
  const formatter = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  // Zones change their offset at full quarter hours only, and alerts of a mail lie close together.
  let knownQuarter = Number.NaN;
  let knownOffsetMs = 0;

  function offsetMs(ms: number): number {
    const quarter = Math.floor(ms / QUARTER_HOUR_MS);
    if (quarter !== knownQuarter) {
      const at = quarter * QUARTER_HOUR_MS;
      const part = new Map(formatter.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
      const of = (type: Intl.DateTimeFormatPartTypes) => part.get(type) ?? 0;
      knownOffsetMs = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second")) - at;
      knownQuarter = quarter;
    }
    return knownOffsetMs;
  }

  return {
    format(ms) {
      const iso = new Date(ms + offsetMs(ms)).toISOString();
      return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
    },
    zone(ms) {
      const minutes = Math.round(offsetMs(ms) / 60_000);
      const size = Math.abs(minutes);
      const two = (n: number) => String(n).padStart(2, "0");
      return `${timezone}, UTC${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
    },
  };
}
