import assert from "node:assert/strict";
import { test } from "node:test";
import { EndOffsets } from "#src/kafka/end-offsets.js";
import type { LogEndsAnswer } from "#src/kafka/log-ends.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const ENDS = new Map([[0, { start: 0, end: 5, stable: 5 }]]);

const setup = (windows?: { sizeMs: number; graceMs: number }) => {
  const clock = new VirtualClock(0);
  const log: string[] = [];
  const write = (level: string) => (_: unknown, message: string) => void log.push(`${level} ${message.split(":")[0]}`);
  const world = {
    clock,
    log,
    heard: [] as number[],
    read: (): Promise<LogEndsAnswer> => Promise.resolve({ ends: ENDS, silent: [] }),
  };
  const ends = new EndOffsets({
    read: () => world.read(),
    topic: "alerts",
    clock,
    log: { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") },
    listener: { endOffsets: (at) => void world.heard.push(at) },
    ...(windows && { windows }),
  });
  ends.start();
  return { ...world, world, ends };
};

test("an answer counts from when the question was put, and the next question follows it", async () => {
  const { clock, world, heard } = setup();
  await clock.advance(0);
  world.read = () => new Promise((resolve) => clock.after(3_000, () => resolve({ ends: ENDS, silent: [] })));
  await clock.advance(4_000);
  assert.deepEqual(heard, [0, 400]);
});

test("a question is put at the moment a window becomes due, which is its end and the grace, and the others follow it", async () => {
  const { clock, heard } = setup({ sizeMs: 1_000, graceMs: 150 });
  await clock.advance(2_200);
  assert.deepEqual(heard, [0, 400, 800, 1_150, 1_550, 1_950, 2_150]);
});

test("while nobody answers the listener hears nothing, and the log says so once, and when it is over", async () => {
  const { clock, world, heard, log } = setup();
  world.read = () => Promise.reject(new Error("connection refused"));
  await clock.advance(5_000);
  const before = heard.length;
  await clock.advance(5_000);
  assert.equal(heard.length, before);
  world.read = async () => ({ ends: ENDS, silent: [] });
  await clock.advance(1_000);
  assert.ok(heard.length > before);
  assert.deepEqual(log, ["warn log ends unknown", "info log ends are known again"]);
});

test("partitions without an answer are named once, and when they are back", async () => {
  const { clock, world, log } = setup();
  world.read = async () => ({ ends: ENDS, silent: [{ partition: 1, reason: "it has no leader" }] });
  await clock.advance(5_000);
  world.read = async () => ({ ends: ENDS, silent: [] });
  await clock.advance(5_000);
  assert.deepEqual(log, [
    "warn log ends of these partitions unknown",
    "info log ends of all partitions are known again",
  ]);
});

test("after a stop nothing is asked and nothing is heard, not even an answer that was under way", async () => {
  const { clock, world, ends, heard } = setup();
  await clock.advance(0);
  world.read = () => new Promise((resolve) => clock.after(1_000, () => resolve({ ends: ENDS, silent: [] })));
  await clock.advance(900);
  ends.close();
  await clock.advance(5_000);
  assert.deepEqual([heard, clock.pending], [[0], 0]);
});
