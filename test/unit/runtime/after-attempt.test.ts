/** What an attempt changes, seen from outside: what is tried next and when, what is counted, what the log and the page are told. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SendOutcome, SentMail, SmtpFailure } from "#src/runtime/ports.js";
import { everybody } from "#test/support/addressing.js";
import { DeliveryBench, failureOf, outcomes } from "#test/support/delivery-bench.js";
import { quietLog } from "#test/support/quiet.js";
import { settled } from "#test/support/virtual-clock.js";

const { accepted, deferred, unreachable } = outcomes;
const [A, B] = ["a@x", "b@x"];
const IN_TWO_LANGUAGES = [everybody(A), { ...everybody(B), look: { locale: "ko" } }];

const refusal = (reply: string, more: Partial<SmtpFailure> = {}): SendOutcome => ({
  kind: "refused",
  failure: { phase: "rcpt", reason: "recipient-refused", reply, code: Number(reply.slice(0, 3)), ...more },
  recipients: [],
});
const unclear = refusal("550 5.7.1 no");
const ofUs = refusal("554 5.7.1 Relay access denied", { phase: "mail", reason: "policy" });
const ofTheMessage = refusal("554 5.7.1 no", { phase: "sent", reason: "message-refused" });
/** It ended the transaction after it had taken `A`. */
const cut: SendOutcome = {
  kind: "deferred",
  failure: { phase: "rcpt", reason: "service-unavailable", reply: "421 4.3.0 bye", code: 421 },
  refused: [],
  rcpt: { taken: [A], deferred: [] },
};

/** Transactions, as `recipients at seconds`. */
const sentTo = ({ attempts }: DeliveryBench): string[] =>
  attempts.map(({ to, at }) => `${to.join(" ")} at ${at / 1000}`);
const called = ({ calls }: DeliveryBench, name: string): string[] => calls.filter((call) => call.startsWith(name));

/** The answers, one after the other; the last one for ever. */
const inTurn = (...answers: readonly SendOutcome[]) => {
  const left = [...answers];
  return () => (left.length > 1 ? left.shift() : left[0]);
};

test("the page is told how many seconds an attempt took", async () => {
  const bench = new DeliveryBench();
  bench.submit("d");
  await bench.clock.advance(250);
  await bench.attempts[0]?.end(accepted());
  assert.deepEqual(
    bench.told.map(({ seconds }) => seconds),
    [0.25],
  );
});

test("each recipient is counted once as reached, when it is; a server that is away refuses none", async () => {
  const bench = new DeliveryBench();
  bench.route = () => IN_TWO_LANGUAGES;
  bench.answer = inTurn(unreachable(), accepted());
  bench.submit("d");
  await bench.clock.advance(10_000);
  assert.deepEqual(called(bench, "recipientsReached"), [`recipientsReached ${A}`, `recipientsReached ${B}`]);
  assert.deepEqual(called(bench, "recipientRefused"), []);
});

test("a message that is refused for each of its readers alone is tried again as a whole, and for each alone no more", async () => {
  const bench = new DeliveryBench();
  bench.recipients = [A, B];
  bench.answer = () => ofTheMessage;
  bench.submit("d");
  await bench.clock.advance(60_000);
  const whole = `${A} ${B}`;
  assert.deepEqual(sentTo(bench), [`${whole} at 0`, `${A} at 0`, `${B} at 0`, `${whole} at 1`, `${whole} at 3`]);
  assert.equal(bench.undeliverable.length, 1);
});

test("once a server takes our mails again, one reader because of whom it refuses a message keeps nobody else from it", async () => {
  const bench = new DeliveryBench();
  bench.recipients = [A, B];
  bench.answer = (_, to) => (bench.clock.elapsed() < 500 ? ofUs : to.includes(B) ? ofTheMessage : accepted());
  bench.submit("d");
  await bench.clock.advance(60_000);
  assert.deepEqual(bench.reached, [[A]]);
  assert.deepEqual(
    bench.undeliverable.map(({ recipients, acceptedBySome }) => [
      recipients.map(({ address }) => address),
      acceptedBySome,
    ]),
    [[[B], true]],
  );
});

test("that another mail was accepted says nothing of one that was refused after it had begun", async () => {
  const bench = new DeliveryBench();
  bench.submit("slow");
  await bench.clock.advance(5_000);
  bench.route = () => [everybody(B)];
  bench.answer = () => unclear;
  bench.submit("bad");
  await bench.clock.advance(500);
  await bench.attempts[0]?.end(accepted());
  await bench.clock.advance(60_000);
  assert.deepEqual(bench.begun, ["slow at 0", "bad at 5", "bad at 6", "bad at 8"]);
  assert.equal(bench.undeliverable.length, 1);
});

