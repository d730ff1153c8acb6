import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import type { Cluster } from "kafkajs";
import { OwnHeartbeats } from "#src/kafka/own-heartbeats.js";

/** KafkaJS's own account of a group, whose coordinator answers `heartbeat`, joined once. */
const setup = async (heartbeat: (request: object) => Promise<void>) => {
  const own = new OwnHeartbeats();
  const require = createRequire(import.meta.url);
  const ConsumerGroup = require("kafkajs/src/consumer/consumerGroup.js");
  const emitted: string[] = [];
  const state = { connected: true };
  const coordinator = { heartbeat, connectionPool: { pool: [{ isConnected: () => state.connected }] } };
  const joining = new Error("not part of this test");
  const cluster = { findGroupCoordinator: () => Promise.reject(joining) } as unknown as Cluster;
  const group = new ConsumerGroup({
    retry: { retries: 0 },
    cluster,
    groupId: "group",
    topics: ["alerts"],
    assigners: [],
    logger: { namespace: () => undefined },
    instrumentationEmitter: { emit: (name: string) => emitted.push(name) },
  });
  own.watch(cluster);
  await assert.rejects(group.joinAndSync());
  Object.assign(group, { coordinator, memberId: "member-1", generationId: 5, lastRequest: 0 });
  return { own, group, emitted, state };
};

test("one leaves as the member and generation that KafkaJS has now, and KafkaJS tells of it as of its own", async () => {
  const sent: object[] = [];
  const { own, emitted } = await setup(async (request) => void sent.push(request));
  await own.beat(3_000);
  assert.deepEqual(sent, [{ groupId: "group", memberId: "member-1", groupGenerationId: 5 }]);
  assert.deepEqual(emitted, ["consumer.heartbeat"]);
  await own.beat(3_000);
  assert.equal(sent.length, 1, "KafkaJS's or our own: one an interval");
});

test("a rebalance is left to KafkaJS, whose next heartbeat asks at once and gets the same answer", async () => {
  const rebalance = Object.assign(new Error("rebalance"), { type: "REBALANCE_IN_PROGRESS" });
  const { own, group, emitted } = await setup(() => Promise.reject(rebalance));
  await own.beat(3_000);
  assert.deepEqual(emitted, []);
  await assert.rejects(group.heartbeat({ interval: 2_500 }), rebalance);
});

test("without a membership, or a connection to its coordinator, none leaves", async () => {
  const sent: object[] = [];
  const { own, group, state } = await setup(async (request) => void sent.push(request));
  state.connected = false;
  await own.beat(3_000);
  state.connected = true;
  group.memberId = null;
  await own.beat(3_000);
  assert.deepEqual(sent, []);
  const other = new OwnHeartbeats();
  await other.beat(3_000);
  other.watch({} as Cluster);
  await other.beat(3_000);
});
