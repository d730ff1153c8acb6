import assert from "node:assert/strict";
import { test } from "node:test";
import { DeliveryBench, failureOf, outcomes } from "#test/support/delivery-bench.js";

const { accepted, deferred } = outcomes;
const [A, B, C] = ["a@example.org", "b@example.org", "c@example.org"] as const;

const bench = (options: { have?: readonly string[] } = {}): DeliveryBench => {
  const made = new DeliveryBench({ retryBudgetMs: 10_000 });
  made.recipients = [A, B, C];
  made.have = options.have ?? [];
  return made;
};

test("who has a mail is reported each time somebody gets it while others don't, and not when all have it", async () => {
  const made = bench();
  made.answer = (_, to) =>
    accepted({ deferred: to.slice(1).map((address) => failureOf(address, "recipient-deferred")) });
  made.submit("x");
  await made.clock.advance(5_000);
  assert.deepEqual(
    made.attempts.map(({ to }) => to),
    [[A, B, C], [B, C], [C]],
  );
  assert.deepEqual(made.reached, [[A], [A, B]]);
  assert.deepEqual(made.accepted, ["x"]);
});

test("a mail that was half delivered by a previous owner goes to the others only", async () => {
  const made = bench({ have: [B] });
  made.answer = () => accepted();
  made.submit("x");
  await made.clock.advance(1);
  assert.deepEqual(
    made.attempts.map(({ to }) => to),
    [[A, C]],
  );
  assert.deepEqual([made.accepted, made.passed], [["x"], ["x"]]);
});

test("with everybody reached who is still a recipient nothing is sent, and the mail is through", async () => {
  const made = bench({ have: [A, B, C] });
  made.submit("x", "y");
  await made.clock.advance(1);
  assert.deepEqual([made.attempts.length, made.accepted, made.delivery.inFlight], [0, ["x", "y"], 0]);
});

test("a dead letter for the rest says that some have the mail, also when a previous owner sent it to them", async () => {
  const made = bench({ have: [B] });
  made.answer = () => deferred();
  made.submit("x");
  await made.clock.advance(60_000);
  const [letter] = made.undeliverable;
  assert.equal(letter?.acceptedBySome, true);
  assert.deepEqual(
    letter?.recipients.map(({ address }) => address),
    [A, C],
  );
});

test("those who were reached before a refusal are reported at once: the dead letter may take its time", async () => {
  const made = bench();
  made.answer = () => accepted({ refused: [failureOf(C, "recipient-refused")] });
  made.submit("x");
  await made.clock.advance(1);
  assert.deepEqual(made.reached, [[A, B]]);
  assert.equal(made.undeliverable[0]?.acceptedBySome, true);
});
