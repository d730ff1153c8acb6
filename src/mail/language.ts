/** In which words, in which time zone and with which numbers a mail is written. */

import { zoneOf } from "../core/zone.js";
import type { MailTexts } from "./texts.js";

export interface Language {
  readonly texts: MailTexts;
  readonly localTime: LocalTime;
  readonly numbers: Numbers;
}

// Measurements as a language writes them: its decimal mark, its grouping of long whole parts, and every digit that somebody wrote.

interface Numbers {
  format(value: number): string;
}

/** `lang`: BCP 47. `Intl` is asked once, for its marks: it would round, and costs more than the rest of an alert's line. */
export function createNumbers(lang: string): Numbers {
  const parts = new Intl.NumberFormat(lang, { numberingSystem: "latn", useGrouping: true }).formatToParts(1_234_567.8);
  const of = (type: Intl.NumberFormatPartTypes, otherwise: string) =>
    parts.find((part) => part.type === type)?.value ?? otherwise;
  const decimal = of("decimal", ".");
  const group = of("group", "");

  return {
    format(value) {
      // The shortest text that reads back as the same number; very small and very large ones have an exponent.
      const exact = String(value);
      const text = exact.length <= SHORT || Number.isInteger(value) ? exact : withoutNoise(value, exact);
      if (decimal === "." && value > -10_000 && value < 10_000) return text;
      const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
      if (match === null) return decimal === "." ? text : text.replace(".", decimal);
      const [, sign = "", whole = "", fraction] = match;
      return sign + grouped(whole, group) + (fraction === undefined ? "" : decimal + fraction);
    },
  };
}

/**
 * Nobody wrote `31.599999999999998`: it is 31.4 + 0.2 in binary, and `36.20000076293945` a sensor's 36.2 in 32 bits. What is as near to it, and far
 * shorter, was meant. Digits that somebody did write are hardly ever so many zeros or nines.
 */
function withoutNoise(value: number, text: string): string {
  for (const digits of Math.fround(value) === value ? [6, 7, 8, 9] : [15]) {
    const rounded = Number(value.toPrecision(digits));
    const isMeant = digits === 15 || Math.fround(rounded) === value;
    const shorter = String(rounded);
    if (isMeant && text.length - shorter.length >= NOISE_DIGITS) return shorter;
  }
  return text;
}

/** Neither has room for noise in so few characters. */
const SHORT = 9;
const NOISE_DIGITS = 4;

/** Four digits stay together: they are read at a glance, and may be a year or a code. */
function grouped(whole: string, mark: string): string {
  return whole.length < 5 ? whole : whole.replace(/\B(?=(\d{3})+$)/g, mark);
}

// Instants as a mail shows them. Asking `Intl` for every alert costs more than the rest of its line.

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
