import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "#src/runtime/pace.js";
import type { SendOutcome } from "#src/runtime/ports.js";
import { DeliveryBench, outcomes } from "#test/support/delivery-bench.js";

const overloaded: SendOutcome = {
  kind: "deferred",
  failure: { phase: "mail", reason: "service-unavailable", reply: "421 4.3.2 overloaded", code: 421 },
  refused: [],
};

test("each 421 halves how many mails may be in flight, down to one and no further", () => {
  const pace = new Pace(8);
  const limits = Array.from({ length: 6 }, () => {
    pace.note(overloaded);
    return pace.limit;
  });
  assert.deepEqual(limits, [4, 2, 1, 1, 1, 1]);
});

test("what the server takes makes it one more a round, up to all connections", () => {
  const pace = new Pace(3);
  for (let i = 0; i < 5; i++) pace.slowDown();
  const limits = Array.from({ length: 8 }, () => {
    pace.note(outcomes.accepted());
    return pace.limit;
  });
  assert.deepEqual(limits, [2, 2, 2, 3, 3, 3, 3, 3]);
});

test("other answers change nothing", () => {
  const pace = new Pace(4);
  for (const outcome of [outcomes.refused(), outcomes.deferred(), outcomes.unreachable()]) pace.note(outcome);
  assert.equal(pace.limit, 4);
});

test("a server that answers 421 twelve times and then recovers gets every mail", async () => {
  const bench = new DeliveryBench({ connections: 8 });
  let left = 12;
  bench.answer = () => (left-- > 0 ? overloaded : outcomes.accepted());
  const devices = Array.from({ length: 10 }, (_, index) => `d${index}`);
  bench.submit(...devices);
  await bench.clock.advance(600_000);
  assert.deepEqual(new Set(bench.accepted), new Set(devices));
});
