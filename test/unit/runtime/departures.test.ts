import assert from "node:assert/strict";
import { test } from "node:test";
import type { Checkpoint } from "#src/core/checkpoint.js";
import { logName } from "#src/core/log-history.js";
import { CheckpointRoom, readCheckpoint } from "#src/runtime/commit-metadata.js";
import { Departures } from "#src/runtime/departures.js";
import { Ownership } from "#src/runtime/ownership.js";
import type { AlertSource, CommitAnswer, CommitRequest, CommittedPartition } from "#src/runtime/ports.js";
import { decodeCheckpoint, encodeCheckpoint, TEST_LOG } from "#test/support/checkpoints.js";
import { HANDOVER_TIMES, hold, join } from "#test/support/lives.js";
import { quietLog } from "#test/support/quiet.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

type Runs = Checkpoint["settled"];

/** A lost partition, as far as its handover goes. */
const lostPartition = (partition: number, settled: Runs, position = 0, log = TEST_LOG) => ({
  partition,
  log,
  inFlight: 0,
  settledCount: 1,
  announced: false,
  lost: false,
  settled,
  lose() {
    this.lost = true;
  },
  own: [undefined] as (CommitRequest | undefined)[],
  attempt(request: CommitRequest) {
    this.own.push(request);
    return request;
  },
  isOwnCommit({ log: of, offset, metadata }: CommittedPartition) {
    return of === log && this.own.some((own) => offset === own?.offset && metadata === (own?.metadata ?? null));
  },
  checkpoint(handingOver: number) {
    return { position, time: undefined, marks: [], settled: this.settled, handingOver };
  },
});

const setup = () => {
  const clock = new VirtualClock(0);
  const committed = new Map<number, { offset: number; metadata: string | null }>();
  const world = {
    canCommit: true,
    answer: "committed" as CommitAnswer,
    metadataMax: 4096,
    noAnswer: false,
    /** Nobody tells the ends of the logs. */
    sick: false,
    commits: [] as CommitRequest[],
    attempts: 0,
  };
  const source = {
    get canCommit() {
      return world.canCommit;
    },
    committed: async (partitions: readonly number[]) => {
      if (world.noAnswer) throw new Error("no answer");
      if (world.sick) return [];
      return partitions.map((partition) => {
        const { offset, metadata = null } = committed.get(partition) ?? {};
        return { partition, offset, metadata, log: TEST_LOG, logStart: 0, logEnd: 1_000, logStable: 1_000 };
      });
    },
    commit: async (requests: readonly CommitRequest[]) => {
      world.attempts++;
      if (requests.some(({ metadata }) => metadata.length > world.metadataMax)) return "too-large";
      if (world.answer === "committed") {
        world.commits.push(...requests);
        for (const { partition, offset, metadata } of requests) committed.set(partition, { offset, metadata });
      }
      return world.answer;
    },
  } as unknown as AlertSource;
  const ownership = new Ownership(HANDOVER_TIMES);
  const room = new CheckpointRoom(quietLog);
  const departures = new Departures({ ownership, source, room, clock, times: HANDOVER_TIMES });
  const lose = (lost: ReturnType<typeof lostPartition>): void => {
    hold(ownership, lost);
    ownership.happened(lost.partition, { kind: "unassigned", now: clock.elapsed() });
  };
  const joined = (assigned: readonly number[]): void => join(ownership, assigned, clock.elapsed());
  const left = (): number => ownership.departed.size;
  const told = () =>
    world.commits.map(({ partition, offset, metadata }) => ({
      partition,
      offset,
      settled: decodeCheckpoint(metadata, offset)?.settled,
      handingOver: decodeCheckpoint(metadata, offset)?.handingOver,
    }));
  return { clock, world, committed, departures, lose, joined, left, told };
};

test("what was settled of a lost partition is told once, and then forgotten", async () => {
  const { world, departures, lose, told, joined, left } = setup();
  const lost = lostPartition(0, [[3, 4]]);
  lose(lost);
  assert.equal(lost.lost, true);
  joined([1]);
  await departures.step();
  await departures.step();
  assert.deepEqual(told(), [{ partition: 0, offset: 0, settled: [[3, 4]], handingOver: 0 }]);
  assert.deepEqual([left(), world.attempts], [0, 1]);
});

test("once someone else has committed the partition it is left to them: a commit of theirs that comes in between must not be undone", async () => {
  const { committed, world, departures, lose, joined, left } = setup();
  const theirs = { position: 2, time: undefined, marks: [], settled: [[8, 9]] as Runs };
  committed.set(0, { offset: 2, metadata: encodeCheckpoint(theirs).metadata });
  committed.set(1, { offset: 5, metadata: null });
  const sending = lostPartition(1, [[6, 6]]);
  sending.inFlight = 1;
  lose(lostPartition(0, [[3, 4]]));
  lose(sending);
  joined([]);
  await departures.step();
  assert.deepEqual([world.attempts, left(), departures.inFlight(1)], [0, 1, 1]);
  sending.inFlight = 0;
  sending.settledCount++;
  await departures.step();
  assert.deepEqual([world.attempts, left()], [0, 0], "nor what became of mails in flight");
});

