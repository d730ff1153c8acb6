import assert from "node:assert/strict";
import { test } from "node:test";
import { DeliveryBench, failure, outcomes } from "#test/support/delivery-bench.js";
import { settled } from "#test/support/virtual-clock.js";

const AWAY = async () => ({ kind: "unreachable", failure: failure("auth") }) as const;

test("an unreachable server found without a mail opens the circuit: mails wait and the first one tries it", async () => {
  const bench = new DeliveryBench();
  bench.probe = AWAY;
  await bench.delivery.probe();
  assert.ok(bench.delivery.circuitOpen);
  bench.submit("a");
  bench.submit("b");
  await settled();
  assert.equal(bench.attempts.length, 0);
  await bench.clock.advance(1_000);
  await settled();
  assert.equal(bench.attempts.length, 1);
  await bench.attempts[0]?.end(outcomes.accepted());
  assert.deepEqual([bench.delivery.circuitOpen, bench.attempts.length], [false, 2]);
});

test("one that is found again lets the mails go", async () => {
  const bench = new DeliveryBench();
  bench.probe = AWAY;
  await bench.delivery.probe();
  assert.equal(await bench.delivery.probe(), undefined, "not before its time");
  await bench.clock.advance(1_000);
  bench.probe = async () => ({ kind: "reachable", loginOffered: true });
  const probing = bench.delivery.probe();
  bench.submit("a");
  assert.equal(bench.attempts.length, 0);
  await probing;
  assert.deepEqual([bench.delivery.circuitOpen, bench.attempts.length], [false, 1]);
});

test("while a mail is being sent the server is not tried without one", async () => {
  const bench = new DeliveryBench();
  bench.submit("a");
  let probes = 0;
  bench.probe = async () => {
    probes++;
    return { kind: "reachable", loginOffered: false };
  };
  assert.equal(await bench.delivery.probe(), undefined);
  await bench.attempts[0]?.end(outcomes.accepted());
  await bench.delivery.probe();
  assert.equal(probes, 1);
  await bench.delivery.drain();
  assert.equal(await bench.delivery.probe(), undefined);
});

test("a server that refuses us is not there again because it answers: the mails wait, and the next of them tries it", async () => {
  const bench = new DeliveryBench();
  const refusal = { phase: "mail", reason: "policy", reply: "554 5.7.1 Relay access denied", code: 554 } as const;
  bench.answer = () => ({ kind: "refused", failure: refusal, recipients: [] });
  bench.submit("a", "b");
  await settled();
  const before = bench.attempts.length;
  bench.answer = () => outcomes.accepted();
  while (bench.attempts.length === before && (await bench.clock.step(bench.clock.elapsed() + 999)));
  assert.equal((await bench.delivery.probe())?.kind, undefined, "not before its time");
  bench.unwanted.add("a").add("b");
  await bench.clock.advance(1_000);
  assert.deepEqual([(await bench.delivery.probe())?.kind, bench.delivery.circuitOpen], ["reachable", true]);
  bench.submit("c");
  await settled();
  assert.deepEqual([bench.accepted, bench.delivery.circuitOpen], [["c"], false]);
});
