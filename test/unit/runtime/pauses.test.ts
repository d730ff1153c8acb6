import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answersMakeRoom,
  BUFFER_MARKS,
  bufferLevel,
  CHECKPOINT_MARKS,
  heldBy,
  isHeldBySmtp,
  isPaused,
  type Marks,
} from "#src/runtime/pauses.js";
import type { AlertCodec, SendOutcome, SourceRecord } from "#src/runtime/ports.js";
import { encodeCheckpoint } from "#test/support/checkpoints.js";
import { failure } from "#test/support/delivery-bench.js";
import { Random } from "#test/support/random.js";
import { ACCEPTED, ALONE, joinedBench, runtimeBench } from "#test/support/runtime-bench.js";
import { settled } from "#test/support/virtual-clock.js";

test("a full buffer pauses reading, and what it holds is closed by the wall clock when nothing else would free it", async () => {
  const { clock, assignments, read, mailed, world } = runtimeBench({ bufferMaxAlerts: 3 });
  await clock.advance(100_000);
  assignments.joined([0], ALONE);
  await settled();
  read(0, [
    ["a", 1],
    ["b", 2],
    ["c", 3],
  ]);
  assert.deepEqual([...world.paused], [0]);
  await clock.advance(500);
  assert.deepEqual(mailed().sort(), ["a 0: 0", "b 0: 1", "c 0: 2"]);
  assert.deepEqual([...world.paused], []);
});

test("while another partition's mails wait for the SMTP server, a full buffer closes no window of a backlog early", async () => {
  const { clock, assignments, read, mailed, world } = runtimeBench({ bufferMaxAlerts: 4 });
  await clock.advance(100_000);
  assignments.joined([0, 1], ALONE);
  await settled();
  const accept = world.holdMail();
  read(0, [
    ["a", 1],
    ["a", 2],
    ["a", 40],
  ]);
  read(1, [["b", 1]]);
  await clock.advance(2_000);
  assert.deepEqual(mailed(), ["a 0: 0 1"]);
  accept(ACCEPTED);
  await clock.advance(200);
  assert.deepEqual([...world.paused], []);
  read(1, [
    ["b", 2],
    ["b", 33],
  ]);
  await clock.advance(200);
  assert.equal(mailed()[1], "b 0: 0 1");
});

test("a buffer of ten pauses every partition at ten alerts, not at nine, and reading goes on at eight", async () => {
  const { clock, assignments, read, world, pausedFor } = runtimeBench({ bufferMaxAlerts: 10 });
  await clock.advance(100_000);
  assignments.joined([0, 1], ALONE);
  await settled();
  const waiting: ((outcome: SendOutcome) => void)[] = [];
  world.smtp = () => new Promise((resolve) => waiting.push(resolve));
  read(
    0,
    [..."abcd"].map((device) => [device, 1] as const),
  );
  read(
    0,
    [..."efgh"].map((device) => [device, 33] as const),
  );
  read(1, [["x", 1]]);
  await clock.advance(200);
  assert.deepEqual([pausedFor(0), pausedFor(1), [...world.paused]], [[], [], []], "nine");
  read(1, [["x", 2]]);
  assert.deepEqual([pausedFor(0), pausedFor(1), [...world.paused]], [["buffer"], ["buffer"], [0, 1]], "ten");
  waiting.shift()?.(ACCEPTED);
  await clock.advance(200);
  assert.deepEqual([...world.paused], [0, 1], "nine");
  waiting.shift()?.(ACCEPTED);
  await clock.advance(200);
  assert.deepEqual([pausedFor(0), pausedFor(1), [...world.paused]], [[], [], []], "eight");
});

test("a buffer that is full because the SMTP server is unreachable says so; the first answer takes that back, room the rest", async () => {
  const { clock, assignments, read, world, pausedFor } = runtimeBench({ bufferMaxAlerts: 10 });
  await clock.advance(100_000);
  assignments.joined([0], ALONE);
  await settled();
  const unreachable: SendOutcome = { kind: "unreachable", failure: failure() };
  world.smtp = async () => unreachable;
  read(
    0,
    [..."abcdefg"].map((device) => [device, 1] as const),
  );
  read(0, [
    ["a", 40],
    ["a", 41],
  ]);
  await clock.advance(10_000);
  assert.deepEqual(pausedFor(0), [], "an unreachable server alone pauses nothing");
  read(0, [["a", 42]]);
  await clock.advance(60_000);
  assert.deepEqual(pausedFor(0).toSorted(), ["buffer", "smtp"]);
  let answered = 0;
  world.smtp = () => (answered++ === 0 ? Promise.resolve(ACCEPTED) : new Promise(() => undefined));
  await clock.advance(10_000);
  assert.deepEqual([pausedFor(0), [...world.paused]], [["buffer"], [0]], "nine alerts are above the low mark");
  assert.ok(answered > 1, "the probe was no prisoner of the pause");
});

