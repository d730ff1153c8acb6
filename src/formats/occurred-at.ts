/**
 * When the device saw it, in whatever way it says so. The result is ISO 8601, with an offset where the record names one; a time without one stays without,
 * for nobody knows whose clock it is. A zone's name behind an offset, as Java writes it (RFC 9557), says no more than the offset.
 */

const DATE = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const CLOCK = String.raw`(?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:[.,]\d+)?)?|24:00(?::00(?:[.,]0+)?)?`;
const OFFSET = String.raw`[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?`;

/** A date, or a date and a time, as RFC 3339 and its users write it: with `T` or a blank between, with or without an offset. */
const ISO_8601 = new RegExp(String.raw`^(${DATE})(?:[Tt ](${CLOCK})(?: ?([Zz]|${OFFSET})(?:\[[\w/+-]{1,64}\])?)?)?$`);

const DOCUMENTED = new RegExp(`^${DATE}T(?:${CLOCK})(?:Z|${OFFSET})$`);

/** ISO 8601 with an offset. */
export const isDocumentedTime = (text: string): boolean => DOCUMENTED.test(text) && isInCalendar(text);

/** The same without colons and dashes, as MQTT gateways write it: `20261121T083000Z`. */
const BASIC = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(?:(\d\d)([.,]\d+)?)?([Zz]|[+-]\d{2}(?::?\d{2})?)?$/;

/** Undefined: it is no time. */
export const readTime = (written: unknown): string | undefined => {
  if (typeof written === "number") return epochTime(written);
  if (typeof written === "bigint") return epochTime(Number(written));
  if (Array.isArray(written)) return listedTime(written);
  if (typeof written !== "string") return undefined;
  const text = written.trim();
  if (/^-?\d{1,20}(\.\d{1,20})?$/.test(text)) return epochTime(Number(text));
  const parts = ISO_8601.exec(text.replace(BASIC, extended));
  if (parts === null) return undefined;
  const [, date = "", time, offset = ""] = parts;
  if (!isInCalendar(date)) return undefined;
  return time === undefined ? date : `${date}T${time}${offset.toUpperCase()}`;
};

const extended = (...[, year, month, day, hour, minute, second = "00", fraction = "", offset = ""]: string[]): string =>
  `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${offset}`;

/** Each unit where its numbers lie between about 1966 and 2286; seconds from 1653 on, for 0 and its neighbours are what a clock says that was never set. */
const epochTime = (value: number): string | undefined => {
  const size = Math.abs(value);
  // 20261121: a date, which as seconds would be a day of 1970.
  if (value >= 20_000_101 && value <= 20_991_231 && Number.isInteger(value)) return undefined;
  if (size < 1e10) return instant(value * 1e3);
  if (size >= 1e11 && size < 1e13) return instant(value);
  if (size >= 1e14 && size < 1e16) return instant(value / 1e3);
  if (size >= 1e17 && size < 1e19) return instant(value / 1e6);
  return undefined;
};

/** A thousandth of a millisecond: what a time in seconds loses as a floating-point number. */
const instant = (ms: number): string => new Date(Math.floor(ms + 1e-3)).toISOString();

/** `[y,M,d,h,m,s,ns]`, as Jackson writes a local time; it leaves out seconds and nanoseconds that are 0. */
const listedTime = (parts: readonly unknown[]): string | undefined => {
  if (parts.length < 5 || parts.length > 7) return undefined;
  if (!parts.every((part) => Number.isInteger(part) && (part as number) >= 0)) return undefined;
  const [year, month, day, hour, minute, second = 0, nanos = 0] = parts as number[];
  if (nanos > 999_999_999) return undefined;
  const two = (part: number | undefined): string => String(part).padStart(2, "0");
  const fraction = nanos === 0 ? "" : `.${String(nanos).padStart(9, "0").replace(/0+$/, "")}`;
  const text = `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${fraction}`;
  return ISO_8601.test(text) && isInCalendar(text) ? text : undefined;
};

/** Of a text that begins with a date: the month has that day. `Date` makes 2 March of 30 February. */
const isInCalendar = (text: string): boolean => {
  const day = Number(text.slice(8, 10));
  return day <= 28 || new Date(`${text.slice(0, 10)}T00:00Z`).getUTCDate() === day;
};
