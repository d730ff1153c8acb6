import assert from "node:assert/strict";
import { test } from "node:test";
import { Lease } from "#src/kafka/lease.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

test("without a confirmation there is no lease", () => {
  assert.equal(new Lease(new VirtualClock()).valid, false);
});

test("half a session after the last confirmation it is over, whichever of the two clocks says so", async () => {
  const clock = new VirtualClock();
  const lease = new Lease(clock);
  lease.confirm();
  await clock.advance(7_499);
  assert.equal(lease.valid, true);
  await clock.advance(1);
  assert.equal(lease.valid, false);
  lease.confirm();
  clock.set(8_000);
  assert.equal(lease.valid, false, "a suspended machine's steady clock stands still");
  lease.confirm();
  clock.set(-3_600_000);
  await clock.advance(7_500);
  assert.equal(lease.valid, false, "a wall clock that was set back proves nothing");
});
