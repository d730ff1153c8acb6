import assert from "node:assert/strict";
import { test } from "node:test";
import { logName } from "#src/core/log-history.js";
import { eventTime } from "#src/core/time.js";
import { CheckpointRoom } from "#src/runtime/commit-metadata.js";
import { Departures } from "#src/runtime/departures.js";
import { Ownership } from "#src/runtime/ownership.js";
import { PartitionLoader } from "#src/runtime/partition-loader.js";
import type { AlertSource, CommittedPartition, EpochAnswer } from "#src/runtime/ports.js";
import type { WorkerDeps } from "#src/runtime/worker-deps.js";
import { encodeCheckpoint, TEST_LOG } from "#test/support/checkpoints.js";
import { quietLog, quietMetrics } from "#test/support/quiet.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const TIMES = { handoverMs: 1_500, handoverMaxMs: 61_500 };

/** A loader beside a group that answers what `committed` says, asked every 100 ms as by the tick. */
const setup = () => {
  const clock = new VirtualClock();
  const committed = new Map<number, { offset: number; metadata: string }>();
  const world = {
    clock,
    committed,
    reads: [] as (readonly number[])[],
    seeks: [] as string[],
    fails: false,
    canCommit: true,
    /** Where what can be read ends. */
    stable: 1000,
    log: TEST_LOG,
    /** What the leaders say of epochs. */
    epochs: [] as readonly EpochAnswer[],
    errors: [] as string[],
    /** The group's answer lacks these: the ends of their logs cannot be had. */
    sick: new Set<number>(),
  };
  const source = {
    hasLease: true,
    unreadable: new Set<number>(),
    fetchedBytes: 0,
    get canCommit() {
      return world.canCommit;
    },
    seek: (partition: number, offset: number) => void world.seeks.push(`${partition} ${offset}`),
    setPaused: () => undefined,
    commit: async () => "committed" as const,
    endsOfEpochs: async () => world.epochs,
    committed: async (partitions: readonly number[]) => {
      world.reads.push(partitions);
      if (world.fails) throw new Error("no answer");
      return partitions
        .filter((partition) => !world.sick.has(partition))
        .map((partition): CommittedPartition => {
          const at = committed.get(partition);
          return {
            partition,
            offset: at?.offset,
            metadata: at?.metadata ?? null,
            log: world.log,
            logStart: 0,
            logEnd: 1000,
            logStable: world.stable,
          };
        });
    },
  } satisfies AlertSource;
  const ownership = new Ownership(TIMES);
  const room = new CheckpointRoom(quietLog);
  const departures = new Departures({ ownership, source, room, clock, times: TIMES });
  const started: number[] = [];
  const loader = new PartitionLoader({
    ownership,
    source,
    departures,
    worker: { options: { windowSizeMs: 30_000 }, metrics: quietMetrics, clock, room } as unknown as WorkerDeps,
    clock,
    log: { ...quietLog, error: (_: object, text: string) => void world.errors.push(text) },
    random: () => 0.5,
    onStarted: () => started.push(clock.elapsed()),
  });
  const tick = (): void => {
    clock.after(100, tick);
    void loader.load();
  };
  tick();
  const joined = (partitions: readonly number[], how = { sameMember: true, alone: true }): void => {
    ownership.epoch++;
    ownership.phase = "owned";
    loader.joined(partitions, how);
  };
  const left = (): void => {
    ownership.epoch++;
    ownership.phase = "out";
    loader.troubled();
    for (const partition of ownership.partitions) ownership.happened(partition, { kind: "left" });
  };
  const loaded = (): number[] =>
    ownership.partitions.filter((partition) => ownership.life(partition).kind === "active").sort();
  return { ...world, world: Object.assign(world, { ownership }), loader, ownership, joined, left, loaded };
};

test("a member that is alone loads at once; one that is not gives the previous owners their time", async () => {
  const { clock, joined, loaded } = setup();
  joined([0], { sameMember: false, alone: true });
  await clock.advance(100);
  assert.deepEqual(loaded(), [0]);
  joined([0, 1], { sameMember: true, alone: false });
  await clock.advance(1_400);
  assert.deepEqual(loaded(), [0], "what was kept goes on at once");
  await clock.advance(200);
  assert.deepEqual(loaded(), [0, 1]);
});

