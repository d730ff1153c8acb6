import assert from "node:assert/strict";
import { test } from "node:test";
import { atOnce, inTurns, Slices, type Steps } from "#src/runtime/turns.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

function setup(most: number) {
  const clock = new VirtualClock();
  const slices = new Slices(clock, most);
  const done: number[] = [];
  const give = (from: number, to: number) => {
    for (let piece = from; piece < to; piece++) slices.take(() => done.push(piece));
  };
  return { clock, slices, done, give };
}

const upTo = (count: number) => Array.from({ length: count }, (_, piece) => piece);

test("few pieces are done at once, and no timer is set for them", () => {
  const { clock, done, give } = setup(3);
  give(0, 3);
  assert.deepEqual(done, [0, 1, 2]);
  assert.equal(clock.pending, 0);
});

test("of many pieces each turn does a slice, in the order they came", async () => {
  const { clock, done, give } = setup(3);
  give(0, 8);
  assert.deepEqual(done, upTo(3));
  await clock.step();
  assert.deepEqual(done, upTo(6));
  await clock.step();
  assert.deepEqual(done, upTo(8));
  assert.equal(clock.pending, 0);
});

test("a piece that comes while others wait is done after them", async () => {
  const { clock, done, give } = setup(2);
  give(0, 5);
  await clock.step();
  give(5, 6);
  assert.deepEqual(done, upTo(4));
  await clock.step();
  assert.deepEqual(done, upTo(6));
});

test("once those at hand gave way, as many can be done at once again", async () => {
  const { clock, done, give } = setup(2);
  give(0, 2);
  await Promise.resolve();
  give(2, 4);
  assert.deepEqual(done, upTo(4));
  assert.equal(clock.pending, 0);
});

test("a piece that makes others does not make its slice longer", async () => {
  const { clock, slices, done } = setup(2);
  const endless = (piece: number): void =>
    slices.take(() => {
      done.push(piece);
      if (piece < 7) endless(piece + 1);
    });
  endless(0);
  for (let turn = 1; turn <= 4; turn++) {
    assert.equal(done.length, 2 * turn);
    await clock.step();
  }
  assert.deepEqual(done, upTo(8));
});

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
