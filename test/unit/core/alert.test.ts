import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hasDoubtfulTime, isOfThatDayIn, localTime, occurredMs, seenMs } from "#src/core/alert.js";
import { checkProperty } from "../../support/property.js";

const YEAR_9999 = Date.UTC(9999, 0);
const RECORD_AT = Date.UTC(2026, 10, 21);
const WITH_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d.{0,20}(Z|[+-]\d\d:?\d\d)$/i;

/** By Date's own parser alone, which knows no leap second. */
const plainly = (text: string): number | undefined => {
  const [before, after] = [text.slice(0, 16), text.slice(19)];
  if (text === `${before}:60${after}`) return plusSecond(plainly(`${before}:59${after}`));
  const at = WITH_ZONE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
};
const plusSecond = (at: number | undefined): number | undefined => (at === undefined ? undefined : at + 1_000);

const instant = fc.integer({ min: -1e12, max: YEAR_9999 + 1e12 }).map((ms) => new Date(ms).toISOString());
/** One character of an instant is another one. */
const nearly = fc
  .tuple(instant, fc.nat(23), fc.constantFrom(..."0123456789-:.TZz+ "))
  .map(([text, at, other]) => text.slice(0, at) + other + text.slice(at + 1));
const shorter = fc
  .tuple(instant, fc.constantFrom("Z", ".5Z", "+09:00", "-0330", "", ":60Z"))
  .map(([text, end]) => text.slice(0, 19) + end);

test("an instant is what Date makes of it, in its usual form and in any other; without a time zone it is none", () => {
  for (const [text, expected] of [
    ["2026-11-21T08:30:00.123Z", Date.UTC(2026, 10, 21, 8, 30, 0, 123)],
    ["2026-11-21T08:30:00+09:00", Date.UTC(2026, 10, 20, 23, 30)],
    ["2026-11-21T08:30:00+09", Date.UTC(2026, 10, 20, 23, 30)],
    ["2026-11-21T08:30:00.5-03", Date.UTC(2026, 10, 21, 11, 30, 0, 500)],
    ["2026-11-21T08:30:00,123456Z", Date.UTC(2026, 10, 21, 8, 30, 0, 123)],
    ["2024-02-29T00:00:00.000Z", Date.UTC(2024, 1, 29)],
    ["2016-12-31T23:59:60Z", Date.UTC(2017, 0, 1)],
    ["2017-01-01T08:59:60.5+09:00", Date.UTC(2017, 0, 1, 0, 0, 0, 500)],
    ["2026-11-21T24:00:00Z", Date.UTC(2026, 10, 22)],
    ["2026-11-21T08:30:00.123", undefined],
    ["2026-13-21T08:30:00.123Z", undefined],
    ["1969-12-31T23:59:59.999Z", -1],
    ["yesterday", undefined],
    [undefined, undefined],
  ] as const)
    assert.equal(occurredMs(text), expected, text);
  checkProperty(
    fc.property(fc.oneof(instant, nearly, shorter), (text) => {
      assert.equal(occurredMs(text), plainly(text), text);
      // Once alerts of its day are read, that day is known.
      hasDoubtfulTime(text, plainly(text) ?? 0);
      assert.equal(occurredMs(text), plainly(text), text);
    }),
    { runs: 3_000, rerun: "node --test dist-test/unit/core/alert.test.js" },
  );
});

test("an alert was seen when its device says, unless that is before 2000 or over a day after its record", () => {
  const day = 24 * 60 * 60_000;
  for (const [occurredAt, believed] of [
    ["2000-01-01T00:00:00Z", true],
    ["1999-12-31T23:59:59.999Z", false],
    ["1970-01-01T00:00:12Z", false],
    ["1969-12-31T23:00:00Z", false],
    ["0001-01-01T00:00:00Z", false],
    [new Date(RECORD_AT + day).toISOString(), true],
    [new Date(RECORD_AT + day + 1).toISOString(), false],
    ["9999-12-31T23:59:59Z", false],
  ] as const) {
    assert.equal(seenMs(occurredAt, RECORD_AT), believed ? Date.parse(occurredAt) : RECORD_AT, occurredAt);
    assert.equal(hasDoubtfulTime(occurredAt, RECORD_AT), !believed, occurredAt);
  }
  // Nobody knows when that was: not doubtful, and not used.
  for (const unknown of [undefined, "yesterday", "1970-01-01"]) {
    assert.equal(seenMs(unknown, RECORD_AT), RECORD_AT);
    assert.equal(hasDoubtfulTime(unknown, RECORD_AT), false);
  }
});

test("of a usual text, whatever its digits and its day say, it is doubtful as Date says it", () => {
  const two = (most: number) => fc.integer({ min: 0, max: most }).map((number) => String(number).padStart(2, "0"));
  const dayMs = 86_400_000;
  const near = fc.integer({ min: -3, max: 3 });
  let ofThatDay = 0;
  let asked = 0;
  checkProperty(
    fc.property(
      fc.integer({ min: Date.UTC(1999, 11, 28), max: Date.UTC(2040, 0, 1) }),
      fc.oneof(
        near.map((days) => ({ days })),
        fc.record({ month: two(13), day: two(32), year: fc.constantFrom("1999", "2000", "2026", "20x6") }),
      ),
      fc.tuple(two(25), two(61), two(61)),
      (recordMs, date, [hour, minute, second]) => {
        const written =
          "days" in date
            ? new Date(recordMs + date.days * dayMs).toISOString().slice(0, 10)
            : `${date.year}-${date.month}-${date.day}`;
        const text = `${written}T${hour}:${minute}:${second}.000Z`;
        const ms = plainly(text);
        const doubtful = ms !== undefined && (ms < Date.UTC(2000, 0, 1) || ms > recordMs + dayMs);
        assert.equal(hasDoubtfulTime(text, recordMs), doubtful, `${text} beside ${new Date(recordMs).toISOString()}`);
        // What its bytes tell at once.
        const isOfThatDay = isOfThatDayIn(Buffer.from(`"${text}"`), 1, 1 + text.length, recordMs);
        if (isOfThatDay) assert.equal(doubtful, false, text);
        ofThatDay += isOfThatDay ? 1 : 0;
        asked++;
      },
    ),
    { runs: 3_000, rerun: "node --test dist-test/unit/core/alert.test.js" },
  );
  assert.ok(ofThatDay > asked / 30, `${ofThatDay} of ${asked} were of that day`);
});

test("a time without a zone is what the clock on the wall said: doubtful only where it is so in every zone", () => {
  const local = (ms: number): string => new Date(ms).toISOString().slice(0, 19);
  const HOUR = 60 * 60_000;
  for (const [text, doubtful] of [
    [local(RECORD_AT), false],
    [local(RECORD_AT + 37 * HOUR), false],
    [local(RECORD_AT + 39 * HOUR), true],
    ["1999-12-31T11:00:00", false],
    ["1999-12-31T09:00:00,5", true],
    ["1970-01-01T00:00", true],
  ] as const) {
    assert.equal(localTime(text), text);
    assert.equal(seenMs(text, RECORD_AT), RECORD_AT);
    assert.equal(hasDoubtfulTime(text, RECORD_AT), doubtful, text);
  }
  for (const other of [
    undefined,
    "2026-11-21",
    "2026-11-21T00:00:00Z",
    "2026-11-21T00:00:00+09:00",
    "2026-02-31T25:99",
  ])
    assert.equal(localTime(other), undefined, other);
});
