import assert from "node:assert/strict";
import { test } from "node:test";
import type { SendOutcome, SmtpFailure } from "#src/runtime/ports.js";
import { everybody } from "#test/support/addressing.js";
import { DeliveryBench, outcomes } from "#test/support/delivery-bench.js";
import { settled } from "#test/support/virtual-clock.js";

const { accepted } = outcomes;

const refusal = (reply: string, more: Partial<SmtpFailure> = {}): SendOutcome => ({
  kind: "refused",
  failure: { phase: "rcpt", reason: "recipient-refused", reply, code: Number(reply.slice(0, 3)), ...more },
  recipients: [],
});
const unclear = refusal("550 5.7.1 no");
const ofUs = refusal("554 5.7.1 Relay access denied", { reason: "policy" });
const full: SendOutcome = {
  kind: "deferred",
  failure: { phase: "mail", reason: "policy", reply: "452 4.3.1 disk full", code: 452 },
  refused: [],
};

/** Each device has a reader of its own. */
const setup = (answer: (device: string, atMs: number) => SendOutcome) => {
  const bench = new DeliveryBench({ connections: 4 });
  bench.answer = (device) => answer(device, bench.clock.elapsed());
  return {
    bench,
    submit: (...devices: readonly string[]) => {
      for (const device of devices) {
        bench.route = () => [everybody(`${device}@x`)];
        bench.submit(device);
      }
    },
  };
};
const devices = Array.from({ length: 20 }, (_, i) => `d${i}`);

for (const [name, outcome] of [
  ["words about us", ofUs],
  ["words that tell nothing", unclear],
  ["a full disk", full],
] as const) {
  test(`20 of 20 mails that get ${name} wait, are probed at growing distances, and all leave once the server changes its mind`, async () => {
    const changes = 3_600_000;
    const { bench, submit } = setup((_, at) => (at < changes ? outcome : accepted()));
    submit(...devices);
    await bench.clock.advance(changes - 1);
    assert.deepEqual([bench.undeliverable, bench.delivery.circuitOpen], [[], true]);
    const times = bench.attempts.map(({ at }) => at);
    const pauses = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    assert.ok(times.length < 60, `${times.length} attempts in an hour`);
    assert.equal(Math.max(...pauses), 300_000, "five minutes at most");
    assert.ok(new Set(bench.attempts.slice(-10).map(({ deviceId }) => deviceId)).size >= 10, "another mail each time");
    assert.ok(bench.calls.includes("mailRetried policy"));
    await bench.clock.advance(300_000);
    assert.deepEqual(bench.accepted.toSorted(), devices.toSorted());
    assert.deepEqual([bench.undeliverable, bench.delivery.circuitOpen], [[], false]);
  });
}

test("one mail that is refused while others are accepted is a dead letter after a second try, and nobody waits for it", async () => {
  for (const outcome of [ofUs, unclear]) {
    const { bench, submit } = setup((device) => (device === "bad" ? outcome : accepted()));
    submit("first");
    await settled();
    submit("bad", ...devices);
    await settled();
    assert.equal(bench.accepted.length, 21);
    assert.deepEqual([bench.undeliverable.length, bench.delivery.circuitOpen], [0, false]);
    await bench.clock.advance(10_000);
    assert.deepEqual(
      bench.undeliverable.map(({ deviceId, attempts }) => [deviceId, attempts]),
      [["bad", 2]],
    );
  }
});

test("a mail alone that is refused without a word about us is tried three times, then a dead letter", async () => {
  const { bench, submit } = setup(() => unclear);
  submit("bad");
  await bench.clock.advance(10_000);
  assert.deepEqual(bench.begun, ["bad at 0", "bad at 1", "bad at 3"]);
  assert.deepEqual([bench.undeliverable.length, bench.delivery.circuitOpen], [1, false]);
  assert.equal(bench.calls.filter((call) => call.startsWith("recipientRefused")).length, 1, "counted once");
});

