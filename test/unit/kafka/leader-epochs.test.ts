import assert from "node:assert/strict";
import { test } from "node:test";
import type { Broker, Cluster } from "kafkajs";
import { LeaderEpochReader } from "#src/kafka/leader-epochs.js";
import { quietLog } from "#test/support/quiet.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

interface Asked {
  readonly partition: number;
  readonly current: number;
  readonly epoch: number;
}

/** OffsetForLeaderEpoch v3, byte by byte as the protocol guide has it. */
const readRequest = (bytes: Buffer): Asked[] => {
  assert.equal(bytes.readInt32BE(0), -1, "replica_id of a client");
  assert.equal(bytes.readInt32BE(4), 1);
  const nameLength = bytes.readInt16BE(8);
  assert.equal(bytes.toString("utf8", 10, 10 + nameLength), "alerts");
  let at = 10 + nameLength;
  const count = bytes.readInt32BE(at);
  at += 4;
  return Array.from({ length: count }, (_, index) => {
    const [partition = 0, current = 0, epoch = 0] = [0, 4, 8].map((more) => bytes.readInt32BE(at + index * 12 + more));
    return { partition, current, epoch };
  });
};

const response = (answers: readonly { error: number; partition: number; epoch: number; end: number }[]): Buffer => {
  const name = Buffer.from("alerts");
  const out = Buffer.alloc(14 + name.length + answers.length * 18);
  out.writeInt32BE(1, 4);
  out.writeInt16BE(name.length, 8);
  name.copy(out, 10);
  let at = out.writeInt32BE(answers.length, 10 + name.length);
  for (const { error, partition, epoch, end } of answers) {
    at = out.writeInt16BE(error, at);
    at = out.writeInt32BE(partition, at);
    at = out.writeInt32BE(epoch, at);
    at = out.writeBigInt64BE(BigInt(end), at);
  }
  return out;
};

/** One broker that leads partitions 0 to 2, and is at epoch 7. */
const setup = (options: { maxVersion?: number; silent?: boolean } = {}) => {
  const clock = new VirtualClock();
  const asked: Asked[][] = [];
  /** Of partition 2. */
  const refusal = { code: 6 };
  const broker = {
    versions: { 23: { minVersion: 0, maxVersion: options.maxVersion ?? 4 } },
    connectionPool: {
      send: async ({ request, response: read }: { request: never; response: never }) => {
        const { apiKey, apiVersion, encode } = request as {
          apiKey: number;
          apiVersion: number;
          encode: () => Promise<{ buffer: Buffer }>;
        };
        assert.deepEqual([apiKey, apiVersion], [23, 3]);
        if (options.silent === true) return await new Promise(() => undefined);
        const questions = readRequest((await encode()).buffer);
        asked.push(questions);
        const answers = questions.map(({ partition, current, epoch }) => {
          if (partition === 2 && refusal.code !== 0) return { error: refusal.code, partition, epoch: -1, end: -1 };
          if (current > 7) return { error: 75, partition, epoch: -1, end: -1 };
          if (current >= 0 && current < 7) return { error: 74, partition, epoch: -1, end: -1 };
          return { error: 0, partition, epoch: Math.min(epoch, 7), end: 60 + partition };
        });
        const { decode } = read as { decode: (data: Buffer) => Promise<unknown> };
        return await decode(response(answers));
      },
    },
  };
  const cluster = {
    findTopicPartitionMetadata: () =>
      [0, 1, 2, 3].map((partitionId) => ({ partitionId, leader: partitionId === 3 ? -1 : 1 })),
    findBroker: async () => broker as unknown as Broker,
  } as unknown as Cluster;
  const told: string[] = [];
  const log = {
    ...quietLog,
    warn: (fields: object, text: string) => void told.push(`warn ${JSON.stringify(fields)} ${text}`),
    info: (fields: object, text: string) => void told.push(`info ${JSON.stringify(fields)} ${text}`),
  };
  return { reader: new LeaderEpochReader({ cluster, topic: "alerts", clock, log }), asked, clock, told, refusal };
};

test("each leader is asked with the epoch that it must have come to; one that is further is asked again without", async () => {
  const { reader, asked } = setup();
  const answers = await reader.read([
    { partition: 0, epoch: 7, atLeast: 7 },
    { partition: 1, epoch: 5, atLeast: 6 },
  ]);
  assert.deepEqual(answers, [
    { kind: "end", partition: 0, epoch: 7, end: { epoch: 7, endOffset: 60 }, sameLeader: true },
    { kind: "end", partition: 1, epoch: 5, end: { epoch: 5, endOffset: 61 }, sameLeader: false },
  ]);
  assert.deepEqual(asked[1], [{ partition: 1, current: -1, epoch: 5 }]);
});

test("a leader that has not come so far is behind; one that leads no more, and a partition without one, are left out", async () => {
  const { reader } = setup();
  const questions = [0, 2, 3].map((partition) => ({ partition, epoch: 9, atLeast: 9 }));
  assert.deepEqual(await reader.read(questions), [{ kind: "behind", partition: 0, epoch: 9 }]);
});

test("a broker older than Kafka 2.3 is not asked", async () => {
  const { reader, asked } = setup({ maxVersion: 2 });
  assert.deepEqual(await reader.read([{ partition: 0, epoch: 1, atLeast: 1 }]), [
    { kind: "unsupported", partition: 0, epoch: 1 },
  ]);
  assert.deepEqual(asked, []);
});

test("a silent broker is waited for a second", async () => {
  const { reader, clock } = setup({ silent: true });
  const answer = reader.read([{ partition: 0, epoch: 1, atLeast: 1 }]);
  while (await clock.step(1_500));
  assert.deepEqual(await answer, []);
});

const KAFKA_STORAGE_ERROR = 56;
const of = (...partitions: readonly number[]) => partitions.map((partition) => ({ partition, epoch: 7, atLeast: 7 }));

test("a leader that goes on refusing is told of once, with the partition, its words and what to do, and asked again; then that it answers", async () => {
  const { reader, clock, told, refusal } = setup();
  refusal.code = KAFKA_STORAGE_ERROR;
  const answers = async (seconds: number): Promise<number> => {
    let last = 0;
    for (let second = 0; second < seconds; second++) {
      last = (await reader.read(of(0, 2))).length;
      await clock.advance(1_000);
    }
    return last;
  };
  assert.equal(await answers(9), 1);
  assert.deepEqual(told, [], "a leader that has just changed refuses for a moment");
  assert.equal(await answers(20), 1);
  const [warning = "", ...more] = told;
  assert.deepEqual(more, []);
  assert.match(warning, /^warn .*"partition":2,"leader":1,"reason":"KAFKA_STORAGE_ERROR: .*disk/i);
  assert.match(warning, /nothing is taken from this partition.*the other partitions go on\. Look at that broker's log/);
  refusal.code = 0;
  assert.equal(await answers(1), 2);
  assert.match(told.slice(1).join(), /^info .*"partition":2.* tells again/);
});

test("refusals far apart are no long one", async () => {
  const { reader, clock, told } = setup();
  for (let round = 0; round < 3; round++) {
    await reader.read(of(2));
    await clock.advance(60_000);
  }
  assert.deepEqual(told, []);
});

test("a leader that never answers this question is told of too", async () => {
  const { reader, clock, told } = setup({ silent: true });
  for (let round = 0; round < 15; round++) {
    const answer = reader.read(of(1));
    await clock.advance(1_000);
    await answer;
  }
  assert.equal(told.length, 1);
  assert.match(told[0] ?? "", /"partition":1,"leader":1,"reason":"no answer within 1 s"/);
});
