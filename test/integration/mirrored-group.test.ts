/** A group that MirrorMaker 2 has copied to another cluster: offsets are translated there, metadata is not. */

import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import type { Admin, Consumer } from "kafkajs";
import { checkpointOfAnyLog } from "#test/support/checkpoints.js";
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

/** A member of the group there, which commits nothing: MirrorMaker copies the offsets of a group only while nobody is in it. */
const standbyOf = async (t: TestContext, brokers: string, groupId: string, topic: string): Promise<Consumer> => {
  const consumer = quietClient(brokers).consumer({ groupId });
  t.after(() => consumer.disconnect());
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.connect();
  await consumer.subscribe({ topics: [topic] });
  await consumer.run({ autoCommit: false, eachMessage: async () => undefined });
  await joined;
  return consumer;
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
      // The mail below the stuck one: MirrorMaker copies the metadata that comes first with an offset, and no later one.
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      const line = await startLine(t, {
        brokers: source.brokers,
        partitions: 1,
        smtp: {
          onMessage: async ({ raw }) => {
            const [, device] = /^X-Alert-Digest-Device: (\S+)/m.exec(raw.toString("latin1")) ?? [];
            if (device === "early-4") await released;
            return device === "stuck" && !failover.done ? { code: 450, text: "4.2.0 later" } : undefined;
          },
        },
      });
      const there = topicThere(line.topic);
      const admin = await adminOf(t, target.brokers);
      // The group is there before anything is mirrored: MirrorMaker translates no offset that lies before the first it has heard of.
      await line.admin.setOffsets({
        groupId: line.group,
        topic: line.topic,
        partitions: [{ partition: 0, offset: "0" }],
      });
      const mirror = await startMirrorMaker({
        source: source.brokers,
        target: target.brokers,
        topic: line.topic,
        group: line.group,
        // Its default.
        properties: { "offset.flush.interval.ms": "60000", ...properties },
      });
      t.after(() => mirror.close());
      const syncs = Math.max(0, await endOf(line.admin, SYNCS));
      await line.produce(
        Array.from({ length: 5 }, (_, n) => ({ device: `early-${n}`, at: pastWindow(6), partition: 0 })),
      );
      // Of a slow topic MirrorMaker notes the first offset at once, and the last one when it next flushes.
      await eventually(
        "the alerts are mirrored, and MirrorMaker knows where",
        async () => (await endOf(admin, there)) === 5 && (await endOf(line.admin, SYNCS)) >= syncs + 2,
        { timeoutMs: 180_000, seen: () => mirror.tail() },
      );
      const standby = await standbyOf(t, target.brokers, line.group, there);
      await line.produce([{ device: "stuck", at: pastWindow(4), partition: 0 }]);
      await inTransaction(line, "in-transaction", 7);
      const here = await line.start();
      const isSettledAbove = async (position: number): Promise<boolean> => {
        const [offset, metadata] = await committedOf(line.admin, line.group, line.topic);
        const [[first, end] = [-1, -1]] = checkpointOfAnyLog(metadata, offset)?.settled ?? [];
        return offset === position && first === 6 && end === 7;
      };
      await eventually("the group says what is settled above the stuck one", () => isSettledAbove(4));
      release();
      await eventually("all mails but the stuck one", () => line.smtp.acceptedCount === 6);
      await eventually("it says so beside the offset that is copied", () => isSettledAbove(5));
      assert.equal(await here.stop(), 0);
      await standby.disconnect();
      const [, metadataHere] = await committedOf(line.admin, line.group, line.topic);
      // The offset is 5, or less where MirrorMaker has noted so many others since that it does not know any more.
      const [offsetThere] = await eventually(
        "the group is there, with the checkpoint as it was",
        async () => {
          const copied = await committedOf(admin, line.group, there);
          return copied[0] > 0 && copied[1] === metadataHere && copied;
        },
        { timeoutMs: 180_000, seen: () => mirror.tail() },
      );
      await line.produce([{ device: "after", at: pastWindow(2), partition: 0 }]);
      await eventually("the alert at 8 is the one at 7 there", async () => (await endOf(admin, there)) === 8);
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

/** Where MirrorMaker notes which offset there stands for which one here. */
const SYNCS = "mm2-offset-syncs.target.internal";
