import assert from "node:assert/strict";
import { test } from "node:test";
import type { AlertCodec, SourceRecord } from "#src/runtime/ports.js";
import { ALONE, runtimeBench } from "#test/support/runtime-bench.js";
import { settled } from "#test/support/virtual-clock.js";

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
