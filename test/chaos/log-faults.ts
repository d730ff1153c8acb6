/** Faults of the log itself, and of what the broker lets clients read of it. */

import { Partitioners } from "kafkajs";
import { setConsumerQuota } from "../support/client-quota.js";
import { quietClient, withAdmin } from "../support/kafka-admin.js";
import { startMirrorMaker } from "../support/mirror-maker.js";
import { startCluster } from "./cluster.js";
import type { Fault } from "./faults.js";
import { readLog } from "./log-reader.js";
import { badMoment } from "./moments.js";
import type { Scene } from "./phase.js";

const TRANSACTION_MS = 20_000;
const QUOTA_MS = 60_000;
/** An alert takes about 190 in the log: reading falls behind, and fetches are made to wait. */
const QUOTA_BYTES_PER_ALERT = 60;
/** Above what the traffic counts to. */
let transactionSerial = 90_000_000;

/** One alert of each device, so that no partition is without, in a transaction of another program. */
const openTransaction = async ({ cluster, topic, traffic, group }: Scene) => {
  const producer = quietClient(cluster.kafka.brokers).producer({
    transactionalId: `${group}-${++transactionSerial}`,
    ...{ idempotent: true, maxInFlightRequests: 1, createPartitioner: Partitioners.DefaultPartitioner },
  });
  await producer.connect();
  const running = await producer.transaction();
  const messages = traffic.devices.map((deviceId) => {
    const alertId = `A${++transactionSerial}`;
    const value = { deviceId, alertId, message: `Written in a transaction, ${alertId}`, type: "PRESSURE" };
    return { key: deviceId, value: JSON.stringify(value), timestamp: String(Date.now()) };
  });
  await running.send({ topic, messages });
  return async (how: "commit" | "abort"): Promise<void> => {
    try {
      await running[how]();
    } finally {
      await producer.disconnect();
    }
  };
};

/** Partitions of the topic, as a broker that answers sees them. */
const partitionsOf = async ({ cluster, topic }: Scene) =>
  withAdmin(cluster.kafka.brokers, async (admin) => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions ?? [];
  });

/** Records that can be read there; 0 while there is no such topic. */
const lengthOf = (brokers: string, topic: string): Promise<number> =>
  withAdmin(brokers, async (admin) => {
    if (!(await admin.listTopics()).includes(topic)) return 0;
    const ends = await admin.fetchTopicOffsets(topic);
    return ends.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  });

/** Partitions of the topic in which the group has committed something. */
const committedIn = (brokers: string, group: string, topic: string): Promise<number> =>
  withAdmin(brokers, async (admin) => {
    const [found] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    return found?.partitions.filter(({ offset }) => Number(offset) > 0).length ?? 0;
  });

interface Mirror {
  readonly target: Awaited<ReturnType<typeof startCluster>>;
  readonly mirror: Awaited<ReturnType<typeof startMirrorMaker>>;
}

