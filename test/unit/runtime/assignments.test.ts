import assert from "node:assert/strict";
import { test } from "node:test";
import { eventTime } from "#src/core/time.js";
import { decodeCheckpoint, encodeCheckpoint } from "#test/support/checkpoints.js";
import { ACCEPTED, ALONE, endsAt, joinedBench, runtimeBench } from "#test/support/runtime-bench.js";
import { SECOND_0, settled } from "#test/support/virtual-clock.js";

test("windows of an assigned partition are mailed, and committed once the mail was accepted", async () => {
  const { clock, read, mailed, world } = await joinedBench();
  const accept = world.holdMail();
  read(0, [
    ["a", 1],
    ["a", 2],
    ["b", 35],
  ]);
  await clock.advance(1_000);
  assert.deepEqual(mailed(), ["a 0: 0 1"]);
  assert.ok(world.commits.every(({ offset }) => offset === 0));
  accept(ACCEPTED);
  await clock.advance(1_000);
  assert.equal(world.commits.at(-1)?.offset, 2);
});

test("what the wall clock closed is committed at once, so that another owner closes it at the same place", async () => {
  const { clock, assignments, read, world } = await joinedBench();
  world.smtp = () => new Promise(() => undefined);
  read(0, [["a", 1]]);
  await clock.advance(1_000);
  assignments.endOffsets(SECOND_0 + 41_000, new Map([[0, { start: 0, end: 1, stable: 1 }]]));
  await clock.advance(200);
  const last = world.commits.at(-1);
  assert.deepEqual(decodeCheckpoint(last?.metadata ?? null, 0)?.marks, [{ offset: 1, time: SECOND_0 + 41_000 }]);
});

test("committed offsets that are read while the next rebalance is under way start no mail", async () => {
  const { clock, assignments, read, mailed, world } = await joinedBench();
  assignments.joining();
  read(0, [
    ["a", 1],
    ["b", 35],
  ]);
  world.reads = [];
  assignments.joined([0], ALONE);
  await settled();
  assignments.joining();
  for (const answer of world.reads.splice(0)) answer();
  await clock.advance(1_000);
  assert.deepEqual(mailed(), []);
  world.reads = undefined;
  assignments.joined([0], ALONE);
  await clock.advance(1_000);
  assert.deepEqual(mailed(), ["a 0: 0"]);
});

test("a partition that was kept, or that comes back to a new membership, keeps its windows while the commit read back is the own one", async () => {
  const { clock, assignments, read } = await joinedBench();
  read(0, [
    ["a", 35],
    ["b", 36],
  ]);
  await clock.advance(1_000);
  assignments.joining();
  assignments.joined([0], ALONE);
  await settled();
  assert.equal(assignments.position(0), 2);
  assignments.left();
  assignments.joined([0], ALONE);
  await settled();
  assert.equal(assignments.position(0), 2);
});

test("a kept partition that someone else committed meanwhile starts from that checkpoint, and is ready", async () => {
  const { clock, assignments, read, committed } = runtimeBench();
  await clock.advance(40_000);
  assignments.joined([0], ALONE);
  assignments.endOffsets(SECOND_0 + 40_000, new Map([[0, { start: 0, end: 1000, stable: 1000 }]]));
  await settled();
  read(0, [["a", 35]]);
  await clock.advance(1_000);
  assignments.joining();
  const start = { position: 20, time: eventTime(SECOND_0 + 39_000), marks: [], settled: [] };
  committed.set(0, { offset: 20, metadata: encodeCheckpoint(start).metadata });
  assignments.joined([0], ALONE);
  await settled();
  assert.equal(assignments.position(0), 20);
  assert.equal(assignments.ready, true);
});

test("held are the partitions with windows in memory: not those that wait to be loaded, and also those of a lost membership", async () => {
  const { clock, assignments, world } = runtimeBench();
  await clock.advance(40_000);
  world.reads = [];
  assignments.joined([0, 1], ALONE);
  await settled();
  assert.deepEqual(assignments.held(), []);
  for (const answer of world.reads.splice(0)) answer();
  world.reads = undefined;
  await clock.advance(200);
  assert.deepEqual(assignments.held(), [0, 1]);
  assignments.left();
  assert.deepEqual(assignments.held(), [0, 1]);
  assignments.joined([1], ALONE);
  assert.deepEqual(assignments.held(), [1]);
});

