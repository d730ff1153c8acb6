import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { occurredMs } from "#src/core/alert.js";
import { checkProperty } from "../../support/property.js";

const YEAR_9999 = Date.UTC(9999, 0);
const WITH_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d.{0,20}(Z|[+-]\d\d:?\d\d)$/i;

/** By Date's own parser alone. */
const plainly = (text: string): number | undefined => {
  const at = WITH_ZONE.test(text) ? Date.parse(text) : Number.NaN;
  return at >= 0 && at < YEAR_9999 ? at : undefined;
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
    ["1969-12-31T23:59:59.999Z", undefined],
    ["yesterday", undefined],
    [undefined, undefined],
  ] as const)
    assert.equal(occurredMs(text), expected, text);
  checkProperty(
    fc.property(fc.oneof(instant, nearly, shorter), (text) => assert.equal(occurredMs(text), plainly(text), text)),
    { runs: 3_000, rerun: "node --test dist-test/unit/core/alert.test.js" },
  );
});
