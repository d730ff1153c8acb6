import assert from "node:assert/strict";
import { test } from "node:test";
import type { EachBatchPayload } from "kafkajs";
import { BatchTaking } from "#src/kafka/batch-taking.js";
import { readRecordSet } from "#src/kafka/fetch-answer.js";
import { FetchedBatch } from "#src/kafka/fetched-batch.js";
import { fetchedMemory } from "#src/kafka/fetched-memory.js";
import type { SourceListener, SourceRecords } from "#src/runtime/ports.js";
import { type BatchFields, encodeBatch, plainBatch } from "#test/support/record-batches.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

/** Each of 400 KB: two or three are a group. */
const RECORDS = 12;
const BASE = 100;
const END = BASE + RECORDS;

const batchBytes = (more: Partial<BatchFields> = {}): Buffer =>
  encodeBatch({
    ...plainBatch(
      BASE,
      Array.from({ length: RECORDS }, (_, offsetDelta) => ({
        offsetDelta,
        timestampDelta: 0,
        key: null,
        value: Buffer.alloc(400_000, `${offsetDelta}`),
        headers: [],
      })),
    ),
    codec: 1,
    ...more,
  });

const setup = () => {
  const clock = new VirtualClock();
  let spentMs = 0;
  const world = {
    position: BASE as number | undefined,
    paused: false,
    /** From here on records cannot be decoded yet. */
    undecodableFrom: Number.POSITIVE_INFINITY,
    taken: [] as number[],
    positions: [] as number[],
    resolved: [] as string[],
    beats: 0,
    onBeat: (): void => undefined,
    log: [] as string[],
    seeks: [] as number[],
    slow: 0,
    /** Of the clock, each group or slice takes. */
    eachTakesMs: 0,
  };
  const write = (_: unknown, message: string): void => void world.log.push(message);
  const taking = new BatchTaking({
    topic: "alerts",
    metrics: {
      recordsDeletedUnread: (_, count) => void world.log.push(`${count} deleted`),
      slowBatch: () => void world.slow++,
    },
    clock: {
      now: () => clock.now(),
      elapsed: () => clock.elapsed() + spentMs,
      after: (ms, action) => clock.after(ms, action),
    },
    log: { debug: write, info: write, warn: write, error: write },
    seek: (_, offset) => void world.seeks.push(offset),
    isPaused: () => world.paused,
    onHeld: () => undefined,
    guard: (action) => action(),
  });
  const listener = {
    position: () => world.position,
    mayTake: () => true,
    takeable: (_: number, records: SourceRecords) =>
      records.slice().filter(({ offset }) => offset < world.undecodableFrom).length,
    records: (_: number, records: SourceRecords, next: number) => {
      spentMs += world.eachTakesMs;
      world.taken.push(...records.slice().map(({ offset }) => offset));
      world.positions.push(next);
      world.position = next;
    },
  } as unknown as SourceListener;
  /** A fetch from there brings the batch: if it is compressed, there is no room for it. */
  const fetch = async (
    from: number,
    bytes = batchBytes(),
    aborted: { producerId: bigint; firstOffset: number }[] = [],
  ) => {
    const set = await readRecordSet(bytes, {
      decompress: async () => undefined,
      turn: async () => undefined,
    });
    const held = fetchedMemory.hold(bytes.length);
    const fetched = {
      errorCode: 0,
      highWatermark: "1000",
      lastStableOffset: "1000",
      abortedTransactions: aborted,
      held,
    };
    const batch = new FetchedBatch("alerts", String(from), { partition: 0, ...fetched, ...set });
    const payload = {
      batch,
      resolveOffset: (offset: string) => void world.resolved.push(offset),
      isStale: () => false,
      isRunning: () => true,
      heartbeat: async () => {
        world.beats++;
        world.onBeat();
      },
    } as unknown as EachBatchPayload;
    return { batch, take: () => taking.take(payload, listener) };
  };
  return { world, clock, taking, fetch };
};

