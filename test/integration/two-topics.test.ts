/** Two deployments under one group ID, each with a topic of its own: both are told everything, and whoever is left out says so. */

import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import kafkajs, { type Consumer } from "kafkajs";
import { eventually } from "#test/support/eventually.js";
import { get } from "#test/support/get.js";
import { quietClient } from "#test/support/kafka-admin.js";
import { type Line, startLine } from "#test/support/line.js";
import type { Product } from "#test/support/product.js";
import { subscribe } from "#test/support/subscribe.js";

const PARTITIONS = 4;
const DEVICES = 20;

/** Two lines with one group, each with a mail server of its own. */
const startBoth = async (t: TestContext): Promise<{ eu: Line; us: Line; sameGroup: { KAFKA_GROUP_ID: string } }> => {
  const [eu, us] = await Promise.all([0, 1].map(() => startLine(t, { partitions: PARTITIONS })));
  assert.ok(eu !== undefined && us !== undefined);
  return { eu, us, sameGroup: { KAFKA_GROUP_ID: eu.group } };
};

const produceDevices = (line: Line, name: string) =>
  line.produce(Array.from({ length: DEVICES }, (_, at) => ({ device: `${name}-${at}`, partition: at % PARTITIONS })));

const readiness = async ({ url }: Product): Promise<string> => {
  const answer = await get(`${url}/readyz`);
  return `${answer.status} ${await answer.text()}`;
};

/** A member that knows round robin only, as KafkaJS has it: it gives its own topic's partitions to everybody. */
const joinOld = async (t: TestContext, { brokers, topic }: Line, groupId: string): Promise<Consumer> => {
  const partitionAssigners = [kafkajs.PartitionAssigners.roundRobin];
  const consumer = quietClient(brokers).consumer({ groupId, partitionAssigners });
  t.after(() => consumer.disconnect());
  const isMember = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.connect();
  await subscribe(consumer, topic);
  await consumer.run({ autoCommit: false, eachMessage: async () => undefined });
  await isMember;
  return consumer;
};

describe("two deployments, one group ID, two topics", { concurrency: 2 }, () => {
  test("A reads eu and B reads us: all 20 devices of each are told, and every partition has an owner, whoever leads the group", async (t) => {
    const { eu, us, sameGroup } = await startBoth(t);
    const a = await eu.start(sameGroup);
    const b = await us.start(sameGroup);
    await Promise.all([produceDevices(eu, "eu"), produceDevices(us, "us")]);
    await Promise.all([eu.allMailed(), us.allMailed()]);
    await Promise.all([eu.assertBooks(), us.assertBooks()]);
    for (const product of [a, b])
      assert.equal((await product.metrics()).value("kafka_partitions_assigned"), PARTITIONS);

    // The leader leaves: the other one leads, and the newcomer is again one of its group.
    assert.equal(await a.stop(), 0);
    const again = await eu.start(sameGroup);
    await Promise.all([produceDevices(eu, "eu"), produceDevices(us, "us")]);
    await Promise.all([eu.allMailed(), us.allMailed()]);
    await Promise.all([eu.assertBooks(), us.assertBooks()]);
    for (const product of [again, b]) assert.match(await readiness(product), /^200/);
  });

  test("a member whose topic's partitions nobody owns is not ready and says why, until it gets them", async (t) => {
    const { eu, us, sameGroup } = await startBoth(t);
    const older = await joinOld(t, eu, eu.group);
    const product = await us.launch(sameGroup);
    const answers: string[] = [];
    const said = await eventually(
      "it says that nobody owns the partitions",
      async () => {
        const answer = await readiness(product);
        answers.push(answer);
        return /nobody in consumer group/.test(answer) ? answer : undefined;
      },
      { seen: () => answers.slice(-5) },
    );
    assert.ok(!answers.some((answer) => answer.startsWith("200")), "at no time it was ready");
    assert.match(said, /^503/);
    assert.match(said, new RegExp(`owns ${PARTITIONS} of topic ${us.topic}.*KAFKA_GROUP_ID`));
    await older.disconnect();
    await product.waitReady();
    await produceDevices(us, "us");
    await us.allMailed();
    await us.assertBooks();
  });

  test("a member without partitions because there are more members than partitions is ready", async (t) => {
    const line = await startLine(t, { partitions: 1 });
    const products = [await line.start(), await line.start()];
    await eventually("one has the partition, the other none", async () => {
      const pages = await Promise.all(products.map((product) => product.metrics()));
      const shares = pages.map((page) => page.value("kafka_partitions_assigned"));
      return shares.toSorted().join() === "0,1";
    });
    for (const product of products)
      await eventually("it is ready", async () => (await readiness(product)).startsWith("200"));
  });
});
