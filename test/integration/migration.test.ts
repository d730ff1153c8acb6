/** Rolling over from a version, or a program, whose only assignment is KafkaJS's round robin. */

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import kafkajs, { type Consumer } from "kafkajs";
import { eventually } from "#test/support/eventually.js";
import { get } from "#test/support/get.js";
import { quietClient } from "#test/support/kafka-admin.js";
import { type Line, startLine } from "#test/support/line.js";
import type { Product } from "#test/support/product.js";
import { subscribe } from "#test/support/subscribe.js";

const PARTITIONS = 4;

/** A member that knows round robin only. It reads, and commits nothing. */
const joinOld = async (t: TestContext, { brokers, group, topic }: Line): Promise<Consumer> => {
  const consumer = quietClient(brokers).consumer({
    groupId: group,
    partitionAssigners: [kafkajs.PartitionAssigners.roundRobin],
  });
  t.after(() => consumer.disconnect());
  await consumer.connect();
  await subscribe(consumer, topic);
  await consumer.run({ autoCommit: false, eachMessage: async () => undefined });
  return consumer;
};

const has = async (product: Product, partitions: number): Promise<void> => {
  await eventually(`it has ${partitions} partitions and takes records`, async () => {
    const ready = await get(`${product.url}/readyz`);
    return ready.ok && (await product.metrics()).value("kafka_partitions_assigned") === partitions;
  });
};

const protocolOf = async ({ admin, group }: Line): Promise<string | undefined> =>
  (await admin.describeGroups([group])).groups[0]?.protocol;

/** One alert in each partition; those of the product's are mailed. */
const produceEverywhere = async (line: Line, round: string): Promise<void> => {
  const accepted = line.smtp.acceptedCount;
  await line.produce(
    Array.from({ length: PARTITIONS }, (_, partition) => ({ device: `${round}-${partition}`, partition })),
  );
  await eventually("its share is mailed", () => line.smtp.acceptedCount >= accepted + PARTITIONS / 2);
};

test("beside a member that knows round robin only the group settles on round robin, whoever leads it; without one, on the own assignment", async (t) => {
  const line = await startLine(t, { partitions: PARTITIONS });
  const older = await joinOld(t, line);
  const product = await line.start();
  await has(product, PARTITIONS / 2);
  assert.equal(await protocolOf(line), "RoundRobinAssigner");
  await produceEverywhere(line, "joined");
  await older.disconnect();
  await has(product, PARTITIONS);
  assert.equal(await protocolOf(line), "alert-digest-sticky");
  await line.allMailed();

  const newer = await joinOld(t, line);
  await has(product, PARTITIONS / 2);
  assert.equal(await protocolOf(line), "RoundRobinAssigner");
  await produceEverywhere(line, "led");
  await newer.disconnect();
  await has(product, PARTITIONS);
  await line.allMailed();
  await line.allCommitted();
  await line.assertBooks();
});
