import assert from "node:assert/strict";
import { test } from "node:test";
import kafkajs from "kafkajs";
import { LEADER_PATIENCE_MS, whileCoordinatorMoves, whileLeadersMove } from "#src/kafka/moving-leaders.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const refusal = (type: string): Error =>
  Object.assign(new kafkajs.KafkaJSError(`the broker's sentence for ${type}`, { retriable: true }), { type });

const named = (name: string, message: string): Error => Object.assign(new kafkajs.KafkaJSError(message), { name });

/** Asks with a clock that is moved on whenever somebody waits; `answers` come one after the other, the last one again and again. */
const asked = async (...answers: readonly (Error | string)[]) => askedWith(whileLeadersMove, answers);
const opened = async (...answers: readonly (Error | string)[]) => askedWith(whileCoordinatorMoves, answers);

const askedWith = async (asks: typeof whileLeadersMove, answers: readonly (Error | string)[]) => {
  const clock = new VirtualClock();
  const left = [...answers];
  const agains: boolean[] = [];
  const answer = asks(async (again) => {
    agains.push(again);
    const next = (left.length > 1 ? left.shift() : left[0]) as Error | string;
    if (next instanceof Error) throw next;
    return next;
  }, clock);
  const outcome = answer.catch((error: Error) => error);
  while (await clock.step());
  return { outcome: await outcome, agains, tookMs: clock.elapsed() };
};

for (const type of ["UNKNOWN_TOPIC_OR_PARTITION", "LEADER_NOT_AVAILABLE", "NOT_LEADER_FOR_PARTITION"])
  test(`${type} of a topic that is there is asked again, and the second time is known as that`, async () => {
    const { outcome, agains } = await asked(refusal(type), refusal(type), "42");
    assert.deepEqual([outcome, agains], ["42", [false, true, true]]);
  });

test("so is a leader that is gone, and one that KafkaJS looks for and nobody is", async () => {
  const [gone, nobody] = [
    named("KafkaJSConnectionError", "connect ECONNREFUSED"),
    named("KafkaJSBrokerNotFound", "Broker -1 not found in the cached metadata"),
  ];
  assert.equal((await asked(gone, nobody, "42")).outcome, "42");
});

test("what KafkaJS wraps into another error is seen through", async () => {
  const wrapped = new kafkajs.KafkaJSError("tried in vain", { retriable: false });
  assert.equal((await asked(Object.assign(wrapped, { cause: refusal("LEADER_NOT_AVAILABLE") }), "42")).outcome, "42");
});

test("it waits longer than a cluster takes to notice a dead broker, and then tells of the last error", async () => {
  const last = refusal("LEADER_NOT_AVAILABLE");
  const { outcome, tookMs } = await asked(refusal("UNKNOWN_TOPIC_OR_PARTITION"), last);
  assert.equal(outcome, last);
  assert.ok(tookMs >= LEADER_PATIENCE_MS && LEADER_PATIENCE_MS > 9_000, `${tookMs} ms`);
});

test("a right that is missing is told at once", async () => {
  const { agains, tookMs } = await asked(refusal("TOPIC_AUTHORIZATION_FAILED"));
  assert.deepEqual([agains, tookMs], [[false], 0]);
});

for (const type of [
  "GROUP_COORDINATOR_NOT_AVAILABLE",
  "NOT_COORDINATOR_FOR_GROUP",
  "GROUP_LOAD_IN_PROGRESS",
  "CONCURRENT_TRANSACTIONS",
])
  test(`${type} of a transactional ID is asked again, for as long as a leader is`, async () => {
    assert.equal((await opened(refusal(type), refusal(type), "42")).outcome, "42");
    const { outcome, tookMs } = await opened(refusal(type));
    assert.equal((outcome as Error & { type: string }).type, type);
    assert.ok(tookMs >= LEADER_PATIENCE_MS, `${tookMs} ms`);
  });

test("so is a coordinator that is gone; another one that took the transactional ID is told at once", async () => {
  const [gone, unknown] = [
    named("KafkaJSConnectionError", "connect ECONNREFUSED"),
    named("KafkaJSBrokerNotFound", "Broker 3 not found in the cached metadata"),
  ];
  assert.equal((await opened(gone, unknown, "42")).outcome, "42");
  for (const type of ["PRODUCER_FENCED", "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "UNKNOWN_TOPIC_OR_PARTITION"])
    assert.deepEqual((await opened(refusal(type))).agains, [false], type);
});
