import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eventTime } from "#src/core/time.js";
import { TopWindows } from "#src/core/top-windows.js";
import type { Window, WindowId } from "#src/core/window.js";

const offered = (counts: readonly number[], limit: number): number[] => {
  const top = new TopWindows(limit);
  const windows = { alertsIn: (id: WindowId) => counts[id] as number, get: () => ({}) as Window };
  for (const i of counts.keys()) top.offer(i, windows, i as WindowId, eventTime(0));
  return top.list.map(({ partition }) => partition);
};

test("the windows with the most alerts, most first; of equal ones those that came first", () => {
  assert.deepEqual(offered([1, 5, 3, 5, 2], 3), [1, 3, 2]);
  assert.deepEqual(offered([2, 2], 3), [0, 1]);
  assert.deepEqual(offered([], 3), []);
});

test("the same as sorting all of them", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 100 }),
      fc.integer({ min: 1, max: 9 }),
      (counts, limit) => {
        const sorted = counts.map((alerts, i) => ({ alerts, i })).sort((a, b) => b.alerts - a.alerts || a.i - b.i);
        assert.deepEqual(
          offered(counts, limit),
          sorted.slice(0, limit).map(({ i }) => i),
        );
      },
    ),
  );
});
