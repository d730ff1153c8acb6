import assert from "node:assert/strict";
import { test } from "node:test";
import { Lease } from "#src/runtime/lease.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const setup = () => {
  const clock = new VirtualClock();
  return { clock, lease: new Lease(clock, 7_500) };
};

test("a lease that nobody has confirmed is not held", () => {
  assert.equal(setup().lease.isHeld, false);
});

test("a lease ends its time after the request that was answered", async () => {
  const { clock, lease } = setup();
  const sentAt = clock.now();
  await clock.advance(500);
  lease.confirmed(sentAt);
  await clock.advance(6_900);
  assert.equal(lease.isHeld, true);
  await clock.advance(100);
  assert.equal(lease.isHeld, false);
});

test("an answer that waited while the process was suspended confirms nothing", async () => {
  const { clock, lease } = setup();
  const sentAt = clock.now();
  await clock.advance(40_000);
  lease.confirmed(sentAt);
  assert.equal(lease.isHeld, false);
});

test("a wall clock that jumps ends the lease, one that is set back does not lengthen it", async () => {
  const { clock, lease } = setup();
  lease.confirmed(clock.now());
  clock.set(10_000);
  assert.equal(lease.isHeld, false);
  lease.confirmed(clock.now());
  clock.set(-10_000);
  assert.equal(lease.isHeld, true);
  await clock.advance(7_600);
  assert.equal(lease.isHeld, false);
});