const upTo = (end: number, from = BASE): number[] => Array.from({ length: end - from }, (_, i) => from + i);

test("a batch without room is taken group after group, each position resolved, with heartbeats between, and nothing stays held", async () => {
  const { world, fetch } = setup();
  const { batch, take } = await fetch(BASE);
  assert.equal(batch.isEmpty(), false);
  assert.equal(batch.isEmptyDueToFiltering(), false);
  const before = fetchedMemory.bytes;
  await take();
  assert.deepEqual(world.taken, upTo(END));
  assert.equal(world.position, END);
  assert.ok(world.resolved.length >= 3 && world.beats >= 3, `${world.resolved.length} and ${world.beats}`);
  assert.deepEqual(
    world.resolved,
    world.positions.map((next) => String(next - 1)),
  );
  assert.ok(fetchedMemory.bytes < before);
});

test("fetched from the middle, what lies before is not taken again", async () => {
  const { world, fetch } = setup();
  world.position = BASE + 7;
  await (await fetch(BASE + 7)).take();
  assert.deepEqual(world.taken, upTo(END, BASE + 7));
  assert.deepEqual([world.log, world.seeks], [[], []]);
});

test("a pause, or a second of it, lets the others have their turn; the next fetch goes on there", async () => {
  const { world, clock, fetch } = setup();
  world.onBeat = () => {
    world.paused = true;
  };
  await (await fetch(BASE)).take();
  const first = world.position as number;
  assert.ok(first > BASE && first < END, `${first}`);
  world.paused = false;
  world.onBeat = () => clock.advance(1_001);
  await (await fetch(first)).take();
  const second = world.position as number;
  assert.ok(second > first && second < END, `${second}`);
  await (await fetch(second)).take();
  await (await fetch(world.position as number)).take();
  world.onBeat = () => undefined;
  if (world.position !== END) await (await fetch(world.position as number)).take();
  assert.deepEqual(world.taken, upTo(END));
});

test("sought back, it is unpacked from its beginning: nothing is left out", async () => {
  const { world, fetch } = setup();
  world.onBeat = () => {
    world.paused = true;
  };
  await (await fetch(BASE)).take();
  world.position = BASE + 1;
  world.taken = [];
  world.paused = false;
  world.onBeat = () => undefined;
  await (await fetch(BASE + 1)).take();
  assert.deepEqual(world.taken, upTo(END, BASE + 1));
});

test("a batch of the same bytes at another offset, in a log that lost its end, is another one", async () => {
  const { world, fetch } = setup();
  world.onBeat = () => {
    world.paused = true;
  };
  await (await fetch(BASE)).take();
  const from = world.position as number;
  world.taken = [];
  world.paused = false;
  world.onBeat = () => undefined;
  const { take } = await fetch(from, batchBytes({ baseOffset: BASE + 1, leaderEpoch: 1 }));
  await take();
  assert.deepEqual(world.taken, upTo(END + 1, from));
  assert.equal(world.position, END + 1);
});

test("what cannot be decoded yet is taken by a later fetch", async () => {
  const { world, fetch } = setup();
  world.undecodableFrom = BASE + 4;
  await (await fetch(BASE)).take();
  assert.deepEqual(world.taken, upTo(BASE + 4));
  world.undecodableFrom = Number.POSITIVE_INFINITY;
  await (await fetch(BASE + 4)).take();
  assert.deepEqual(world.taken, upTo(END));
});

test("a partition that is lost meanwhile takes nothing more", async () => {
  const { world, taking, fetch } = setup();
  world.onBeat = () => {
    world.position = undefined;
    taking.left();
  };
  await (await fetch(BASE)).take();
  assert.ok(world.taken.length > 0 && world.taken.length < RECORDS);
});

