import assert from "node:assert/strict";
import { test } from "node:test";
import { readRecordSet } from "#src/kafka/fetch-answer.js";
import { unpackerOf } from "#src/kafka/unpackers.js";
import { EventLoopTurns } from "#src/runtime/turns.js";
import { encodeBatch, plainBatch } from "#test/support/record-batches.js";

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