test("after trouble, what is not held waits for 6 s, also when nobody else is there: others were cut off too, and come back", async () => {
  const { clock, joined, left, loaded } = setup();
  joined([0]);
  await clock.advance(1_000);
  left();
  await clock.advance(10_000);
  joined([0, 1], { sameMember: false, alone: true });
  await clock.advance(200);
  assert.deepEqual(loaded(), [0], "its own windows are still here");
  await clock.advance(5_600);
  assert.deepEqual(loaded(), [0]);
  await clock.advance(400);
  assert.deepEqual(loaded(), [0, 1]);
});

test("trouble that is over for half a minute is over", async () => {
  const { clock, joined, loader, loaded } = setup();
  loader.troubled();
  await clock.advance(29_000);
  joined([0]);
  await clock.advance(1_000);
  assert.deepEqual(loaded(), []);
  joined([0]);
  await clock.advance(200);
  assert.deepEqual(loaded(), [0]);
});

test("a rebalance while the answer is under way makes it worthless", async () => {
  const { clock, joined, ownership, loaded, world } = setup();
  joined([0]);
  await clock.advance(0);
  ownership.epoch++;
  ownership.phase = "joining";
  await clock.advance(1_000);
  assert.deepEqual(loaded(), []);
  assert.deepEqual(world.seeks, []);
});

test("committed offsets that cannot be read are asked for again, later and later", async () => {
  const { clock, joined, loaded, world } = setup();
  world.fails = true;
  joined([0]);
  await clock.advance(20_000);
  assert.ok(world.reads.length >= 5 && world.reads.length <= 12, `${world.reads.length} questions in 20 s`);
  world.fails = false;
  await clock.advance(5_000);
  assert.deepEqual(loaded(), [0]);
});

test("a partition whose log's ends cannot be had holds back no other, and is asked for again", async () => {
  const { clock, joined, loaded, world } = setup();
  world.sick.add(1);
  joined([0, 1, 2]);
  await clock.advance(10_000);
  assert.deepEqual(loaded(), [0, 2]);
  assert.ok(world.reads.length <= 12, `${world.reads.length} questions in 10 s`);
  world.sick.clear();
  await clock.advance(2_000);
  assert.deepEqual(loaded(), [0, 1, 2]);
});

test("where only an open transaction lies ahead, an old batch is asked for: without one of this membership nothing can be committed", async () => {
  const { clock, joined, left, committed, world } = setup();
  const seeks = async (stable: number, canCommit: boolean): Promise<readonly string[]> => {
    left();
    world.stable = stable;
    world.canCommit = canCommit;
    world.seeks.length = 0;
    joined([0]);
    await clock.advance(8_000);
    return [...world.seeks];
  };
  // Its frontier is 5, and it has read up to 9.
  const settled = [[5, 8]] as const;
  const start = { position: 5, time: eventTime(1_000), marks: [], settled, readTo: 9 };
  committed.set(0, { offset: 5, metadata: encodeCheckpoint(start).metadata });
  assert.deepEqual(await seeks(1_000, false), ["0 5"]);
  world.ownership.workers.get(0)?.take([], 9);
  assert.deepEqual(await seeks(1_000, false), ["0 9"], "what can be read brings a batch");
  assert.deepEqual(await seeks(9, false), ["0 5"]);
  assert.deepEqual(await seeks(9, true), ["0 9"]);
});