test("what a mail was held for spends none of its budget, and lengthens none of its pauses", async () => {
  const bench = new DeliveryBench({ retryBudgetMs: 10_000 });
  bench.answer = inTurn(unclear, unclear, deferred());
  bench.submit("d");
  await bench.clock.advance(60_000);
  assert.deepEqual(
    bench.attempts.map(({ at }) => at / 1000),
    [0, 1, ...[3, 4, 6, 10, 13]],
  );
});

test("the budget of a mail in two languages begins when both were tried", async () => {
  const bench = new DeliveryBench({ retryBudgetMs: 10_000, retryMaxMs: 4_000 });
  bench.route = () => IN_TWO_LANGUAGES;
  bench.answer = (_, to) => (to.includes(B) && bench.clock.elapsed() === 0 ? undefined : deferred());
  bench.submit("d");
  await bench.clock.advance(4_000);
  await bench.attempts[1]?.end(deferred());
  await bench.clock.advance(60_000);
  assert.deepEqual(
    bench.attempts.filter(({ to }) => to.includes(A)).map(({ at }) => at / 1000),
    [0, 5, 7, 11, 14],
  );
});

test("two mails that were under way together lengthen a recipient's pause once", async () => {
  const bench = new DeliveryBench({ connections: 4 });
  bench.recipients = [A, B];
  bench.submit("one", "two");
  const later = accepted({ deferred: [failureOf(B, "recipient-deferred")] });
  for (const attempt of bench.attempts.slice(0, 2)) {
    await bench.clock.advance(100);
    await attempt.end(later);
  }
  await bench.clock.advance(1_000);
  assert.equal(sentTo(bench)[2], `${B} at 1.1`);
});

test("a transaction that the server ends halfway is no sign that it has too many mails", async () => {
  const bench = new DeliveryBench({ connections: 4 });
  bench.recipients = [A, B];
  bench.answer = inTurn(cut, accepted());
  bench.submit("d");
  await settled();
  assert.deepEqual([bench.accepted, sentTo(bench)], [["d"], [`${A} ${B} at 0`, `${A} at 0`, `${B} at 0`]]);
  bench.answer = undefined;
  bench.submit("e", "f", "g", "h");
  assert.equal(bench.delivery.inFlight, 4);
});

/** What the log said of a mail whose attempts end like this: the outcome of each line, with those before it. */
const logged = async (...answers: readonly SendOutcome[]): Promise<unknown[]> => {
  const lines: unknown[] = [];
  const say = (fields: { outcome?: string; earlier?: readonly { outcome: string; times: number }[] }): void => {
    lines.push([fields.outcome, ...(fields.earlier ?? []).map(({ outcome, times }) => `${outcome} ${times}`)]);
  };
  const bench = new DeliveryBench({ connections: 1 }, { log: { ...quietLog, info: say, warn: say } });
  bench.recipients = [A, B];
  bench.answer = inTurn(...answers);
  bench.submit("d");
  await bench.clock.advance(60_000);
  return lines;
};

test("the log says of each mail what its attempts ended in, also those that were held or ended halfway", async () => {
  assert.deepEqual(await logged(unclear, accepted()), [["refused"], ["accepted", "refused 1"]]);
  assert.deepEqual(await logged(cut, accepted()), [["accepted", "deferred 1"]]);
});

test("where the server wants fewer connections, the log says that the mail found it unreachable", async () => {
  const lines: { readonly earlier?: readonly { outcome: string }[] }[] = [];
  const bench = new DeliveryBench({}, { log: { ...quietLog, info: (fields) => void lines.push(fields) } });
  bench.submit("d", "e");
  const busy = { phase: "greeting", reason: "service-unavailable", reply: "421 too many", code: 421 } as const;
  await bench.attempts[0]?.end({ kind: "unreachable", failure: busy });
  await bench.attempts[1]?.end(accepted());
  await bench.attempts[2]?.end(accepted());
  assert.deepEqual(bench.begun, ["d at 0", "e at 0", "d at 0"]);
  assert.deepEqual(
    lines.map(({ earlier }) => earlier?.map(({ outcome }) => outcome)),
    [undefined, ["unreachable"]],
  );
});

test("the record of those who have a mail while others wait says what was replied to them", async () => {
  const records: SentMail[] = [];
  const bench = new DeliveryBench({}, { sent: { record: async (mail) => void records.push(mail) } });
  bench.recipients = [A, B];
  bench.answer = () => accepted({ deferred: [failureOf(B, "recipient-deferred")] });
  bench.submit("d");
  await settled();
  assert.deepEqual(
    records.map(({ recipients, reply }) => [recipients, reply]),
    [[[A], "250 OK"]],
  );
});
