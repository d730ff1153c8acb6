import assert from "node:assert/strict";
import { test } from "node:test";
import { BatchIntake } from "#src/kafka/batch-taking.js";
import type { SourceListener, SourceRecord } from "#src/runtime/ports.js";
import { type BatchInput, FakeConsumer } from "#test/support/fake-consumer.js";

const setup = async () => {
  const consumer = new FakeConsumer("alerts");
  const log: string[] = [];
  const write = (level: string) => (_: unknown, message: string) => void log.push(`${level} ${message.split(":")[0]}`);
  const world = {
    log,
    seeks: [] as string[],
    outOfRange: [] as number[],
    mayTake: true,
    asked: [] as (number | undefined)[],
    epochs: [] as (number | undefined)[],
    position: 5 as number | undefined,
    /** From here on records cannot be decoded yet. */
    undecodableFrom: Number.POSITIVE_INFINITY,
    taken: [] as (readonly [offsets: readonly number[], next: number])[],
  };
  const intake = new BatchIntake({
    metrics: { recordsDeletedUnread: (partition, count) => void log.push(`count ${partition} ${count}`) },
    log: { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") },
    seek: (partition, offset) => world.seeks.push(`${partition} ${offset}`),
  });
  const listener = {
    position: () => world.position,
    mayTake: (_, epoch) => {
      world.asked.push(epoch);
      return world.mayTake;
    },
    takeable: (_, records) => records.slice().filter(({ offset }) => offset < world.undecodableFrom).length,
    outOfRange: (partition) => void world.outOfRange.push(partition),
    deletedUnread: (partition, next) => void log.push(`missed ${partition} ${next}`),
    records: (_, some, next) => {
      const records = Array.from({ length: some.length }, (_, at) => some.at(at) as SourceRecord);
      world.epochs.push(...records.map(({ leaderEpoch }) => leaderEpoch));
      world.taken.push([records.map(({ offset }) => offset), next]);
      world.position = next;
    },
  } satisfies Partial<SourceListener> as unknown as SourceListener;
  const kafka = consumer.kafka.consumer({ groupId: "group" });
  await kafka.run({ eachBatch: async (payload) => intake.take(payload, listener) });
  return { ...world, world, intake, batch: (input: BatchInput) => consumer.batch(input) };
};

test("the expected batch is taken whole, and resolved once it is", async () => {
  const { batch, world } = await setup();
  assert.equal(await batch({ offsets: [5, 6, 9] }), "9");
  assert.deepEqual(world.taken, [[[5, 6, 9], 10]]);
});

test("a batch that was fetched before its partition was lost, paused or sought is neither taken nor resolved", async () => {
  const { batch, world } = await setup();
  assert.equal(await batch({ offsets: [5], stale: true }), undefined);
  world.position = undefined;
  assert.equal(await batch({ offsets: [5] }), undefined);
  assert.deepEqual(world.taken, []);
});

test("a batch from below the position is asked for again at the position; records are not read twice", async () => {
  const { batch, world, seeks, log } = await setup();
  assert.equal(await batch({ offsets: [0, 1, 2, 3, 4, 5, 6] }), undefined);
  assert.deepEqual([world.taken, seeks], [[], ["0 5"]]);
  assert.deepEqual(log, ["info a batch began below the expected offset; seeking"]);
});

test("an expected offset that may be gone is told at the third batch from below in a row, and not before", async () => {
  const { batch, world, outOfRange, intake } = await setup();
  const below = { offsets: [0, 1] };
  await batch(below);
  await batch(below);
  assert.deepEqual(outOfRange, []);
  intake.joined();
  await batch(below);
  await batch(below);
  await batch({ offsets: [5] });
  world.position = 5;
  await batch(below);
  await batch(below);
  assert.deepEqual(outOfRange, []);
  await batch(below);
  assert.deepEqual(outOfRange, [0]);
});

test("a batch of which it is not known whether it continues what was read is neither taken nor resolved; the epoch of its first record tells", async () => {
  const { batch, world } = await setup();
  world.mayTake = false;
  assert.equal(await batch({ offsets: [5, 6], epochs: [3, 4] }), undefined);
  assert.deepEqual([world.taken, world.asked], [[], [3]]);
  world.mayTake = true;
  assert.equal(await batch({ offsets: [5, 6], epochs: [3, 4] }), "6");
  assert.deepEqual(world.epochs, [3, 4]);
});

test("a fetch that began beyond the position is taken, and said", async () => {
  const { batch, world, log } = await setup();
  assert.equal(await batch({ offsets: [8], fetchedOffset: 8 }), "8");
  assert.deepEqual(world.taken, [[[8], 9]]);
  assert.deepEqual(log, ["count 0 3", "error records were deleted before they were read", "missed 0 8"]);
});

test("of a batch only the records that can be decoded are taken; the position stays in front of the others", async () => {
  const { batch, world } = await setup();
  world.undecodableFrom = 7;
  assert.equal(await batch({ offsets: [5, 6, 9] }), "8");
  assert.deepEqual(world.taken, [[[5, 6], 9]]);
});

test("a batch whose first record cannot be decoded yet is neither taken nor resolved, and comes again", async () => {
  const { batch, world, log } = await setup();
  world.undecodableFrom = 0;
  assert.equal(await batch({ offsets: [8, 9], fetchedOffset: 8 }), undefined);
  assert.deepEqual([world.taken, log], [[], []]);
  world.undecodableFrom = 10;
  assert.equal(await batch({ offsets: [8, 9], fetchedOffset: 8 }), "9");
  assert.deepEqual(world.taken, [[[8, 9], 10]]);
});
