import assert from "node:assert/strict";
import { test } from "node:test";
import type { Severity } from "#src/core/alert.js";
import { wallTime } from "#src/core/time.js";
import type { MailJob } from "#src/runtime/mail-job.js";
import type { Digest } from "#src/runtime/ports.js";
import { SECOND_0, settled } from "#test/support/virtual-clock.js";
import { WHY, workerBench } from "#test/support/worker-bench.js";

test("a window's mail starts when the window closes; the device's next one once a commit has the previous one", () => {
  const { worker, asked, read, started, accept, commit } = workerBench();
  read(["a", 991], ["a", 1021], ["b", 1022], ["b", 1061]);
  assert.deepEqual(started(), ["a: 0", "b: 2"]);
  const underWay = worker.sendCommit(false);
  accept(0);
  worker.commitConfirmed(underWay);
  assert.deepEqual(started(), ["a: 0", "b: 2"], "that commit was made before");
  assert.ok(asked.commits > 0 && worker.changed && worker.awaitsCommit);
  worker.sendCommit(false);
  worker.commitFailed();
  assert.equal(started().length, 2);
  commit();
  assert.deepEqual(started(), ["a: 0", "b: 2", "a: 1"]);
  assert.equal(worker.awaitsCommit, false);
});

test("windows that close together are handed over in slices, in their order; of a lost partition no further one", async () => {
  const windows = Array.from({ length: 7 }, (_, device) => `d${device}: ${device}`);
  const close = () => {
    const one = workerBench({ slice: 4 });
    one.read(...windows.map((_, device) => [`d${device}`, 1000] as const));
    one.worker.knownEnd(wallTime(SECOND_0 + 1_100_000), windows.length);
    return one;
  };
  const { clock, started } = close();
  assert.deepEqual(started(), [], "the windows are counted first");
  await clock.step();
  assert.deepEqual(started(), windows.slice(0, 1));
  await clock.step();
  assert.deepEqual(started(), windows.slice(0, 5));
  while (await clock.step());
  assert.deepEqual(started(), windows);

  const lost = close();
  await lost.clock.step();
  lost.worker.lose();
  while (await lost.clock.step());
  assert.deepEqual(lost.started(), windows.slice(0, 1));
});

test("a window that closes while its device's previous mail is accepted and not committed waits too, others do not", () => {
  const { read, started, accept, commit } = workerBench();
  read(["a", 991], ["b", 1022]);
  accept(0);
  read(["a", 1023], ["b", 1055]);
  assert.deepEqual(started(), ["a: 0", "b: 1"]);
  commit();
  assert.deepEqual(started(), ["a: 0", "b: 1", "a: 2"]);
  read(["a", 1056], ["b", 1095]);
  accept(2);
  commit();
  assert.deepEqual(started().slice(3), ["a: 4"]);
});

test("what was held leaves with the mails of the moment, whenever its windows ended", async () => {
  const { worker, clock, jobs, read, accept, commit } = workerBench({ repeatIntervalsMs: [90_000] });
  read(["a", 901], ["b", 902], ["a", 931], ["b", 961], ["c", 992]);
  accept(0);
  accept(1);
  commit();
  assert.equal(jobs.length, 2, "the others are held, or open");
  const now = clock.now();
  worker.knownEnd(now, 5);
  commit();
  const ends = jobs.slice(2).map(({ deviceId, windowEnd, leavesWith }) => [deviceId, windowEnd, leavesWith]);
  const leavesWith = Math.floor(now / 30_000) * 30_000;
  assert.deepEqual(ends, [
    ["c", SECOND_0 + 1_020_000, undefined],
    ["a", SECOND_0 + 960_000, leavesWith],
    ["b", SECOND_0 + 990_000, leavesWith],
  ]);
});

test("every alert that a mail of its own would list is timed, also where a fleet mail lists fewer", () => {
  const { jobs, mailedAfter, read } = workerBench();
  read(["a", 991], ["a", 992], ["a", 993], ["b", 1055]);
  const job = jobs[0] as MailJob;
  const digest = job.compose() as Digest;
  job.accepted({ ...digest, listed: digest.listed.slice(0, 1) });
  assert.deepEqual(mailedAfter, [109, 108, 107]);
});

