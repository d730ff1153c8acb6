/** Numbers, durations and times in the reader's language and time zone. */

/** The first one is for readers of any other language. */
export const LANGUAGES = ["en", "ko"] as const;
export type Language = (typeof LANGUAGES)[number];

export interface Format {
  number(value: number | null): string;
  /** Seconds as a duration of two units at most. */
  duration(seconds: number | null): string;
  /** What is left, in whole seconds: it changes once a second. */
  countdown(seconds: number): string;
  /** One attempt of a mail: milliseconds matter. */
  latency(seconds: number): string;
  bytes(value: number): string;
  /** Time of day, with the date when it is not today's. */
  time(iso: string | Date): string;
  /** Partition numbers, runs joined: `0–3, 7`; a long list is cut. */
  numbers(values: readonly number[]): string;
  list(values: readonly string[]): string;
}

const UNKNOWN = "?";
const RANGE: Readonly<Record<Language, string>> = { en: "–", ko: "~" };
const RUNS_MAX = 12;
type Unit = "day" | "hour" | "minute" | "second" | "millisecond";
const UNITS: Readonly<Record<Language, Readonly<Record<Unit, string>>>> = {
  en: { day: " d", hour: " h", minute: " min", second: " s", millisecond: " ms" },
  ko: { day: "일", hour: "시간", minute: "분", second: "초", millisecond: "ms" },
};

/** `timeZone` and `today` are for tests. */
export const createFormat = (
  language: Language,
  { timeZone, now = () => new Date() }: { readonly timeZone?: string; readonly now?: () => Date } = {},
): Format => {
  const units = UNITS[language];
  const plain = new Intl.NumberFormat(language);
  const tenths = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const hundredths = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const zone = timeZone === undefined ? {} : { timeZone };
  const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", ...zone } as const;
  const timeOnly = new Intl.DateTimeFormat(language, clock);
  const dateAndTime = new Intl.DateTimeFormat(language, { month: "short", day: "numeric", ...clock });
  const day = new Intl.DateTimeFormat("en-CA", zone);
  const two = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
    small === 0 ? `${plain.format(big)}${bigUnit}` : `${plain.format(big)}${bigUnit} ${small}${smallUnit}`;

  return {
    number: (value) => (value === null ? UNKNOWN : plain.format(value)),
    duration(seconds) {
      if (seconds === null) return UNKNOWN;
      if (seconds < 9.95) return `${tenths.format(seconds)}${units.second}`;
      const whole = Math.round(seconds);
      if (whole < 120) return `${whole}${units.second}`;
      const minutes = Math.floor(whole / 60);
      if (minutes < 120) return two(minutes, units.minute, whole % 60, units.second);
      const hours = Math.floor(minutes / 60);
      if (hours < 48) return two(hours, units.hour, minutes % 60, units.minute);
      return two(Math.floor(hours / 24), units.day, hours % 24, units.hour);
    },
    countdown: (seconds) => `${plain.format(Math.ceil(seconds))}${units.second}`,
    latency: (seconds) =>
      seconds < 1
        ? `${Math.round(seconds * 1_000)}${units.millisecond}`
        : `${hundredths.format(seconds)}${units.second}`,
    bytes: (value) => {
      const mega = value / 1_048_576;
      return `${(mega < 9.95 ? tenths : plain).format(mega < 9.95 ? mega : Math.round(mega))} MB`;
    },
    time(iso) {
      const at = new Date(iso);
      if (Number.isNaN(at.getTime())) return UNKNOWN;
      return (day.format(at) === day.format(now()) ? timeOnly : dateAndTime).format(at);
    },
    numbers(values) {
      const runs: [number, number][] = [];
      for (const value of values) {
        const last = runs.at(-1);
        if (last && last[1] + 1 === value) last[1] = value;
        else runs.push([value, value]);
      }
      const shown = runs
        .slice(0, RUNS_MAX)
        .map(([from, to]) => (from === to ? `${from}` : `${from}${RANGE[language]}${to}`));
      return shown.join(", ") + (runs.length > RUNS_MAX ? ", …" : "");
    },
    // Not Intl.ListFormat: in Korean it puts a blank alone between them.
    list: (values) => values.join(", "),
  };
};