test("while the server refuses us, a mail to an unknown recipient is a dead letter and ends nothing", async () => {
  const { bench, submit } = setup((device) => (device === "gone" ? outcomes.refused() : ofUs));
  submit("a", "b");
  await bench.clock.advance(10);
  submit("gone");
  await bench.clock.advance(60_000);
  assert.deepEqual(
    bench.undeliverable.map(({ deviceId }) => deviceId),
    ["gone"],
  );
  assert.equal(bench.delivery.circuitOpen, true);
  bench.answer = () => accepted();
  await bench.clock.advance(300_000);
  assert.deepEqual(bench.accepted.toSorted(), ["a", "b"], "the next one was the probe in its place");
});

test("one refused recipient among accepted ones stays a refused recipient, whatever is said of it", async () => {
  const bench = new DeliveryBench();
  bench.recipients = ["a@x", "b@x"];
  const denied = { ...(ofUs.kind === "refused" ? ofUs.failure : assert.fail()), address: "b@x" };
  bench.answer = () => accepted({ refused: [denied] });
  bench.submit("d");
  await settled();
  assert.deepEqual(
    bench.undeliverable.map(({ recipients, acceptedBySome }) => [recipients.length, acceptedBySome]),
    [[1, true]],
  );
  assert.equal(bench.delivery.circuitOpen, false);
});

test("time in which the server refuses us spends no mail's budget", async () => {
  let outcome: SendOutcome = outcomes.deferred();
  const { bench, submit } = setup(() => outcome);
  submit("a");
  await bench.clock.advance(800_000);
  outcome = ofUs;
  await bench.clock.advance(2_000_000);
  assert.equal(bench.delivery.circuitOpen, true);
  outcome = outcomes.deferred();
  submit("b");
  await bench.clock.advance(300_000);
  assert.deepEqual(bench.undeliverable, []);
});

const closing = (phase: SmtpFailure["phase"]): SendOutcome => ({
  kind: "deferred",
  failure: { phase, reason: "service-unavailable", reply: "421 4.3.0 shutting down", code: 421 },
  refused: [],
});

for (const phase of ["mail", "data", "sent"] as const) {
  test(`a server that says 421 to every mail at ${phase} for hours is not available: none is given up, and all leave once it is back`, async () => {
    const back = 4 * 3_600_000;
    const { bench, submit } = setup((_, at) => (at < back ? closing(phase) : accepted()));
    submit(...devices);
    await bench.clock.advance(back - 1);
    assert.deepEqual([bench.undeliverable, bench.delivery.circuitOpen], [[], true]);
    await bench.clock.advance(600_000);
    assert.deepEqual(bench.accepted.toSorted(), devices.toSorted());
    assert.deepEqual([bench.undeliverable, bench.delivery.circuitOpen], [[], false]);
  });
}

test("a mail that gets 421 for all its time while others are accepted is a dead letter", async () => {
  const { bench, submit } = setup((device) => (device === "bad" ? closing("sent") : accepted()));
  submit("bad");
  await bench.clock.advance(60_000);
  submit(...devices);
  await bench.clock.advance(1_000_000);
  assert.deepEqual(bench.accepted.toSorted(), devices.toSorted());
  assert.deepEqual(
    bench.undeliverable.map(({ deviceId }) => deviceId),
    ["bad"],
  );
  assert.equal(bench.delivery.circuitOpen, false);
});

test("a mail that got 421 for all its time is a dead letter as soon as another one is accepted", async () => {
  const { bench, submit } = setup((device) => (device === "bad" ? closing("sent") : accepted()));
  submit("bad");
  await bench.clock.advance(1_000_000);
  assert.deepEqual([bench.undeliverable, bench.delivery.circuitOpen], [[], true]);
  submit("good");
  await bench.clock.advance(1_000_000);
  assert.deepEqual(bench.accepted, ["good"]);
  assert.deepEqual(
    bench.undeliverable.map(({ deviceId }) => deviceId),
    ["bad"],
  );
});
