import assert from "node:assert/strict";
import { test } from "node:test";
import type { CommittedPartition, LogEnd, Preparation } from "#src/runtime/ports.js";
import { Translator } from "#src/runtime/translator.js";
import { quietLog, recordingMetrics } from "#test/support/quiet.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const TOPIC = "in";

/** A topic whose partitions have no commit yet: the first question gives each of them its first one, as the owner of partition 0 does. */
const setup = () => {
  const clock = new VirtualClock(0);
  const world = {
    clock,
    committed: new Map<number, number>(),
    /** Questions under way. */
    asking: 0,
    mostAsking: 0,
    asked: [] as (readonly number[])[],
    paused: new Set<number>() as ReadonlySet<number>,
    sought: [] as string[],
    opened: [] as number[],
    closed: [] as number[],
    written: [] as string[],
    preparation: undefined as Preparation | undefined,
  };
  const wait = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
  const translator = new Translator({
    topic: TOPIC,
    source: {
      seek: (partition, offset) => world.sought.push(`${partition}@${offset}`),
      setPaused: (partitions) => {
        world.paused = partitions;
      },
      async committed(partitions) {
        world.asked.push(partitions);
        world.mostAsking = Math.max(world.mostAsking, ++world.asking);
        const missing = [0, 1, 2, 3].filter((partition) => !world.committed.has(partition));
        await wait(10 * (world.asked.length % 3) + 1);
        for (const partition of missing) world.committed.set(partition, 0);
        world.asking--;
        return partitions.map(
          (partition) => ({ partition, offset: world.committed.get(partition) }) as CommittedPartition,
        );
      },
    },
    codec: { prepare: () => world.preparation },
    createWriter: (partition) => ({
      async open() {
        await wait(partition * 3);
        world.opened.push(partition);
      },
      async write({ alerts, nextOffset }) {
        await wait(5);
        world.written.push(...alerts.map(({ value }) => value.toString()));
        world.committed.set(partition, nextOffset);
        return { kind: "committed" };
      },
      async close() {
        world.closed.push(partition);
      },
    }),
    createTranslation: (partition) => ({
      translate: ({ offset }) => ({
        alerts: [{ key: null, value: Buffer.from(`${partition}/${offset}`), timestampMs: 0, headers: {} }],
        letters: [],
        ignored: 0,
      }),
      letterOf: () => assert.fail("nothing is refused"),
    }),
    metrics: recordingMetrics().metrics as never,
    clock,
    log: quietLog,
    random: () => 1,
  });
  const give = (partition: number, count: number): void => {
    const from = translator.position(partition) ?? assert.fail(`partition ${partition} takes nothing`);
    const records = Array.from({ length: count }, (_, at) => ({
      ...{ offset: from + at, timestampMs: 0, key: null, value: Buffer.from("x") },
    }));
    translator.records(partition, records, from + count);
  };
  return { world, translator, give };
};

const end = (at: number): LogEnd => ({ start: 0, end: at, stable: at });

test("where partitions begin is asked one question at a time, so that no first commit undoes a later one", async () => {
  const { world, translator, give } = setup();
  translator.joined([0, 1, 2, 3], { sameMember: false });
  for (let turns = 0; turns < 40; turns++) {
    await world.clock.advance(2);
    for (const partition of [0, 1, 2, 3]) if (translator.position(partition) === 0) give(partition, 3);
  }
  await world.clock.advance(200);
  assert.equal(world.mostAsking, 1);
  assert.deepEqual([...world.committed.values()], [3, 3, 3, 3]);
  assert.equal(new Set(world.written).size, 12);
  assert.equal(world.written.length, 12);
  await translator.close();
});

test("it is ready once every assigned partition translates, and pauses those that do not yet", async () => {
  const { world, translator } = setup();
  assert.equal(translator.ready, false);
  translator.joined([0, 3], { sameMember: false });
  assert.deepEqual([...world.paused], [0, 3]);
  assert.equal(translator.ready, false);
  await world.clock.advance(500);
  assert.equal(translator.ready, true);
  assert.deepEqual([...world.paused], []);
  translator.left();
  assert.equal(translator.ready, false);
  await translator.close();
});

test("a partition that stays goes on where it was, one that went is closed, and one that came is opened", async () => {
  const { world, translator, give } = setup();
  translator.joined([0, 1], { sameMember: false });
  await world.clock.advance(500);
  give(0, 5);
  give(1, 2);
  await world.clock.advance(50);
  world.sought.length = 0;
  translator.joining();
  translator.joined([0, 2], { sameMember: true });
  assert.deepEqual(world.sought, ["0@5"]);
  assert.deepEqual(world.closed, [1]);
  assert.deepEqual(translator.held(), [0, 2]);
  await world.clock.advance(500);
  assert.deepEqual(world.opened, [0, 1, 2]);
  await translator.close();
});

test("a member that was put out shuts out whoever had its partitions meanwhile, and asks again where they begin", async () => {
  const { world, translator } = setup();
  translator.joined([0], { sameMember: false });
  await world.clock.advance(500);
  world.committed.set(0, 40);
  translator.joined([0], { sameMember: false });
  assert.equal(translator.position(0), undefined);
  await world.clock.advance(500);
  assert.equal(translator.position(0), 40);
  assert.deepEqual(world.opened, [0, 0]);
  await translator.close();
});

test("a partition whose next schema is not known yet is paused for the registry, and goes on once it is", async () => {
  const { world, translator } = setup();
  translator.joined([0], { sameMember: false });
  await world.clock.advance(500);
  let found = (): void => undefined;
  const ready = new Promise<void>((resolve) => {
    found = resolve;
  });
  world.preparation = { decodable: 1, ready };
  const records = [0, 1].map((offset) => ({ offset, timestampMs: 0, key: null, value: Buffer.from("x") }));
  assert.equal(translator.takeable(0, records), 1);
  assert.deepEqual([...world.paused], [0]);
  assert.equal(translator.partitions[0]?.waitsFor, "registry");
  found();
  await world.clock.advance(1);
  assert.deepEqual([...world.paused], []);
  assert.equal(translator.partitions[0]?.waitsFor, undefined);
  await translator.close();
});

test("it knows where the logs end: for the lag, and for a position that the log has no more", async () => {
  const { world, translator } = setup();
  translator.joined([0], { sameMember: false });
  await world.clock.advance(500);
  translator.endOffsets(0, new Map([[0, { ...end(90), start: 30 }]]));
  assert.deepEqual(translator.partitions, [
    { partition: 0, position: 0, committed: 0, end: { start: 30, end: 90, stable: 90 }, waitsFor: undefined },
  ]);
  assert.equal(translator.partitionCount, 1);
  translator.outOfRange(0);
  assert.equal(translator.position(0), 30);
  await translator.drain();
  assert.equal(translator.position(0), undefined);
  assert.equal(translator.ready, false);
  await translator.close();
});