test("a buffer full of open windows is no fault of an unreachable SMTP server", async () => {
  const { clock, read, world, pausedFor } = await joinedBench({ bufferMaxAlerts: 10 });
  world.smtp = async () => ({ kind: "unreachable", failure: failure() });
  read(
    0,
    [..."abcd"].map((device) => [device, 1] as const),
  );
  read(
    0,
    [..."abcdef"].map((device) => [device, 39] as const),
  );
  await clock.advance(200);
  assert.deepEqual(pausedFor(0), ["buffer"]);
});

test("a replay that a full buffer pauses waits for no answer: what is closed is mailed, and reading goes on", async () => {
  const { clock, assignments, read, mailed, world } = runtimeBench({ bufferMaxAlerts: 3 });
  await clock.advance(100_000);
  const start = { position: 0, time: undefined, marks: [], settled: [], readTo: 100 };
  world.committed.set(0, { offset: 0, metadata: encodeCheckpoint(start).metadata });
  assignments.joined([0], ALONE);
  await settled();
  read(0, [
    ["a", 1],
    ["a", 35],
    ["b", 70],
  ]);
  assert.ok(world.paused.has(0));
  assert.deepEqual(mailed(), []);
  await clock.advance(200);
  assert.deepEqual(mailed(), ["a 0: 0", "a 30: 1"]);
  assert.ok(!world.paused.has(0));
});

test("mails that wait for a commit, where a full buffer is paused and nothing can be committed, let one batch in", async () => {
  const { clock, assignments, read, mailed, world } = runtimeBench({ bufferMaxAlerts: 4, catchUpAfterMs: 1_000 });
  await clock.advance(200_000);
  assignments.joined([0], ALONE);
  await settled();
  world.canCommit = false;
  read(0, [
    ["a", 1],
    ["a", 31],
    ["a", 61],
    ["b", 95],
    ["b", 96],
  ]);
  await clock.advance(500);
  assert.deepEqual(mailed(), ["a 0: 0"]);
  assert.ok(!world.paused.has(0), "a commit needs a batch of this membership");
  world.canCommit = true;
  await clock.advance(500);
  assert.deepEqual(mailed().slice(0, 2), ["a 0: 0", "a 30: 1 2"]);
});

test("what is fetched and not taken yet fills the buffer too: reading pauses until it is taken, and no window closes for it", async () => {
  const { clock, read, mailed, world, pausedFor } = await joinedBench({ bufferMaxBytes: 10_000_000 });
  read(0, [["a", 1]]);
  world.fetchedBytes = 9_999_999;
  read(0, [["b", 2]]);
  assert.deepEqual([pausedFor(0), [...world.paused]], [["buffer"], [0]]);
  await clock.advance(500);
  assert.deepEqual([mailed(), [...world.paused]], [[], [0]]);
  world.fetchedBytes = 0;
  await clock.advance(200);
  assert.deepEqual([pausedFor(0), [...world.paused], mailed()], [[], [], []]);
});

test("a buffer that is nearly full goes on once what was fetched is taken: nothing else would end the pause", async () => {
  const { clock, read, world } = await joinedBench({ bufferMaxBytes: 100_000 });
  read(0, [["a", 1]]);
  world.fetchedBytes = 99_000;
  read(0, [["a", 2]]);
  assert.deepEqual([...world.paused], [0], "with what is fetched it is full");
  world.fetchedBytes = 0;
  await clock.advance(200);
  assert.deepEqual([...world.paused], []);
});