test("nothing is told before there is a batch to commit with, of a partition that came back, or after the new owner has begun", async () => {
  for (const how of ["no batch", "came back", "too late"] as const) {
    const { clock, world, departures, lose, joined, left } = setup();
    world.canCommit = how !== "no batch";
    lose(lostPartition(0, [[3, 4]]));
    joined(how === "came back" ? [0] : []);
    // The new owner reads 1,500 ms after the join; a commit takes its time.
    if (how === "too late") await clock.advance(1_100);
    await departures.step();
    assert.deepEqual([world.attempts, left()], [0, 1], how);
  }
});

test("with mails in flight the next owner is told to wait, and then what became of them, long after the join", async () => {
  const { clock, departures, lose, told, joined, left } = setup();
  const lost = lostPartition(0, []);
  lost.inFlight = 2;
  lose(lost);
  joined([]);
  await departures.step();
  await departures.step();
  assert.equal(departures.inFlight(0), 2);
  await clock.advance(20_000);
  lost.inFlight = 0;
  lost.settledCount++;
  lost.settled = [[5, 6]];
  await departures.step();
  assert.deepEqual(told(), [
    { partition: 0, offset: 0, settled: [], handingOver: 2 },
    { partition: 0, offset: 0, settled: [[5, 6]], handingOver: 0 },
  ]);
  assert.equal(left(), 0);
});

test("what the group did not take, or answer, is told again; a join in between begins anew", async () => {
  const { clock, world, departures, lose, joined, left } = setup();
  lose(lostPartition(0, [[3, 4]]));
  joined([]);
  world.answer = "failed";
  await departures.step();
  world.noAnswer = true;
  await departures.step();
  assert.deepEqual([world.attempts, left()], [1, 1]);
  await clock.advance(5_000);
  world.answer = "committed";
  world.noAnswer = false;
  await departures.step();
  assert.equal(world.attempts, 1, "too late for this join");
  joined([]);
  await departures.step();
  assert.deepEqual([world.commits.length, left()], [1, 0]);
});

test("a broker that takes less metadata is told what fits, in the same step", async () => {
  const { world, departures, lose, told, joined, left } = setup();
  world.metadataMax = 200;
  // Gaps and lengths without any order: about a byte for each run.
  const settled = Array.from({ length: 400 }, (_, n): [number, number] => {
    const first = n * 20 + ((n * n) % 11);
    return [first, first + ((n * 7) % 5)];
  });
  lose(lostPartition(0, [[9_000, 9_001]]));
  lose(lostPartition(1, settled));
  joined([]);
  await departures.step();
  assert.deepEqual(
    told().map(({ partition }) => partition),
    [0, 1],
  );
  assert.deepEqual(told()[0]?.settled, [[9_000, 9_001]]);
  const kept = told()[1]?.settled ?? [];
  assert.ok(kept.length > 50 && kept.length < settled.length, `${kept.length} runs`);
  assert.deepEqual(kept, settled.slice(0, kept.length));
  assert.equal(left(), 0);
});

test("facts about a log of another cluster are neither handed over here nor taken up", async () => {
  const { world, departures, lose, told, joined } = setup();
  lose(lostPartition(0, [[3, 4]], 0, logName("another-cluster", "alerts", 0)));
  assert.equal(departures.facts(0, TEST_LOG), undefined);
  assert.deepEqual(departures.facts(0, logName("another-cluster", "alerts", 0))?.settled, [[3, 4]]);
  joined([1]);
  await departures.step();
  assert.deepEqual([told(), world.attempts], [[], 0]);
});

test("what is handed over is bound to the log that it is about", async () => {
  const { world, departures, lose, joined } = setup();
  lose(lostPartition(0, [[3, 4]]));
  joined([1]);
  await departures.step();
  const metadata = world.commits[0]?.metadata ?? null;
  assert.equal(readCheckpoint(metadata, 0, TEST_LOG).kind, "own");
  assert.equal(readCheckpoint(metadata, 0, logName("another-cluster", "alerts", 0)).kind, "foreign");
});

test("a partition whose log has no leader just now is told of once it has one", async () => {
  const { world, departures, lose, told, joined, left } = setup();
  lose(lostPartition(0, [[3, 4]]));
  world.sick = true;
  joined([1]);
  await departures.step();
  assert.deepEqual([told(), left()], [[], 1]);
  world.sick = false;
  await departures.step();
  assert.equal(told().length, 1);
});
