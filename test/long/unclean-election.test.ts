/** G1, G3: an unclean election takes the end of a log away, also one that was read already; what is in the log after it is mailed, once. */

import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { tolerateLeaderlessPartitions } from "#src/kafka/leaderless-partitions.js";
import { eventually } from "#test/support/eventually.js";
import { type Kafka, startKafka } from "#test/support/kafka.js";
import { type Line, startLine } from "#test/support/line.js";
import { startProducer } from "#tools/simulator/producer.js";

const KEPT = 60;
const LOST = 60;
const NEW = 120;
const deviceOf = (index: number): string => `device-${index % 10}`;
const alerts = (count: number) => Array.from({ length: count }, (_, index) => ({ device: deviceOf(index) }));

/** Brokers: one leads all the topics, and one has a copy of them. Their ends are lost in one election. */
const LEADER = 1;
const FOLLOWER = 2;

let kafka: Kafka;

/** What it says first is on both brokers. */
async function startReplicatedLine(t: TestContext): Promise<Line> {
  const line = await startLine(t, {
    brokers: kafka.brokers,
    partitions: 1,
    replicas: [LEADER, FOLLOWER],
    topicConfig: { "unclean.leader.election.enable": "true", "min.insync.replicas": "1" },
  });
  await line.produce(alerts(KEPT));
  await eventually("both replicas have it", async () => (await partitionOf(line))?.isr.length === 2);
  return line;
}

const partitionOf = async ({ admin, topic }: Line) =>
  (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions[0];

/** What the leader alone has; read, mailed and committed. */
async function writeToOne(line: Line): Promise<ReadonlySet<number>> {
  const written = await line.produce(alerts(LOST));
  await line.allMailed();
  await line.allCommitted();
  return new Set(written.map(({ ordinal }) => ordinal));
}

/** The leader goes, and the follower comes back without the ends of the logs. */
async function elect(lines: readonly Line[]): Promise<void> {
  await kafka.kill(LEADER - 1);
  await kafka.restart(FOLLOWER - 1);
  for (const line of lines) {
    await eventually("the stale follower leads", async () => (await partitionOf(line))?.leader === FOLLOWER);
    // The others know that it leads a little before it does.
    const end = await eventually(
      "it knows that itself",
      async () => (await line.admin.fetchTopicOffsets(line.topic))[0],
    );
    assert.equal(Number(end.high), KEPT, "the log has lost its end");
  }
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

describe("three brokers", () => {
  before(async () => {
    // The test's own producer is a KafkaJS too.
    tolerateLeaderlessPartitions();
    kafka = await startKafka({ brokers: 3 });
  });
  after(() => kafka?.close());

  test("an unclean election", { concurrency: true }, async (t) => {
    const lines = await Promise.all([startReplicatedLine(t), startReplicatedLine(t), startReplicatedLine(t)]);
    const [fast, slow, idle] = lines;
    const [frozen, running, stopped] = await Promise.all([fast.start(), slow.start(), idle.start()]);
    await kafka.kill(FOLLOWER - 1);
    const [lostOfFast, lostOfSlow, lostOfIdle] = await Promise.all([
      writeToOne(fast),
      writeToOne(slow),
      writeToOne(idle),
    ]);
    assert.equal(await stopped.stop(), 0);
    frozen.signal("SIGSTOP");
    t.after(() => frozen.signal("SIGCONT"));
    await elect(lines);

    await Promise.all([
      t.test(
        "a log that lost its read end, filled again beyond it before the product looks: every new alert is mailed, and none of the old ones again",
        async (t) => {
          await refill(t, fast, KEPT + LOST + 1, NEW);
          frozen.signal("SIGCONT");
          await assertMailedOnce(fast, lostOfFast);
          assert.ok(frozen.running());
          const told = frozen.logs.find(({ level, msg }) => level === "error" && /lost its end/.test(String(msg)));
          const span = [told?.["partition"], told?.["from"], told?.["to"]];
          assert.deepEqual(span, [0, KEPT + LOST, KEPT], JSON.stringify(told));
        },
      ),
      t.test(
        "filled again slowly: the product goes on running, mails every new alert, and none of the old ones again",
        async (t) => {
          for (let round = 0; round < 10; round++) await refill(t, slow, KEPT + LOST + 1 + round, 1);
          await assertMailedOnce(slow, lostOfSlow);
          assert.ok(running.running());
          assert.equal(await running.stop(), 0);
        },
      ),
      t.test("while nobody runs: the next start goes back to where the log was cut off", async (t) => {
        await refill(t, idle, KEPT + LOST + 1, NEW);
        await idle.start();
        await assertMailedOnce(idle, lostOfIdle);
      }),
    ]);
  });
});