test("a lost membership leaves what was last known of the partitions, marked so, until the next one; a stop leaves nothing", async () => {
  const { clock, assignments, read, world } = runtimeBench();
  world.smtp = () => new Promise(() => undefined);
  await clock.advance(40_000);
  assignments.joined([0, 1], ALONE);
  await clock.advance(200);
  read(0, [["d", 1]]);
  assignments.endOffsets(clock.now(), new Map([0, 1].map((partition) => [partition, { start: 0, end: 3, stable: 3 }])));
  const known = assignments.states();
  assert.deepEqual(
    known.map(({ partition, endOffset, lastKnown }) => [partition, endOffset, lastKnown]),
    [
      [0, 3, undefined],
      [1, 3, undefined],
    ],
  );
  assert.equal(known[0]?.oldestUnsettledEventTime, SECOND_0 + 1_000);
  assignments.left();
  await clock.advance(60_000);
  assert.deepEqual(
    assignments.states(),
    known.map((state) => ({ ...state, lastKnown: true })),
  );
  assignments.joined([1], ALONE);
  await clock.advance(200);
  assert.deepEqual(
    assignments.states().map(({ partition, lastKnown }) => [partition, lastKnown]),
    [[1, undefined]],
  );
  void assignments.drain();
  assignments.left();
  assert.deepEqual(assignments.states(), []);
});

test("a failed commit is trouble: whatever is given to this member in the next half minute waits for whoever had it", async () => {
  const { clock, assignments, read, world } = await joinedBench();
  world.commitOutcome = "failed";
  read(0, [["a", 35]]);
  await clock.advance(1_500);
  world.commitOutcome = "committed";
  assignments.joining();
  assignments.joined([0, 1], ALONE);
  await clock.advance(5_900);
  assert.deepEqual(assignments.held(), [0]);
  await clock.advance(300);
  assert.deepEqual(assignments.held(), [0, 1]);
  await clock.advance(60_000);
  assignments.left();
  assignments.joined([0, 1, 2], ALONE);
  await clock.advance(5_900);
  assert.deepEqual(assignments.held(), [0, 1], "so is a lost membership");
  await clock.advance(300);
  assert.deepEqual(assignments.held(), [0, 1, 2]);
});

test("a mail that some recipients have and others refused counts as exposed until a commit has it", async () => {
  const { clock, read, mailed, world } = await joinedBench({ maxExposed: 1 });
  const failure = { phase: "rcpt", reason: "recipient-refused", reply: "550 no", code: 550 } as const;
  const refused = [{ ...failure, address: "b@example.org" }];
  world.smtp = async () => ({ kind: "accepted", reply: "250 OK", refused, deferred: [] });
  world.commitOutcome = "failed";
  read(0, [...["a", "b", "c", "d", "e", "f"].map((device, index) => [device, index + 1] as const), ["g", 35]]);
  await clock.advance(5_000);
  // The first one, and what went out while its dead letter was being written.
  assert.ok(mailed().length <= 3, mailed().join("; "));
  world.commitOutcome = "committed";
  await clock.advance(5_000);
  assert.equal(mailed().length, 6);
});

test("a mail that waits for a commit goes right after the partition it is of was loaded again, not a second later", async () => {
  const { clock, assignments, read, mailed, world } = runtimeBench({ catchUpAfterMs: 300_000 });
  await clock.advance(100_000);
  assignments.joined([0, 1], ALONE);
  await settled();
  const accept = world.holdMail();
  read(0, [
    ["a", 1],
    ["a", 35],
    ["b", 95],
  ]);
  await clock.advance(3_000);
  assert.deepEqual(mailed(), ["a 0: 0"]);
  assignments.joining();
  await settled();
  world.reads = [];
  assignments.joined([0, 1], { sameMember: true, alone: false });
  accept(ACCEPTED);
  await clock.advance(300);
  assert.equal(mailed().length, 1);
  for (const answer of world.reads.splice(0)) answer();
  world.reads = undefined;
  await clock.advance(50);
  assert.deepEqual(mailed().slice(1), ["a 30: 1"]);
});

test("mails accepted under an earlier ownership, and in no commit yet, count against the exposure of the next one", async () => {
  const { clock, assignments, read, mailed, world } = runtimeBench({ maxExposed: 2 });
  await clock.advance(80_000);
  assignments.joined([0], ALONE);
  await settled();
  world.commitOutcome = "failed";
  read(0, [
    ["a", 1],
    ["b", 35],
  ]);
  await clock.advance(1_000);
  assert.deepEqual(mailed(), ["a 0: 0"]);
  assignments.joined([], ALONE);
  await clock.advance(1_000);
  assignments.joined([0], ALONE);
  await clock.advance(10_000);
  read(0, [
    ["a", 1],
    ["b", 35],
    ["c", 36],
    ["d", 70],
  ]);
  await clock.advance(5_000);
  assert.deepEqual(mailed(), ["a 0: 0", "b 30: 1"]);
  world.commitOutcome = "committed";
  await clock.advance(5_000);
  assert.deepEqual(mailed(), ["a 0: 0", "b 30: 1", "c 30: 2"]);
});

