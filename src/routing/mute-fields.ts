/** `until` and `during` of a route: their texts as values. Pure. */

import { MINUTES, WEEKDAYS } from "../core/weekly-hours.js";
import { perMinute, zoneOf } from "../core/zone.js";
import type { Checked } from "./checks.js";
import type { Mute, MuteHours } from "./mute.js";
import type { RouteEntry } from "./schema.js";

type During = Exclude<RouteEntry["during"], undefined | readonly unknown[]>;

/** ISO 8601 with an offset: without one nobody knows which moment it is. */
export const instantOf = (text: string): Checked<number> => {
  const wrong = (problem: string): Checked<number> => ({ ok: false, problem: `${JSON.stringify(text)} ${problem}` });
  const parts = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  if (parts === null) return wrong("is no moment");
  const [, day = "", time, offset] = parts;
  if (time === undefined) return wrong("has no time of day");
  if (offset === undefined) return wrong("does not say how far from UTC it is");
  const ms = Date.parse(text);
  // Some dates that no calendar has are taken for one of the next month.
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const exists = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
  return Number.isNaN(ms) || !exists ? wrong("is no moment that there is") : { ok: true, value: ms };
};

/** Minutes after midnight. */
export const minuteOf = (text: string, which: "from" | "to"): Checked<number> => {
  const parts = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(text);
  const minute = parts === null ? Number.NaN : Number(parts[1]) * 60 + Number(parts[2]);
  const most = which === "to" ? MINUTES : MINUTES - 1;
  return minute <= most
    ? { ok: true, value: minute }
    : { ok: false, problem: `${JSON.stringify(text)} is no time of day` };
};

/** Undefined: the route mutes nothing. Its texts were checked before. */
export const muteOf = ({ mute, only, until, during, match }: RouteEntry): Mute | undefined => {
  if (mute === undefined && only === undefined) return undefined;
  const hours = during === undefined ? [] : Array.isArray(during) ? during : [during];
  return {
    how: only ?? "mute",
    untilMs: until === undefined ? undefined : valid(instantOf(until)),
    during: hours.map(hoursOf),
    critical: [match?.severity ?? []].flat().includes("critical"),
  };
};

const hoursOf = ({ days, from, to, timezone }: During): MuteHours => ({
  days: new Set(days === undefined ? WEEKDAYS : [days].flat()),
  fromMinute: from === undefined ? 0 : valid(minuteOf(from, "from")),
  toMinute: to === undefined ? MINUTES : valid(minuteOf(to, "to")),
  zone: timezone === undefined ? undefined : perMinute(zoneOf(timezone)),
});

const valid = <T>(result: Checked<T>): T => {
  if (!result.ok) throw new Error(result.problem);
  return result.value;
};
