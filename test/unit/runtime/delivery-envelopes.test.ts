import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Addressing,
  type Attachment,
  digestsOf,
  everyoneOf,
  type SendOutcome,
  type SentMail,
} from "#src/runtime/ports.js";
import { everybody } from "#test/support/addressing.js";
import { DeliveryBench, failureOf, outcomes } from "#test/support/delivery-bench.js";
import { settled } from "#test/support/virtual-clock.js";

const { accepted, deferred, refused, unreachable } = outcomes;

const korean: Addressing = { ...everybody("a@x"), look: { locale: "ko" } };
const english: Addressing = { look: { locale: "en" }, to: ["b@x"], cc: ["c@x"], bcc: ["d@x"] };

const sentTo = (bench: DeliveryBench): string[] => bench.attempts.map(({ to }) => to.join(" "));

test("readers with other languages get a message each, all of its recipients in one transaction", async () => {
  const bench = new DeliveryBench({ connections: 1 });
  bench.route = () => [korean, english];
  bench.answer = () => accepted();
  bench.submit("d");
  await settled();
  assert.deepEqual(sentTo(bench), ["a@x", "b@x c@x d@x"]);
  assert.deepEqual(bench.accepted, ["d"]);
  assert.deepEqual(bench.reached, [["a@x"]], "between the two, who has it is told");
});

test("recipients over the limit of a transaction are split, evenly and in order", async () => {
  const bench = new DeliveryBench({ connections: 1, maxRecipients: 2 });
  bench.recipients = ["1@x", "2@x", "3@x", "4@x", "5@x"];
  bench.answer = () => accepted();
  bench.submit("d");
  await settled();
  assert.deepEqual(sentTo(bench), ["1@x 2@x", "3@x 4@x", "5@x"]);
  assert.deepEqual(bench.accepted, ["d"]);
});

test("a message that is deferred does not keep the others of its mail from leaving, and is repeated alone", async () => {
  const bench = new DeliveryBench({ connections: 1 });
  bench.route = () => [korean, english];
  bench.answer = (_, to) => (to.includes("a@x") && bench.clock.elapsed() < 500 ? deferred() : accepted());
  bench.submit("d");
  await settled();
  assert.deepEqual(sentTo(bench), ["a@x", "b@x c@x d@x"]);
  assert.deepEqual(bench.accepted, []);
  await bench.clock.advance(5_000);
  assert.deepEqual(sentTo(bench), ["a@x", "b@x c@x d@x", "a@x"]);
  assert.deepEqual(bench.accepted, ["d"]);
});

test("one refused message becomes one dead letter with those recipients, the others have theirs", async () => {
  const bench = new DeliveryBench({ connections: 1 });
  bench.route = () => [korean, english];
  bench.answer = (_, to) => (to.includes("a@x") ? refused([failureOf("a@x", "recipient-refused")]) : accepted());
  bench.submit("d");
  await settled();
  assert.deepEqual(sentTo(bench), ["a@x", "b@x c@x d@x"]);
  const [letter] = bench.undeliverable;
  assert.deepEqual(
    letter?.recipients.map(({ address }) => address),
    ["a@x"],
  );
  assert.equal(letter?.acceptedBySome, true);
});

test("an unreachable server between two messages costs nobody a second one", async () => {
  const bench = new DeliveryBench({ connections: 1 });
  bench.route = () => [korean, english];
  let down = true;
  bench.answer = (_, to) => (to.includes("b@x") && down ? unreachable() : accepted());
  bench.submit("d");
  await settled();
  down = false;
  await bench.clock.advance(10_000);
  assert.deepEqual(sentTo(bench), ["a@x", "b@x c@x d@x", "b@x c@x d@x"]);
  assert.deepEqual(bench.accepted, ["d"]);
});

test("between two messages the partition is asked again whether it may send", async () => {
  const bench = new DeliveryBench({ connections: 1 });
  bench.route = () => [korean, english];
  bench.submit("d");
  bench.mayStart = false;
  await bench.attempts[0]?.end(accepted());
  assert.equal(bench.attempts.length, 1);
  bench.mayStart = true;
  bench.delivery.resume();
  await settled();
  assert.deepEqual(sentTo(bench), ["a@x", "b@x c@x d@x"]);
});

test("a mail whose recipients are being asked for takes no connection, and waits as long as it takes", async () => {
  const bench = new DeliveryBench({ connections: 1 });
  let answer: (known: readonly Addressing[]) => void = () => undefined;
  bench.answer = () => accepted();
  bench.route = () => new Promise((resolve) => (answer = resolve));
  bench.submit("slow");
  bench.route = undefined;
  bench.submit("fast");
  await bench.clock.advance(3_600_000);
  assert.deepEqual(bench.accepted, ["fast"]);
  assert.equal(bench.delivery.routing, 1);
  answer([everybody("late@x")]);
  await settled();
  assert.deepEqual(bench.accepted, ["fast", "slow"]);
  assert.equal(bench.delivery.routing, 0);
});

