import assert from "node:assert/strict";
import { test } from "node:test";
import type { SendOutcome } from "#src/runtime/ports.js";
import { DeliveryBench, failureOf, outcomes } from "#test/support/delivery-bench.js";
import { settled } from "#test/support/virtual-clock.js";

const { accepted, ambiguous, deferred, refused, unreachable } = outcomes;
const MINUTE = 60_000;

test("at most `connections` attempts run at once, the rest waits in the order it came, and none is lost", async () => {
  const bench = new DeliveryBench({ connections: 3 });
  const devices = Array.from({ length: 600 }, (_, i) => `d${i}`);
  bench.submit(...devices);
  for (let i = 0; i < devices.length; i++) await bench.attempts[i]?.end(accepted());
  assert.equal(bench.inFlightMost, 3);
  assert.deepEqual(bench.accepted, devices);
  assert.equal(bench.delivery.inFlight, 0);
});

test("100 mails of 3.5 s each over 8 connections take 13 × 3.5 s", async () => {
  const bench = new DeliveryBench({ connections: 8 });
  bench.answer = () => {
    const index = bench.attempts.length - 1;
    bench.clock.after(3_500, () => void bench.attempts[index]?.end(accepted()));
    return undefined;
  };
  bench.submit(...Array.from({ length: 100 }, (_, i) => `d${i}`));
  await bench.clock.advance(13 * 3_500);
  assert.equal(bench.accepted.length, 100);
  assert.equal(bench.attempts.at(-1)?.at, 12 * 3_500);
  assert.equal(bench.inFlightMost, 8);
});

test("a mail that is deferred waits without a connection and holds back no other device", async () => {
  const bench = new DeliveryBench({ connections: 1 });
  bench.answer = (device) => (device === "slow" ? deferred() : accepted());
  bench.submit("slow", "b", "c");
  await bench.clock.advance(500);
  assert.deepEqual(bench.accepted, ["b", "c"]);
  assert.equal(bench.delivery.inFlight, 0);
});

test("a deferred mail is tried again with growing pauses, and becomes a dead letter when its budget is spent", async () => {
  const bench = new DeliveryBench({ retryBudgetMs: 10_000, retryMaxMs: 4_000 });
  bench.answer = () => deferred();
  bench.submit("a");
  await bench.clock.advance(20 * MINUTE);
  assert.deepEqual(bench.begun, ["a at 0", "a at 1", "a at 3", "a at 7", "a at 10"]);
  assert.equal(bench.undeliverable.length, 1);
  const [letter] = bench.undeliverable;
  assert.deepEqual(
    [letter?.stage, letter?.reason, letter?.attempts, letter?.messageId, letter?.acceptedBySome],
    ["smtp", "message-deferred", 5, "<a>", false],
  );
  assert.deepEqual(
    letter?.recipients.map(({ address }) => address),
    ["a@example.org"],
  );
  assert.equal(bench.calls.filter((call) => call === "mailRetried message-deferred").length, 4);
});

test("time in which the server is unreachable spends no mail's budget", async () => {
  const bench = new DeliveryBench({ retryBudgetMs: 10_000, connections: 1 });
  bench.answer = () =>
    bench.clock.elapsed() < 2_000 ? deferred() : bench.clock.elapsed() < 60 * MINUTE ? unreachable() : deferred();
  bench.submit("a");
  await bench.clock.advance(60 * MINUTE - 1);
  assert.deepEqual(bench.undeliverable, []);
  assert.equal(bench.delivery.circuitOpen, true);
  bench.answer = (device) => (device === "a" && bench.clock.elapsed() < 60 * MINUTE + 6_000 ? deferred() : accepted());
  await bench.clock.advance(MINUTE);
  assert.deepEqual(bench.accepted, ["a"]);
});

test("a mail that was the probe through an outage is retried after it as soon as any other", async () => {
  const bench = new DeliveryBench({ connections: 1 });
  bench.answer = () => (bench.clock.elapsed() < 10 * MINUTE ? unreachable() : deferred());
  bench.submit("a");
  await bench.clock.advance(11 * MINUTE);
  const after = bench.attempts.map(({ at }) => at).filter((at) => at >= 10 * MINUTE);
  assert.deepEqual(
    after.slice(1, 5).map((at) => at - (after[0] as number)),
    [1_000, 3_000, 7_000, 15_000],
  );
});

