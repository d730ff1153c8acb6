import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { writeOverlapping } from "#test/support/overlapping-transactions.js";
import { readTopic } from "#test/support/read-topic.js";
import { sharedKafka } from "#test/support/shared-kafka.js";

test("readTopic gives what is committed, and nothing of aborted transactions that lie across each other", async (t) => {
  const { brokers, createTopic } = await sharedKafka();
  const topic = await createTopic("overlapping", 1);
  const committed = await writeOverlapping(t, brokers, topic);
  // The broker answers before it has written how a transaction ended, and until then nobody reads past its first record.
  const records = await eventually("the ends of the transactions are written", async () => {
    const read = await readTopic(brokers, topic);
    return read.length > 0 && read;
  });
  assert.deepEqual(
    records.map(({ value }) => String(value)),
    committed,
  );
});
