import assert from "node:assert/strict";
import { test } from "node:test";
import { writeOverlapping } from "#test/support/overlapping-transactions.js";
import { readTopic } from "#test/support/read-topic.js";
import { sharedKafka } from "#test/support/shared-kafka.js";

test("readTopic gives what is committed, and nothing of aborted transactions that lie across each other", async (t) => {
  const { brokers, createTopic } = await sharedKafka();
  const topic = await createTopic("overlapping", 1);
  const committed = await writeOverlapping(t, brokers, topic);
  const records = await readTopic(brokers, topic);
  assert.deepEqual(
    records.map(({ value }) => String(value)),
    committed,
  );
});
