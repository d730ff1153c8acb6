import assert from "node:assert/strict";
import { test } from "node:test";
import { atOnce, inTurns, type Steps } from "#src/runtime/steps.js";

/** Three pieces; writes each down as it is done. */
function* work(done: string[], fails = false): Steps<string> {
  done.push("1");
  yield;
  done.push("2");
  yield;
  if (fails) throw new Error("no third");
  done.push("3");
  return "all";
}

/** Turns that are over after each piece, or never. */
const turns = (isOver: boolean, done: string[] = []) => ({
  isOver,
  next: async (): Promise<void> => void done.push("turn"),
});

test("work in pieces is done at once where somebody waits for it, and where it is quick", () => {
  const done: string[] = [];
  assert.equal(atOnce(work(done)), "all");
  assert.equal(inTurns(work(done), turns(false)), "all");
  assert.deepEqual(done, ["1", "2", "3", "1", "2", "3"]);
});

test("what takes long goes on in other turns, and ends in the same", async () => {
  const done: string[] = [];
  const asked = [false, true];
  const later = inTurns(work(done), {
    ...turns(true, done),
    get isOver() {
      return asked.shift() ?? true;
    },
  });
  assert.ok(later instanceof Promise);
  assert.equal(await later, "all");
  assert.deepEqual(done, ["1", "turn", "2", "turn", "3"]);
});

test("what begins in a turn that has been busy for long waits for another one", async () => {
  const done: string[] = [];
  assert.equal(await inTurns(work(done), turns(true, done)), "all");
  assert.deepEqual(done, ["turn", "1", "turn", "2", "turn", "3"]);
});

test("a piece that fails is an exception at once, and a rejection later", async () => {
  assert.throws(() => inTurns(work([], true), turns(false)), /no third/);
  await assert.rejects(async () => inTurns(work([], true), turns(true)), /no third/);
});