test("who is told is asked with the mail in hand, and not any more at a stop", async () => {
  const bench = new DeliveryBench();
  bench.route = (compose) => [everybody(`${compose().deviceId}@x`)];
  bench.submit("boiler");
  assert.deepEqual(sentTo(bench), ["boiler@x"]);
  bench.route = () => assert.fail("asked");
  void bench.delivery.drain();
  bench.submit("pump");
});

test("how many recipients a server takes at once is found out again after an hour", async () => {
  const bench = new DeliveryBench({ connections: 1 });
  bench.recipients = ["a@x", "b@x"];
  const takesOne = (to: readonly string[]) =>
    accepted({ deferred: to.slice(1).map((address) => failureOf(address, "too-many-recipients")) });
  bench.answer = (_, to) => takesOne(to);
  const sentNow = async (): Promise<readonly string[]> => {
    const before = bench.attempts.length;
    bench.submit("d");
    await settled();
    return sentTo(bench).slice(before);
  };
  assert.deepEqual(await sentNow(), ["a@x b@x", "b@x"]);
  assert.deepEqual(await sentNow(), ["a@x", "b@x"]);
  await bench.clock.advance(3_600_000);
  assert.deepEqual(await sentNow(), ["a@x b@x", "b@x"]);
});

test("recipients that become known after the partition is lost, or at a stop, are told nothing", async () => {
  for (const end of ["lost", "stopped"] as const) {
    const bench = new DeliveryBench({ connections: 1 });
    let answer: (known: readonly Addressing[]) => void = () => undefined;
    bench.route = () => new Promise((resolve) => (answer = resolve));
    bench.submit("d");
    if (end === "lost") bench.unwanted.add("d");
    else await bench.delivery.drain();
    answer([everybody("late@x")]);
    await settled();
    assert.deepEqual(bench.attempts, [], end);
  }
});

test("a mail is on record before it is settled, whatever became of it", async () => {
  const records: SentMail[] = [];
  let written: () => void = () => undefined;
  const sent = {
    record: (mail: SentMail) => {
      records.push(mail);
      return new Promise<void>((resolve) => (written = resolve));
    },
  };
  const bench = new DeliveryBench({ connections: 1 }, { sent });
  bench.recipients = ["a@x", "b@x"];
  bench.answer = (device) =>
    device === "good" ? accepted({ refused: [failureOf("b@x", "recipient-refused")] }) : refused();
  bench.submit("good");
  await settled();
  assert.deepEqual(
    records.map(({ outcome, recipients, failed }) => [outcome, recipients, failed.length]),
    [["accepted", ["a@x"], 1]],
  );
  assert.deepEqual(bench.undeliverable, [], "not settled before it is on record");
  written();
  await settled();
  assert.equal(bench.undeliverable.length, 1);
  bench.submit("bad");
  await settled();
  assert.deepEqual(
    [records[1]?.outcome, records[1]?.recipients, records[1]?.messageId],
    ["dead_lettered", [], "<bad>"],
  );
  written();
  await settled();
  assert.equal(bench.undeliverable.length, 2);
});

test("each message of a mail in two languages is on record once somebody has it", async () => {
  const records: SentMail[] = [];
  const bench = new DeliveryBench({ connections: 1 }, { sent: { record: async (mail) => void records.push(mail) } });
  bench.route = () => [korean, english];
  bench.answer = (_, to) => (to.includes("a@x") && bench.clock.elapsed() < 500 ? deferred() : accepted());
  bench.submit("d");
  await bench.clock.advance(5_000);
  assert.deepEqual(
    records.map(({ messageId, recipients }) => [messageId, recipients]),
    [
      ["<d-en>", everyoneOf(english)],
      ["<d-ko>", everyoneOf(korean)],
    ],
  );
});

test("a transaction's recipients are on record before a new owner could be told that they have it", async () => {
  const records: SentMail[] = [];
  let written: () => void = () => undefined;
  const sent = {
    record: (mail: SentMail) => {
      records.push(mail);
      return new Promise<void>((resolve) => (written = resolve));
    },
  };
  const bench = new DeliveryBench({ connections: 1, maxRecipients: 1 }, { sent });
  bench.recipients = ["a@x", "b@x"];
  bench.answer = (_, to): SendOutcome | undefined => (to.includes("a@x") ? accepted() : undefined);
  bench.submit("d");
  await settled();
  assert.deepEqual(
    records.map(({ outcome, recipients, failed, more }) => [outcome, recipients, failed, more]),
    [["accepted", ["a@x"], [], undefined]],
  );
  assert.deepEqual(bench.reached, [], "not before it is on record");
  written();
  await settled();
  assert.deepEqual(bench.reached, [["a@x"]]);
});

