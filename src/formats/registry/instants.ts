import type { Whole } from "./cursor.js";

/** Times and amounts of schemas as the text that an alert has: ISO 8601, decimal digits. One that no calendar has stays the number it is. */

/** Units of a time since 1970, by how many of them a second has. */
export type PerSecond = 1_000 | 1_000_000 | 1_000_000_000;

/** `2026-11-21T00:00:12.345Z`. `zone`: `Z`, or nothing for a local time. */
export const instantText = (value: Whole, perSecond: PerSecond, zone: "Z" | ""): Whole => {
  if (typeof value === "number" && perSecond === 1_000) return isoText(value, zone) ?? value;
  const units = BigInt(value);
  const perMs = BigInt(perSecond / 1_000);
  const ms = floorDivided(units, perMs);
  const iso = isoText(Number(ms), "");
  if (iso === undefined) return value;
  const below = units - ms * perMs;
  return `${iso}${below === 0n ? "" : String(below).padStart(String(perMs).length - 1, "0")}${zone}`;
};

const isoText = (ms: number, zone: "Z" | ""): string | undefined =>
  ms >= YEAR_0_MS && ms <= YEAR_9999_MS ? new Date(ms).toISOString().slice(0, -1) + zone : undefined;

const floorDivided = (value: bigint, by: bigint): bigint => (value - (((value % by) + by) % by)) / by;

const YEAR_0_MS = Date.parse("0000-01-01T00:00:00.000Z");
const YEAR_9999_MS = Date.parse("9999-12-31T23:59:59.999Z");
const DAY_MS = 24 * 60 * 60_000;

/** Days since 1970 as `2026-11-21`. */
export const dateText = (days: Whole): Whole => {
  const iso = isoText(Number(days) * DAY_MS, "");
  return iso === undefined ? days : iso.slice(0, 10);
};

/** A time of day as `08:30:00.123`. */
export const timeOfDayText = (value: Whole, perSecond: PerSecond): Whole => {
  const units = Number(value);
  if (!(units >= 0 && units < 86_400 * perSecond)) return value;
  const seconds = Math.floor(units / perSecond);
  const [hour, minute, second] = [seconds / 3_600, (seconds / 60) % 60, seconds % 60].map((part) =>
    String(Math.floor(part)).padStart(2, "0"),
  );
  const below = String(units % perSecond).padStart(String(perSecond).length - 1, "0");
  return `${hour}:${minute}:${second}.${below}`;
};

/** Two's complement, the highest byte first, with so many digits after the point. */
export const decimalText = (bytes: Uint8Array, scale: number): string => {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
  const unscaled = bytes.length === 0 ? 0n : BigInt.asIntN(8 * bytes.length, BigInt(`0x${hex}`));
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  return `${unscaled < 0n ? "-" : ""}${whole}${scale === 0 ? "" : `.${digits.slice(-scale)}`}`;
};

/** A span as ISO 8601: Avro's `duration` has months, days and milliseconds. */
export const durationText = (months: number, days: number, milliseconds: number): string =>
  `P${months}M${days}DT${milliseconds / 1_000}S`;
