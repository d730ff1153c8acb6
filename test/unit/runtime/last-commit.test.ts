import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeCheckpoint, encodeCheckpoint } from "#test/support/checkpoints.js";
import { ACCEPTED, joinedBench, type runtimeBench } from "#test/support/runtime-bench.js";
import { settled } from "#test/support/virtual-clock.js";

test("a stop right after a rebalance commits what was settled during it", async () => {
  const { clock, assignments, read, mailed, world } = await joinedBench();
  const accept = world.holdMail();
  read(0, [
    ["a", 1],
    ["b", 35],
  ]);
  await clock.advance(1_000);
  assert.deepEqual(mailed(), ["a 0: 0"]);
  assignments.joining();
  await settled();
  const drained = assignments.drain();
  accept(ACCEPTED);
  await drained;
  world.reads = [];
  assignments.joined([0], { sameMember: true, alone: false });
  const finished = assignments.commitFinally(2_500);
  await clock.advance(300);
  for (const answer of world.reads.splice(0)) answer();
  await clock.advance(2_500);
  assert.equal(await finished, true);
  assert.equal(world.commits.at(-1)?.offset, 1);
});

test("a stop waits until what is known of a lost partition is handed over", async () => {
  const { clock, assignments, read, world } = await joinedBench();
  const accept = world.holdMail();
  read(0, [
    ["a", 1],
    ["b", 35],
  ]);
  await clock.advance(1_000);
  assignments.joining();
  await settled();
  assignments.joined([], { sameMember: true, alone: false });
  await clock.advance(200);
  world.reads = [];
  const drained = assignments.drain();
  accept(ACCEPTED);
  await drained;
  let finished = false;
  const stopped = assignments.commitFinally(2_500).then(() => {
    finished = true;
  });
  await clock.advance(200);
  assert.equal(finished, false);
  for (const answer of world.reads.splice(0)) answer();
  await clock.advance(2_500);
  await stopped;
  assert.equal(world.commits.at(-1)?.offset, 1);
});

/** A mail of partition 0 is in flight while the partition is lost, and it comes back before the mail has ended: which is heard while it is loaded. */
const cameBackInFlight = async (meanwhile: (bench: ReturnType<typeof runtimeBench>) => void = () => undefined) => {
  const bench = await joinedBench();
  const { clock, assignments, read, world } = bench;
  const accept = world.holdMail();
  read(0, [
    ["a", 1],
    ["b", 35],
  ]);
  await clock.advance(1_000);
  assignments.joining();
  await settled();
  assignments.joined([], { sameMember: true, alone: false });
  await clock.advance(1_400);
  meanwhile(bench);
  assignments.joining();
  await settled();
  assignments.joined([0], { sameMember: true, alone: false });
  await clock.advance(800);
  accept(ACCEPTED);
  await clock.advance(300);
  return bench;
};

test("a stop commits what became of mails in flight of a partition that came back and is not loaded yet", async () => {
  const { clock, assignments, world, mails } = await cameBackInFlight();
  await assignments.drain();
  const stopped = assignments.commitFinally(2_500);
  await clock.advance(3_000);
  assert.equal(await stopped, true);
  const last = world.commits.at(-1);
  assert.deepEqual(
    [last?.offset, decodeCheckpoint(last?.metadata ?? null, 0)?.settled, mails.length],
    [0, [[0, 0]], 1],
  );
});

test("and not before its previous owner has had the time to hand over, onto whose checkpoint it comes then", async () => {
  const start = { position: 0, time: undefined, marks: [] };
  const theirs = { offset: 0, metadata: encodeCheckpoint({ ...start, settled: [[1, 1]] }).metadata };
  const { clock, assignments, world, committed } = await cameBackInFlight();
  const before = world.commits.length;
  await assignments.drain();
  const stopped = assignments.commitFinally(2_500);
  await clock.advance(200);
  assert.equal(world.commits.length, before);
  committed.set(0, theirs);
  await clock.advance(3_000);
  assert.equal(await stopped, true);
  const last = world.commits.at(-1);
  assert.deepEqual([last?.offset, decodeCheckpoint(last?.metadata ?? null, 0)?.settled], [0, [[0, 1]]]);
});

test("nor does a stop wait longer than it may for a partition that it cannot load", async () => {
  const { clock, assignments, world } = await cameBackInFlight(({ committed }) => {
    const start = { position: 0, time: undefined, marks: [], settled: [] };
    committed.set(0, { offset: 0, metadata: encodeCheckpoint({ ...start, handingOver: 1 }).metadata });
  });
  const before = world.commits.length;
  await assignments.drain();
  const stopped = assignments.commitFinally(2_500);
  await clock.advance(4_000);
  assert.equal(await stopped, false);
  assert.equal(world.commits.length, before);
});