test("the last record of a mail names those who are not on record yet, and is not counted again", async () => {
  const records: SentMail[] = [];
  const sent = { record: async (mail: SentMail) => void records.push(mail) };
  const bench = new DeliveryBench({ connections: 1, maxRecipients: 1 }, { sent });
  bench.recipients = ["a@x", "b@x", "c@x"];
  bench.answer = (_, to) => (to.includes("b@x") ? refused([failureOf("b@x", "recipient-refused")]) : accepted());
  bench.submit("d");
  await settled();
  assert.deepEqual(
    records.map(({ outcome, recipients, failed, more }) => [outcome, recipients, failed.length, more]),
    [
      ["accepted", ["a@x"], 0, undefined],
      ["accepted", ["c@x"], 1, true],
    ],
  );
});

test("who had it from a previous owner is on record there: the others are, here, and their records count no alert again", async () => {
  const records: SentMail[] = [];
  const sent = { record: async (mail: SentMail) => void records.push(mail) };
  const bench = new DeliveryBench({ connections: 1 }, { sent });
  bench.recipients = ["a@x", "b@x"];
  bench.have = ["a@x"];
  bench.answer = () => accepted();
  bench.submit("d");
  await settled();
  assert.deepEqual(
    records.map(({ recipients, content }) => [recipients, digestsOf(content)[0]?.again]),
    [[["b@x"], true]],
  );
});

test("while an attachment is fetched the partition may be lost: then nothing is sent", async () => {
  let fetched: (attachment: Attachment) => void = () => undefined;
  const bench = new DeliveryBench({ connections: 1 }, { attach: () => new Promise((resolve) => (fetched = resolve)) });
  bench.answer = () => accepted();
  bench.submit("d");
  await settled();
  bench.mayStart = false;
  const attachment: Attachment = { alerts: [], unread: 1, beyond: 0 };
  fetched(attachment);
  await settled();
  assert.deepEqual(bench.attempts, []);
  bench.mayStart = true;
  bench.delivery.resume();
  await settled();
  fetched(attachment);
  await settled();
  assert.deepEqual(bench.accepted, ["d"]);
});

test("while a large mail is made, turn by turn, the partition may be lost: then nothing is sent", async () => {
  let made: () => void = () => undefined;
  const bench = new DeliveryBench({ connections: 1 });
  bench.renderLater = (end) => (made = end);
  bench.answer = () => accepted();
  bench.submit("d");
  await settled();
  bench.mayStart = false;
  made();
  await settled();
  assert.deepEqual(bench.attempts, []);
  bench.mayStart = true;
  bench.delivery.resume();
  await settled();
  made();
  await settled();
  assert.deepEqual(bench.accepted, ["d"]);
});

test("a large mail that cannot be made is given up, also where that shows turns later", async () => {
  let made: () => void = () => undefined;
  const bench = new DeliveryBench({ connections: 1 });
  bench.renderLater = (end) => (made = end);
  bench.submit("d");
  await settled();
  bench.renderError = new Error("no");
  made();
  await settled();
  assert.deepEqual(
    bench.undeliverable.map(({ stage, reason }) => [stage, reason]),
    [["render", "render-failed"]],
  );
});

test("a mail that waits for its record takes no connection, counts as under way, and a stop waits for it", async () => {
  let written: () => void = () => undefined;
  const sent = { record: () => new Promise<void>((resolve) => (written = resolve)) };
  const bench = new DeliveryBench({ connections: 1 }, { sent });
  bench.submit("a", "b");
  await bench.attempts[0]?.end(accepted());
  assert.deepEqual(bench.begun, ["a at 0", "b at 0"], "the next one has the connection");
  assert.deepEqual([...bench.underWay], ["a", "b"]);
  await bench.attempts[1]?.end(outcomes.deferred());
  assert.deepEqual([...bench.underWay], ["a"]);
  let drained = false;
  const stop = bench.delivery.drain().then(() => (drained = true));
  await settled();
  assert.equal(drained, false);
  written();
  await stop;
  assert.deepEqual([bench.accepted, [...bench.underWay]], [["a"], []]);
});

test("a stop waits for mails that are being sent and for their records, and sets no timer for one that is deferred", async () => {
  let written: () => void = () => undefined;
  const sent = { record: () => new Promise<void>((resolve) => (written = resolve)) };
  const bench = new DeliveryBench({ connections: 1 }, { sent });
  bench.submit("a", "b");
  await bench.attempts[0]?.end(accepted());
  let drained = false;
  const stop = bench.delivery.drain().then(() => (drained = true));
  await settled();
  assert.equal(drained, false, "one is being sent, one put on record");
  written();
  await settled();
  assert.equal(drained, false, "one is being sent");
  await bench.attempts[1]?.end(deferred());
  await stop;
  assert.equal(bench.clock.pending, 0);
});