test("a machine's clock that is set forward or back spends no mail's budget and delays none", async () => {
  for (const byMs of [24 * 60 * MINUTE, -24 * 60 * MINUTE]) {
    const bench = new DeliveryBench({ retryBudgetMs: 10_000, retryMaxMs: 4_000 });
    bench.answer = () => deferred();
    bench.submit("a");
    await bench.clock.advance(1_500);
    bench.clock.set(byMs);
    await bench.clock.advance(2_500);
    assert.deepEqual(bench.undeliverable, []);
    await bench.clock.advance(10_000);
    assert.equal(bench.undeliverable.length, 1);
    assert.deepEqual(bench.begun, ["a at 0", "a at 1", "a at 3", "a at 7", "a at 10"]);
  }
});

test("unreachable stops all sending; one mail probes, and the first answer lets all go again", async () => {
  const bench = new DeliveryBench({ connections: 2 });
  bench.submit("a", "b", "c", "d");
  await bench.attempts[0]?.end(unreachable());
  await bench.attempts[1]?.end(unreachable());
  assert.equal(bench.delivery.circuitOpen, true);
  assert.equal(bench.attempts.length, 2);
  await bench.clock.advance(1_000);
  assert.equal(bench.attempts.length, 3, "one probe");
  await bench.clock.advance(MINUTE);
  assert.equal(bench.attempts.length, 3, "and only one");
  await bench.attempts[2]?.end(unreachable());
  await bench.clock.advance(2_000);
  assert.equal(bench.attempts.length, 4);
  await bench.attempts[3]?.end(accepted());
  assert.equal(bench.delivery.circuitOpen, false);
  bench.answer = () => accepted();
  for (const attempt of bench.attempts.slice(4)) await attempt.end(accepted());
  await settled();
  assert.deepEqual(bench.accepted.sort(), ["a", "b", "c", "d"]);
  assert.deepEqual(bench.undeliverable, []);
  assert.equal(bench.calls.filter((call) => call === "mailRetried connection-refused").length, 3, "each is counted");
});

test("a probe whose mail turns out to have no recipient lets the next one probe", async () => {
  const bench = new DeliveryBench({ connections: 1 });
  bench.submit("a");
  await bench.attempts[0]?.end(unreachable());
  bench.unwanted.add("a");
  bench.recipients = [];
  bench.submit("b");
  bench.clock.after(1_500, () => {
    bench.recipients = ["c@example.org"];
  });
  await bench.clock.advance(2_000);
  assert.deepEqual(
    bench.undeliverable.map(({ deviceId, stage, reason }) => [deviceId, stage, reason]),
    [["b", "route", "no-recipient"]],
  );
  bench.submit("c");
  await bench.clock.advance(10_000);
  assert.equal(bench.attempts.at(-1)?.deviceId, "c");
});

test("a recipient that accepted is never mailed again because of another one", async () => {
  const bench = new DeliveryBench();
  bench.recipients = ["ok@x", "later@x", "never@x"];
  bench.submit("a");
  await bench.attempts[0]?.end(
    accepted({
      refused: [failureOf("never@x", "recipient-refused")],
      deferred: [failureOf("later@x", "recipient-deferred")],
    }),
  );
  await bench.clock.advance(1_000);
  assert.deepEqual(bench.attempts[1]?.to, ["later@x"]);
  await bench.attempts[1]?.end(accepted());
  assert.deepEqual(bench.accepted, []);
  const [letter] = bench.undeliverable;
  assert.equal(letter?.acceptedBySome, true);
  assert.deepEqual(
    letter?.recipients.map(({ address, reason }) => [address, reason]),
    [["never@x", "recipient-refused"]],
  );
  assert.deepEqual(
    bench.calls.filter((call) => call.startsWith("recipientRefused")),
    ["recipientRefused recipient-refused"],
  );
});

test("a recipient deferred until the budget is spent is alone in the dead letter", async () => {
  const bench = new DeliveryBench({ retryBudgetMs: 5_000 });
  bench.recipients = ["ok@x", "later@x"];
  bench.answer = (_, to) =>
    to.includes("ok@x") ? accepted({ deferred: [failureOf("later@x", "recipient-deferred")] }) : deferred();
  bench.submit("a");
  await bench.clock.advance(MINUTE);
  assert.deepEqual(
    bench.attempts
      .slice(1)
      .flatMap(({ to }) => to)
      .filter((address) => address !== "later@x"),
    [],
  );
  assert.deepEqual(
    bench.undeliverable.map(({ recipients, acceptedBySome }) => [
      recipients.map(({ address }) => address),
      acceptedBySome,
    ]),
    [[["later@x"], true]],
  );
});

