import assert from "node:assert/strict";
import { test } from "node:test";
import { CheckpointRoom } from "#src/runtime/commit-metadata.js";
import { CommitSchedule } from "#src/runtime/commit-schedule.js";
import type { Departures } from "#src/runtime/departures.js";
import { Ownership } from "#src/runtime/ownership.js";
import type { AlertSource, CommitOutcome, CommitRequest } from "#src/runtime/ports.js";
import { HANDOVER_TIMES, hold, join } from "#test/support/lives.js";
import { quietLog, recordingMetrics } from "#test/support/quiet.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

/** A worker as far as commits go. */
const workerOf = (partition: number) => ({
  partition,
  changed: false,
  setActive: () => undefined,
  lose: () => undefined,
  inFlight: 0,
  overflowed: false,
  sendCommit: (announcing: boolean) => ({
    request: { partition, offset: 7, metadata: announcing ? "announcing" : "" },
  }),
  commitConfirmed() {
    this.changed = false;
  },
  commitFailed: () => undefined,
});

const setup = (partitions = [0, 1]) => {
  const clock = new VirtualClock();
  const { metrics, calls } = recordingMetrics();
  const ownership = new Ownership(HANDOVER_TIMES);
  const workers = partitions.map(workerOf);
  for (const worker of workers) hold(ownership, worker);
  ownership.phase = "owned";
  const world = {
    canCommit: true,
    answer: (): Promise<CommitOutcome> => Promise.resolve("committed"),
    commits: [] as string[],
    failures: 0,
  };
  const source = {
    get canCommit() {
      return world.canCommit;
    },
    commit: (requests: readonly CommitRequest[]) => {
      world.commits.push(
        `${clock.elapsed()}: ${requests.map(({ partition, metadata }) => `${partition}${metadata}`).join(" ")}`,
      );
      return world.answer();
    },
  } as unknown as AlertSource;
  const commits = new CommitSchedule({
    ownership,
    source,
    departures: { step: async () => undefined } as unknown as Departures,
    metrics,
    room: new CheckpointRoom(quietLog),
    clock,
    random: () => 0.5,
    onAttempted: () => undefined,
    onFailed: () => world.failures++,
    load: async () => undefined,
  });
  const tick = (): void => {
    clock.after(100, tick);
    commits.tick();
  };
  tick();
  const [first, second] = workers as [(typeof workers)[0], (typeof workers)[0]];
  return { clock, world, commits, ownership, first, second, metrics: calls };
};

test("settlements are committed at once, those that come together in one commit, and only of partitions that changed", async () => {
  const { clock, world, commits, first } = setup();
  first.changed = true;
  commits.commitSoon();
  commits.commitSoon();
  await clock.advance(50);
  assert.deepEqual(world.commits, ["5: 0"]);
});

test("a position that moved on is committed within a second; without any change every five seconds, all of them", async () => {
  const { clock, world, first } = setup();
  await clock.advance(1_000);
  first.changed = true;
  await clock.advance(1_000);
  assert.deepEqual(world.commits, ["1100: 0"]);
  await clock.advance(10_100);
  assert.deepEqual(world.commits.slice(1), ["6100: 0 1", "11100: 0 1"]);
});

test("a partition that is being loaded is not committed: somebody else may have gone further", async () => {
  const { clock, world, commits, ownership, first, second } = setup();
  ownership.happened(0, { kind: "left" });
  first.changed = true;
  second.changed = true;
  commits.commitSoon();
  await clock.advance(50);
  assert.deepEqual(world.commits, ["5: 1"]);
});

test("nor in the next rebalance, except where nobody else had it since its last commit", async () => {
  const { clock, world, commits, ownership, first, second } = setup();
  join(ownership, [0, 1]);
  ownership.happened(1, { kind: "left" });
  ownership.phase = "joining";
  first.changed = true;
  second.changed = true;
  commits.commitSoon();
  await clock.advance(50);
  assert.deepEqual(world.commits, ["5: 0announcing"]);
});

test("a commit is timed from its request to its answer, by what was answered", async () => {
  const { clock, world, first, metrics } = setup();
  for (const [outcome, delayMs] of [
    ["committed", 250],
    ["failed", 1_500],
    ["rejected", 20],
  ] as const) {
    world.answer = () => new Promise((resolve) => clock.after(delayMs, () => resolve(outcome)));
    first.changed = true;
    await clock.advance(5_000);
    assert.ok(metrics.includes(`commit ${outcome} ${delayMs / 1_000}`), metrics.join());
  }
});