test("after a dead letter the device's next mail waits for a commit as well", async () => {
  const { jobs, read, started, commit } = workerBench();
  read(["a", 991], ["a", 1022], ["b", 1055]);
  const job = jobs[0] as MailJob;
  const digest = job.compose();
  jobs[0] = { ...job, compose: () => digest };
  job.undeliverable(digest, WHY, false);
  await settled();
  assert.deepEqual(started(), ["a: 0"]);
  commit();
  assert.deepEqual(started(), ["a: 0", "a: 1"]);
});

test("merged windows start once a commit has told how far was read, and not before", () => {
  const { asked, read, started, commit } = workerBench({ start: { readTo: 4, settled: [[0, 0]] } });
  read(["a", 1], ["a", 31], ["a", 61], ["b", 95]);
  assert.deepEqual([started(), asked.commits], [[], 1]);
  commit();
  assert.deepEqual(started(), ["a: 1 2"]);
});

test("with one mail per window, always, none waits for a commit", () => {
  const { read, started, accept } = workerBench({ catchUpAfterMs: Number.POSITIVE_INFINITY });
  read(["a", 1], ["a", 31], ["b", 65]);
  accept(0);
  assert.deepEqual(started(), ["a: 0", "a: 1"]);
});

test("a lost partition starts none of the mails that wait for a commit", () => {
  const { worker, read, started, accept } = workerBench();
  read(["a", 991], ["a", 1021], ["b", 1055]);
  accept(0);
  const request = worker.sendCommit(false);
  worker.lose();
  worker.commitConfirmed(request);
  assert.deepEqual(started(), ["a: 0"]);
});

test("mails that a replay holds back are no answers to wait for; paused, it lets them go before it closes anything early", () => {
  const { worker, read, started } = workerBench({ start: { readTo: 100 } });
  read(["a", 961], ["b", 995]);
  assert.deepEqual([worker.read.windowsPending, worker.windowsUnderWay, worker.waitsForAnswers], [1, 0, false]);
  worker.closeDueWhilePaused();
  assert.deepEqual(started(), ["a: 0"]);
  assert.deepEqual([worker.read.windowsOpen, worker.windowsUnderWay, worker.read.holdsBack], [1, 1, false]);
  worker.knownEnd(wallTime(SECOND_0 + 1_030_000), 2);
  assert.deepEqual(started(), ["a: 0", "b: 1"]);
});

test("urgent is what is at least as severe as URGENT_SEVERITY says, unless it tells that something is over", () => {
  const urgent = (urgentSeverity: Severity | undefined): string[] => {
    const { read, started } = workerBench({ urgentSeverity });
    read(["info", 991, { severity: "info" }], ["warning", 991], ["critical", 991, { severity: "critical" }]);
    read(["resolved", 991, { severity: "critical", status: "resolved" }]);
    return started().map((mail) => mail.split(":")[0] as string);
  };
  assert.deepEqual(urgent(undefined), []);
  assert.deepEqual(urgent("critical"), ["critical"]);
  assert.deepEqual(urgent("warning"), ["warning", "critical"]);
  assert.deepEqual(urgent("info"), ["info", "warning", "critical"]);
});

test("a mail knows that it is a part of a window, and the rest how many were told before", () => {
  const { jobs, read, accept, commit } = workerBench({ urgentSeverity: "critical" });
  read(["a", 991], ["a", 992, { severity: "critical" }], ["a", 993], ["b", 994]);
  accept(0);
  commit();
  read(["c", 1030]);
  const parts = jobs
    .map((job) => job.compose() as Digest)
    .map(({ deviceId, part, toldEarly }) => [deviceId, part, toldEarly]);
  assert.deepEqual(parts, [
    ["a", "early", undefined],
    ["a", "rest", 2],
    ["b", undefined, undefined],
  ]);
});

