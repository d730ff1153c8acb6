import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startKafka } from "#test/support/kafka.js";
import { quietClient } from "#test/support/kafka-admin.js";
import { sharedKafka } from "#test/support/shared-kafka.js";
import { startProducer } from "#tools/simulator/producer.js";

test("records are told where they went, and Kafka's own tool tells what a group has left to read", async () => {
  const kafka = await sharedKafka();
  const topic = await kafka.createTopic("support", 3);
  const group = kafka.uniqueName("support");
  const producer = await startProducer(kafka.brokers, { idempotent: true });
  const positions = await producer.send(topic, [
    { key: "a", value: { n: 1 }, partition: 2 },
    { key: "b", value: "text", partition: 1 },
    { key: "a", value: null, partition: 2 },
  ]);
  assert.deepEqual(positions, [
    { partition: 2, offset: 0 },
    { partition: 1, offset: 0 },
    { partition: 2, offset: 1 },
  ]);
  const [first, second] = await producer.send(topic, [
    { key: "device-1", value: "x" },
    { key: "device-1", value: "y" },
  ]);
  assert.equal(first?.partition, second?.partition);
  assert.equal((second?.offset ?? 0) - (first?.offset ?? 0), 1);
  await producer.close();

  const admin = quietClient(kafka.brokers).admin();
  await admin.connect();
  await admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 2, offset: "1" }] });
  await admin.disconnect();
  const lag = await kafka.consumerGroupLag(group, topic);
  const end = 2 + (first?.partition === 2 ? 2 : 0);
  assert.deepEqual(lag.get(2), { topic, partition: 2, committed: 1, end, lag: end - 1 });
});

test("a broker that was killed comes back on its port with its records", async () => {
  const kafka = await startKafka();
  after(() => kafka.close());
  await kafka.createTopic("kept", 1);
  const producer = await startProducer(kafka.brokers);
  await producer.send("kept", [{ value: "before" }]);
  await producer.close();
  await kafka.kill();
  await kafka.restart();
  const again = await startProducer(kafka.brokers);
  assert.deepEqual(await again.send("kept", [{ value: "after" }]), [{ partition: 0, offset: 1 }]);
  await again.close();
});
