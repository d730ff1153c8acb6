/** G1, G3: an unclean election takes the end of a log away, also one that was read already; what is in the log after it is mailed, once. */

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, type TestContext, test } from "node:test";
import { tolerateLeaderlessPartitions } from "#src/kafka/leaderless-partitions.js";
import { eventually } from "#test/support/eventually.js";
import { type Kafka, startKafka } from "#test/support/kafka.js";
import { type Line, startLine } from "#test/support/line.js";
import { startProducer } from "#test/support/producer.js";

const KEPT = 60;
const LOST = 60;
const NEW = 120;
const deviceOf = (index: number): string => `device-${index % 10}`;
const alerts = (count: number) => Array.from({ length: count }, (_, index) => ({ device: deviceOf(index) }));

let kafka: Kafka;

/** One partition on two brokers: all of what it says first is on both, and its end on one. */
async function startWithLostEnd(t: TestContext) {
  const line = await startLine(t, {
    brokers: kafka.brokers,
    partitions: 1,
    topicConfig: { "unclean.leader.election.enable": "true", "min.insync.replicas": "1" },
  });
  await line.produce(alerts(KEPT));
  const partition = async () =>
    (await line.admin.fetchTopicMetadata({ topics: [line.topic] })).topics[0]?.partitions[0];
  await eventually("both replicas have it", async () => (await partition())?.isr.length === 2);
  const found = await partition();
  const leader = found?.leader ?? -1;
  const follower = found?.replicas.find((replica) => replica !== leader) ?? -1;
  return {
    line,
    /** The follower goes, and more is written. */
    async writeToOne() {
      await kafka.kill(follower - 1);
      return await line.produce(alerts(LOST));
    },
    /** The leader goes, and the follower comes back without the end of the log. */
    async elect() {
      await kafka.kill(leader - 1);
      await kafka.restart(follower - 1);
      await eventually("the stale follower leads", async () => (await partition())?.leader === follower);
      const [end] = await line.admin.fetchTopicOffsets(line.topic);
      assert.equal(Number(end?.high), KEPT, "the log has lost its end");
    },
  };
}

/** By a producer of its own: the one before counts what the log has lost. */
async function refill(t: TestContext, line: Line, ordinal: number, count: number): Promise<void> {
  const producer = await startProducer(line.brokers);
  t.after(() => producer.close());
  const records = alerts(count).map(({ device }, index) => ({
    key: device,
    value: { deviceId: device, message: `#${ordinal + index}# temperature over its limit` },
    timestamp: Date.now(),
  }));
  const positions = await producer.send(line.topic, records);
  line.enter(
    records.map(({ key, timestamp }, index) => {
      const { partition = -1, offset = -1 } = positions[index] ?? {};
      return { ordinal: ordinal + index, device: key, partition, offset, timestamp };
    }),
  );
}

/** Alerts of the lost end may be in mails, or not. The others: each in exactly one. */
async function assertMailedOnce(line: Line, lost: ReadonlySet<number>): Promise<void> {
  await line.allMailed(lost);
  await line.allCommitted();
  const { missing, repeated } = await line.books(lost);
  assert.deepEqual({ missing, repeated }, { missing: [], repeated: [] });
}

describe("an unclean election on three brokers", { concurrency: 1 }, () => {
  before(async () => {
    // The test's own producer is a KafkaJS too.
    tolerateLeaderlessPartitions();
    kafka = await startKafka({ brokers: 3, properties: { "default.replication.factor": "2" } });
  });
  // Each test leaves one broker dead.
  beforeEach(() => kafka.restart());
  after(() => kafka?.close());

  test("a log that lost its read end, filled again beyond it before the product looks: every new alert is mailed, and none of the old ones again", async (t) => {
    const { line, writeToOne, elect } = await startWithLostEnd(t);
    const product = await line.start();
    const lost = new Set((await writeToOne()).map(({ ordinal }) => ordinal));
    await line.allMailed();
    await line.allCommitted();
    product.signal("SIGSTOP");
    t.after(() => product.signal("SIGCONT"));
    await elect();
    await refill(t, line, KEPT + LOST + 1, NEW);
    product.signal("SIGCONT");
    await assertMailedOnce(line, lost);
    assert.ok(product.running());
    const told = product.logs.find(({ level, msg }) => level === "error" && /lost its end/.test(String(msg)));
    assert.deepEqual([told?.["partition"], told?.["from"], told?.["to"]], [0, KEPT + LOST, KEPT], JSON.stringify(told));
  });

  test("filled again slowly: the product goes on running, mails every new alert, and none of the old ones again", async (t) => {
    const { line, writeToOne, elect } = await startWithLostEnd(t);
    const product = await line.start();
    const lost = new Set((await writeToOne()).map(({ ordinal }) => ordinal));
    await line.allMailed();
    await line.allCommitted();
    await elect();
    for (let round = 0; round < 10; round++) await refill(t, line, KEPT + LOST + 1 + round, 1);
    await assertMailedOnce(line, lost);
    assert.ok(product.running());
    assert.equal(await product.stop(), 0);
  });

  test("while nobody runs: the next start goes back to where the log was cut off", async (t) => {
    const { line, writeToOne, elect } = await startWithLostEnd(t);
    const first = await line.start();
    const lost = new Set((await writeToOne()).map(({ ordinal }) => ordinal));
    await line.allMailed();
    await line.allCommitted();
    assert.equal(await first.stop(), 0);
    await elect();
    await refill(t, line, KEPT + LOST + 1, NEW);
    await line.start();
    await assertMailedOnce(line, lost);
  });
});
