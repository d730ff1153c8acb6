/** A group that MirrorMaker 2 has copied to another cluster: offsets are translated there, metadata is not. */

import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import type { Admin } from "kafkajs";
import { checkpointOfAnyLog, claimsOf } from "#test/support/checkpoints.js";
import { eventually } from "#test/support/eventually.js";
import { type Kafka, startKafka } from "#test/support/kafka.js";
import { quietClient } from "#test/support/kafka-admin.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";
import { startMirrorMaker } from "#test/support/mirror-maker.js";

const adminOf = async (t: TestContext, brokers: string): Promise<Admin> => {
  const admin = quietClient(brokers).admin();
  await admin.connect();
  t.after(() => admin.disconnect());
  return admin;
};

/** Offset and metadata of the group in partition 0 of the topic. */
const committedOf = async (admin: Admin, groupId: string, topic: string): Promise<[number, string]> => {
  const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
  const { offset = "-1", metadata = "" } = found?.partitions.find(({ partition }) => partition === 0) ?? {};
  return [Number(offset), metadata ?? ""];
};

const endOf = async (admin: Admin, topic: string): Promise<number> => {
  if (!(await admin.listTopics()).includes(topic)) return -1;
  return Number((await admin.fetchTopicOffsets(topic)).find(({ partition }) => partition === 0)?.high);
};

/** An alert in a transaction of its own: its marker takes an offset that the mirror does not have. */
const inTransaction = async (line: Line, device: string, ordinal: number): Promise<void> => {
  const config = { transactionalId: `${line.topic}-producer`, idempotent: true, maxInFlightRequests: 1 };
  const producer = quietClient(line.brokers).producer(config);
  await producer.connect();
  try {
    const running = await producer.transaction();
    const value = JSON.stringify({ deviceId: device, message: `#${ordinal}# hot` });
    const at = pastWindow(3);
    const message = { key: device, value, timestamp: String(at), partition: 0 };
    const [written] = await running.send({ topic: line.topic, messages: [message] });
    await running.commit();
    line.enter([{ ordinal, device, partition: 0, offset: Number(written?.baseOffset), timestamp: at }]);
  } finally {
    await producer.disconnect();
  }
};

describe("a group that MirrorMaker 2 copied", () => {
  let source: Kafka;
  let target: Kafka;
  before(async () => {
    [source, target] = await Promise.all([startKafka(), startKafka()]);
  });
  after(() => Promise.all([source?.close(), target?.close()]));

  for (const [name, properties, topicThere] of [
    ["under another topic name, as is its default", {}, (topic: string) => `source.${topic}`],
    [
      "under the same topic name",
      { "replication.policy.class": "org.apache.kafka.connect.mirror.IdentityReplicationPolicy" },
      (topic: string) => topic,
    ],
  ] as const) {
    test(`${name}: what the checkpoint called settled are other alerts there, and every one is mailed`, async (t) => {
      const failover = { done: false };
      const line = await startLine(t, {
        brokers: source.brokers,
        partitions: 1,
        smtp: {
          onMessage: ({ raw }) => {
            const isStuck = /^X-Alert-Digest-Device: stuck\r$/m.test(raw.toString("latin1"));
            return isStuck && !failover.done ? { code: 450, text: "4.2.0 later" } : undefined;
          },
        },
      });
      await line.produce(
        Array.from({ length: 5 }, (_, n) => ({ device: `early-${n}`, at: pastWindow(6), partition: 0 })),
      );
      await line.produce([{ device: "stuck", at: pastWindow(4), partition: 0 }]);
      await inTransaction(line, "in-transaction", 7);
      const here = await line.start();
      await eventually("the group says what is settled above the stuck one", async () => {
        const [offset, metadata] = await committedOf(line.admin, line.group, line.topic);
        const [[first, end] = [-1, -1]] = checkpointOfAnyLog(metadata, offset)?.settled ?? [];
        return offset === 5 && first === 6 && end === 7;
      });
      assert.equal(await here.stop(), 0);

      // From here on the group stands still: MirrorMaker copies the metadata that it first sees with an offset, and no later one.
      const there = topicThere(line.topic);
      const admin = await adminOf(t, target.brokers);
      const mirror = await startMirrorMaker({
        source: source.brokers,
        target: target.brokers,
        topic: line.topic,
        group: line.group,
        // It notes the first offset that it mirrors at once, and others when it flushes: an offset below all that it has heard of it never translates.
        properties: { "offset.flush.interval.ms": "600000", ...properties },
      });
      t.after(() => mirror.close());
      const copies = new Set<string>();
      await eventually(
        "the group is there, with the checkpoint as it was",
        async () => {
          const copied = await committedOf(admin, line.group, there);
          copies.add(JSON.stringify(copied));
          const [[first, end] = [-1, -1]] = claimsOf(copied[1])?.settled ?? [];
          return copied[0] > 0 && first === 6 && end === 7;
        },
        { timeoutMs: 180_000, seen: () => `${[...copies].join(" ")}\n${mirror.tail()}` },
      );
      await line.produce([{ device: "after", at: pastWindow(2), partition: 0 }]);
      await eventually("the alert at 8 is the one at 7 there", async () => (await endOf(admin, there)) === 8, {
        timeoutMs: 180_000,
        seen: () => mirror.tail(),
      });
      await mirror.close();
      // 5, or less: it does not know of each offset which one it is there.
      const [offsetThere] = await committedOf(admin, line.group, there);
      failover.done = true;
      const product = await line.start({ KAFKA_BROKERS: target.brokers, KAFKA_ALERTS_TOPIC: there });
      await line.allMailed();
      await eventually("the group is at the end there", async () => {
        return (await committedOf(admin, line.group, there))[0] === 8;
      });
      const warning = product.logs.find(({ checkpoint }) => checkpoint === "foreign");
      assert.deepEqual(
        [warning?.["level"], warning?.["committed"], warning?.["settledOffsets"], warning?.["settledFrom"]],
        ["warn", offsetThere, 2, 6],
      );
      // What lies above the offset there came again, and nothing else.
      const { missing, repeated, problems } = await line.books();
      assert.deepEqual({ missing, problems }, { missing: [], problems: [] });
      assert.equal(repeated.length, 1 + (5 - offsetThere), JSON.stringify(repeated));
      assert.equal(await product.stop(), 0);
    });
  }
});