test("a heartbeat that is refused reaches KafkaJS, and what was taken stays taken", async () => {
  const { world, fetch } = setup();
  world.onBeat = () => {
    throw new Error("the group is rebalancing");
  };
  await assert.rejects((await fetch(BASE)).take(), /rebalancing/);
  const { position } = world;
  world.onBeat = () => undefined;
  await (await fetch(position as number)).take();
  assert.deepEqual(world.taken, upTo(END));
});

test("one that turns out not to be as it was written holds its partition at what was sound", async () => {
  const { world, taking, fetch } = setup();
  const bytes = batchBytes();
  // One record more than there are, under a checksum that is not looked at here.
  const { batch, take } = await fetch(BASE, bytes);
  Object.assign((batch.large as { head: { count: number } }).head, { count: RECORDS + 1 });
  await take();
  assert.ok(taking.held.has(0));
  assert.match(world.log.join(" "), /not as it was written/);
  assert.ok(world.taken.length < RECORDS || world.position === END - 0);
});

test("one of an aborted transaction is gone past without being unpacked", async () => {
  const { fetch } = setup();
  const bytes = batchBytes({ transactional: true, producerId: 7 });
  const { batch } = await fetch(BASE, bytes, [{ producerId: 7n, firstOffset: BASE }]);
  assert.equal(batch.large, undefined);
  assert.deepEqual([batch.isEmptyDueToFiltering(), batch.lastOffset()], [true, String(END - 1)]);
  const seen = await fetch(BASE, bytes, [{ producerId: 8n, firstOffset: BASE }]);
  assert.notEqual(seen.batch.large, undefined);
});

const uncompressed = batchBytes({ codec: 0 });

test("megabytes that are there already are taken slice after slice, with heartbeats between, each position resolved", async () => {
  const { world, fetch } = setup();
  const before = fetchedMemory.bytes;
  await (await fetch(BASE, uncompressed)).take();
  assert.deepEqual(world.taken, upTo(END));
  assert.deepEqual(world.positions, [BASE + 2, BASE + 4, BASE + 6, BASE + 8, BASE + 10, END]);
  assert.equal(world.beats, 5);
  assert.equal(world.resolved.at(-1), String(END - 1));
  assert.equal(fetchedMemory.bytes, before);
});

test("a pause, a partition that is lost and a heartbeat that is refused end it between two slices; the next fetch goes on there", async () => {
  for (const end of ["pause", "loss", "refusal"]) {
    const { world, fetch } = setup();
    world.onBeat = () => {
      if (end === "pause") world.paused = true;
      else if (end === "loss") world.position = undefined;
      else throw new Error("the group is rebalancing");
    };
    const taken = (await fetch(BASE, uncompressed)).take();
    if (end === "refusal") await assert.rejects(taken, /rebalancing/);
    else await taken;
    assert.deepEqual(world.taken, upTo(BASE + 2), end);
    world.onBeat = () => undefined;
    world.paused = false;
    world.position = BASE + 2;
    await (await fetch(BASE + 2, uncompressed)).take();
    assert.deepEqual(world.taken, upTo(END), end);
  }
});

test("what cannot be decoded yet ends it inside a slice", async () => {
  const { world, fetch } = setup();
  world.undecodableFrom = BASE + 5;
  await (await fetch(BASE, uncompressed)).take();
  assert.deepEqual([world.taken, world.position], [upTo(BASE + 5), BASE + 5]);
});

test("a fetch that takes 5 s or longer is a line with its place, and counted; a shorter one is neither", async () => {
  const { world, fetch } = setup();
  world.eachTakesMs = 833;
  await (await fetch(BASE, uncompressed)).take();
  assert.deepEqual([world.slow, world.log], [0, []]);
  world.position = BASE;
  world.eachTakesMs = 834;
  await (await fetch(BASE, uncompressed)).take();
  assert.equal(world.slow, 1);
  assert.match(world.log.join(), /what one fetch brought of a partition took long/);
});
