import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isWithinHours, MINUTES, WEEKDAYS, type WeeklyHours } from "#src/core/weekly-hours.js";
import { perMinute, zoneOf } from "#src/core/zone.js";
import { checkProperty } from "#test/support/property.js";

const hours = (days: string, from: string, to: string): WeeklyHours => {
  const minute = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  const named = new Set(days.split(" "));
  return { days: new Set(WEEKDAYS.filter((day) => named.has(day))), fromMinute: minute(from), toMinute: minute(to) };
};

const within = (of: WeeklyHours, zone: string, ...times: readonly string[]): readonly boolean[] =>
  times.map((time) => isWithinHours(of, Date.parse(time), zoneOf(zone)));

test("hours of a day are those of the zone's clocks: the first minute is in, the last one is not", () => {
  // 21 November 2026 is a Saturday; Seoul is nine hours ahead.
  const office = hours("sat", "09:00", "18:00");
  const times = ["2026-11-20T23:59:59Z", "2026-11-21T00:00:00Z", "2026-11-21T08:59:59Z", "2026-11-21T09:00:00Z"];
  assert.deepEqual(within(office, "Asia/Seoul", ...times), [false, true, true, false]);
  assert.deepEqual(within(hours("sun", "09:00", "18:00"), "Asia/Seoul", ...times), [false, false, false, false]);
});

test("hours over midnight belong to the day on which they begin", () => {
  const night = hours("mon", "22:00", "06:00");
  // Monday is the 23rd.
  assert.deepEqual(
    within(
      night,
      "UTC",
      "2026-11-23T05:00:00Z",
      "2026-11-23T22:00:00Z",
      "2026-11-24T05:59:59Z",
      "2026-11-24T06:00:00Z",
    ),
    [false, true, true, false],
  );
  assert.deepEqual(within(night, "UTC", "2026-11-24T22:00:00Z"), [false]);
});

test("an hour that the clocks skip is in none, one that they show twice is in both times", () => {
  // Amsterdam skips 02:00 to 03:00 on 29 March 2026, and shows it twice on 25 October; both are Sundays.
  const skipped = hours("sun", "02:00", "03:00");
  assert.deepEqual(within(skipped, "Europe/Amsterdam", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z"), [false, false]);
  assert.deepEqual(
    within(skipped, "Europe/Amsterdam", "2026-10-24T23:59:59Z", "2026-10-25T00:00:00Z", "2026-10-25T01:30:00Z"),
    [false, true, true],
  );
  assert.deepEqual(within(skipped, "Europe/Amsterdam", "2026-10-25T02:00:00Z"), [false]);
});

test("whatever the zone and the hours, the clock on the wall decides", () => {
  const zones = ["UTC", "Asia/Seoul", "Europe/Amsterdam", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia"];
  const anyHours = fc.record({
    days: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }),
    fromMinute: fc.nat(MINUTES - 1),
    toMinute: fc.integer({ min: 0, max: MINUTES }),
  });
  const at = fc.integer({ min: Date.UTC(2026, 0, 1) / 1_000, max: Date.UTC(2028, 0, 1) / 1_000 });
  checkProperty(
    fc.property(anyHours, fc.constantFrom(...zones), at, ({ days, fromMinute, toMinute }, zone, second) => {
      fc.pre(fromMinute !== toMinute);
      const ms = second * 1_000;
      // The slow way to say it: what a calendar on the wall shows.
      const shown = new Intl.DateTimeFormat("en-US", {
        ...({ timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const),
      }).formatToParts(ms);
      const part = (type: string): string => shown.find((one) => one.type === type)?.value ?? "";
      const today = (WEEKDAYS as readonly string[]).indexOf(part("weekday").toLowerCase());
      const minute = Number(part("hour")) * 60 + Number(part("minute"));
      const begins = (day: number): boolean => days.includes(WEEKDAYS[(day + 7) % 7] as (typeof WEEKDAYS)[number]);
      const expected =
        fromMinute < toMinute
          ? begins(today) && minute >= fromMinute && minute < toMinute
          : (begins(today) && minute >= fromMinute) || (begins(today - 1) && minute < toMinute);
      const of = { days: new Set(days), fromMinute, toMinute };
      assert.equal(isWithinHours(of, ms, perMinute(zoneOf(zone))), expected);
    }),
    { runs: 300, rerun: "npm run test:unit -- core/weekly-hours" },
  );
});
