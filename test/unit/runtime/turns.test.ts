import assert from "node:assert/strict";
import { test } from "node:test";
import { readRecordSet } from "#src/kafka/fetch-answer.js";
import { unpackerOf } from "#src/kafka/unpackers.js";
import { atOnce, EventLoopTurns, inTurns, Slices, type Steps } from "#src/runtime/turns.js";
import { encodeBatch, plainBatch } from "#test/support/record-batches.js";
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

/** A clock that shows `busyMs` more after each piece of work, and what happened in which order. */
const world = (busyMs: number) => {
  let now = 0;
  const events: string[] = [];
  const turns = new EventLoopTurns(25, () => now);
  return {
    events,
    turns,
    work: (name: string): void => {
      now += busyMs;
      events.push(name);
    },
  };
};

/** As long as it is not stopped, it writes `beat` whenever the event loop lets it. */
const beats = (events: string[]): (() => void) => {
  let stopped = false;
  const beat = (): void => {
    if (stopped) return;
    events.push("beat");
    setImmediate(beat);
  };
  setImmediate(beat);
  return () => {
    stopped = true;
  };
};

test("between pieces that take long others have their turn, once the turn has lasted 25 ms", async () => {
  const { events, turns, work } = world(13);
  const stop = beats(events);
  for (const name of ["1", "2", "3", "4"]) {
    await turns.next();
    work(name);
  }
  stop();
  assert.deepEqual(events, ["1", "2", "beat", "3", "4"]);
});

test("in a hurry a turn lasts 5 ms, and for a while only", async () => {
  const { events, turns, work } = world(6);
  const stop = beats(events);
  turns.hurry();
  for (const name of ["1", "2", "3"]) {
    await turns.next();
    work(name);
  }
  assert.deepEqual(events, ["1", "beat", "2", "beat", "3"]);
  for (let index = 0; index < 20; index++) work("");
  events.length = 0;
  for (const name of ["4", "5", "6"]) {
    await turns.next();
    work(name);
  }
  stop();
  assert.deepEqual(events, ["beat", "4", "5", "6"]);
});

test("pieces that are quick wait for nobody", async () => {
  const { events, turns, work } = world(0);
  const stop = beats(events);
  for (const name of ["1", "2", "3", "4"]) {
    await turns.next();
    work(name);
  }
  stop();
  assert.deepEqual(events, ["1", "2", "3", "4"]);
});

test("two that unpack at once take turns, and let others have theirs after every piece", async () => {
  const { events, turns, work } = world(30);
  const stop = beats(events);
  const run = async (name: string): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      await turns.next();
      work(name);
    }
  };
  await Promise.all([run("x"), run("y")]);
  stop();
  assert.deepEqual(
    events.filter((event) => event !== "beat"),
    ["x", "y", "x", "y", "x", "y"],
  );
  for (const name of ["x", "y"]) {
    const others = events.join(" ").split(name).slice(1, -1);
    assert.equal(others.length, 2);
    for (const between of others) assert.match(between, /beat/, events.join(" "));
  }
});

const LZ4 = 3;

test("unpacking a fetch of many batches that each take long lets others have their turn between two batches", async () => {
  const { events, turns, work } = world(30);
  const unpacker = await unpackerOf(LZ4);
  const batch = encodeBatch({
    ...plainBatch(0, [{ offsetDelta: 0, timestampDelta: 0, key: null, value: Buffer.from("x"), headers: [] }]),
    codec: LZ4,
  });
  const stop = beats(events);
  const { messages } = await readRecordSet(Buffer.concat([batch, batch, batch, batch]), {
    decompress: async (_, data) => unpacker.whole(data, 1_000),
    turn: async () => {
      await turns.next();
      work("batch");
    },
  });
  stop();
  assert.equal(messages.length, 4);
  assert.deepEqual(events, ["batch", "beat", "batch", "beat", "batch", "beat", "batch"]);
});

test("a batch of many thousand records lets others have their turn before all of them are read", async () => {
  const { events, turns, work } = world(30);
  const record = { timestampDelta: 0, key: null, value: null, headers: [] };
  const batch = encodeBatch(
    plainBatch(
      0,
      Array.from({ length: 40_000 }, (_, offsetDelta) => ({ ...record, offsetDelta })),
    ),
  );
  const stop = beats(events);
  const { messages } = await readRecordSet(batch, {
    decompress: async () => undefined,
    turn: async () => {
      await turns.next();
      work("some");
    },
  });
  stop();
  assert.equal(messages.length, 40_000);
  assert.deepEqual(events, ["some", "beat", "some", "beat", "some"]);
});