test("what fired before records that nobody could read is not told to the next owner", async () => {
  const { clock, assignments, read, world } = await joinedBench();
  read(0, [["a", 1]]);
  await clock.advance(2_000);
  const firing = () => decodeCheckpoint(world.commits.at(-1)?.metadata ?? null, 0)?.faults?.devices.length ?? 0;
  assert.equal(firing(), 1);
  world.smtp = () => new Promise(() => undefined);
  assignments.deletedUnread(0, 100);
  read(0, [["b", 20]]);
  await clock.advance(2_000);
  assert.equal(firing(), 1, "only the one that was heard since");
  assert.equal(
    decodeCheckpoint(world.commits.at(-1)?.metadata ?? null, 0)?.faults?.devices[0]?.faults[0]?.began,
    undefined,
  );
});

test("a process is ready once it has joined, knows of a partition, and has loaded what is assigned", async () => {
  const { assignments } = runtimeBench();
  const end = { start: 0, end: 0, stable: 0 };
  assignments.joined([], ALONE);
  assert.equal(assignments.ready, false, "nobody knows of any partition");
  assignments.endOffsets(SECOND_0, new Map([[0, end]]));
  assert.deepEqual([assignments.ready, assignments.partitionCount], [true, 1], "without a share");
  assignments.joined([0, 1], ALONE);
  assert.equal(assignments.ready, false, "they wait to be loaded");
  await settled();
  assert.equal(assignments.ready, true);
  assignments.joining();
  assert.equal(assignments.ready, false);
});

test("what comes of a partition that is not owned changes nothing", async () => {
  const { assignments } = await joinedBench();
  const records = [{ offset: 0, timestampMs: SECOND_0, key: null, value: null }];
  assignments.records(9, records, 1);
  assignments.deletedUnread(9, 5);
  assignments.outOfRange(9);
  assert.equal(assignments.takeable(9, records), 1);
  assert.deepEqual([assignments.position(9), assignments.mayTake(9, 1)], [undefined, false]);
  assert.deepEqual(assignments.held(), [0]);
});

test("committed offsets that were asked for before a rebalance, or before the membership was lost, load nothing after it", async () => {
  for (const interrupted of ["joining", "left"] as const) {
    const { clock, assignments, world } = runtimeBench();
    world.reads = [];
    assignments.joined([0], ALONE);
    await settled();
    const asked = world.reads.splice(0);
    assert.equal(asked.length, 1);
    assignments[interrupted]();
    assignments.joined([0], ALONE);
    for (const answer of asked) answer();
    await settled();
    assert.deepEqual(assignments.held(), [], interrupted);
    world.reads = undefined;
    await clock.advance(10_000);
    assert.deepEqual(assignments.held(), [0], interrupted);
  }
});

test("after a lost membership, what is shown of the partitions is what was last known until the next one is there, also while it is being joined", async () => {
  const { assignments } = await joinedBench();
  assignments.left();
  assignments.joining();
  assert.deepEqual(
    assignments.states().map(({ lastKnown }) => lastKnown),
    [true],
  );
});

test("of a partition that waits to be loaded again, and of all while they drain, no records are asked for", async () => {
  const { assignments, read, world } = await joinedBench();
  read(0, [["a", 35]]);
  assignments.joining();
  assert.equal(assignments.position(0), 1, "it may be kept");
  world.reads = [];
  assignments.joined([0], ALONE);
  await settled();
  assert.equal(assignments.position(0), undefined);
  for (const answer of world.reads.splice(0)) answer();
  await settled();
  assert.equal(assignments.position(0), 1);
  void assignments.drain();
  assert.equal(assignments.position(0), undefined);
});

test("where the broker has nothing at the position, nothing is taken until the ends of the log were asked for again, and reading goes on where it was", async () => {
  const { clock, assignments, read, world } = await joinedBench();
  read(0, [["a", 35]]);
  assert.equal(assignments.mayTake(0, 0), true);
  assignments.outOfRange(0);
  assert.deepEqual([...world.paused], [0]);
  assert.deepEqual([assignments.position(0), assignments.mayTake(0, 0)], [undefined, false]);
  world.seeks.length = 0;
  await clock.advance(1_000);
  assignments.endOffsets(clock.now(), endsAt(1));
  assert.deepEqual([...world.paused], []);
  assert.deepEqual([assignments.position(0), assignments.mayTake(0, 0), world.seeks], [1, true, [1]]);
});

test("where the broker has nothing at the position of a partition that waits to be loaded, the load decides where reading goes on", async () => {
  const { assignments, world } = await joinedBench();
  assignments.joining();
  world.reads = [];
  assignments.joined([0], ALONE);
  await settled();
  assignments.outOfRange(0);
  for (const answer of world.reads.splice(0)) answer();
  await settled();
  assert.equal(assignments.position(0), 0);
});

