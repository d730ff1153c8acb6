/** How far a time zone's clocks are from UTC. */

export interface Zone {
  /** What its clocks show at `ms`, minus `ms`; in milliseconds. */
  offsetMs(ms: number): number;
}

/** Throws a RangeError when the IANA time zone is unknown. */
export const zoneOf = (timezone: string): Zone => {
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
  return {
    offsetMs(ms) {
      const second = Math.floor(ms / 1_000) * 1_000;
      const parts = new Map(formatter.formatToParts(second).map(({ type, value }) => [type, Number(value)]));
      const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
      return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second")) - second;
    },
  };
};

/** The same, asked once for each minute in a row: no zone changes its clocks within one. */
export const perMinute = (zone: Zone): Zone => {
  let minute = Number.NaN;
  let offsetMs = 0;
  return {
    offsetMs(ms) {
      const asked = Math.floor(ms / 60_000);
      if (asked !== minute) {
        offsetMs = zone.offsetMs(ms);
        minute = asked;
      }
      return offsetMs;
    },
  };
};
