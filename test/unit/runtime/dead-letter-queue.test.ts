import assert from "node:assert/strict";
import { test } from "node:test";
import { type DeadLetter, DeadLetterQueue } from "#src/runtime/dead-letter-queue.js";
import type { RecordDeadLetter } from "#src/runtime/ports.js";
import { refusedWindow } from "#test/support/dead-letter-desk.js";
import { quietLog, recordingMetrics } from "#test/support/quiet.js";
import { settled, VirtualClock } from "#test/support/virtual-clock.js";

const letter = (offset: number): RecordDeadLetter => ({
  kind: "record",
  stage: "decode",
  reason: "not-json",
  detail: "",
  topic: "alerts",
  partition: 0,
  offset,
  timestampMs: 0,
  key: null,
  value: Buffer.from("{"),
});

const setup = () => {
  const clock = new VirtualClock(0);
  const { metrics, calls } = recordingMetrics();
  const bench = {
    clock,
    calls,
    written: [] as number[],
    told: [] as DeadLetter[],
    attempts: [] as { offset: number; at: number }[],
    most: 0,
    fails: (_offset: number): boolean => false,
    wanted: true,
    queue: undefined as unknown as DeadLetterQueue,
    submit: (offset: number): void =>
      bench.queue.submit(
        () => letter(offset),
        { isWanted: () => bench.wanted, attemptStarted: () => undefined, attemptEnded: () => undefined },
        () => bench.written.push(offset),
      ),
  };
  let inFlight = 0;
  bench.queue = new DeadLetterQueue({
    sink: {
      write: (each) =>
        new Promise((resolve, reject) => {
          const { offset } = each as RecordDeadLetter;
          bench.attempts.push({ offset, at: clock.elapsed() });
          bench.most = Math.max(bench.most, ++inFlight);
          clock.after(10, () => {
            inFlight--;
            if (bench.fails(offset)) reject(new Error("topic is away"));
            else resolve({ partition: 2, offset });
          });
        }),
    },
    metrics,
    clock,
    log: quietLog,
    random: () => 1,
    onWritten: (each) => bench.told.push(each),
  });
  return bench;
};

test("each letter is written once and told once, 64 at a time", async () => {
  const bench = setup();
  for (let offset = 0; offset < 500; offset++) bench.submit(offset);
  await bench.clock.advance(1_000);
  assert.deepEqual(
    bench.written.sort((a, b) => a - b),
    Array.from({ length: 500 }, (_, i) => i),
  );
  assert.equal(bench.attempts.length, 500);
  assert.equal(bench.told.length, 500);
  assert.equal(bench.most, 64);
  assert.equal(bench.calls.filter((call) => call === "deadLetter decode not-json").length, 500);
});

test("a letter that cannot be written is tried for ever with growing pauses, and holds back no other", async () => {
  const bench = setup();
  bench.fails = (offset) => offset === 0;
  bench.submit(0);
  bench.submit(1);
  await bench.clock.advance(100_000);
  assert.deepEqual(bench.written, [1]);
  assert.equal(bench.told.length, 1);
  const pauses = bench.attempts.filter(({ offset }) => offset === 0).map(({ at }) => at);
  assert.deepEqual(pauses.slice(0, 5), [0, 510, 1_520, 3_530, 7_540]);
  bench.fails = () => false;
  await bench.clock.advance(30_100);
  assert.deepEqual(bench.written, [1, 0]);
});

test("a letter of a partition that was lost is not written any more, nor told when it was under way", async () => {
  const bench = setup();
  bench.fails = () => true;
  bench.submit(0);
  await bench.clock.advance(100);
  bench.fails = () => false;
  bench.submit(1);
  bench.wanted = false;
  await bench.clock.advance(10_000);
  assert.deepEqual(
    bench.attempts.map(({ offset }) => offset),
    [0, 1],
  );
  // What the topic has is a fact, whoever owns the partition now.
  assert.deepEqual(bench.written, [1]);
});

test("draining waits for the writes under way, starts no other, and leaves no timer", async () => {
  const bench = setup();
  bench.fails = (offset) => offset < 2;
  bench.submit(0);
  await bench.clock.advance(100);
  bench.submit(1);
  bench.submit(2);
  let drained = false;
  const done = bench.queue.drain().then(() => {
    drained = true;
  });
  await settled();
  assert.equal(drained, false);
  await bench.clock.advance(10);
  await done;
  bench.submit(3);
  await bench.clock.advance(100_000);
  assert.deepEqual(bench.written, [2]);
  assert.equal(bench.attempts.length, 3);
  assert.equal(bench.clock.pending, 0);
});

test("alerts of a window's letter are counted by severity, the folded ones too; of a record's nothing is known", async () => {
  const bench = setup();
  const window = refusedWindow("alerts", { device: "boiler", firstOffset: 0, count: 7, listed: 3 });
  const listed = window.digest.listed.map((one, index) => ({
    ...one,
    alert: { ...one.alert, severity: index === 0 ? ("critical" as const) : ("warning" as const) },
  }));
  const owner = { isWanted: () => true, attemptStarted: () => undefined, attemptEnded: () => undefined };
  bench.queue.submit(
    () => ({ ...window, digest: { ...window.digest, listed } }),
    owner,
    () => undefined,
  );
  bench.submit(1);
  await bench.clock.advance(1_000);
  assert.deepEqual(
    bench.calls.filter((call) => call.startsWith("alertsDeadLettered")),
    ["alertsDeadLettered warning 6", "alertsDeadLettered critical 1"],
  );
});