test("a full buffer lets held windows go, those that were held for longest first, before it closes any window early", async () => {
  const options = { bufferMaxAlerts: 10, catchUpAfterMs: 300_000, repeatIntervalsMs: [3_600_000] };
  const { clock, assignments, read, mailed, world } = runtimeBench(options);
  await clock.advance(100_000);
  assignments.joined([0], ALONE);
  await settled();
  const [worker] = assignments.workers;
  const at = async (...alerts: readonly (readonly [string, number])[]): Promise<void> => {
    read(0, alerts);
    await clock.advance(100);
  };
  await at(["a", 1]);
  await at(["a", 31], ["b", 32], ["a", 33]);
  await at(["a", 61], ["b", 62], ["a", 63], ["a", 64]);
  await at(["c", 95], ["c", 96]);
  assert.deepEqual([mailed(), worker?.read.windowsHeld], [["a 0: 0", "b 30: 2"], 3]);
  assert.deepEqual([...world.paused], []);
  read(0, [
    ["c", 97],
    ["c", 98],
  ]);
  assert.deepEqual([...world.paused], [0]);
  await clock.advance(500);
  assert.deepEqual([mailed().slice(2), worker?.read.windowsHeld], [["a 30: 1 3 4 6 7"], 1]);
  assert.deepEqual([...world.paused], [], "the others fill no buffer");
  assert.equal(worker?.read.windowsOpen, 1, "none is closed early");
});

test("a checkpoint that fills up lets held windows go instead of pausing", async () => {
  const options = { bufferMaxAlerts: 100_000, catchUpAfterMs: 300_000, repeatIntervalsMs: [36_000_000] };
  const { clock, assignments, read, mailed, world } = runtimeBench(options);
  world.metadataMax = 512;
  await clock.advance(100_000);
  assignments.joined([0], ALONE);
  await settled();
  const [worker] = assignments.workers;
  const random = new Random(1);
  const mailsOfA = () => mailed().filter((mail) => mail.startsWith("a ")).length;
  let mostHeld = 0;
  let fullest = 0;
  // Between its alerts lie those of devices that are mailed of, without a pattern: so a checkpoint is long.
  for (let window = 4; window < 60 && mailsOfA() < 2; window++) {
    await clock.advance(30_000);
    const deviceAt = (at: number): string => (random.chance(0.5) ? "a" : `b${window}-${at}`);
    read(
      0,
      Array.from({ length: 60 }, (_, at) => [deviceAt(at), window * 30 + (at % 30)] as const),
    );
    for (let part = 0; part < 5; part++) {
      await clock.advance(40);
      fullest = Math.max(fullest, worker?.checkpointFill ?? 0);
    }
    mostHeld = Math.max(mostHeld, worker?.read.windowsHeld ?? 0);
    assert.deepEqual([...world.paused], []);
  }
  assert.equal(mailsOfA(), 2, "all that was held left as one mail");
  assert.ok(mostHeld > 5, `${mostHeld} windows were held`);
  assert.ok(fullest < 0.75, `${fullest} of the checkpoint was in use`);
  assert.ok((worker?.read.windowsHeld ?? 0) <= 1);
});

/** The levels at which it switches, on the way up to 1.2 and down again, in steps of a hundredth. */
const switches = (marks: Marks): string[] => {
  const up = Array.from({ length: 121 }, (_, step) => step / 100);
  let paused = false;
  const seen: string[] = [];
  for (const level of [...up, ...up.reverse()]) {
    const next = isPaused(paused, level, marks);
    if (next !== paused) seen.push(`${next ? "pauses" : "goes on"} at ${level}`);
    paused = next;
  }
  return seen;
};

test("reading pauses at the high mark and goes on at the low mark, not between", () => {
  assert.deepEqual(switches(BUFFER_MARKS), ["pauses at 1", "goes on at 0.8"]);
  assert.deepEqual(switches(CHECKPOINT_MARKS), ["pauses at 0.75", "goes on at 0.5"]);
});

test("the buffer's level is that of the limit which is nearer, over all partitions", () => {
  const held = heldBy([
    { bufferedAlerts: 10, bufferedBytes: 2_000, pendingAlerts: 4 },
    { bufferedAlerts: 20, bufferedBytes: 1_000, pendingAlerts: 0 },
  ]);
  assert.deepEqual(held, { alerts: 30, bytes: 3_000, pendingAlerts: 4 });
  assert.equal(bufferLevel(held, { bufferMaxAlerts: 60, bufferMaxBytes: 10_000 }), 0.5);
  assert.equal(bufferLevel(held, { bufferMaxAlerts: 300, bufferMaxBytes: 4_000 }), 0.75);
});

test("an unreachable SMTP server is the cause where half of what is held waits for it", () => {
  const held = (pendingAlerts: number) => ({ alerts: 100, bytes: 0, pendingAlerts });
  assert.deepEqual(
    [0, 49, 50, 100].map((pending) => isHeldBySmtp(held(pending), true)),
    [false, false, true, true],
  );
  assert.equal(isHeldBySmtp(held(100), false), false);
  assert.equal(isHeldBySmtp({ alerts: 0, bytes: 0, pendingAlerts: 0 }, true), false);
});

