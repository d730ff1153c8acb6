import assert from "node:assert/strict";
import { test } from "node:test";
import { eventTime } from "#src/core/time.js";
import { createAlertCodec } from "#src/formats/codec.js";
import { readRecordSet } from "#src/kafka/fetch-answer.js";
import { type FetchCluster, PlainFetch } from "#src/kafka/plain-fetch.js";
import { KafkaWindowArchive } from "#src/kafka/window-archive.js";
import type { ArchiveAnswer, ArchiveRequest } from "#src/runtime/ports.js";
import { quietLog } from "#test/support/quiet.js";
import { encodeBatch, plainBatch } from "#test/support/record-batches.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const START = 1_789_999_980_000;
const END = eventTime(START + 30_000);

interface Entry {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp?: number;
  readonly isControlRecord?: boolean;
  readonly batchContext?: { readonly partitionLeaderEpoch: number };
}

const entry = (device: string, message = "m"): Entry => ({
  key: Buffer.from(device),
  value: Buffer.from(JSON.stringify({ deviceId: device, message })),
});

/** A broker whose batches have `batch` records each. */
const setup = (entries: readonly Entry[], batch = 3) => {
  const clock = new VirtualClock(START + 60_000);
  const world = {
    clock,
    logStart: 0,
    /** Batches below it are empty. */
    compactedBelow: 0,
    leader: 1,
    /** What a fetch does first. */
    fault: async (_offset: number): Promise<void> => undefined,
    fetchedFrom: [] as number[],
    atOnce: 0,
    mostAtOnce: 0,
    refreshed: 0,
    turns: 0,
    archive: undefined as unknown as KafkaWindowArchive,
  };
  const fetch = async ({ topics }: { topics: { partitions: { fetchOffset: string }[] }[] }) => {
    const from = Number(topics[0]?.partitions[0]?.fetchOffset);
    world.fetchedFrom.push(from);
    world.mostAtOnce = Math.max(world.mostAtOnce, ++world.atOnce);
    try {
      await world.fault(from);
    } finally {
      world.atOnce--;
    }
    if (from < world.logStart || from > entries.length)
      throw Object.assign(new Error("out of range"), { type: "OFFSET_OUT_OF_RANGE", retriable: true });
    const first = from - (from % batch);
    const messages = entries
      .map((one, offset) => ({ timestamp: START + offset, ...one, offset: String(offset) }))
      .slice(from < world.compactedBelow ? first + batch : first, first + batch)
      .map((one) => ({ ...one, timestamp: String(one.timestamp) }));
    return { responses: [{ partitions: [{ highWatermark: String(entries.length), messages }] }] };
  };
  const cluster = {
    connect: async () => undefined,
    disconnect: async () => undefined,
    addTargetTopic: async () => undefined,
    refreshMetadata: async () => void world.refreshed++,
    findTopicPartitionMetadata: () => [{ partitionId: 3, leader: world.leader }],
    findBroker: async () => ({ fetch }),
    fetchTopicsOffset: async () => [
      { topic: "alerts", partitions: [{ partition: 3, offset: String(world.logStart) }] },
    ],
  } as unknown as FetchCluster;
  const fetches = new PlainFetch(cluster, "alerts");
  const turns = { next: async () => void world.turns++ };
  world.archive = new KafkaWindowArchive({ fetches, codec: createAlertCodec(), clock, log: quietLog, turns });
  return world;
};

const request = (runs: [number, number][], parts: Partial<ArchiveRequest> = {}): ArchiveRequest => ({
  partition: 3,
  runs,
  deviceId: "a",
  windowEnd: END,
  maxBytes: 1e9,
  epochOf: () => undefined,
  ...parts,
});

const offsets = ({ alerts }: ArchiveAnswer): number[] => alerts.map(({ offset }) => offset);
const many = (count: number, device = (_: number) => "a"): Entry[] =>
  Array.from({ length: count }, (_, i) => entry(device(i), `alert ${i}`));

const retriable = (message: string) => Object.assign(new Error(message), { retriable: true });
const never = (): Promise<never> => new Promise(() => undefined);

test("exactly the offsets asked for come back, in order, with message and event time", async () => {
  const world = setup(many(30, (i) => (i % 3 === 0 ? "a" : "b")));
  const answer = await world.archive.read(
    request([
      [3, 3],
      [9, 9],
      [27, 27],
    ]),
  );
  assert.deepEqual(offsets(answer), [3, 9, 27]);
  assert.deepEqual([answer.missing, answer.beyond], [0, 0]);
  assert.deepEqual([answer.alerts[1]?.alert.message, answer.alerts[1]?.eventTime], ["alert 9", START + 9]);
  assert.ok(answer.alerts.every((alert) => !("late" in alert)));
  assert.deepEqual(world.fetchedFrom, [3, 9, 27], "what lies between is not fetched");
});

