import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PartitionTranslation } from "#src/runtime/partition-translation.js";
import { checkAsyncProperty } from "#test/support/property.js";
import { TranslationWorld } from "#test/support/translation-world.js";

const upTo = (end: number): number[] => Array.from({ length: end }, (_, offset) => offset);

/** Time enough for whoever is left to come to the end of the log. */
const calm = async (world: TranslationWorld): Promise<void> => {
  world.weather = { openFails: 0, writeFails: 0, answerLost: 0, slowMs: 5 };
  for (let turns = 0; turns < 400 && world.committed !== world.end; turns++) await world.clock.advance(100);
};

const closeAll = (world: TranslationWorld): Promise<unknown> =>
  Promise.all([...world.owners].map((owner) => world.lose(owner)));

test("each record is in a committed transaction exactly once and in order, whoever owns the partition and whatever fails", () =>
  checkAsyncProperty(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const world = new TranslationWorld(seed);
      const { random } = world;
      for (let offset = 0; offset < 600; offset++) if (random.chance(0.01)) world.tooLarge.add(offset);
      world.own();
      for (let turn = 0; turn < 30; turn++) {
        world.weather = {
          openFails: random.pick([0, 0.3]),
          writeFails: random.pick([0, 0.2, 0.6]),
          answerLost: random.pick([0, 0.2, 0.6]),
          slowMs: random.pick([2, 20, 400]),
        };
        world.end += random.between(0, 40);
        if (random.chance(0.3)) world.own();
        const owners = [...world.owners];
        if (random.chance(0.3) && owners.length > 1) void world.lose(random.pick(owners) as PartitionTranslation);
        await world.clock.advance(random.between(1, 300));
      }
      await closeAll(world);
      world.own();
      await calm(world);
      await closeAll(world);
      assert.equal(world.committed, world.end);
      const expected = upTo(world.end);
      assert.deepEqual(
        world.written,
        expected.filter((offset) => !world.tooLarge.has(offset)),
      );
      assert.deepEqual(
        world.letters,
        expected.filter((offset) => world.tooLarge.has(offset)),
      );
    }),
    { runs: 25, rerun: "npm run test:unit -- runtime/partition-translation" },
  ));

test("it takes nothing before the earlier owner is shut out and the committed offset is known", async () => {
  const world = new TranslationWorld(1);
  world.committed = 7;
  world.end = 20;
  const owner = world.own();
  assert.equal(owner.position, undefined);
  assert.equal(owner.isOpen, false);
  await calm(world);
  assert.deepEqual(world.written, upTo(20).slice(7));
  assert.equal(owner.committed, 20);
  await closeAll(world);
});

test("a partition of which nobody can say yet where it begins is asked about again", async () => {
  const world = new TranslationWorld(1);
  world.committed = undefined;
  world.end = 5;
  const owner = world.own();
  await world.clock.advance(2_000);
  assert.equal(owner.isOpen, false);
  world.committed = 0;
  await calm(world);
  assert.deepEqual(world.written, upTo(5));
  await closeAll(world);
});

test("what comes while a transaction is under way goes into the next one together", async () => {
  const world = new TranslationWorld(3);
  world.weather = { openFails: 0, writeFails: 0, answerLost: 0, slowMs: 200 };
  world.end = 300;
  world.own();
  await world.clock.advance(3_000);
  assert.equal(world.committed, 300);
  assert.ok(world.largest > 40, `${world.largest} records in the largest transaction`);
  await closeAll(world);
});

test("a full partition takes nothing until a transaction has ended", async () => {
  const world = new TranslationWorld(1);
  const owner = world.own();
  await world.clock.advance(20);
  const value = Buffer.alloc(800_000);
  for (let offset = 0; offset < 2; offset++) owner.take([{ offset, timestampMs: 0, key: null, value }], offset + 1);
  assert.equal(owner.isFull, true);
  assert.equal(owner.position, undefined);
  await world.clock.advance(100);
  assert.equal(owner.position, 2);
  await closeAll(world);
});

test("records that came together and became large go into several transactions, in order", async () => {
  const world = new TranslationWorld(1);
  const owner = world.own();
  await world.clock.advance(20);
  const value = Buffer.alloc(200_000);
  const records = upTo(20).map((offset) => ({ offset, timestampMs: 0, key: null, value }));
  owner.take(records, 25);
  await world.clock.advance(2_000);
  assert.deepEqual([world.written, world.committed], [upTo(20), 25]);
  assert.ok(world.largest <= 3, `${world.largest} records in the largest transaction`);
  await closeAll(world);
});

test("a stop waits for the transaction under way and begins no other", async () => {
  const world = new TranslationWorld(2);
  world.weather = { openFails: 0, writeFails: 0, answerLost: 0, slowMs: 400 };
  world.end = 100;
  const owner = world.own();
  for (let turns = 0; turns < 100 && world.transactions === 0; turns++) await world.clock.advance(5);
  const drained = owner.drain();
  await world.clock.advance(1_000);
  await drained;
  const { committed } = world;
  await world.clock.advance(5_000);
  assert.equal(world.committed, committed);
  assert.deepEqual(world.written, upTo(committed as number));
  await closeAll(world);
});

test("it goes on where the log begins, and where it ends, when it has lost the position", async () => {
  const world = new TranslationWorld(1);
  const owner = world.own();
  await world.clock.advance(50);
  owner.outOfRange({ start: 0, end: 10 });
  assert.equal(owner.position, 0);
  owner.outOfRange({ start: 40, end: 90 });
  assert.equal(owner.position, 40);
  owner.outOfRange({ start: 0, end: 12 });
  assert.equal(owner.position, 12);
  await closeAll(world);
});

test("everything is counted once it is committed, and a failed transaction as what it is", async () => {
  const world = new TranslationWorld(5);
  world.tooLarge.add(3);
  world.end = 10;
  world.own();
  await calm(world);
  const sum = (start: string): number =>
    world.metricCalls
      .filter((call) => call.startsWith(start))
      .reduce((total, call) => total + Number(call.split(" ").at(-1)), 0);
  assert.equal(sum("records 0"), 10);
  assert.equal(sum("translated alert"), 9);
  assert.equal(sum("translated invalid"), 1);
  assert.ok(world.metricCalls.some((call) => call.startsWith("transaction refused")));
  await closeAll(world);
});