test("an early mail that takes along what was held is one, and its window ends in the future", () => {
  const { jobs, urgentMails, read, accept, commit } = workerBench({
    urgentSeverity: "critical",
    repeatIntervalsMs: [90_000],
  });
  read(["a", 901], ["b", 932]);
  accept(0);
  commit();
  read(["a", 933], ["b", 964], ["a", 965, { severity: "critical" }]);
  commit();
  const { part, windowCount, windowEnd, repeats } = (jobs[2] as MailJob).compose() as Digest;
  assert.deepEqual([part, windowCount, windowEnd, repeats], ["early", 2, SECOND_0 + 990_000, 1]);
  assert.deepEqual(urgentMails, []);
  accept(2);
  assert.deepEqual(urgentMails, ["urgent"]);
});

test("of a mail of several windows nobody says that nothing is new after a dead letter, nor that they were late after a restart", async () => {
  const said = (job: MailJob | undefined) => {
    const { windowCount, repeats, mayBeNews } = (job as MailJob).compose() as Digest;
    return [windowCount, repeats, mayBeNews];
  };
  const held = workerBench({ repeatIntervalsMs: [90_000] });
  held.read(["a", 901], ["a", 931], ["a", 961], ["b", 1000]);
  const lost = held.jobs[0] as MailJob;
  lost.undeliverable(lost.compose(), WHY, false);
  await settled();
  held.commit();
  assert.deepEqual(said(held.jobs[1]), [2, 2, true]);
  held.accept(1);
  held.read(["a", 1001], ["a", 1031], ["b", 1099]);
  held.commit();
  held.worker.letHeldGo();
  held.commit();
  assert.deepEqual(said(held.jobs.at(-1)), [2, 2, undefined]);

  const faults = { upTo: 3, heardTo: 0, completeFrom: undefined, devices: [] };
  const again = workerBench({ start: { readTo: 3, faults }, repeatIntervalsMs: [90_000] });
  again.read(["a", 901], ["a", 931], ["b", 1000]);
  again.commit();
  assert.deepEqual(said(again.jobs[0]), [2, undefined, true]);
});

test("a window that was told early in full is committed once it is over, although nothing else happens", () => {
  const { worker, read, accept, commit } = workerBench({ urgentSeverity: "critical" });
  read(["a", 991, { severity: "critical" }]);
  accept(0);
  commit();
  assert.deepEqual([worker.changed, worker.committed?.offset], [false, 0]);
  worker.knownEnd(wallTime(SECOND_0 + 1_030_000), 1);
  assert.equal(worker.changed, true);
  commit();
  assert.equal(worker.committed?.offset, 1);
});

test("an early mail behind a window that is still open is no answer to wait for", () => {
  const { worker, read } = workerBench({ urgentSeverity: "critical" });
  read(["a", 989], ["a", 990.5, { severity: "critical" }]);
  assert.deepEqual([worker.read.windowsPending, worker.waitsForAnswers, worker.read.pendingAlerts], [1, false, 0]);
  worker.closeDueWhilePaused();
  assert.equal(worker.waitsForAnswers, true);
});

test("a record stamped in seconds, or not at all, is of the moment it is read, and counted; the one beside it is not", () => {
  const { worker, counted, read } = workerBench();
  const inSeconds = (SECOND_0 / 1000 - SECOND_0) / 1000;
  const none = (-1 - SECOND_0) / 1000;
  read(["a", inSeconds]);
  assert.equal(worker.read.oldestUnsettledEventTime, SECOND_0 + 1_100_000);
  read(["b", none], ["c", 1_099]);
  assert.deepEqual(
    counted.filter((what) => (what as unknown[])[0] === "timestamp"),
    [["timestamp"], ["timestamp"]],
  );
});

test("alerts of a window are counted by severity, also those that come late", () => {
  const { counted, read } = workerBench();
  read(["a", 991, { severity: "critical" }], ["a", 1061], ["a", 992, { severity: "critical" }], ["b", 1062]);
  read(["b", 1063, { severity: "info" }]);
  assert.deepEqual(counted, [
    ["warning", 2],
    ["critical", 2],
    ["info", 1],
  ]);
});
