import assert from "node:assert/strict";
import { test } from "node:test";
import { creationCommand, isAboutSettings, nextPlan, type TopicPlan } from "#src/kafka/topic-plan.js";

const MIB = 1024 * 1024;
const plan: TopicPlan = {
  topic: "alerts.dead-letters",
  partitions: 6,
  replicationFactor: -1,
  config: { "max.message.bytes": String(16 * MIB) },
};
const policy = (sentence: string) => ({ type: "POLICY_VIOLATION", sentence });
/** Every plan that is tried while the broker goes on saying the same. */
const tried = (first: TopicPlan, refusal: { type: string; sentence: string }): string[] => {
  const plans: string[] = [];
  for (let next: TopicPlan | undefined = first; next !== undefined; next = nextPlan(next, refusal)) {
    plans.push(`${next.replicationFactor} ${JSON.stringify(next.config)}`);
    assert.ok(plans.length < 20, "it never ends");
  }
  return plans;
};

test("a largest record that is refused is 8 MiB, then the broker's own", () => {
  const refusal = policy("max.message.bytes is too large");
  const smaller = nextPlan(plan, refusal);
  assert.deepEqual(smaller?.config, { "max.message.bytes": String(8 * MIB) });
  assert.deepEqual(nextPlan(smaller as TopicPlan, refusal)?.config, {});
});

test("a size that the broker's sentence names is taken", () => {
  const sentence = `Config max.message.bytes is ${16 * MIB}, must be within 1048588 and ${2 * MIB}`;
  assert.deepEqual(nextPlan(plan, policy(sentence))?.config, { "max.message.bytes": String(2 * MIB) });
});

test("settings that the sentence names are left to the broker, the others stay", () => {
  const status = { ...plan, config: { "cleanup.policy": "compact,delete", "segment.bytes": "16777216" } };
  assert.deepEqual(nextPlan(status, policy("segment.bytes may not be set"))?.config, {
    "cleanup.policy": "compact,delete",
  });
});

test("a replication factor that is refused is 3, then 2, and the settings stay", () => {
  const three = nextPlan(plan, policy("Replication factor must be at least 3"));
  assert.deepEqual(three, { ...plan, replicationFactor: 3 });
  const two = nextPlan(three as TopicPlan, { type: "INVALID_REPLICATION_FACTOR", sentence: "only 2 brokers" });
  assert.deepEqual(two, { ...plan, replicationFactor: 2 });
  assert.equal(nextPlan(two as TopicPlan, policy("Replication factor must be at least 3")), undefined);
});

test("a refusal that names nothing: less and less is asked for, and then it ends", () => {
  assert.deepEqual(tried(plan, policy("not with us")), [
    `-1 {"max.message.bytes":"${16 * MIB}"}`,
    `-1 {"max.message.bytes":"${8 * MIB}"}`,
    "-1 {}",
    "3 {}",
    "2 {}",
  ]);
});

test("only refusals of the settings are worth another try", () => {
  assert.ok(isAboutSettings(policy("no")));
  assert.ok(isAboutSettings({ type: "INVALID_CONFIG", sentence: "no" }));
  assert.ok(!isAboutSettings({ type: "TOPIC_AUTHORIZATION_FAILED", sentence: "no" }));
});

test("the command is one that Kafka's own tool takes", () => {
  assert.equal(
    creationCommand({ ...plan, replicationFactor: 3 }, "broker:9092"),
    "kafka-topics.sh --bootstrap-server broker:9092 --create --topic alerts.dead-letters --partitions 6 --replication-factor 3 " +
      "--config max.message.bytes=16777216",
  );
});