test("a run over several batches is read batch by batch", async () => {
  const world = setup(many(20));
  assert.deepEqual(offsets(await world.archive.read(request([[4, 14]]))), [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  assert.deepEqual(world.fetchedFrom, [4, 6, 9, 12]);
});

test("tombstones, control records, broken records and other devices' are missing, and nothing else is", async () => {
  const entries = many(12);
  entries[2] = { key: Buffer.from("a"), value: null };
  entries[4] = { key: null, value: Buffer.from("x"), isControlRecord: true };
  entries[6] = { key: Buffer.from("a"), value: Buffer.from("{") };
  entries[8] = entry("b");
  const answer = await setup(entries).archive.read(request([[0, 11]]));
  assert.deepEqual(offsets(answer), [0, 1, 3, 5, 7, 9, 10, 11]);
  assert.equal(answer.missing, 4);
});

test("other records at the offsets of a log that lost its end are missing, also those of the same device", async () => {
  const under = (partitionLeaderEpoch: number): Entry => ({ ...entry("a"), batchContext: { partitionLeaderEpoch } });
  const entries = [under(3), under(3), under(5), under(5), entry("a"), under(5)];
  // Read: 0 to 2 under 3, from 4 on nobody knows.
  const epochOf = (offset: number): number | undefined => (offset < 3 ? 3 : offset === 3 ? 5 : undefined);
  const answer = await setup(entries).archive.read(request([[0, 5]], { epochOf }));
  assert.deepEqual(offsets(answer), [0, 1, 3, 4, 5]);
  assert.equal(answer.missing, 1);
});

test("batches that compaction emptied are stepped over", async () => {
  const world = setup(many(12));
  world.compactedBelow = 6;
  const answer = await world.archive.read(
    request([
      [0, 1],
      [4, 11],
    ]),
  );
  assert.deepEqual([offsets(answer), answer.missing], [[6, 7, 8, 9, 10, 11], 4]);
  assert.deepEqual(world.fetchedFrom, [0, 1, 4, 5, 6, 9]);
});

test("a log that ends before the window is asked again until time is over", async () => {
  const world = setup(many(4));
  const reading = world.archive.read(request([[2, 5]]));
  await world.clock.advance(5_000);
  const answer = await reading;
  assert.deepEqual([offsets(answer), answer.missing], [[2, 3], 2]);
  assert.ok(world.fetchedFrom.length < 50);
});

test("what retention deleted is counted, what is left is read", async () => {
  const world = setup(many(20));
  world.logStart = 8;
  const answer = await world.archive.read(
    request([
      [0, 2],
      [6, 9],
      [15, 15],
    ]),
  );
  assert.deepEqual(offsets(answer), [8, 9, 15]);
  assert.equal(answer.missing, 5);
  world.logStart = 20;
  const gone = await world.archive.read(request([[0, 5]]));
  assert.deepEqual([offsets(gone), gone.missing], [[], 6]);
  assert.equal(world.clock.elapsed(), 0, "and nobody waits for it");
});

test("another leader is looked for, and reading goes on where it was", async () => {
  const world = setup(many(12));
  let faults = 2;
  world.fault = async (offset) => {
    if (offset === 6 && faults-- > 0) throw retriable("not the leader");
  };
  const reading = world.archive.read(request([[0, 11]]));
  await world.clock.advance(1_000);
  assert.equal(offsets(await reading).length, 12);
  assert.equal(world.refreshed, 3);
});

test("a partition without a leader is waited for, a while", async () => {
  const world = setup(many(6));
  world.leader = -1;
  const reading = world.archive.read(request([[0, 5]]));
  await world.clock.advance(1_000);
  world.leader = 2;
  await world.clock.advance(1_000);
  assert.equal(offsets(await reading).length, 6);
});

test("an error that stays ends it at once, with what was read", async () => {
  const world = setup(many(12));
  world.fault = async (offset) => {
    if (offset === 6) throw Object.assign(new Error("no right"), { retriable: false });
  };
  const answer = await world.archive.read(request([[0, 11]]));
  assert.deepEqual([offsets(answer).length, answer.missing], [6, 6]);
  assert.equal(world.clock.elapsed(), 0);
});

test("a broker that is silent is waited for 5 s, then what was read is the answer; the next windows do not wait at all", async () => {
  const world = setup(many(12));
  world.fault = async (offset) => (offset >= 6 ? never() : undefined);
  const first = world.archive.read(request([[0, 11]]));
  const second = world.archive.read(request([[6, 11]]));
  const third = world.archive.read(request([[0, 2]]));
  await world.clock.advance(4_999);
  let answers = 0;
  for (const one of [first, second, third]) void one.then(() => answers++);
  await world.clock.advance(0);
  assert.equal(answers, 0);
  await world.clock.advance(1);
  assert.deepEqual([(await first).missing, (await second).missing, (await third).missing], [6, 6, 3]);
  const fourth = await world.archive.read(request([[0, 2]]));
  assert.equal(fourth.missing, 3);
  assert.equal(world.clock.elapsed(), 5_000);
});

test("two windows are read at a time, whoever else asks, and each gets its own", async () => {
  const world = setup(many(300));
  world.fault = () => new Promise((resolve) => void world.clock.after(10, resolve));
  const readings = Array.from({ length: 50 }, (_, i) => world.archive.read(request([[i * 6, i * 6 + 5]])));
  await world.clock.advance(5_000);
  const answers = await Promise.all(readings);
  assert.deepEqual(
    answers.flatMap(offsets),
    Array.from({ length: 300 }, (_, i) => i),
  );
  assert.equal(world.mostAtOnce, 2);
});

test("a window of more than 20,000 alerts is read up to there; the others are beyond, not missing", async () => {
  const world = setup(many(20_100), 1_000);
  const answer = await world.archive.read(request([[0, 20_099]]));
  assert.deepEqual([answer.alerts.length, answer.missing, answer.beyond], [20_000, 0, 100]);
});

test("values are kept up to the bytes asked for", async () => {
  const world = setup(many(12));
  const size = entry("a", "alert 1").value?.length ?? 0;
  const answer = await world.archive.read(
    request(
      [
        [0, 2],
        [7, 8],
      ],
      { maxBytes: size * 4 },
    ),
  );
  assert.deepEqual([offsets(answer), answer.missing, answer.beyond], [[0, 1, 2, 7], 0, 1]);
});

test("of other devices' records 32 MB are gone through, no more", async () => {
  const large = entry("b", "x".repeat(1024 * 1024 - 100));
  const world = setup([entry("a"), ...Array.from({ length: 40 }, () => large), entry("a")], 1);
  const answer = await world.archive.read(request([[0, 41]]));
  assert.deepEqual([offsets(answer), answer.beyond], [[0], 9]);
  assert.equal(world.fetchedFrom.length, 33);
});

test("an event time is never after the window, whatever the record's clock said", async () => {
  const entries = [{ ...entry("a"), timestamp: -1 }, { ...entry("a"), timestamp: END + 86_400_000 }, entry("a")];
  const { alerts } = await setup(entries).archive.read(request([[0, 2]]));
  assert.deepEqual(
    alerts.map((alert) => alert.eventTime),
    [END - 1, END - 1, START + 2],
  );
});

test("a batch for which there is no room is read back in parts, and a record of it that is not kept is none of the window's", async () => {
  const value = (device: string): Buffer =>
    Buffer.from(JSON.stringify({ deviceId: device, message: "x".repeat(700_000) }));
  const records = Array.from({ length: 40 }, (_, offsetDelta) => {
    const large = offsetDelta === 3 ? Buffer.alloc(2_000_000, 0x20) : undefined;
    const device = offsetDelta % 2 === 0 ? "a" : "b";
    return { offsetDelta, timestampDelta: 0, key: Buffer.from(device), value: large ?? value(device), headers: [] };
  });
  const bytes = encodeBatch({ ...plainBatch(10, records), codec: 1 });
  const unpacking = { decompress: async () => undefined, turn: async () => undefined };
  const fetchedFrom: number[] = [];
  const fetch = async ({ topics }: { topics: { partitions: { fetchOffset: string }[] }[] }) => {
    fetchedFrom.push(Number(topics[0]?.partitions[0]?.fetchOffset));
    return { responses: [{ partitions: [{ highWatermark: "50", ...(await readRecordSet(bytes, unpacking)) }] }] };
  };
  const fetches = new PlainFetch(
    {
      findTopicPartitionMetadata: () => [{ partitionId: 3, leader: 1 }],
      findBroker: async () => ({ fetch }),
    } as unknown as FetchCluster,
    "alerts",
  );
  const found: number[] = [];
  for (let next = 12; next < 50; ) {
    const answer = await fetches.fetch(3, next, { maxBytes: 1, waitMs: 1 });
    assert.ok(answer.next > next);
    found.push(...answer.records.filter(({ value: one }) => one !== null).map(({ offset }) => offset));
    next = answer.next;
  }
  assert.deepEqual(
    found,
    Array.from({ length: 38 }, (_, i) => 12 + i).filter((offset) => offset !== 13),
  );
  assert.ok(fetchedFrom.length > 2, `${fetchedFrom}`);
});

test("megabytes that one fetch brought are read in slices: others may have their turn in between", async () => {
  const large = entry("a", "x".repeat(300_000));
  const world = setup(
    Array.from({ length: 100 }, () => large),
    100,
  );
  const answer = await world.archive.read(request([[0, 99]]));
  assert.equal(answer.alerts.length, 100);
  assert.deepEqual(world.fetchedFrom, [0]);
  // Three of them are less than a MB.
  assert.equal(world.turns, 34);
});
