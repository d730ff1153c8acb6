import assert from "node:assert/strict";
import { test } from "node:test";
import type { SentLog } from "#src/runtime/ports.js";
import { DeliveryBench, failureOf, outcomes } from "#test/support/delivery-bench.js";

const { accepted, deferred, refused } = outcomes;
const MINUTE = 60_000;
const OK = "ok@example.org";
const FULL = "full@example.org";

/** The server defers `full@` until `until`, wherever it stands; nobody else. */
const bench = (
  until: number,
  options: ConstructorParameters<typeof DeliveryBench>[0] = {},
  more: ConstructorParameters<typeof DeliveryBench>[1] = {},
): DeliveryBench => {
  const made = new DeliveryBench({ connections: 4, ...options }, more);
  made.recipients = [OK, FULL];
  made.answer = (_, to) => {
    if (made.clock.elapsed() >= until || !to.includes(FULL)) return accepted();
    return to.length > 1
      ? accepted({ deferred: [failureOf(FULL, "recipient-deferred")] })
      : { ...deferred(), failure: failureOf(FULL, "recipient-deferred") };
  };
  return made;
};

const attemptsTo = (made: DeliveryBench, address: string): string[] =>
  made.attempts.filter(({ to }) => to.includes(address)).map(({ deviceId, at }) => `${deviceId} at ${at / 1000}`);

test("once somebody has a mail its device's next one goes, and the straggler gets its own, once, when it can", async () => {
  const made = bench(2_500);
  made.submit("a");
  await made.clock.advance(100);
  assert.deepEqual([made.passed, made.reached, made.accepted], [["a"], [[OK]], []]);
  assert.equal(made.delivery.recipientsWaiting, 1);
  await made.clock.advance(10_000);
  assert.equal(made.delivery.recipientsWaiting, 0);
  assert.deepEqual(made.accepted, ["a"]);
  assert.deepEqual(attemptsTo(made, OK), ["a at 0"]);
  assert.deepEqual(attemptsTo(made, FULL), ["a at 0", "a at 1", "a at 3"]);
});

test("while a recipient is deferred, the next mails do not ask for it, and go to the others at once", async () => {
  const made = bench(2_500);
  made.submit("a");
  await made.clock.advance(100);
  made.submit("b");
  await made.clock.advance(100);
  assert.deepEqual(
    made.attempts.map(({ deviceId, to }) => [deviceId, ...to]),
    [
      ["a", OK, FULL],
      ["b", OK],
    ],
  );
  await made.clock.advance(10_000);
  assert.deepEqual(made.accepted.toSorted(), ["a", "b"]);
  assert.equal(attemptsTo(made, OK).length, 2);
});

test("what a recipient has no mail for in its budget is a dead letter for it alone, and then nothing is waited for", async () => {
  const made = bench(Number.POSITIVE_INFINITY, { retryBudgetMs: 10_000 });
  made.submit("a");
  await made.clock.advance(MINUTE);
  assert.deepEqual(
    made.undeliverable.map(({ deviceId, acceptedBySome, recipients }) => [
      deviceId,
      acceptedBySome,
      ...recipients.map(({ address }) => address),
    ]),
    [["a", true, FULL]],
  );
  made.submit("b");
  await made.clock.advance(10);
  assert.deepEqual(attemptsTo(made, FULL).at(-1), "b at 60");
  assert.deepEqual(
    made.undeliverable.map(({ deviceId }) => deviceId),
    ["a", "b"],
  );
  assert.deepEqual(made.delivery.waitingRecipients(), []);
});

test("a mail that nobody has yet is not passed: its device waits, as for a mail to one recipient", async () => {
  const made = bench(5_500);
  made.recipients = [FULL];
  made.submit("a");
  await made.clock.advance(5_000);
  assert.deepEqual([made.passed, made.accepted], [[], []]);
  assert.deepEqual([made.delivery.waitingRecipients().length, made.delivery.recipientsWaiting], [1, 0]);
  await made.clock.advance(10_000);
  assert.deepEqual([made.passed, made.accepted], [[], ["a"]]);
});

test("a mail that a previous owner half delivered waits for the others alone from the start", async () => {
  const made = bench(0);
  made.have = [OK];
  made.answer = () => undefined;
  made.submit("a");
  await made.clock.advance(1);
  assert.deepEqual([made.passed, made.attempts.map(({ to }) => to), made.accepted], [["a"], [[FULL]], []]);
  await made.attempts[0]?.end(accepted());
  assert.deepEqual(made.accepted, ["a"]);
});

test("a recipient that is refused for good while others wait is in the same dead letter as whoever never got it", async () => {
  const made = bench(Number.POSITIVE_INFINITY, { retryBudgetMs: 5_000 });
  const NOBODY = "nobody@example.org";
  made.recipients = [OK, FULL, NOBODY];
  const answer = made.answer;
  made.answer = (device, to) =>
    to.includes(NOBODY)
      ? accepted({
          refused: [failureOf(NOBODY, "recipient-refused")],
          deferred: [failureOf(FULL, "recipient-deferred")],
        })
      : answer?.(device, to);
  made.submit("a");
  await made.clock.advance(MINUTE);
  assert.deepEqual(
    made.undeliverable.map(({ recipients }) => recipients.map(({ address }) => address).toSorted()),
    [[FULL, NOBODY]],
  );
});