test("of records whose later ones another leader wrote than the one that is known, only the first are taken at once", async () => {
  const { clock, assignments, committed, world } = runtimeBench();
  await clock.advance(40_000);
  world.endOfEpoch = ({ partition, epoch }) => [{ kind: "unsupported", partition, epoch }];
  const time = eventTime(SECOND_0 + 39_000);
  const start = { position: 10, readTo: 21, time, marks: [], settled: [], epochs: [{ epoch: 0, offset: 0 }] };
  committed.set(0, { offset: 10, metadata: encodeCheckpoint(start).metadata });
  assignments.joined([0], ALONE);
  await settled();
  const record = { timestampMs: SECOND_0, key: null, value: null };
  const known = { ...record, offset: 10, leaderEpoch: 0 };
  assert.equal(assignments.takeable(0, [known, { ...record, offset: 11, leaderEpoch: 0 }]), 2);
  assert.equal(assignments.takeable(0, [known, { ...record, offset: 11, leaderEpoch: 2 }]), 1);
});

test("ends of the log that are told during a rebalance, before a kept partition is loaded again, or while it drains, close no window", async () => {
  const { assignments, read, world } = await joinedBench();
  const open = () => [...assignments.workers].map((worker) => worker.read.windowsOpen);
  const tell = () => assignments.endOffsets(SECOND_0 + 41_000, endsAt(1));
  read(0, [["a", 1]]);
  assignments.joining();
  tell();
  assert.deepEqual(open(), [1], "a rebalance");
  world.reads = [];
  assignments.joined([0], ALONE);
  await settled();
  tell();
  assert.deepEqual(open(), [1], "kept, and not loaded");
  for (const answer of world.reads.splice(0)) answer();
  await settled();
  void assignments.drain();
  tell();
  assert.deepEqual(open(), [1], "draining");
});

test("what a full buffer holds is not closed by the wall clock during a rebalance, nor while it drains", async () => {
  for (const begun of ["joining", "drain"] as const) {
    const { clock, assignments, read } = await joinedBench({ bufferMaxAlerts: 3 });
    read(0, [
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ]);
    void assignments[begun]();
    await clock.advance(500);
    assert.deepEqual(
      [...assignments.workers].map((worker) => worker.read.windowsOpen),
      [3],
      begun,
    );
  }
});

test("a drain is over once the mails under way have ended", async () => {
  const { clock, assignments, read, mailed, world } = await joinedBench();
  const accept = world.holdMail();
  read(0, [
    ["a", 1],
    ["b", 35],
  ]);
  await clock.advance(100);
  assert.equal(mailed().length, 1);
  let isOver = false;
  void assignments.drain().then(() => (isOver = true));
  await clock.advance(1_000);
  assert.equal(isOver, false);
  accept(ACCEPTED);
  await settled();
  assert.equal(isOver, true);
});

test("a drain puts the muted alerts on record, and is over once they are", async () => {
  const { assignments, read, world } = await joinedBench({ mutedDevice: "m" });
  read(0, [["m", 35]]);
  let isOver = false;
  void assignments.drain().then(() => (isOver = true));
  await settled();
  assert.deepEqual(
    world.mutedWrites.map(({ devices }) => devices),
    [["m"]],
  );
  assert.equal(isOver, false);
  world.mutedWrites[0]?.end();
  await settled();
  assert.equal(isOver, true);
});

test("a record that is not read yet is as old as the first look that found it in the log", async () => {
  const { assignments, read } = await joinedBench();
  const oldest = () => assignments.states()[0]?.oldestUnsettledEventTime;
  assignments.endOffsets(SECOND_0 + 41_000, endsAt(0));
  assert.equal(oldest(), undefined);
  assignments.endOffsets(SECOND_0 + 42_000, endsAt(1));
  assignments.endOffsets(SECOND_0 + 43_000, endsAt(1));
  assert.equal(oldest(), SECOND_0 + 42_000);
  read(0, [["a", 37]]);
  assert.equal(oldest(), SECOND_0 + 37_000);
});

test("the last commit is the last one that was confirmed", async () => {
  const { clock, assignments, read, world } = runtimeBench();
  assert.equal(assignments.lastCommitAt, undefined);
  assignments.joined([0], ALONE);
  await clock.advance(2_000);
  const first = assignments.lastCommitAt;
  assert.ok(first !== undefined && world.commits.length > 0);
  world.commitOutcome = "failed";
  read(0, [["a", 0]]);
  await clock.advance(10_000);
  assert.equal(assignments.lastCommitAt, first);
  world.commitOutcome = "committed";
  await clock.advance(10_000);
  assert.ok(assignments.lastCommitAt > first);
});
