import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { quietClient } from "#test/support/kafka-admin.js";
import { readTopic } from "#test/support/read-topic.js";
import { sharedKafka } from "#test/support/shared-kafka.js";

/** A writer to partition 0 of the topic, in one transaction. */
const begin = async (t: TestContext, brokers: string, topic: string, name: string) => {
  const producer = quietClient(brokers).producer({
    transactionalId: `${topic}-${name}`,
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  t.after(() => producer.disconnect());
  const transaction = await producer.transaction();
  return {
    write: (value: string) => transaction.send({ topic, messages: [{ value, partition: 0 }] }),
    end: (how: "commit" | "abort") => transaction[how](),
  };
};

// KafkaJS shows A's first record: findings/kafkajs-overlapping-aborted.sh.
test("readTopic gives what is committed, and nothing of aborted transactions that lie across each other", async (t) => {
  const { brokers, createTopic } = await sharedKafka();
  const topic = await createTopic("overlapping", 1);
  const [a, b, c] = await Promise.all(["A", "B", "C"].map((name) => begin(t, brokers, topic, name)));
  await a?.write("A, aborted last");
  await b?.write("B, aborted first");
  await c?.write("C, committed");
  await a?.write("A again");
  await b?.end("abort");
  await c?.end("commit");
  await a?.end("abort");
  const records = await readTopic(brokers, topic);
  assert.deepEqual(
    records.map(({ value }) => String(value)),
    ["C, committed"],
  );
});
