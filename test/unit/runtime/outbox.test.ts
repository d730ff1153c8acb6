import assert from "node:assert/strict";
import { test } from "node:test";
import { wallTime } from "#src/core/time.js";
import type { MailJob } from "#src/runtime/mail-job.js";
import type { Digest, WindowDeadLetter } from "#src/runtime/ports.js";
import { SECOND_0, settled } from "#test/support/virtual-clock.js";
import { WHY, workerBench } from "#test/support/worker-bench.js";

const [A, B] = ["a@example.org", "b@example.org"];

test("each window that closes is counted once: by what it closed, how late, with how many alerts", () => {
  const { worker, closed, read } = workerBench();
  read(["a", 991], ["a", 992], ["b", 1055]);
  assert.deepEqual(closed, [["stream_time", 80, 2]]);
  worker.knownEnd(wallTime(SECOND_0 + 1_100_000), 3);
  assert.deepEqual(closed.slice(1), [["wall_clock", 20, 1]]);
});

test("a window that was held is not counted as one that closed late", () => {
  const { worker, closed, read, accept, commit } = workerBench({ repeatIntervalsMs: [90_000] });
  read(["a", 901], ["a", 931], ["b", 992]);
  accept(0);
  commit();
  assert.equal(closed.length, 1);
  worker.letHeldGo();
  assert.equal(closed.length, 1);
});

test("once a log was cut off, a mail does not take its Message-ID from an offset that another record has now", () => {
  const { worker, asked, read, started, digest } = workerBench();
  read(["a", 1091], ["b", 1092]);
  worker.cutOff(1);
  assert.deepEqual(started(), ["a: 0", "b: 1"], "what was read still reaches its readers");
  assert.deepEqual(
    [0, 1].map((index) => digest(index).idOffset),
    [0, -2],
  );
  assert.ok(asked.commits > 0);
  assert.deepEqual(worker.checkpoint(0).position <= 1, true, "nothing from there on is told");
});

test("a mail says since when its faults last, and what else of its device goes on; a plain one is no repetition", () => {
  const { read, digest, accept, commit } = workerBench();
  const at = (seconds: number) => SECOND_0 + seconds * 1000;
  read(["a", 991, { type: "HOT" }], ["a", 992, { type: "LOW" }], ["b", 1022]);
  const first = digest(0);
  assert.deepEqual(Object.fromEntries(first.began ?? []), { HOT: at(991), LOW: at(992) });
  assert.deepEqual([first.beside, first.repeats, first.mayBeNews], [undefined, undefined, undefined]);
  accept(0);
  commit();
  read(["a", 1023, { type: "HOT", status: "resolved" }], ["b", 1055]);
  const { began, beside } = digest(2);
  assert.deepEqual(Object.fromEntries(began ?? []), { HOT: at(991) });
  assert.deepEqual(beside, { types: 1, worst: "warning", since: at(992) });
});

test("what some have is known to the next owner, is a mail that a crash would repeat, and asks for a commit", () => {
  const { worker, asked, read, keep, commit } = workerBench();
  read(["a", 991], ["b", 1055]);
  const job = keep(0);
  const { commits } = asked;
  job.reached([A]);
  assert.deepEqual(job.missing([A, B]), [B]);
  assert.deepEqual([worker.unconfirmed, worker.settledCount, worker.changed], [1, 1, true]);
  assert.ok(asked.commits > commits);
  commit();
  assert.deepEqual([worker.unconfirmed, worker.changed], [0, false]);
});

test("a mail that some have lets its device's next one go once that is committed, and once only", () => {
  const { worker, read, started, keep, accept, commit } = workerBench();
  read(["a", 991], ["a", 1021], ["b", 1055]);
  const job = keep(0);
  job.reached([A]);
  job.passed();
  assert.deepEqual(started(), ["a: 0"], "a commit has to tell of it first");
  commit();
  assert.deepEqual(started(), ["a: 0", "a: 1"]);
  assert.equal(worker.settledCount, 2);
  accept(1);
  commit();
  job.accepted(job.compose());
  read(["a", 1056], ["b", 1095]);
  assert.deepEqual(started().slice(2), ["b: 2", "a: 3"], "what it waited for was told long ago");
});

test("a lost partition counts what becomes of its mails, and starts no other", () => {
  const { worker, read, started, keep, accept } = workerBench({ catchUpAfterMs: Number.POSITIVE_INFINITY });
  read(["a", 991], ["a", 1021], ["c", 992], ["b", 1055]);
  assert.deepEqual(started(), ["a: 0", "c: 2"]);
  worker.lose();
  accept(0);
  keep(1).passed();
  assert.deepEqual([started(), worker.settledCount], [["a: 0", "c: 2"], 2]);
});

test("the dead letter of several windows says how often the one of its alerts was redriven that was most often", async () => {
  const letters: WindowDeadLetter[] = [];
  const write = async (letter: object) => void letters.push(letter as WindowDeadLetter);
  const { jobs, read, started, commit } = workerBench({ start: { readTo: 4, settled: [[0, 0]] }, write });
  read(["a", 1], ["a", 31, {}, { redrives: 2 }], ["a", 61], ["b", 95]);
  commit();
  assert.deepEqual(started(), ["a: 1 2"]);
  const job = jobs[0] as MailJob;
  job.undeliverable(job.compose() as Digest, WHY, false);
  await settled();
  assert.deepEqual(
    letters.map(({ redrives, offsetRuns }) => [redrives, offsetRuns]),
    [[2, [[1, 2]]]],
  );
});
