import assert from "node:assert/strict";
import { test } from "node:test";
import { createKafka } from "#src/kafka/client.js";
import { clusterOf, type LogEndsAnswer, LogEndsReader } from "#src/kafka/log-ends.js";
import { quietLog } from "#test/support/quiet.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

type Question = {
  isolationLevel: number;
  topics: { topic: string; partitions: { partition: number; timestamp: number }[] }[];
};
const UNCOMMITTED = 0;
const EARLIEST = -2;

/** Partitions 0 and 1 are led by broker 1, partition 2 by broker 2, partition 3 by nobody. */
const setup = () => {
  const clock = new VirtualClock();
  const world = {
    clock,
    leaders: [1, 1, 2, -1],
    clusterId: "MkU3OEVBNTcwNTJENDM2Qk" as string | null,
    /** A line for each question for ends: of which partitions. */
    asked: [] as string[],
    /** Partition → what asking for it does. */
    faults: new Map<number, () => Promise<unknown>>(),
    /** Partition → where its last stable offset stands, if below the end. */
    stable: new Map<number, number>(),
    /** Records written so far, of each partition: it grows with each question when `busy`. */
    written: 100,
    busy: false,
    refresh: (): Promise<void> => Promise.resolve(),
  };
  const answer = (partition: number, timestamp: number, isolationLevel: number): number => {
    if (timestamp === EARLIEST) return partition;
    const end = world.written + partition;
    return isolationLevel === UNCOMMITTED ? end : (world.stable.get(partition) ?? end);
  };
  const listOffsets = async ({ isolationLevel, topics: [question] }: Question) => {
    const partitions = question?.partitions ?? [];
    const { timestamp } = partitions[0] ?? { timestamp: 0 };
    if (timestamp !== EARLIEST && isolationLevel === UNCOMMITTED)
      world.asked.push(partitions.map(({ partition }) => partition).join(" "));
    for (const { partition } of partitions) await world.faults.get(partition)?.();
    if (world.busy) world.written++;
    const offsets = partitions.map(({ partition }) => ({
      partition,
      offset: `${answer(partition, timestamp, isolationLevel)}`,
    }));
    return { responses: [{ topic: question?.topic, partitions: offsets }] };
  };
  const cluster = {
    get brokerPool() {
      return { metadata: { clusterId: world.clusterId } };
    },
    connect: async () => undefined,
    disconnect: async () => undefined,
    addTargetTopic: async () => undefined,
    refreshMetadata: () => world.refresh(),
    findTopicPartitionMetadata: () => world.leaders.map((leader, partitionId) => ({ partitionId, leader })),
    findBroker: async () => ({ listOffsets }),
  };
  const deps = { cluster, topic: "alerts", clock } as unknown as ConstructorParameters<typeof LogEndsReader>[0];
  return { ...world, world, reader: new LogEndsReader(deps) };
};
const never = (): Promise<never> => new Promise(() => undefined);
const silentOf = ({ silent }: LogEndsAnswer): number[] => silent.map(({ partition }) => partition);
const known = ({ ends }: { ends: ReadonlyMap<number, unknown> }): number[] => [...ends.keys()].sort();

test("each broker is asked once for all that it leads; a partition without a leader is nobody's question", async () => {
  const { reader, world } = setup();
  const answer = await reader.read();
  assert.deepEqual(answer.ends.get(1), { start: 1, end: 101, stable: 101 });
  assert.deepEqual([known(answer), silentOf(answer), world.asked], [[0, 1, 2], [3], ["0 1", "2"]]);
});

test("behind an open transaction the log ends at the high watermark, and can be read up to the last stable offset", async () => {
  const { reader, world } = setup();
  world.stable.set(1, 95);
  const { ends } = await reader.read();
  assert.deepEqual(
    [ends.get(0), ends.get(1)],
    [
      { start: 0, end: 100, stable: 100 },
      { start: 1, end: 101, stable: 95 },
    ],
  );
});

test("a log that grows while it is asked about does not look like one with an open transaction", async () => {
  const { reader, world } = setup();
  world.busy = true;
  for (const { end, stable } of (await reader.read()).ends.values()) assert.equal(stable, end);
});

const refusing = (): Promise<never> =>
  Promise.reject(Object.assign(new Error("the disk is gone"), { type: "KAFKA_STORAGE_ERROR" }));

test("a broker that refuses because of one partition is asked for each of its own alone, and its words are kept", async () => {
  const { reader, world } = setup();
  world.faults.set(1, refusing);
  const answer = await reader.read();
  assert.deepEqual(known(answer), [0, 2]);
  assert.deepEqual(answer.silent, [
    { partition: 1, reason: "broker 1 refuses: the disk is gone" },
    { partition: 3, reason: "it has no leader" },
  ]);
});

