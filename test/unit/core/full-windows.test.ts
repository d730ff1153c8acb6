import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SEVERITIES, type Severity } from "#src/core/alert.js";
import { Listing } from "#src/core/full-windows.js";

const listing = (alerts: readonly (readonly [Severity, string])[]): Listing => {
  const all = new Listing();
  for (const [severity, type] of alerts) all.add(severity, type);
  return all;
};

const places = (kept: readonly boolean[]): number[] => kept.flatMap((is, index) => (is ? [index] : []));

test("the worst severities are listed first", () => {
  const all = listing([
    ["critical", "A"],
    ["info", "A"],
    ["critical", "A"],
    ["warning", "A"],
    ["info", "A"],
  ]);
  assert.deepEqual(places(all.keep(3)), [0, 2, 3]);
});

test("of a severity the last of each type is listed before the newest", () => {
  const all = listing([
    ["warning", "A"],
    ["warning", "B"],
    ["warning", "A"],
    ["warning", "C"],
    ["warning", "C"],
    ["warning", "C"],
  ]);
  assert.deepEqual(places(all.keep(4)), [1, 2, 4, 5]);
});

test("for any alerts, what is dropped while they come leaves the same as a choice among all", () => {
  const alerts = fc.array(fc.tuple(fc.constantFrom(...SEVERITIES), fc.constantFrom("A", "B", "C", "")), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(alerts, fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 5 }), (some, max, slack) => {
      const running = new Listing();
      let offsets: number[] = [];
      for (const [offset, [severity, type]] of some.entries()) {
        running.add(severity, type);
        offsets.push(offset);
        if (running.count < max + slack) continue;
        const kept = running.keep(max);
        offsets = offsets.filter((_, index) => kept[index]);
      }
      const kept = running.keep(max);
      assert.deepEqual(
        offsets.filter((_, index) => kept[index]),
        places(listing(some).keep(max)),
      );
    }),
  );
});
