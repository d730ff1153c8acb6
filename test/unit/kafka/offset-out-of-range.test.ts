import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import type { Cluster } from "kafkajs";
import { onOffsetOutOfRange } from "#src/kafka/offset-out-of-range.js";

const require = createRequire(import.meta.url);
const ConsumerGroup = require("kafkajs/src/consumer/consumerGroup.js");

/** What KafkaJS does of its own when a fetch has nothing at its offset. */
const recover = async (cluster: object, topic: string, replicas: Record<string, Record<number, object>> = {}) => {
  const committed: object[] = [];
  const group = {
    cluster,
    logger: { info: () => undefined, error: () => undefined },
    preferredReadReplicasPerTopicPartition: replicas,
    offsetManager: { setDefaultOffset: async (at: object) => void committed.push(at) },
  };
  await ConsumerGroup.prototype.recoverFromOffsetOutOfRange.call(group, { topic, partition: 3 });
  return committed;
};

test("an offset out of range commits nothing by itself; it is told, and other topics and clients stay as they were", async () => {
  const cluster = {};
  const heard: number[] = [];
  assert.equal((await recover(cluster, "alerts")).length, 1, "KafkaJS commits a default offset");
  onOffsetOutOfRange(cluster as Cluster, "alerts", () => assert.fail("it was replaced"));
  onOffsetOutOfRange(cluster as Cluster, "alerts", (partition) => heard.push(partition));
  assert.deepEqual(await recover(cluster, "alerts"), []);
  assert.deepEqual(heard, [3]);
  assert.equal((await recover(cluster, "another")).length, 1);
  assert.equal((await recover({}, "alerts")).length, 1);
  assert.deepEqual(heard, [3]);
});

test("a follower that has nothing there is not believed: the leader is asked before anything is told", async () => {
  const cluster = {};
  onOffsetOutOfRange(cluster as Cluster, "alerts", () => assert.fail("the leader was not asked"));
  const replicas = { alerts: { 3: { nodeId: 2, expireAt: 0 } } };
  assert.deepEqual(await recover(cluster, "alerts", replicas), []);
  assert.deepEqual(replicas, { alerts: {} });
});
