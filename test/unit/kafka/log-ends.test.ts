import assert from "node:assert/strict";
import { test } from "node:test";
import { createKafka } from "#src/kafka/client.js";
import { clusterOf, type LogEndsAnswer, LogEndsReader } from "#src/kafka/log-ends.js";
import { quietLog } from "#test/support/quiet.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

type Question = { topic: string; partitions: { partition: number }[]; fromBeginning: boolean };

/** Partitions 0 and 1 are led by broker 1, partition 2 by broker 2, partition 3 by nobody. */
const setup = () => {
  const clock = new VirtualClock();
  const world = {
    clock,
    leaders: [1, 1, 2, -1],
    asked: [] as string[],
    /** Partition → what asking for it does. */
    faults: new Map<number, () => Promise<unknown>>(),
    refresh: (): Promise<void> => Promise.resolve(),
  };
  const cluster = {
    connect: async () => undefined,
    disconnect: async () => undefined,
    addTargetTopic: async () => undefined,
    refreshMetadata: () => world.refresh(),
    findTopicPartitionMetadata: () => world.leaders.map((leader, partitionId) => ({ partitionId, leader })),
    fetchTopicsOffset: async ([question]: [Question]) => {
      const partitions = question.partitions.map(({ partition }) => partition);
      if (!question.fromBeginning) world.asked.push(partitions.join(" "));
      for (const partition of partitions) await world.faults.get(partition)?.();
      const base = question.fromBeginning ? 0 : 100;
      return [
        { topic: "alerts", partitions: partitions.map((partition) => ({ partition, offset: `${base + partition}` })) },
      ];
    },
  };
  const deps = { cluster, topic: "alerts", clock } as unknown as ConstructorParameters<typeof LogEndsReader>[0];
  return { ...world, world, reader: new LogEndsReader(deps) };
};
const never = (): Promise<never> => new Promise(() => undefined);
const known = ({ ends }: { ends: ReadonlyMap<number, unknown> }): number[] => [...ends.keys()].sort();

test("each broker is asked once for all that it leads; a partition without a leader is nobody's question", async () => {
  const { reader, world } = setup();
  const answer = await reader.read();
  assert.deepEqual(answer.ends.get(1), { start: 1, end: 101 });
  assert.deepEqual([known(answer), answer.silent, world.asked], [[0, 1, 2], [3], ["0 1", "2"]]);
});

test("a broker that refuses because of one partition is asked for each of its own alone", async () => {
  const { reader, world } = setup();
  world.faults.set(1, () => Promise.reject(Object.assign(new Error("moved"), { type: "NOT_LEADER_FOR_PARTITION" })));
  const answer = await reader.read();
  assert.deepEqual(
    [known(answer), answer.silent],
    [
      [0, 2],
      [1, 3],
    ],
  );
});

test("a broker that cannot be reached keeps back its own partitions only", async () => {
  const { reader, world } = setup();
  world.faults.set(2, () => Promise.reject(new Error("connection refused")));
  assert.deepEqual(known(await reader.read()), [0, 1]);
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
  assert.equal(typeof clusterOf(createKafka(connection, quietLog)).fetchTopicsOffset, "function");
});