test("a straggler that is refused for good at last is no reason to ask for the others again", async () => {
  const made = bench(Number.POSITIVE_INFINITY);
  made.submit("a");
  await made.clock.advance(100);
  made.answer = () => refused([failureOf(FULL, "recipient-refused")]);
  await made.clock.advance(MINUTE);
  assert.deepEqual([attemptsTo(made, OK).length, made.undeliverable[0]?.reason], [1, "recipient-refused"]);
});

test("mails that others have are kept for a straggler within a bound; beyond it they are its dead letters at once", async () => {
  const made = bench(Number.POSITIVE_INFINITY, { waitingMaxAlerts: 2 });
  made.submit("a", "b", "c");
  await made.clock.advance(500);
  assert.deepEqual(
    made.undeliverable.map(({ deviceId, reason, acceptedBySome }) => [deviceId, reason, acceptedBySome]),
    [["c", "recipient-queue-full", true]],
  );
  assert.equal(attemptsTo(made, OK).length, 3);
});

test("a mail that goes to the others while a recipient is known to be deferred is kept for it within that bound as well", async () => {
  const made = bench(Number.POSITIVE_INFINITY, { waitingMaxAlerts: 2 });
  for (const device of ["a", "b", "c", "d"]) {
    made.submit(device);
    await made.clock.advance(100);
  }
  assert.deepEqual(
    made.undeliverable.map(({ deviceId, reason, acceptedBySome }) => [deviceId, reason, acceptedBySome]),
    ["c", "d"].map((device) => [device, "recipient-queue-full", true]),
  );
  assert.deepEqual(made.passed, ["a", "b", "c", "d"]);
});

test("a straggler's mail whose budget is spent is not tried again while that is put on record: its end is told once", async () => {
  const records: (() => void)[] = [];
  const sent: SentLog = { record: () => new Promise<void>((resolve) => records.push(resolve)) };
  const made = bench(Number.POSITIVE_INFINITY, { retryBudgetMs: 5_000 }, { sent });
  made.submit("a");
  await made.clock.advance(100);
  for (const written of records.splice(0)) written();
  await made.clock.advance(10_000);
  const tried = attemptsTo(made, FULL).length;
  made.answer = () => accepted();
  made.delivery.resume();
  await made.clock.advance(10 * MINUTE);
  assert.deepEqual([records.length, attemptsTo(made, FULL).length], [1, tried]);
  for (const written of records.splice(0)) written();
  await made.clock.advance(100);
  assert.deepEqual([made.undeliverable.length, made.accepted], [1, []]);
});

test("what is given up is given up once, however long its record takes, and is not tried meanwhile", async () => {
  const records: (() => void)[] = [];
  const sent: SentLog = { record: () => new Promise<void>((resolve) => records.push(resolve)) };
  const made = bench(Number.POSITIVE_INFINITY, {}, { sent });
  made.submit("a");
  await made.clock.advance(100);
  for (const written of records.splice(0)) written();
  await made.clock.advance(100);
  made.delivery.shed(made.ownerOf("a"));
  made.delivery.shed(made.ownerOf("a"));
  await made.clock.advance(10_000);
  assert.deepEqual([records.length, attemptsTo(made, FULL).length], [1, 1]);
  for (const written of records.splice(0)) written();
  await made.clock.advance(100);
  assert.deepEqual(
    made.undeliverable.map(({ deviceId, reason }) => [deviceId, reason]),
    [["a", "recipient-queue-full"]],
  );
});

test("a checkpoint without room gives up the mail that has waited longest", async () => {
  const made = bench(Number.POSITIVE_INFINITY);
  made.submit("a");
  await made.clock.advance(100);
  made.submit("b");
  await made.clock.advance(100);
  made.delivery.shed(made.ownerOf("a"));
  assert.deepEqual(
    made.undeliverable.map(({ deviceId, reason }) => [deviceId, reason]),
    [["a", "recipient-queue-full"]],
  );
});

test("whom the server defers is shown as the log may show it, also in the server's own words", async () => {
  const made = bench(Number.POSITIVE_INFINITY);
  const said = { ...failureOf(FULL, "recipient-deferred"), reply: `452 4.2.2 <${FULL}>: mailbox full` };
  made.answer = () => accepted({ deferred: [said] });
  made.submit("a");
  await made.clock.advance(100);
  assert.deepEqual(
    made.delivery.waitingRecipients().map(({ recipient, failure }) => [recipient, failure.reason, failure.reply]),
    [["f***@example.org", "recipient-deferred", "452 4.2.2 <f***@example.org>: mailbox full"]],
  );
});

test("a stop starts nothing for those who wait, and a lost partition takes its shares along", async () => {
  const made = bench(Number.POSITIVE_INFINITY);
  made.submit("a", "b");
  await made.clock.advance(100);
  made.unwanted.add("a");
  made.delivery.resume();
  assert.deepEqual(
    made.delivery.waitingRecipients().map(({ recipient, mails, othersHaveIt }) => [recipient, mails, othersHaveIt]),
    [["f***@example.org", 1, true]],
  );
  const before = made.attempts.length;
  await made.delivery.drain();
  await made.clock.advance(30 * MINUTE);
  assert.equal(made.attempts.length, before);
});
