import assert from "node:assert/strict";
import { test } from "node:test";
import type { RepairCount } from "#src/runtime/ports.js";
import { RepairsSince } from "#src/runtime/repairs-since.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

test("it tells the three commonest fields since it told last, and since when", async () => {
  const clock = new VirtualClock();
  const startedAt = clock.now();
  let counts: readonly RepairCount[] = [];
  const since = new RepairsSince(() => counts, clock);
  counts = [
    { field: "severity", count: 5 },
    { field: "value", count: 4 },
    { field: "unit", count: 2 },
    { field: "type", count: 1 },
  ];
  await clock.advance(1_000);
  assert.deepEqual(since.take(), { sinceMs: startedAt, fields: counts.slice(0, 3) });
  assert.equal(since.take(), undefined);
  counts = [
    { field: "severity", count: 6 },
    { field: "value", count: 9 },
  ];
  assert.deepEqual(since.take(), {
    sinceMs: startedAt + 1_000,
    fields: [
      { field: "value", count: 5 },
      { field: "severity", count: 1 },
    ],
  });
});