test("before a rebalance mails in flight are announced, also of partitions without a change", async () => {
  const { clock, world, commits, ownership, second } = setup();
  ownership.phase = "joining";
  second.inFlight = 1;
  await commits.commit();
  assert.deepEqual(world.commits, ["0: 1announcing"]);
  ownership.phase = "out";
  await clock.advance(10_000);
  await commits.commit();
  assert.equal(world.commits.length, 1, "a membership that is gone commits nothing");
});

test("one commit at a time; what was settled meanwhile follows at once", async () => {
  const { clock, world, commits, first, second } = setup();
  let answer = (_: CommitOutcome): void => undefined;
  world.answer = () => new Promise((resolve) => (answer = resolve));
  first.changed = true;
  commits.commitSoon();
  await clock.advance(50);
  second.changed = true;
  commits.commitSoon();
  await clock.advance(50);
  assert.equal(world.commits.length, 1);
  first.commitConfirmed = () => {
    first.changed = true;
  };
  answer("committed");
  await clock.advance(50);
  assert.deepEqual(world.commits.slice(1), ["105: 0 1"]);
});

test("so does what was settled meanwhile in a partition that the commit under way has not", async () => {
  const { clock, world, commits, first, second } = setup();
  let answer: (outcome: CommitOutcome) => void = () => undefined;
  world.answer = () => new Promise((resolve) => (answer = resolve));
  first.changed = true;
  commits.commitSoon();
  await clock.advance(10);
  second.changed = true;
  commits.commitSoon();
  await clock.advance(100);
  answer("committed");
  await clock.advance(10);
  assert.deepEqual(world.commits, ["5: 0", "115: 1"]);
});

test("a failed commit is trouble and is tried again a second later; a rejected one is none", async () => {
  const { clock, world, first, metrics } = setup([0]);
  world.answer = () => Promise.resolve("rejected");
  first.changed = true;
  await clock.advance(1_000);
  assert.equal(world.failures, 0);
  world.answer = () => Promise.resolve("failed");
  await clock.advance(1_000);
  assert.equal(world.failures, 1);
  world.answer = () => Promise.resolve("committed");
  await clock.advance(1_000);
  assert.deepEqual(world.commits, ["1000: 0", "2000: 0", "3000: 0"]);
  assert.deepEqual(metrics, ["commit rejected 0", "commit failed 0", "commit committed 0"]);
});

test("the last commit is tried until it is confirmed, or the time is over", async () => {
  const { clock, world, commits, first } = setup([0]);
  first.changed = true;
  world.answer = () => Promise.resolve("failed");
  const late = commits.commitFinally(500);
  await clock.advance(900);
  assert.equal(await late, false);
  world.answer = () => Promise.resolve("committed");
  const done = commits.commitFinally(500);
  await clock.advance(100);
  assert.equal(await done, true);
  assert.equal(await commits.commitFinally(500), true, "nothing is left");
  first.changed = true;
  world.canCommit = false;
  assert.equal(await commits.commitFinally(500), false, "without a batch of this membership it cannot be done");
});

test("a partition that comes back from a rebalance is not committed before its commit is read back, also where nobody else had it", async () => {
  const { clock, world, commits, ownership, first, second } = setup();
  join(ownership, [0, 1]);
  ownership.phase = "owned";
  first.changed = true;
  second.changed = true;
  commits.commitSoon();
  await clock.advance(50);
  assert.deepEqual(world.commits, []);
});

test("the last commit is the last one that was confirmed", async () => {
  const { clock, world, commits, first } = setup([0]);
  assert.equal(commits.lastCommitAt, undefined);
  world.answer = () => Promise.resolve("failed");
  first.changed = true;
  await commits.commit();
  assert.equal(commits.lastCommitAt, undefined);
  await clock.advance(70);
  world.answer = () => Promise.resolve("committed");
  await commits.commit();
  const confirmedAt = clock.now();
  await clock.advance(70);
  assert.equal(commits.lastCommitAt, confirmedAt);
});

test("once all is drained, only the last commit is tried: what is settled starts none of its own", async () => {
  const { clock, world, commits, ownership, first } = setup([0]);
  ownership.draining = true;
  first.changed = true;
  commits.commitSoon();
  await clock.advance(50);
  assert.deepEqual(world.commits, []);
  assert.equal(await commits.commitFinally(500), true);
  assert.deepEqual(world.commits, ["50: 0"]);
});
