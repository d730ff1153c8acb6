import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, test } from "node:test";
import lz4 from "lz4-napi";
import { registerCodecs } from "#src/kafka/codecs.js";
import { EventLoopTurns } from "#src/kafka/event-loop-turns.js";
import { unpackerOf } from "#src/kafka/unpackers.js";

/** A clock that shows `busyMs` more after each piece of work, and what happened in which order. */
const world = (busyMs: number) => {
  let now = 0;
  const events: string[] = [];
  const turns = new EventLoopTurns(() => now);
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

test("two that unpack at once each let others have their turn after every piece", async () => {
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
  for (const name of ["x", "y"]) {
    const others = events.join(" ").split(name).slice(1, -1);
    assert.equal(others.length, 2);
    for (const between of others) assert.match(between, /beat/, events.join(" "));
  }
});

const LZ4 = 3;

/** A record batch of version 2 with no record in it that needs reading: its records are `payload`, compressed with lz4. */
const lz4Batch = (payload: Buffer): Buffer => {
  const compressed = lz4.compressFrameSync(payload);
  const header = Buffer.alloc(61);
  header.writeInt32BE(49 + compressed.length, 8);
  header.writeInt8(2, 16);
  header.writeInt16BE(3, 21);
  // One record.
  header.writeInt32BE(1, 57);
  return Buffer.concat([header, compressed]);
};

/** One record: length, attributes, timestamp delta, offset delta, key, value, headers. */
const RECORD = Buffer.from([12, 0, 0, 0, 1, 0, 0]);

test("KafkaJS, unpacking a fetch of many batches that each take long, lets others have their turn between two batches", async () => {
  const { events, turns, work } = world(30);
  await unpackerOf(LZ4);
  registerCodecs({
    next: async () => {
      await turns.next();
      work("batch");
    },
  });
  after(() => registerCodecs());
  const batches = Buffer.concat(Array.from({ length: 4 }, () => lz4Batch(RECORD)));
  const message = Buffer.concat([Buffer.alloc(4), batches]);
  message.writeInt32BE(batches.length);
  const require = createRequire(import.meta.url);
  const Decoder = require("kafkajs/src/protocol/decoder.js");
  const decodeMessages = require("kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js");
  const stop = beats(events);
  const records = await decodeMessages(new Decoder(message));
  stop();
  assert.equal(records.length, 4);
  assert.deepEqual(events, ["batch", "beat", "batch", "beat", "batch", "beat", "batch"]);
});
