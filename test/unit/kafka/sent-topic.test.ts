import assert from "node:assert/strict";
import { test } from "node:test";
import type { EncodedSent } from "#src/kafka/sent-record.js";
import { QUEUE_MAX, SentTopic, WAIT_MS } from "#src/kafka/sent-topic.js";
import type { Digest } from "#src/runtime/ports.js";
import { recordingMetrics } from "#test/support/quiet.js";
import { sentMail } from "#test/support/sent-mail.js";
import { settled, VirtualClock } from "#test/support/virtual-clock.js";

type Answer = "written" | "refused" | Error;

/** A topic whose writes wait for the test to end them, or `answer` ends them at once. */
const setup = () => {
  const clock = new VirtualClock();
  const { metrics, calls } = recordingMetrics();
  const lines: string[] = [];
  const world = {
    clock,
    calls,
    lines,
    answer: ((): Answer | undefined => "written") as (records: readonly EncodedSent[]) => Answer | undefined,
    writes: [] as { readonly records: readonly EncodedSent[]; end(answer: Answer): Promise<void> }[],
    opened: Promise.resolve() as Promise<void>,
    closed: 0,
    /** Devices on record, in order. */
    get written(): string[] {
      return written;
    },
    topic: undefined as unknown as SentTopic,
    /** Puts a mail of that device on record; says whether the mail still waits. */
    record(device: string) {
      const state = { waits: true };
      void world.topic
        .record(sentMail({ content: { ...(sentMail().content as Digest), deviceId: device } }))
        .then(() => {
          state.waits = false;
        });
      return state;
    },
  };
  const written: string[] = [];
  const line = (level: string) => (_: unknown, text: string) => void lines.push(`${level} ${text}`);
  world.topic = new SentTopic({
    writer: {
      open: () => world.opened,
      write: (records) =>
        new Promise((resolve, reject) => {
          const end = async (answer: Answer): Promise<void> => {
            if (answer === "written") written.push(...records.map(({ key }) => key));
            if (answer instanceof Error) reject(answer);
            else resolve(answer);
            await settled();
          };
          world.writes.push({ records, end });
          const answer = world.answer(records);
          if (answer !== undefined) void end(answer);
        }),
      close: async () => void world.closed++,
    },
    topic: "sent",
    source: { group: "g", instance: "i" },
    metrics,
    clock,
    log: { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") },
    random: () => 1,
  });
  return world;
};

const waiting = (): undefined => undefined;
const away = (): Answer => new Error("no leader");

test("a mail waits until it is on record; what comes meanwhile is the next write", async () => {
  const world = setup();
  world.answer = waiting;
  const first = world.record("a");
  const second = world.record("b");
  const third = world.record("c");
  await settled();
  assert.deepEqual([first.waits, second.waits, world.writes.length], [true, true, 1]);
  await world.writes[0]?.end("written");
  assert.deepEqual([first.waits, second.waits, third.waits], [false, true, true]);
  await world.writes[1]?.end("written");
  assert.deepEqual([second.waits, third.waits], [false, false]);
  assert.deepEqual(world.written, ["a", "b", "c"]);
  assert.deepEqual(world.calls, ["sentRecords written 1", "sentRecords written 2"]);
  assert.equal(world.clock.pending, 0);
});

test("a record that comes at the very end of a write is written too", async () => {
  for (let turns = 0; turns < 20; turns++) {
    const world = setup();
    world.answer = waiting;
    world.record("a");
    await settled();
    world.answer = () => "written";
    const ended = world.writes[0]?.end("written");
    // Everything that follows a write takes fewer turns than this, so one of the worlds hits each of them.
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    const mail = world.record("b");
    await ended;
    await settled();
    assert.deepEqual([mail.waits, world.written], [false, ["a", "b"]], `after ${turns} turns`);
  }
});

test("a topic that is late holds a mail up for a second, and the next ones not at all until a write was in time", async () => {
  const world = setup();
  world.answer = waiting;
  const first = world.record("a");
  await world.clock.advance(WAIT_MS - 1);
  assert.ok(first.waits);
  await world.clock.advance(1);
  assert.ok(!first.waits);
  const second = world.record("b");
  await settled();
  assert.ok(!second.waits);
  // The late one succeeds at last: that was not in time.
  await world.writes[0]?.end("written");
  const third = world.record("c");
  await settled();
  assert.ok(!third.waits);
  await world.writes[1]?.end("written");
  const fourth = world.record("d");
  await settled();
  assert.ok(fourth.waits, "the topic is as fast as it was");
  await world.writes[2]?.end("written");
  await world.writes[3]?.end("written");
  assert.ok(!fourth.waits);
  assert.deepEqual(world.written, ["a", "b", "c", "d"]);
});

test("a topic that is away holds nothing up; everything is written in order when it is back", async () => {
  const world = setup();
  world.answer = away;
  const mails = ["a", "b", "c"].map((device) => world.record(device));
  await settled();
  assert.deepEqual(
    mails.map(({ waits }) => waits),
    [false, false, false],
  );
  const late = world.record("d");
  await settled();
  assert.ok(!late.waits);
  await world.clock.advance(120_000);
  assert.ok(world.writes.length >= 8 && world.writes.length <= 20, `${world.writes.length} attempts in two minutes`);
  const told = world.lines.filter((line) => line.startsWith("warn sent mails cannot be put on record")).length;
  assert.ok(told >= 2 && told <= 5, `${told} lines in two minutes`);
  world.answer = () => "written";
  await world.clock.advance(15_000);
  assert.deepEqual(world.written, ["a", "b", "c", "d"]);
  assert.equal(world.lines.at(-1), "info sent mails are put on record again");
  const next = world.record("e");
  await settled();
  assert.ok(!next.waits);
  assert.deepEqual(world.written.at(-1), "e");
});

test("it knows for how long the oldest record has waited, of those being written too", async () => {
  const world = setup();
  assert.equal(world.topic.oldestWaitingMs, 0);
  world.answer = waiting;
  world.record("a");
  await world.clock.advance(2_000);
  world.record("b");
  await world.clock.advance(3_000);
  assert.equal(world.topic.oldestWaitingMs, 5_000);
  await world.writes[0]?.end("written");
  assert.equal(world.topic.oldestWaitingMs, 3_000);
  await world.writes[1]?.end("written");
  assert.equal(world.topic.oldestWaitingMs, 0);
});

test("the same batch is tried again: the broker can tell that it has it", async () => {
  const world = setup();
  let failures = 2;
  world.answer = () => (failures-- > 0 ? new Error("timed out") : "written");
  world.record("a");
  await settled();
  world.record("b");
  await world.clock.advance(5_000);
  const keys = world.writes.map(({ records }) => records.map(({ key }) => key).join(" "));
  assert.deepEqual(keys, ["a", "a", "a", "b"]);
});

test("at most 10,000 records wait; the rest is dropped and counted, told of once", async () => {
  const world = setup();
  world.answer = waiting;
  world.record("first");
  await world.clock.advance(WAIT_MS);
  for (let index = 0; index < QUEUE_MAX + 20; index++) world.record(`d${index}`);
  await settled();
  const dropped = world.calls.filter((call) => call === "sentRecords dropped 1").length;
  assert.equal(dropped, 21);
  assert.equal(world.lines.filter((line) => line.includes("too many wait")).length, 1);
  world.answer = () => "written";
  await world.writes[0]?.end("written");
  await world.clock.advance(0);
  assert.equal(world.written.length, QUEUE_MAX);
});

test("a batch that is refused is halved; a record that is refused alone is given up", async () => {
  const world = setup();
  world.answer = waiting;
  const mails = [world.record("a")];
  for (const device of ["b", "huge", "c", "d"]) mails.push(world.record(device));
  await settled();
  world.answer = (records) => (records.some(({ key }) => key === "huge") ? "refused" : "written");
  await world.writes[0]?.end("written");
  assert.deepEqual(world.written, ["a", "b", "c", "d"]);
  assert.deepEqual(
    mails.map(({ waits }) => waits),
    [false, false, false, false, false],
  );
  assert.ok(world.calls.includes("sentRecords failed 1"));
});

test("a stop writes what waits, without the pauses", async () => {
  const world = setup();
  world.answer = away;
  world.record("a");
  await world.clock.advance(60_000);
  world.answer = () => "written";
  const stopped = world.topic.drain(5_000);
  await world.clock.advance(300);
  await stopped;
  assert.deepEqual([world.written, world.closed], [["a"], 1]);
});

test("a stop ends when its time is over, and what is lost is counted and said", async () => {
  const world = setup();
  world.answer = waiting;
  for (const device of ["a", "b", "c"]) world.record(device);
  const stopped = world.topic.drain(2_000);
  let ended = false;
  void stopped.then(() => {
    ended = true;
  });
  await world.clock.advance(1_999);
  assert.ok(!ended);
  await world.clock.advance(1);
  await stopped;
  assert.equal(world.calls.at(-1), "sentRecords failed 3");
  assert.match(world.lines.at(-1) ?? "", /did not take them before the stop/);
  await world.writes[0]?.end("written");
  assert.ok(!world.calls.includes("sentRecords written 1"), "counted once");
  const late = world.record("late");
  await settled();
  assert.ok(!late.waits);
  assert.equal(world.clock.pending, 0);
});

test("a topic that cannot be opened is known to be away before the first mail", async () => {
  const world = setup();
  world.opened = Promise.reject(new Error("no right to create it"));
  await world.topic.start();
  world.answer = waiting;
  const mail = world.record("a");
  await settled();
  assert.ok(!mail.waits);
  assert.match(world.lines[0] ?? "", /cannot be put on record/);
});
