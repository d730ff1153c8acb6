import assert from "node:assert/strict";
import { test } from "node:test";
import { DeliveryBench, failureOf, outcomes } from "#test/support/delivery-bench.js";

const { accepted } = outcomes;
const OK = "ok@example.org";
const FULL = "full@example.org";

test("who has a fleet mail is told to its partitions, also when they were lost before the server said so", async () => {
  const made = new DeliveryBench({}, { fleet: { by: "recipient", maxMails: undefined } });
  made.recipients = [OK, FULL];
  made.submit("a", "b");
  await made.clock.advance(10);
  const [attempt] = made.attempts;
  assert.deepEqual([attempt?.deviceId, attempt?.to], ["a+b", [OK, FULL]]);
  made.unwanted.add("a").add("b");
  await attempt?.end(accepted({ deferred: [failureOf(FULL, "recipient-deferred")] }));
  assert.deepEqual(made.reached, [[OK], [OK]], "whoever has them now waits for that");
});