export const LOG_FAULTS: readonly Fault[] = [
  {
    name: "open-transaction",
    title: "a transaction of another program left open for 20 s, then committed or aborted",
    brokers: 1,
    instances: 3,
    repeats: "never",
    run: async (scene) => {
      await badMoment(scene);
      const end = await openTransaction(scene);
      try {
        await scene.wait(TRANSACTION_MS);
      } finally {
        await end(scene.random.next() < 0.5 ? "commit" : "abort");
      }
    },
  },
  {
    name: "quota",
    title: "a consumer quota of a third of what is written, 60 s",
    brokers: 1,
    instances: 3,
    repeats: "never",
    run: async (scene) => {
      const { brokers } = scene.cluster.kafka;
      await badMoment(scene);
      await setConsumerQuota(brokers, scene.group, QUOTA_BYTES_PER_ALERT * scene.traffic.rate);
      try {
        await scene.wait(QUOTA_MS);
      } finally {
        await setConsumerQuota(brokers, scene.group, undefined);
      }
    },
  },
  {
    name: "mirrored-group",
    title: "topic and group move to a cluster that MirrorMaker 2 keeps as a copy; the instances are killed",
    brokers: 1,
    instances: 3,
    repeats: "free",
    maxRounds: 1,
    prepare: async (scene) => {
      const { cluster, topic, group } = scene;
      const target = await startCluster(1, scene.signal);
      scene.defer(() => target.close());
      const mirror = await startMirrorMaker({
        source: cluster.kafka.brokers,
        target: target.kafka.brokers,
        topic,
        group,
        properties: { "replication.policy.class": "org.apache.kafka.connect.mirror.IdentityReplicationPolicy" },
      });
      scene.defer(() => mirror.close());
      // Markers take offsets that the copy does not have.
      for (let turn = 0; turn < 3; turn++) await (await openTransaction(scene))("commit");
      const { brokers } = target.kafka;
      await scene.until("the group is copied", async () => (await committedIn(brokers, group, topic)) > 0);
      return { target, mirror } satisfies Mirror;
    },
    run: async (scene, prepared) => {
      const { topic, traffic, instances } = scene;
      const { target, mirror } = prepared as Mirror;
      await traffic.pause();
      const { alerts } = await readLog(scene.cluster.kafka.brokers, topic);
      await scene.until(
        "every alert is copied",
        async () => (await lengthOf(target.kafka.brokers, topic)) >= alerts.length,
      );
      const slots = [...instances.running];
      for (const slot of slots) await instances.kill(slot);
      await mirror.close();
      await target.kafka.createTopic(`${topic}.dead-letters`, 1);
      await scene.moveTo(target);
      for (const slot of slots) await instances.launch(slot);
    },
  },
  {
    name: "unclean-election",
    title: "the logs that two of three brokers share lose their end (unclean election), filled again at once",
    brokers: 3,
    instances: 3,
    repeats: "free",
    losesRecords: true,
    topic: { replicas: 2, config: { "unclean.leader.election.enable": "true", "min.insync.replicas": "1" } },
    run: async (scene) => {
      const { cluster, random } = scene;
      const [stale = 1, leader = 2] = random.next() < 0.5 ? [1, 2] : [2, 3];
      const shared = async () =>
        (await partitionsOf(scene)).filter(({ replicas }) => replicas.includes(stale) && replicas.includes(leader));
      await scene.until("all replicas are there", async () =>
        (await partitionsOf(scene)).every(({ isr }) => isr.length === 2),
      );
      await cluster.kafka.kill(stale - 1);
      await scene.until("the other one leads alone", async () =>
        (await shared()).every(({ isr, leader: now }) => now === leader && isr.length === 1),
      );
      // So much is written, and read, that the other one does not have.
      await scene.wait(random.whole(3_000, 6_000));
      await cluster.kafka.kill(leader - 1);
      await cluster.kafka.restart(stale - 1);
      await scene.until("the stale one leads", async () => (await shared()).every(({ leader: now }) => now === stale));
      await scene.wait(random.whole(0, 3_000));
      await cluster.kafka.restart();
      await scene.until("all replicas are there", async () =>
        (await partitionsOf(scene)).every(({ isr }) => isr.length === 2),
      );
      await forgetLost(scene);
    },
  },
];

/** What was acknowledged and is in no log any more is waited for by nobody. */
const forgetLost = async ({ cluster, topic, traffic, until }: Scene): Promise<void> => {
  const acknowledged = [...traffic.acknowledged];
  const there = new Set<string>();
  // Leaders go home now, and for moments a partition has none.
  await until("the logs can be read", async () => {
    const { alerts } = await readLog(cluster.kafka.brokers, topic);
    for (const { alertId } of alerts) there.add(alertId);
    return true;
  });
  const lost = acknowledged.filter((alertId) => !there.has(alertId));
  if (lost.length === 0) throw new Error("the brokers lost nothing: no log has lost its end");
  traffic.forget(lost);
};
