import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { NO_ENTRY } from "#src/core/alert-buffer.js";
import type { HoldId } from "#src/core/commit-frontier.js";
import { eventTime } from "#src/core/time.js";
import { Buckets } from "#src/core/window-orders.js";
import { Windows } from "#src/core/windows.js";
import { checkProperty } from "#test/support/property.js";
import { written } from "#test/support/written.js";

/** Windows of one device, and what they alone take. */
const bench = () => {
  const buckets = new Buckets(1);
  const windows = new Windows(buckets);
  const device = windows.devices.findOrAdd(written("a"));
  return {
    windows,
    open: (start: number) => windows.open(device, buckets.at(eventTime(start)), 0 as HoldId),
    close: (start: number) => {
      const bucket = buckets.at(eventTime(start));
      bucket.closed = true;
      windows.takeOpened(bucket);
    },
    get bytes() {
      return windows.bytes - windows.devices.bytes;
    },
  };
};

test("however many windows come and go, memory is that of those that there are at once", () => {
  const world = bench();
  const { windows, open, close } = world;
  const first = open(0);
  const before = world.bytes;
  for (let start = 1; start < 2_000; start++) {
    const window = open(start);
    close(start);
    windows.settle(window);
  }
  assert.equal(world.bytes, before);
  close(0);
  windows.settle(first);
  assert.equal(world.bytes, 0);
});

test("nothing is left of a crowd that came once", () => {
  const world = bench();
  const { windows, open, close } = world;
  const first = open(0);
  const small = world.bytes;
  const crowd = [first, ...Array.from({ length: 2_000 }, () => open(0))];
  assert.ok(world.bytes > 2_000);
  close(0);
  for (const window of crowd) windows.settle(window);
  assert.equal(world.bytes, 0);
  open(1);
  assert.equal(world.bytes, small);
});

test("a window knows its last offset, however large", () => {
  const { windows, open } = bench();
  const window = open(0);
  checkProperty(
    fc.property(fc.maxSafeNat(), (offset) => {
      windows.list(window, NO_ENTRY, offset);
      assert.equal(windows.lastOffsetOf(window), offset);
    }),
    { runs: 100, rerun: "npm run test:unit -- core/windows" },
  );
});
