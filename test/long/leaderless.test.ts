/** G5: a partition without a leader holds back no other, for as long as its broker is away. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { tolerateLeaderlessPartitions } from "#src/kafka/leaderless-partitions.js";
import { eventually } from "#test/support/eventually.js";
import { type Kafka, startKafka } from "#test/support/kafka.js";
import { createTopic, quietClient, withAdmin } from "#test/support/kafka-admin.js";
import { startLine } from "#test/support/line.js";
import { runCli } from "#test/support/run-cli.js";

let kafka: Kafka;
before(async () => {
  // The test's own producer is a KafkaJS too.
  tolerateLeaderlessPartitions();
  kafka = await startKafka({
    brokers: 3,
    properties: { "default.replication.factor": "1", "transaction.state.log.num.partitions": "1" },
  });
});
after(() => kafka?.close());

test("the only broker of a partition is gone: the others' alerts are mailed and committed, its own once it is back", async (t) => {
  const line = await startLine(t, { brokers: kafka.brokers });
  const product = await line.start();
  const alertOf = (partition: number) => ({ device: `device-${partition}`, partition });
  await line.produce([0, 1, 2].map(alertOf));
  await line.allMailed();
  await line.allCommitted();
  const { topics } = await line.admin.fetchTopicMetadata({ topics: [line.topic] });
  const leaderOf = (partition: number): number =>
    topics[0]?.partitions.find(({ partitionId }) => partitionId === partition)?.leader ?? -1;
  const others = [1, 2].filter((partition) => leaderOf(partition) !== leaderOf(0));
  assert.ok(others.length > 0, "the brokers share the partitions");
  await kafka.kill(leaderOf(0) - 1);
  const goneAt = performance.now();
  const since = (at: number): string => `${((performance.now() - at) / 1000).toFixed(1)} s`;
  // Twice: by what was known before, and by what the cluster says now.
  for (let round = 0; round < 2; round++) {
    await line.produce(others.map(alertOf));
    await line.allMailed();
    t.diagnostic(`round ${round}: the others' alerts are mailed ${since(goneAt)} after the broker went`);
    await eventually("the cluster says so", async () => {
      const { topics: now } = await line.admin.fetchTopicMetadata({ topics: [line.topic] });
      return now[0]?.partitions.some(({ leader }) => leader < 0);
    });
  }
  assert.ok(product.running());
  await eventually("and what is missing is said", () =>
    product.logs.some(({ msg }) => String(msg).startsWith("log ends of these partitions unknown")),
  );
  await kafka.restart();
  const backAt = performance.now();
  await line.produce([0, 1, 2].map(alertOf));
  await line.allMailed();
  t.diagnostic(`all are mailed ${since(backAt)} after it was back`);
  await line.allCommitted();
  await line.assertBooks();
});

test("commands that run while the leaders of their topics move wait for the new ones, and do what was asked", async (t) => {
  const [leader, follower] = [1, 2];
  const line = await startLine(t, { brokers: kafka.brokers, partitions: 1, replicas: [leader, follower] });
  for (const topic of [line.deadLetterTopic, `${line.deadLetterTopic}.redriven`])
    await createTopic(line.brokers, topic, 1, {}, [leader, follower]);
  const product = await line.start();
  await line.produceRaw([{ key: "boiler", value: "no alert" }]);
  await line.waitForDeadLetters(1);
  assert.equal(await product.stop(), 0);
  await kafka.kill(leader - 1);
  // Side by side: each finds the dead leader in charge, and none of them is late enough to miss it.
  const [list, dry] = await Promise.all([
    runCli(["dead-letters", "list"], line.env),
    runCli(["dead-letters", "redrive", "--all", "--dry-run"], line.env),
  ]);
  assert.deepEqual([list.code, dry.code], [0, 0], `${list.stderr}${dry.stderr}`);
  assert.match(list.stdout, /not-json/);
  assert.match(dry.stdout, /1 dead letter with 1 alert would be written/);
  const redriven = await runCli(["dead-letters", "redrive", "--all"], line.env);
  assert.equal(redriven.code, 0, redriven.stderr);
  await kafka.restart();
});

test("a redrive that begins while the coordinator of its transactions is dead waits for the next one", async (t) => {
  const [coordinator, ...others] = await coordinatorAndOthers(kafka.brokers);
  const line = await startLine(t, { brokers: kafka.brokers, partitions: 1, replicas: others });
  for (const topic of [line.deadLetterTopic, `${line.deadLetterTopic}.redriven`])
    await createTopic(line.brokers, topic, 1, {}, others);
  const product = await line.start();
  await line.produceRaw([{ key: "boiler", value: "no alert" }]);
  await line.waitForDeadLetters(1);
  assert.equal(await product.stop(), 0);
  await kafka.kill(coordinator - 1);
  const redriven = await runCli(["dead-letters", "redrive", "--all"], line.env);
  assert.equal(redriven.code, 0, redriven.stderr);
  assert.match(redriven.stdout, /1 dead letter with 1 alert written/);
  await kafka.restart();
});

/** All transactions of this cluster have the same one. */
const coordinatorAndOthers = async (brokers: string): Promise<[number, ...number[]]> => {
  const producer = quietClient(brokers).producer({ transactionalId: "any", idempotent: true, maxInFlightRequests: 1 });
  // The first one has the topic of the coordinators created.
  await producer.connect();
  await (await producer.transaction()).abort();
  await producer.disconnect();
  const { topics } = await withAdmin(brokers, (admin) => admin.fetchTopicMetadata({ topics: ["__transaction_state"] }));
  const leader = topics[0]?.partitions[0]?.leader ?? -1;
  assert.ok(leader > 0);
  return [leader, ...[1, 2, 3].filter((broker) => broker !== leader)];
};