test("a previous owner that announced mails in flight is waited for, at most as long as a mail can take", async () => {
  const { clock, joined, loaded, committed, seeks } = setup();
  const start = { position: 5, time: eventTime(1_000), marks: [], settled: [] };
  committed.set(0, { offset: 5, metadata: encodeCheckpoint({ ...start, handingOver: 2 }).metadata });
  joined([0], { sameMember: false, alone: false });
  await clock.advance(30_000);
  assert.deepEqual(loaded(), []);
  committed.set(0, { offset: 9, metadata: encodeCheckpoint({ ...start, position: 9 }).metadata });
  await clock.advance(500);
  assert.deepEqual([loaded(), seeks], [[0], ["0 9"]]);
  committed.set(1, { offset: 5, metadata: encodeCheckpoint({ ...start, handingOver: 2 }).metadata });
  joined([0, 1], { sameMember: true, alone: false });
  await clock.advance(60_000);
  assert.deepEqual(loaded(), [0]);
  await clock.advance(4_000);
  assert.deepEqual(loaded(), [0, 1], "it is gone for good");
});

test("the same offset and checkpoint in another cluster are a copy: windows and facts of the old one do not count there", async () => {
  const { clock, joined, left, loaded, ownership, world, committed } = setup();
  joined([0], { sameMember: false, alone: true });
  await clock.advance(100);
  const before = ownership.workers.get(0);
  before?.take([], 50);
  const own = before?.sendCommit(false);
  assert.ok(before !== undefined && own !== undefined);
  before.commitConfirmed(own);
  committed.set(0, { offset: 50, metadata: own.request.metadata });
  left();
  world.log = logName("another-cluster", "alerts", 0);
  committed.set(0, { offset: 20, metadata: own.request.metadata });
  joined([0], { sameMember: false, alone: true });
  await clock.advance(10_000);
  const after = ownership.workers.get(0);
  assert.deepEqual([loaded(), after === before, after?.log, after?.position], [[0], false, world.log, 20]);

  left();
  world.log = TEST_LOG;
  const kept = after?.sendCommit(false);
  assert.ok(after !== undefined && kept !== undefined);
  after.commitConfirmed(kept);
  committed.set(0, { offset: kept.request.offset, metadata: kept.request.metadata });
  joined([0], { sameMember: false, alone: true });
  await clock.advance(10_000);
  assert.notEqual(ownership.workers.get(0), after, "also where MirrorMaker brought offset and metadata as they were");
});

test("mails in flight that a copied checkpoint tells of are not waited for", async () => {
  const { clock, joined, loaded, world, committed } = setup();
  world.log = logName("another-cluster", "alerts", 0);
  const start = { position: 0, time: undefined, marks: [], settled: [], handingOver: 3 };
  committed.set(0, { offset: 0, metadata: encodeCheckpoint(start).metadata });
  joined([0], { sameMember: false, alone: true });
  await clock.advance(200);
  assert.deepEqual(loaded(), [0]);
});

test("a checkpoint of a log that ends too early under the same leader is of another log: all of it is read, and no election is blamed", async () => {
  const { clock, joined, loaded, ownership, world, committed } = setup();
  const start = { position: 5, time: undefined, marks: [], settled: [], epochs: [{ epoch: 3, offset: 0 }] };
  committed.set(0, { offset: 5, metadata: encodeCheckpoint(start).metadata });
  world.epochs = [{ kind: "end", partition: 0, epoch: 3, end: { epoch: 3, endOffset: 4 }, sameLeader: true }];
  joined([0], { sameMember: false, alone: true });
  await clock.advance(200);
  assert.deepEqual([loaded(), ownership.workers.get(0)?.position], [[0], 0]);
  assert.match(
    world.errors.join("\n"),
    /^the log is not the one that was read: the topic was created anew, or restored/,
  );
});

test("a checkpoint of a log that another leader cut off begins where it was cut off, and the election is named", async () => {
  const { clock, joined, ownership, world, committed } = setup();
  const start = { position: 5, time: undefined, marks: [], settled: [], epochs: [{ epoch: 3, offset: 0 }] };
  committed.set(0, { offset: 5, metadata: encodeCheckpoint(start).metadata });
  world.epochs = [{ kind: "end", partition: 0, epoch: 3, end: { epoch: 3, endOffset: 4 }, sameLeader: false }];
  joined([0], { sameMember: false, alone: true });
  await clock.advance(200);
  assert.equal(ownership.workers.get(0)?.position, 4);
  assert.match(world.errors.join("\n"), /^the log lost its end/);
});
