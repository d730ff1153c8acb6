import assert from "node:assert/strict";
import { test } from "node:test";
import type { SendOutcome } from "#src/runtime/ports.js";
import { DeliveryBench, failureOf, outcomes } from "#test/support/delivery-bench.js";

const { accepted, ambiguous, deferred, refused, unreachable } = outcomes;

/** What is told of one mail whose attempts end like this, one after the other. */
const told = async (...answers: readonly SendOutcome[]): Promise<string[]> => {
  const bench = new DeliveryBench();
  bench.recipients = ["a@example.org", "b@example.org"];
  const left = [...answers];
  bench.answer = () => left.shift();
  bench.submit("device");
  await bench.clock.advance(300_000);
  return bench.told.map(({ outcome, attempts, failure }) => `${attempts} ${outcome} ${failure?.reason ?? ""}`.trim());
};

test("every attempt is told with what came of it", async () => {
  assert.deepEqual(await told(unreachable(), deferred(), ambiguous(), accepted()), [
    "1 unreachable connection-refused",
    "2 deferred message-deferred",
    "3 ambiguous timeout",
    "4 accepted",
  ]);
  assert.deepEqual(await told(refused()), ["1 refused message-refused"]);
});

test("a mail that some have, and others are still to get, is deferred; where others never will, it is accepted with the reason", async () => {
  const later = [failureOf("b@example.org", "recipient-deferred")];
  assert.deepEqual(await told(accepted({ deferred: later }), accepted()), [
    "1 deferred recipient-deferred",
    "2 accepted",
  ]);
  const never = [failureOf("b@example.org", "recipient-refused")];
  assert.deepEqual(await told(accepted({ refused: never })), ["1 accepted recipient-refused"]);
});
