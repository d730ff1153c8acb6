import assert from "node:assert/strict";
import { test } from "node:test";
import { Slices } from "#src/runtime/slices.js";
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
