import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import type { ITopicConfig } from "kafkajs";
import { createTopic, keepReasonsOfRefusedTopics } from "#src/kafka/topic-creation.js";
import { quietLog } from "#test/support/quiet.js";

const POLICY_VIOLATION = 44;
const wanted = {
  topic: "alerts.dead-letters",
  partitions: 6,
  replicationFactor: -1,
  config: { "max.message.bytes": "16777216" },
};

/** A cluster that answers each attempt with the next refusal, and then takes it. */
const cluster = (...refusals: readonly { type: string; message: string }[]) => {
  const asked: ITopicConfig[] = [];
  const left = [...refusals];
  const createTopics = async ({ topics }: { topics: ITopicConfig[] }): Promise<boolean> => {
    asked.push(...topics);
    const refusal = left.shift();
    if (refusal !== undefined) throw Object.assign(new Error("Topic creation errors"), { errors: [refusal] });
    return true;
  };
  return { asked, createTopics };
};
const create = async (admin: ReturnType<typeof cluster>) => {
  const warnings: unknown[] = [];
  const log = { ...quietLog, warn: (fields: unknown) => void warnings.push(fields) };
  const created = await createTopic(admin, wanted, { variable: "KAFKA_DEAD_LETTER_TOPIC", log });
  return { created, warnings };
};

test("what the cluster allows is created, and a warning says what it refused", async () => {
  const admin = cluster({ type: "POLICY_VIOLATION", message: "max.message.bytes must not be above 8388608" });
  const { created, warnings } = await create(admin);
  assert.deepEqual(created?.config, { "max.message.bytes": "8388608" });
  assert.deepEqual(
    admin.asked.map(({ configEntries }) => configEntries?.[0]?.value),
    ["16777216", "8388608"],
  );
  assert.match(JSON.stringify(warnings), /max.message.bytes must not be above 8388608/);
});

test("what is created as it was asked for is no warning", async () => {
  const { created, warnings } = await create(cluster());
  assert.deepEqual([created, warnings], [wanted, []]);
});

test("another instance that was quicker is no fault", async () => {
  const { created } = await create(cluster({ type: "TOPIC_ALREADY_EXISTS", message: "exists" }));
  assert.equal(created, undefined);
});

test("a cluster that is too busy to answer in time is asked again, and at last it is said", async () => {
  const late = { type: "REQUEST_TIMED_OUT", message: "The request timed out" };
  const silent = Object.assign(new Error("Request CreateTopics timed out"), { name: "KafkaJSRequestTimeoutError" });
  const createTopics = async ({ topics }: { topics: ITopicConfig[] }): Promise<boolean> => {
    if (asked.push(...topics) < 3) throw silent;
    return false;
  };
  const asked: ITopicConfig[] = [];
  assert.equal((await create({ asked, createTopics })).created, undefined);
  assert.equal(asked.length, 3);

  assert.deepEqual((await create(cluster(late, late))).created, wanted);
  await assert.rejects(create(cluster(...Array.from({ length: 20 }, () => late))), /The request timed out/);
});

test("when nothing is allowed, the error has the broker's words, the variable and the command", async () => {
  const refusal = { type: "POLICY_VIOLATION", message: "topics are made by the platform team" };
  await assert.rejects(create(cluster(...Array.from({ length: 20 }, () => refusal))), (error: Error) => {
    assert.match(error.message, /KAFKA_DEAD_LETTER_TOPIC.*the broker says: topics are made by the platform team\)/);
    assert.match(
      error.message,
      /kafka-topics\.sh .* --topic alerts\.dead-letters --partitions 6 --config max\.message/,
    );
    assert.doesNotMatch(error.message, /grant/);
    return true;
  });
});

test("a missing right is not tried again, and is told as one", async () => {
  const admin = cluster({ type: "TOPIC_AUTHORIZATION_FAILED", message: "Authorization failed." });
  await assert.rejects(create(admin), /the broker says: Authorization failed\.\): grant CREATE/);
  assert.equal(admin.asked.length, 1);
});

test("a broker that is away stays that error", async () => {
  const createTopics = async (): Promise<boolean> => {
    throw new Error("Connection timeout");
  };
  await assert.rejects(create({ asked: [], createTopics }), { message: "Connection timeout" });
});

test("KafkaJS's error of a refused topic has the broker's words, of each topic its own", async () => {
  keepReasonsOfRefusedTopics();
  keepReasonsOfRefusedTopics();
  const require = createRequire(import.meta.url);
  const protocol = require("kafkajs/src/protocol/requests/createTopics/index.js");
  const { response } = protocol.protocol({ version: 3 })({ topics: [], validateOnly: false, timeout: 1 });
  const refused = (topic: string, errorMessage: string | null) => ({
    topic,
    errorCode: POLICY_VIOLATION,
    errorMessage,
  });
  const topicErrors = [refused("a", "not a"), refused("b", null)];
  await assert.rejects(response.parse({ topicErrors }), (error: { errors: Error[] }) => {
    const [a, b] = error.errors.map(({ message }) => message);
    assert.equal(a, "not a");
    assert.match(b ?? "", /policy/i);
    return true;
  });
});
