import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as after } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { FetchedMemory, LastAnswers } from "#src/kafka/fetched-memory.js";

test("what is held is no more room for others, until it is released, once", () => {
  const memory = new FetchedMemory(100);
  const one = memory.hold(30);
  one.add(20);
  const other = memory.hold(70);
  assert.deepEqual([memory.bytes, memory.room], [120, 0]);
  one.release();
  one.release();
  assert.deepEqual([memory.bytes, memory.room], [70, 30]);
  other.release();
  assert.deepEqual([memory.bytes, memory.room], [0, 100]);
});

test("of what a broker gave, what nobody took counts until it is asked for more, or the membership is over", () => {
  const memory = new FetchedMemory(100);
  const answers = new LastAnswers();
  const answer = (...bytes: readonly number[]) => ({
    responses: [{ partitions: [...bytes.map((some) => ({ held: memory.hold(some) })), { held: undefined }] }],
  });
  const first = answer(10, 20);
  answers.came("1", first);
  answers.came("2", answer(40));
  first.responses[0]?.partitions[0]?.held?.release();
  assert.equal(memory.bytes, 60);
  answers.done("1");
  assert.equal(memory.bytes, 40);
  answers.done("1");
  answers.forget();
  assert.equal(memory.bytes, 0);
});

test("what a broker gave that is never asked again counts no longer than until it is collected", async () => {
  const memory = new FetchedMemory(100);
  const answers = new LastAnswers();
  answers.came("gone", { responses: [{ partitions: [{ held: memory.hold(40) }] }] });
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let tries = 0; memory.bytes > 0 && tries < 20; tries++) {
    await after(5);
    collect();
  }
  assert.equal(memory.bytes, 0);
  answers.done("gone");
  assert.equal(memory.bytes, 0);
});

test("an answer without records, or of something else, is none", () => {
  const answers = new LastAnswers();
  answers.came("1", {});
  answers.came("1", { responses: [] });
  answers.done("1");
});
