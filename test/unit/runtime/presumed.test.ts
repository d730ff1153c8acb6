import assert from "node:assert/strict";
import { test } from "node:test";
import type { RecipientFailure, SendOutcome, SentMail, SmtpFailure } from "#src/runtime/ports.js";
import { DeliveryBench, failureOf, outcomes } from "#test/support/delivery-bench.js";

const MINUTE = 60_000;
const [A, B] = ["a@example.org", "b@example.org"];
const silence: SmtpFailure = { phase: "sent", reason: "timeout", reply: "", code: undefined, detail: "no reply" };

/** The end of the message went out, and no reply came. */
const unanswered = (deferred: readonly RecipientFailure[] = []): SendOutcome => ({
  kind: "ambiguous",
  failure: silence,
  refused: [],
  rcpt: { taken: [], deferred },
});

const benchOf = (answer: (attempt: number, to: readonly string[]) => SendOutcome) => {
  const records: SentMail[] = [];
  const sent = { record: async (mail: SentMail) => void records.push(mail) };
  const bench = new DeliveryBench({}, { sent });
  let attempt = 0;
  bench.answer = (_, to) => answer(++attempt, to);
  return { bench, records };
};

test("a mail to whose end no reply ever comes is sent three times, minutes apart, and is then presumed", async () => {
  const { bench, records } = benchOf(() => unanswered());
  bench.submit("a");
  await bench.clock.advance(60 * MINUTE);
  assert.deepEqual(bench.begun, ["a at 0", "a at 180", "a at 540"]);
  assert.deepEqual([bench.presumed, bench.undeliverable], [["a"], []]);
  const [record] = records;
  assert.deepEqual([record?.outcome, record?.presumed, record?.failed], ["presumed", [A], []]);
  assert.deepEqual(
    bench.told.map(({ outcome }) => outcome),
    ["ambiguous", "ambiguous", "presumed"],
  );
});

test("a reply to the second or third one is the mail's outcome", async () => {
  const { bench, records } = benchOf((attempt) => (attempt < 3 ? unanswered() : outcomes.accepted()));
  bench.submit("a");
  await bench.clock.advance(60 * MINUTE);
  assert.deepEqual([bench.accepted, bench.presumed], [["a"], []]);
  assert.equal(records[0]?.outcome, "accepted");
});

test("minutes without a reply use up nothing of the retry budget", async () => {
  const { bench } = benchOf((attempt) => (attempt < 3 ? unanswered() : outcomes.deferred()));
  bench.submit("a");
  await bench.clock.advance(9 * MINUTE + 14 * MINUTE);
  assert.deepEqual(bench.undeliverable, []);
  await bench.clock.advance(2 * MINUTE);
  assert.equal(bench.undeliverable.length, 1);
});

test("who was deferred before the message is not presumed to have it", async () => {
  const full = failureOf(B, "recipient-deferred");
  const { bench, records } = benchOf((_, to) => (to.includes(A) ? unanswered([full]) : outcomes.deferred()));
  bench.recipients = [A, B];
  bench.submit("a");
  await bench.clock.advance(120 * MINUTE);
  assert.deepEqual(bench.attempts.filter(({ to }) => to.includes(A)).length, 3);
  const told = records.flatMap(({ presumed = [] }) => presumed);
  assert.deepEqual(told, [A]);
  assert.deepEqual(
    bench.undeliverable.flatMap(({ recipients }) => recipients.map(({ address }) => address)),
    [B],
  );
});

test("of a lane of mails that wait for one recipient each ends as presumed in its turn, and they are on record as such", async () => {
  const full = failureOf(B, "recipient-deferred");
  const { bench, records } = benchOf((_, to) => {
    if (to.includes(A)) return to.includes(B) ? outcomes.accepted({ deferred: [full] }) : outcomes.accepted();
    return bench.clock.elapsed() < 5 * MINUTE ? { ...outcomes.deferred(), failure: full } : unanswered();
  });
  bench.recipients = [A, B];
  for (let mail = 0; mail < 2; mail++) {
    bench.submit("a");
    await bench.clock.advance(500);
  }
  assert.deepEqual([bench.passed, bench.accepted], [["a", "a"], []]);
  await bench.clock.advance(5 * MINUTE);
  const before = bench.attempts.length;
  await bench.clock.advance(60 * MINUTE);
  const minutes = bench.attempts.slice(before).map(({ at }) => Math.round(at / MINUTE));
  const [first = 0] = minutes;
  assert.deepEqual(
    minutes.map((at) => at - first),
    [0, 3, 9, 9, 12, 18],
    "the second one begins when the first one is through",
  );
  assert.deepEqual([bench.presumed, bench.undeliverable], [["a", "a"], []]);
  assert.deepEqual(bench.delivery.waitingRecipients(), []);
  assert.deepEqual(
    records.map(({ outcome, recipients, presumed = [] }) => [outcome, ...recipients, ...presumed]),
    [
      ["accepted", A],
      ["accepted", A],
      ["presumed", B, B],
      ["presumed", B, B],
    ],
  );
});