test("a mail refused for everybody is a dead letter at once, each recipient with what was said of it", async () => {
  const bench = new DeliveryBench();
  bench.recipients = ["a@x", "b@x"];
  bench.submit("a");
  await bench.attempts[0]?.end(refused([failureOf("b@x", "recipient-refused")]));
  assert.deepEqual(
    bench.undeliverable[0]?.recipients.map(({ address, reason }) => [address, reason]),
    [
      ["a@x", "message-refused"],
      ["b@x", "recipient-refused"],
    ],
  );
  assert.equal(bench.undeliverable[0]?.acceptedBySome, false);
});

test("an ambiguous end is tried again under the same Message-ID, after minutes, without those refused before", async () => {
  const bench = new DeliveryBench();
  bench.submit("a");
  await bench.attempts[0]?.end(ambiguous());
  await bench.clock.advance(3 * MINUTE - 1);
  assert.equal(bench.attempts.length, 1);
  await bench.clock.advance(1);
  await bench.attempts[1]?.end(accepted());
  assert.deepEqual(bench.accepted, ["a"]);
  assert.ok(bench.calls.includes("mailRetried timeout"));
});

test("a mail that cannot be rendered, or that nobody is to get, takes no connection", async () => {
  const bench = new DeliveryBench();
  bench.renderError = new Error("no such template");
  bench.submit("a");
  await settled();
  bench.recipients = [];
  bench.submit("b");
  await settled();
  assert.equal(bench.attempts.length, 0);
  assert.deepEqual(
    bench.undeliverable.map(({ stage, reason, attempts }) => [stage, reason, attempts]),
    [
      ["render", "render-failed", 0],
      ["route", "no-recipient", 0],
    ],
  );
});

test("nothing starts while its partition may not; what is no longer wanted never starts", async () => {
  const bench = new DeliveryBench({ connections: 1 });
  bench.mayStart = false;
  bench.submit("a", "b", "c");
  await bench.clock.advance(MINUTE);
  assert.equal(bench.attempts.length, 0);
  bench.unwanted.add("a").add("b");
  bench.mayStart = true;
  bench.delivery.resume();
  assert.deepEqual(bench.begun, ["c at 60"]);
});

test("a retry that comes due while its partition may not send, or whose mail is no longer wanted, waits or goes away", async () => {
  const bench = new DeliveryBench();
  bench.submit("a", "b");
  await bench.attempts[0]?.end(deferred());
  await bench.attempts[1]?.end(deferred());
  bench.mayStart = false;
  await bench.clock.advance(MINUTE);
  assert.equal(bench.attempts.length, 2);
  bench.unwanted.add("a");
  bench.mayStart = true;
  bench.delivery.resume();
  assert.deepEqual(bench.begun.slice(2), ["b at 60"]);
});

test("draining waits for the attempts under way, starts no other, and leaves no timer", async () => {
  const bench = new DeliveryBench({ connections: 2 });
  bench.submit("late", "a", "b", "c");
  await bench.attempts[0]?.end(deferred());
  let drained = false;
  const done = bench.delivery.drain().then(() => {
    drained = true;
  });
  await bench.attempts[1]?.end(accepted());
  assert.equal(drained, false);
  await bench.attempts[2]?.end(unreachable());
  await done;
  assert.equal(bench.clock.pending, 0);
  assert.deepEqual(bench.accepted, ["a"]);
  await bench.clock.advance(10 * MINUTE);
  assert.equal(bench.attempts.length, 3);
});

test("a server that takes two connections and greets the others with 421 is no outage: fewer are opened, and all mails leave", async () => {
  const bench = new DeliveryBench({ connections: 8 });
  const busy: SendOutcome = {
    kind: "unreachable",
    failure: { phase: "greeting", reason: "service-unavailable", reply: "421 too many connections", code: 421 },
  };
  bench.answer = () => {
    const attempt = bench.attempts.length - 1;
    const tooMany = bench.delivery.inFlight > 2;
    bench.clock.after(tooMany ? 10 : 200, () => void bench.attempts[attempt]?.end(tooMany ? busy : accepted()));
    return undefined;
  };
  bench.submit(...Array.from({ length: 100 }, (_, i) => `d${i}`));
  await bench.clock.advance(MINUTE);
  assert.equal(bench.accepted.length, 100);
  assert.equal(bench.delivery.circuitOpen, false);
  assert.ok(bench.attempts.length < 200, `${bench.attempts.length} attempts for 100 mails`);
});
