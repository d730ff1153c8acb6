import assert from "node:assert/strict";
import { test } from "node:test";
import { readDeadLetters } from "#test/support/dead-letter-reader.js";
import { eventually } from "#test/support/eventually.js";
import { quietClient } from "#test/support/kafka-admin.js";
import { writeOverlapping } from "#test/support/overlapping-transactions.js";
import { sharedKafka } from "#test/support/shared-kafka.js";

test("the reader of dead letters sees what is committed, and nothing of aborted transactions", async (t) => {
  const { brokers, createTopic } = await sharedKafka();
  const topic = await createTopic("overlapping", 1);
  const committed = await writeOverlapping(t, brokers, topic);
  const producer = quietClient(brokers).producer();
  await producer.connect();
  t.after(() => producer.disconnect());
  await producer.send({ topic, messages: [{ value: "last", partition: 0 }] });
  const reader = await readDeadLetters(brokers, topic);
  t.after(() => reader.close());
  const seen = (): string[] => reader.letters.map(({ value }) => String(value));
  await eventually("the last one is read", () => seen().includes("last"), { seen });
  assert.deepEqual(seen(), [...committed, "last"]);
});
