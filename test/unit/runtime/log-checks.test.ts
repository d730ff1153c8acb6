import assert from "node:assert/strict";
import { test } from "node:test";
import { ReadLog } from "#src/core/log-history.js";
import { LogChecks } from "#src/runtime/log-checks.js";
import { Ownership } from "#src/runtime/ownership.js";
import type { PartitionWorker } from "#src/runtime/partition-worker.js";
import type { AlertSource, EpochAnswer, EpochQuestion } from "#src/runtime/ports.js";
import { HANDOVER_TIMES, hold } from "#test/support/lives.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

/** Partition 0, read up to offset 100 under epoch 0. */
const setup = () => {
  const clock = new VirtualClock();
  const ownership = new Ownership(HANDOVER_TIMES);
  ownership.phase = "owned";
  const world = {
    asked: [] as EpochQuestion[],
    seeks: [] as string[],
    reloads: [] as string[],
    cuts: [] as number[],
    log: [] as string[],
    answer: (question: EpochQuestion): EpochAnswer[] => [end(question, 0, 100, true)],
  };
  const state = { position: 100, isQuiet: true, pendingAlerts: 0 };
  const worker = {
    partition: 0,
    source: new ReadLog(undefined, {
      position: 100,
      time: undefined,
      marks: [],
      settled: [],
      epochs: [{ epoch: 0, offset: 0 }],
    }),
    get position() {
      return state.position;
    },
    get isQuiet() {
      return state.isQuiet;
    },
    read: {
      get pendingAlerts() {
        return state.pendingAlerts;
      },
    },
    lose: () => undefined,
    cutOff: (at: number) => void world.cuts.push(at),
  } as unknown as PartitionWorker;
  hold(ownership, worker);
  ownership.ends.set(0, { start: 0, end: 180 } as never);
  const write = (level: string) => (_: unknown, message: string) => void world.log.push(`${level} ${message}`);
  const checks = new LogChecks({
    ownership,
    source: {
      seek: (partition: number, offset: number) => void world.seeks.push(`${partition} ${offset}`),
      endsOfEpochs: async (questions: readonly EpochQuestion[]) => {
        world.asked.push(...questions);
        return questions.flatMap((question) => world.answer(question));
      },
    } as unknown as AlertSource,
    clock,
    log: { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") },
    onSuspended: () => undefined,
    onCut: () => {
      const life = ownership.life(0);
      if (life.kind === "returned") world.reloads.push(`0 ${life.cutAt}`);
    },
  });
  /** As `Assignments` does it. */
  const tick = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      checks.tick();
      clock.after(100, () => undefined);
      await clock.step();
    }
    await clock.step(clock.elapsed());
  };
  return { world, state, worker, ownership, checks, tick, clock };
};

const end = ({ partition, epoch }: EpochQuestion, of: number, endOffset: number, sameLeader = false): EpochAnswer => ({
  kind: "end",
  partition,
  epoch,
  end: { epoch: of, endOffset },
  sameLeader,
});

test("records of the epoch that was read, or of none, are taken without a question", () => {
  const { checks, worker, world } = setup();
  assert.deepEqual(
    [0, -1, undefined].map((epoch) => checks.mayTake(worker, epoch)),
    [true, true, true],
  );
  assert.deepEqual(world.asked, []);
});

test("a batch of another leader waits until it has told that it has all of what was read; then it is taken", async () => {
  const { checks, worker, world, ownership, tick } = setup();
  world.answer = (question) => [end(question, 0, 100)];
  assert.equal(checks.mayTake(worker, 3), false);
  assert.ok(ownership.suspended.has(0));
  assert.deepEqual(world.asked, [{ partition: 0, epoch: 0, atLeast: 3 }]);
  await tick(100);
  assert.equal(ownership.suspended.has(0), false);
  assert.deepEqual(world.seeks, ["0 100"]);
  assert.equal(checks.mayTake(worker, 3), true);
  assert.equal(checks.mayTake(worker, 4), false, "a later leader is asked again");
});

test("a leader whose log lost the end: what was read leaves, and the partition starts anew where it was cut off", async () => {
  const { checks, worker, world, ownership, state, tick } = setup();
  world.answer = (question) => [end(question, 0, 60)];
  state.isQuiet = false;
  checks.mayTake(worker, 1);
  await tick(2_000);
  assert.deepEqual([world.cuts, world.reloads], [[60], []]);
  assert.ok(ownership.suspended.has(0), "nothing is read meanwhile");
  assert.match(world.log.join("\n"), /^error the log lost its end/m);
  state.isQuiet = true;
  await tick(200);
  assert.deepEqual(world.reloads, ["0 60"]);
  assert.equal(ownership.suspended.has(0), false);
});

test("what cannot be mailed in ten seconds is given up, and said", async () => {
  const { checks, worker, world, state, tick } = setup();
  world.answer = (question) => [end(question, 0, 60)];
  Object.assign(state, { isQuiet: false, pendingAlerts: 7 });
  checks.mayTake(worker, 1);
  await tick(9_900);
  assert.deepEqual(world.reloads, []);
  await tick(400);
  assert.deepEqual(world.reloads, ["0 60"]);
  assert.match(world.log.join("\n"), /^warn not all of what was read/m);
});

test("a quiet partition is looked after as well: a log that was cut off and filled up to the position brings no batch", async () => {
  const { world, tick } = setup();
  await tick(1_100);
  assert.deepEqual(world.reloads, []);
  world.answer = (question) => [end(question, 0, 60)];
  await tick(1_500);
  assert.deepEqual(world.reloads, ["0 60"]);
});

test("while nobody answers, reading waits and the question is put again", async () => {
  const { checks, worker, world, ownership, tick } = setup();
  world.answer = () => [];
  checks.mayTake(worker, 1);
  await tick(1_000);
  assert.ok(world.asked.length > 2);
  assert.ok(ownership.suspended.has(0));
  world.answer = (question) => [end(question, 0, 100)];
  await tick(400);
  assert.equal(checks.mayTake(worker, 1), true);
});

test("an old leader that has not heard of the new one is not believed for half a minute; then it is another log, from its start", async () => {
  const { checks, worker, world, tick } = setup();
  world.answer = ({ partition, epoch }) => [{ kind: "behind", partition, epoch }];
  checks.mayTake(worker, 1);
  await tick(29_000);
  assert.deepEqual([world.cuts, world.reloads], [[], []]);
  await tick(2_000);
  assert.deepEqual([world.cuts, world.reloads], [[0], ["0 0"]]);
});

test("an offset that is out of range because the log begins above it: reading goes on at the beginning", async () => {
  const { checks, worker, world, ownership, tick, clock } = setup();
  checks.outOfRange(worker);
  await tick(300);
  assert.ok(ownership.suspended.has(0), "the ends of the log are to be seen first");
  checks.ends(clock.now() - 10_000, new Map([[0, { start: 0, end: 100 }]]));
  assert.ok(ownership.suspended.has(0), "of now, not of before");
  checks.ends(clock.now(), new Map([[0, { start: 140, end: 200 }]]));
  assert.deepEqual([world.seeks, ownership.suspended.has(0)], [["0 140"], false]);
});

test("an offset that is out of range because the log was cut off below it", async () => {
  const { checks, worker, world, tick } = setup();
  world.answer = (question) => [end(question, 0, 60)];
  checks.outOfRange(worker);
  await tick(500);
  assert.deepEqual(world.reloads, ["0 60"]);
});
