import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hasDoubtfulTime, occurredMs, seenMs } from "#src/core/alert.js";
import { checkProperty } from "../../support/property.js";

const YEAR_9999 = Date.UTC(9999, 0);
const RECORD_AT = Date.UTC(2026, 10, 21);
const WITH_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d.{0,20}(Z|[+-]\d\d:?\d\d)$/i;

/** By Date's own parser alone. */
const plainly = (text: string): number | undefined => {
  const at = WITH_ZONE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
};

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
    ["2024-02-29T00:00:00.000Z", Date.UTC(2024, 1, 29)],
    ["2026-11-21T08:30:00.123", undefined],
    ["2026-13-21T08:30:00.123Z", undefined],
    ["1969-12-31T23:59:59.999Z", -1],
    ["yesterday", undefined],
    [undefined, undefined],
  ] as const)
    assert.equal(occurredMs(text), expected, text);
  checkProperty(
    fc.property(fc.oneof(instant, nearly, shorter), (text) => assert.equal(occurredMs(text), plainly(text), text)),
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
