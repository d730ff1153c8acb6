import assert from "node:assert/strict";
import { test } from "node:test";
import { lastDue, nextDueMs, type ReportSchedule } from "#src/core/report-times.js";
import { type Zone, zoneOf } from "#src/core/zone.js";

const HOUR = 3_600_000;

/** A zone that remembers what it was asked: Intl is slow, and the walks below ask for the same instants again and again. */
const remembering = (zone: Zone): Zone => {
  const known = new Map<number, number>();
  return {
    offsetMs(ms) {
      const offset = known.get(ms) ?? zone.offsetMs(ms);
      known.set(ms, offset);
      return offset;
    },
  };
};

const schedule = (timezone: string, time: string, zone = zoneOf(timezone)) => {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return { atMinute: hours * 60 + minutes, zone };
};

/** `day from to` of the last report at that instant. */
const last = (now: string, timezone: string, time: string): string => {
  const { day, fromMs, toMs } = lastDue(Date.parse(now), schedule(timezone, time));
  const text = (ms: number): string => new Date(ms).toISOString().replace(":00.000", "");
  return `${day} ${text(fromMs)} ${text(toMs)}`;
};

/** Every report of a span: walks from one due time to the next. */
const reports = (from: string, until: string, of: ReportSchedule) => {
  const found = [];
  for (let at = Date.parse(from); ; ) {
    at = nextDueMs(at, of);
    if (at >= Date.parse(until)) return found;
    found.push(lastDue(at, of));
  }
};

test("the report of a day in a zone without summer time covers the 24 hours before it", () => {
  assert.equal(last("2026-11-20T15:00:00Z", "Asia/Seoul", "00:00"), "2026-11-21 2026-11-19T15:00Z 2026-11-20T15:00Z");
  assert.equal(
    last("2026-11-20T14:59:59.999Z", "Asia/Seoul", "00:00"),
    "2026-11-20 2026-11-18T15:00Z 2026-11-19T15:00Z",
  );
  assert.equal(
    last("2026-11-21T03:17:00Z", "Asia/Kathmandu", "08:30"),
    "2026-11-21 2026-11-20T02:45Z 2026-11-21T02:45Z",
  );
});

test("the next one comes after the instant, never at it", () => {
  const seoul = schedule("Asia/Seoul", "00:00");
  const due = Date.parse("2026-11-20T15:00:00Z");
  assert.equal(nextDueMs(due - 1, seoul), due);
  assert.equal(nextDueMs(due, seoul), due + 24 * HOUR);
});

test("a day of 23 hours and one of 25 are covered as they are", () => {
  assert.equal(
    last("2026-03-30T00:00:00Z", "Europe/Berlin", "00:00"),
    "2026-03-30 2026-03-28T23:00Z 2026-03-29T22:00Z",
  );
  assert.equal(
    last("2026-10-26T00:00:00Z", "Europe/Berlin", "00:00"),
    "2026-10-26 2026-10-24T22:00Z 2026-10-25T23:00Z",
  );
});

test("a time that the clocks skip is due when they have jumped", () => {
  // 02:00 becomes 03:00 on 29 March.
  assert.equal(
    last("2026-03-29T12:00:00Z", "Europe/Berlin", "02:30"),
    "2026-03-29 2026-03-28T01:30Z 2026-03-29T01:00Z",
  );
  // Midnight itself is skipped in Beirut: 00:00 becomes 01:00.
  assert.equal(last("2026-03-29T12:00:00Z", "Asia/Beirut", "00:00"), "2026-03-29 2026-03-27T22:00Z 2026-03-28T22:00Z");
});

test("a time that the clocks show twice is due the first time only", () => {
  // 03:00 becomes 02:00 on 25 October: 02:30 is at 00:30 and at 01:30 UTC.
  assert.equal(
    last("2026-10-25T12:00:00Z", "Europe/Berlin", "02:30"),
    "2026-10-25 2026-10-24T00:30Z 2026-10-25T00:30Z",
  );
  assert.equal(
    last("2026-10-25T01:30:00Z", "Europe/Berlin", "02:30"),
    "2026-10-25 2026-10-24T00:30Z 2026-10-25T00:30Z",
  );
});

test("half an hour of summer time, and a date that was skipped", () => {
  assert.equal(
    last("2026-04-05T12:00:00Z", "Australia/Lord_Howe", "01:45"),
    "2026-04-05 2026-04-03T14:45Z 2026-04-04T14:45Z",
  );
  assert.deepEqual(
    reports("2011-12-29T00:00:00Z", "2012-01-01T12:00:00Z", schedule("Pacific/Apia", "09:00")).map(({ day }) => day),
    ["2011-12-29", "2011-12-31", "2012-01-01"],
  );
});

/** Where clocks are changed at midnight, by half an hour, around Ramadan, in the south, and not at all. */
const ZONES = [
  "Europe/Berlin",
  "America/Havana",
  "Asia/Beirut",
  "Australia/Lord_Howe",
  "Africa/Casablanca",
  "Asia/Seoul",
];

test("in every zone and at any time of day there is one report a day, and their periods leave no gap", () => {
  for (const zone of ZONES) {
    const clocks = remembering(zoneOf(zone));
    for (const time of ["00:00", "01:45", "02:30", "23:59"]) {
      for (const [from, until, days] of [
        ["2026-02-10T12:00:00Z", "2026-04-10T12:00:00Z", 59],
        ["2026-10-01T12:00:00Z", "2026-11-10T12:00:00Z", 40],
      ] as const) {
        const found = reports(from, until, schedule(zone, time, clocks));
        const where = `${zone} ${time}`;
        assert.equal(new Set(found.map(({ day }) => day)).size, days, where);
        assert.equal(found.length, days, where);
        for (const [index, period] of found.entries()) {
          const next = found[index + 1];
          if (next !== undefined) assert.equal(next.fromMs, period.toMs, `${where} ${next.day}`);
        }
      }
    }
  }
});