test("answers make room where a fifth of the alerts in memory waits for them, whatever the number of windows", () => {
  const held = (pendingAlerts: number) => ({ alerts: 100, bytes: 0, pendingAlerts });
  assert.deepEqual(
    [0, 19, 20, 100].map((pending) => answersMakeRoom(held(pending))),
    [false, false, true, true],
  );
  assert.equal(answersMakeRoom({ alerts: 0, bytes: 0, pendingAlerts: 0 }), false);
});

/** A runtime whose records need something from outside; `answer` brings it. */
const bench = async () => {
  const known = new Set<string>();
  const questions: (() => void)[] = [];
  const prepare: AlertCodec["prepare"] = (records) => {
    const at = records.findIndex(({ key }) => !known.has(String(key)));
    if (at < 0) return undefined;
    return { decodable: at, ready: new Promise<void>((done) => questions.push(done)) };
  };
  const runtime = runtimeBench({ prepare });
  await runtime.clock.advance(100_000);
  runtime.assignments.joined([0, 1], ALONE);
  await settled();
  const answer = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) known.add(key);
    for (const done of questions.splice(0)) done();
    await settled();
  };
  return { ...runtime, questions, answer };
};

const records = (...devices: readonly string[]): readonly SourceRecord[] =>
  devices.map((device, offset) => ({
    offset,
    timestampMs: -1,
    key: Buffer.from(device),
    value: Buffer.from(JSON.stringify({ deviceId: device, message: "m" })),
  }));

test("a partition whose next record cannot be decoded yet is paused, and no other one; it goes on with the answer", async () => {
  const { assignments, world, pausedFor, answer } = await bench();
  assert.equal(assignments.takeable(0, records("a", "b")), 0);
  assert.deepEqual([[...world.paused], pausedFor(0), pausedFor(1)], [[0], ["registry"], []]);
  await answer("a", "b");
  assert.deepEqual([[...world.paused], pausedFor(0)], [[], []]);
  assert.equal(assignments.takeable(0, records("a", "b")), 2);
  assert.deepEqual([...world.paused], []);
});

test("the records before the one that waits are taken", async () => {
  const { assignments, pausedFor, answer } = await bench();
  assert.equal(assignments.takeable(0, records("a")), 0);
  await answer("a");
  assert.equal(assignments.takeable(0, records("a", "a", "b")), 2);
  assert.deepEqual(pausedFor(0), ["registry"]);
});

test("an answer to an earlier question lets no partition go on that waits for another one", async () => {
  const { assignments, pausedFor, questions } = await bench();
  assignments.takeable(0, records("a"));
  assignments.takeable(0, records("b"));
  const [first, second] = questions;
  first?.();
  await settled();
  assert.deepEqual(pausedFor(0), ["registry"]);
  second?.();
  await settled();
  assert.deepEqual(pausedFor(0), []);
});

test("a rebalance does not end the wait: whoever gets the partition again is paused until the answer", async () => {
  const { assignments, world, pausedFor, answer } = await bench();
  assignments.takeable(0, records("a"));
  assignments.joining();
  assignments.joined([0, 1], ALONE);
  await settled();
  assert.deepEqual([[...world.paused], pausedFor(0)], [[0], ["registry"]]);
  await answer("a");
  assert.deepEqual([[...world.paused], pausedFor(0)], [[], []]);
});

test("while nobody knows when a partition goes on, what was read of it is mailed by the wall clock, after ten seconds and not before", async () => {
  const { assignments, clock, read, mailed, answer } = await bench();
  read(0, [["a", 40]]);
  await answer("a");
  assert.equal(assignments.takeable(0, records("z")), 0);
  await clock.advance(9_000);
  assert.deepEqual(mailed(), []);
  await clock.advance(2_000);
  assert.deepEqual(mailed(), ["a 30: 0"]);
});

test("a short wait closes no window of a backlog early", async () => {
  const { assignments, clock, read, mailed, answer } = await bench();
  read(0, [["a", 40]]);
  assignments.takeable(0, records("z"));
  await clock.advance(5_000);
  await answer("z");
  assignments.takeable(0, records("z"));
  await clock.advance(60_000);
  assert.deepEqual(mailed(), []);
});