test("a partition that was refused is asked for alone from then on, until its broker answers", async () => {
  const { reader, world } = setup();
  world.leaders = [1, 1, 1];
  world.faults.set(1, refusing);
  assert.deepEqual(known(await reader.read()), [0, 2]);
  const asked = async (): Promise<readonly string[]> => {
    world.asked.length = 0;
    await reader.read();
    return [...world.asked];
  };
  assert.deepEqual(await asked(), ["0 2", "1"]);
  world.faults.clear();
  assert.deepEqual(await asked(), ["0 2", "1"]);
  assert.deepEqual(await asked(), ["0 1 2"]);
});

test("where every partition is refused it rejects with the broker's words, and knows them again once it answers", async () => {
  const { reader, world } = setup();
  world.leaders = [1, 1];
  for (const partition of [0, 1]) world.faults.set(partition, refusing);
  await assert.rejects(reader.read(), /the disk is gone/);
  world.faults.clear();
  assert.deepEqual(known(await reader.read()), [0, 1]);
});

test("a broker that cannot be reached keeps back its own partitions only", async () => {
  const { reader, world } = setup();
  world.faults.set(2, () => Promise.reject(new Error("connection refused")));
  const answer = await reader.read();
  assert.deepEqual(known(answer), [0, 1]);
  assert.equal(answer.silent[0]?.reason, "broker 2 does not answer: connection refused");
});

test("where another has answered, a silent broker is waited for a second, and asked three times at most; its late answer changes no earlier one", async () => {
  const { reader, world, clock } = setup();
  const late: (() => void)[] = [];
  world.faults.set(2, () => new Promise<void>((resolve) => late.push(resolve)));
  const answers: LogEndsAnswer[] = [];
  for (let round = 1; round <= 5; round++) {
    const reading = reader.read();
    await clock.advance(1_000);
    answers.push(await reading);
  }
  assert.equal(world.asked.filter((partitions) => partitions === "2").length, 3);
  world.faults.clear();
  for (const answer of late) answer();
  await clock.advance(0);
  assert.deepEqual(
    answers.map(known),
    answers.map(() => [0, 1]),
  );
  assert.deepEqual(known(await reader.read()), [0, 1, 2]);
});

test("a broker that is far away is waited for, and two who ask at once have a question each", async () => {
  const { reader, world, clock } = setup();
  const slow = (): Promise<unknown> => new Promise<void>((resolve) => clock.after(800, resolve));
  world.leaders = [1, 1];
  world.refresh = async () => void (await slow());
  world.faults.set(0, slow);
  const readings = [reader.read()];
  await clock.advance(900);
  readings.push(reader.read());
  await clock.advance(4_000);
  assert.deepEqual((await Promise.all(readings)).map(known), [
    [0, 1],
    [0, 1],
  ]);
  assert.deepEqual(world.asked, ["0 1", "0 1"]);
});

test("metadata that do not come are those of a while ago", async () => {
  const { reader, world, clock } = setup();
  await reader.read();
  world.refresh = never;
  const reading = reader.read();
  await clock.advance(1_000);
  assert.deepEqual(known(await reading), [0, 1, 2]);
});

test("when nobody answers, it rejects with the reason", async () => {
  const { reader, world } = setup();
  for (const partition of [0, 1, 2]) world.faults.set(partition, () => Promise.reject(new Error("connection refused")));
  await assert.rejects(reader.read(), /connection refused/);
  world.faults.clear();
  world.leaders = [-1, -1];
  await assert.rejects(reader.read(), /no broker tells/);
  world.refresh = () => Promise.reject(new Error("no broker at all"));
  await assert.rejects(reader.read(), /no broker at all/);
});

test("KafkaJS gives its view of the cluster away", () => {
  const connection = { brokers: ["127.0.0.1:1"], clientId: "test", ssl: undefined, sasl: undefined };
  assert.equal(typeof clusterOf(createKafka(connection, quietLog)).findBroker, "function");
});

test("the answer names the cluster, as the metadata read for it says; brokers without an ID name none", async () => {
  const { reader, world } = setup();
  assert.equal((await reader.read()).clusterId, "MkU3OEVBNTcwNTJENDM2Qk");
  world.clusterId = "anotherCluster-0123456";
  assert.equal((await reader.read()).clusterId, "anotherCluster-0123456");
  for (const none of [null, ""]) {
    world.clusterId = none;
    assert.equal("clusterId" in (await reader.read()), false);
  }
});
