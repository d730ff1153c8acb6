import assert from "node:assert/strict";
import { test } from "node:test";
import { everybody } from "#test/support/addressing.js";
import { DeliveryBench, failureOf, outcomes } from "#test/support/delivery-bench.js";

const { accepted, deferred } = outcomes;
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

/** Each reader has fleet mails of its own, for theirs look different; the server defers all that is for `FULL`. */
const apart = (options: ConstructorParameters<typeof DeliveryBench>[0] = {}): DeliveryBench => {
  const made = new DeliveryBench({ connections: 4, ...options }, { fleet: { by: "recipient", maxMails: undefined } });
  made.route = () => [{ ...everybody(FULL), look: { locale: "en" } }, everybody(OK)];
  made.answer = (_, to) =>
    to.includes(FULL) ? { ...deferred(), failure: failureOf(FULL, "recipient-deferred") } : accepted();
  return made;
};

const givenUp = ({ undeliverable }: DeliveryBench): unknown[] =>
  undeliverable.map(({ deviceId, reason, acceptedBySome }) => [deviceId, reason, acceptedBySome]);

test("fleet mails whose alerts others have in another mail are kept for a recipient within the bound of all that waits", async () => {
  const made = apart({ waitingMaxAlerts: 4 });
  for (const devices of ["ab", "cd", "ef"]) {
    made.submit(...devices);
    await made.clock.advance(100);
  }
  assert.deepEqual(made.passed.toSorted(), ["a", "b", "c", "d", "e", "f"]);
  assert.deepEqual(
    givenUp(made),
    ["e", "f"].map((device) => [device, "recipient-queue-full", true]),
  );
  assert.deepEqual(
    made.delivery.waitingRecipients().map(({ mails, othersHaveIt }) => [mails, othersHaveIt]),
    [[2, true]],
  );
});

test("and a checkpoint without room gives up the one that has waited longest", async () => {
  const made = apart();
  for (const devices of ["ab", "cd"]) {
    made.submit(...devices);
    await made.clock.advance(100);
  }
  made.delivery.shed(made.ownerOf("d"));
  assert.deepEqual(
    givenUp(made),
    ["c", "d"].map((device) => [device, "recipient-queue-full", true]),
  );
});

test("one that its reader has takes no room, though another reader's makes its devices pass only later", async () => {
  const made = apart({ waitingMaxAlerts: 2 });
  const { answer } = made;
  made.route = () => [everybody(OK), { ...everybody(FULL), look: { locale: "en" } }];
  let deferrals = 0;
  made.answer = (device, to) =>
    to.includes(OK) && deferrals++ === 0
      ? { ...deferred(), failure: failureOf(OK, "recipient-deferred") }
      : answer?.(device, to);
  made.submit("a", "b");
  await made.clock.advance(5_000);
  assert.deepEqual([made.passed.toSorted(), givenUp(made)], [["a", "b"], []]);
});

for (const [what, outcome] of [
  ["that is deferred", deferred()],
  ["to whose end no reply comes", outcomes.ambiguous()],
] as const)
  test(`a fleet mail ${what} waits for its readers alone: the devices' next mails go to the others`, async () => {
    const made = apart();
    made.answer = (_, to) => (to.includes(FULL) ? outcome : accepted());
    made.submit("a", "b");
    await made.clock.advance(100);
    assert.deepEqual([made.passed.toSorted(), made.accepted], [["a", "b"], []]);
    made.answer = () => accepted();
    await made.clock.advance(20 * 60_000);
    assert.deepEqual([made.accepted.toSorted(), made.undeliverable], [["a", "b"], []]);
  });
