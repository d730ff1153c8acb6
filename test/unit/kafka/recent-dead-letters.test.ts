import assert from "node:assert/strict";
import { test } from "node:test";
import { wallTime } from "#src/core/time.js";
import { type FetchCluster, PlainFetch } from "#src/kafka/plain-fetch.js";
import { readRecentDeadLetters } from "#src/kafka/recent-dead-letters.js";
import type { Logger } from "#src/runtime/log.js";
import { quietLog } from "#test/support/quiet.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const NOW = 1_790_000_000_000;
const MINUTE = 60_000;

interface Entry {
  readonly agoMs: number;
  readonly bytes?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A dead-letter topic of two partitions that gives fifty records a fetch. */
const setup = (logs: readonly (readonly Entry[])[]) => {
  const world = {
    clock: new VirtualClock(NOW),
    fault: (): Error | undefined => undefined,
    fetches: 0,
    warnings: [] as string[],
    read: () => readRecentDeadLetters(deps, wallTime(NOW)),
    isOver: false,
  };
  const cluster = {
    connect: async () => undefined,
    disconnect: async () => undefined,
    addTargetTopic: async () => undefined,
    refreshMetadata: async () => undefined,
    findTopicPartitionMetadata: () => logs.map((_, partitionId) => ({ partitionId, leader: 1 })),
    findBroker: async () => ({ fetch }),
    fetchTopicsOffset: async ([asked]: { partitions: { partition: number }[]; fromTimestamp?: number }[]) => {
      const partition = asked?.partitions[0]?.partition ?? 0;
      const log = logs[partition] ?? [];
      const { fromTimestamp: from } = asked ?? {};
      const offset = from === undefined ? log.length : log.findIndex(({ agoMs }) => NOW - agoMs >= from);
      return [{ partitions: [{ partition, offset: String(offset) }] }];
    },
  };
  const fetch = async ({ topics }: { topics: { partitions: { partition: number; fetchOffset: string }[] }[] }) => {
    world.fetches++;
    const fault = world.fault();
    if (fault !== undefined) throw fault;
    const { partition = 0, fetchOffset } = topics[0]?.partitions[0] ?? {};
    const from = Number(fetchOffset);
    const log = logs[partition] ?? [];
    const messages = log.slice(from, from + 50).map(({ agoMs, bytes = 10, headers = {} }, index) => ({
      offset: String(from + index),
      timestamp: String(NOW - agoMs),
      key: Buffer.from("boiler"),
      value: Buffer.alloc(bytes),
      headers: Object.fromEntries(
        Object.entries({
          kind: "record",
          stage: "decode",
          reason: "not-json",
          group: "g",
          partition: "3",
          offset: "40",
          "failed-at": new Date(NOW - agoMs).toISOString(),
          ...headers,
        }).map(([name, text]) => [`dead-letter.${name}`, Buffer.from(text)]),
      ),
    }));
    return { responses: [{ partitions: [{ highWatermark: String(log.length), messages }] }] };
  };
  const log: Logger = { ...quietLog, warn: (fields) => void world.warnings.push(JSON.stringify(fields)) };
  const deps = {
    fetches: new PlainFetch(cluster as unknown as FetchCluster, "dead"),
    topic: "dead",
    group: "g",
    clock: world.clock,
    log,
    isOver: () => world.isOver,
  };
  return world;
};

test("the group's letters of the last hour are read from all partitions, oldest first, each with its place in the topic", async () => {
  const world = setup([
    [{ agoMs: 90 * MINUTE }, { agoMs: 50 * MINUTE }, { agoMs: 3 * MINUTE }],
    [
      { agoMs: 30 * MINUTE },
      { agoMs: 20 * MINUTE, headers: { group: "another" } },
      { agoMs: 2 * MINUTE, headers: { stage: "none" } },
    ],
  ]);
  const read = await world.read();
  assert.deepEqual(
    read?.letters.map(({ position, partition, offset, stage }) => [position, partition, offset, stage]),
    [
      [{ partition: 0, offset: 1 }, 3, 40, "decode"],
      [{ partition: 1, offset: 0 }, 3, 40, "decode"],
      [{ partition: 0, offset: 2 }, 3, 40, "decode"],
    ],
  );
  assert.deepEqual([read?.count, read?.since], [3, NOW - 60 * MINUTE]);
});

test("of very many the newest are read, and since when is the oldest of them; the list has twenty", async () => {
  const many = Array.from({ length: 5_000 }, (_, index) => ({ agoMs: 50 * MINUTE - index * 500 }));
  const read = await setup([many, []]).read();
  assert.deepEqual([read?.count, read?.letters.length], [1_000, 20]);
  assert.equal(read?.letters.at(-1)?.position?.offset, 4_999);
  assert.equal(read?.since, NOW - (many[4_000]?.agoMs ?? 0));
});

test("letters of more than 16 MB are not read to the end, and nothing is claimed of the time before the start", async () => {
  const large = Array.from({ length: 100 }, (_, index) => ({ agoMs: 50 * MINUTE - index, bytes: 500_000 }));
  const world = setup([large, large]);
  const read = await world.read();
  assert.equal(read?.since, NOW);
  assert.ok(world.fetches <= 2, `${world.fetches} fetches`);
});

test("a missing right is said once, with what follows from it; what may pass is tried again", async () => {
  const refused = setup([[{ agoMs: MINUTE }]]);
  refused.fault = () => Object.assign(new Error("not authorized"), { retriable: false });
  assert.equal(await refused.read(), undefined);
  assert.equal(refused.warnings.length, 1);
  assert.match(refused.warnings[0] ?? "", /not authorized.*grant READ/);
  const slow = setup([[{ agoMs: MINUTE }]]);
  slow.fault = () => (slow.fetches < 3 ? Object.assign(new Error("moved"), { retriable: true }) : undefined);
  const reading = slow.read();
  await slow.clock.advance(10_000);
  assert.equal((await reading)?.count, 1);
  assert.deepEqual(slow.warnings, []);
});

test("a stop ends the reading without a word", async () => {
  const world = setup([[{ agoMs: MINUTE }]]);
  world.fault = () => {
    world.isOver = true;
    return Object.assign(new Error("closed"), { retriable: true });
  };
  assert.equal(await world.read(), undefined);
  assert.deepEqual(world.warnings, []);
});
