/** What a partition says of itself: whether anything is under way, whether its mails may go, what its commits tell. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { MailOwner } from "#src/runtime/mail-job.js";
import { settled } from "#test/support/virtual-clock.js";
import { workerBench } from "#test/support/worker-bench.js";

const unreadable = ["x", 1_066, {}, { value: Buffer.from("no JSON") }] as const;

test("a partition is quiet while nothing of it is under way, and waits for answers where they free memory", async () => {
  let answer: { readonly yes: () => void; readonly no: () => void } | undefined;
  const write = () =>
    new Promise<undefined>((resolve, reject) => {
      answer = { yes: () => resolve(undefined), no: () => reject(new Error("no")) };
    });
  const { worker, clock, read, accept } = workerBench({ write });
  const owner: MailOwner = worker;
  const said: unknown[] = [];
  const note = (what: string) => said.push([what, worker.isQuiet, worker.waitsForAnswers, worker.inFlight]);
  note("nothing was read");
  read(["a", 1_030]);
  note("a window is open");
  read(["b", 1_065]);
  note("one is closed");
  owner.attemptStarted();
  note("its mail is being sent");
  accept(0);
  note("is accepted, and not over");
  owner.attemptEnded();
  note("is over");
  read(unreadable);
  note("a dead letter is being written");
  answer?.no();
  await settled();
  note("it waits for its next attempt");
  await clock.advance(60_000);
  answer?.yes();
  await settled();
  note("it is written");
  assert.deepEqual(said, [
    ["nothing was read", true, false, 0],
    ["a window is open", true, false, 0],
    ["one is closed", false, true, 0],
    ["its mail is being sent", false, true, 1],
    ["is accepted, and not over", false, false, 1],
    ["is over", true, false, 0],
    ["a dead letter is being written", false, true, 1],
    ["it waits for its next attempt", false, true, 0],
    ["it is written", true, false, 0],
  ]);
});

test("what nobody can read is committed once its dead letter is written", async () => {
  let written: () => void = () => undefined;
  const write = () => new Promise<undefined>((resolve) => (written = () => resolve(undefined)));
  const { worker, asked, read, commit } = workerBench({ write });
  read(unreadable);
  commit();
  assert.equal(worker.committed?.offset, 0);
  const { commits } = asked;
  written();
  await settled();
  assert.ok(asked.commits > commits);
  commit();
  assert.equal(worker.committed?.offset, 1);
});

test("a mail may start or go on while its partition is active, the group's lease lasts, and it is not lost", () => {
  const { worker, group } = workerBench();
  const may = (isActive: boolean | undefined, hasLease: boolean) => {
    if (isActive !== undefined) worker.setActive(isActive);
    group.hasLease = hasLease;
    return [worker.mayStart(), worker.mayGoOn()];
  };
  assert.deepEqual(may(undefined, true), [false, false], "who owns it is not settled yet");
  assert.deepEqual(may(true, true), [true, true]);
  assert.deepEqual(may(true, false), [false, false]);
  assert.deepEqual(may(false, true), [false, false]);
  assert.deepEqual(may(true, true), [true, true]);
  worker.lose();
  assert.deepEqual([worker.isWanted(), worker.mayStart(), worker.mayGoOn()], [false, false, false]);
});

test("no mail starts while a crash could repeat too many, those under way go on", () => {
  const { worker, read, accept, commit } = workerBench();
  worker.setActive(true);
  read(["a", 991], ["b", 1_055]);
  worker.attemptStarted();
  worker.attemptStarted();
  assert.deepEqual([worker.mayStart(), worker.mayGoOn()], [false, true]);
  accept(0);
  worker.attemptEnded();
  worker.attemptEnded();
  assert.equal(worker.mayStart(), true);
  worker.attemptStarted();
  assert.equal(worker.mayStart(), false, "one is being sent, one is in no commit");
  commit();
  assert.equal(worker.mayStart(), true);
});

test("the next owner is told to wait where the partition is handed over with mails in flight", () => {
  const announced = (handingOver: boolean, isInFlight: boolean) => {
    const { worker, commit } = workerBench();
    if (isInFlight) worker.attemptStarted();
    commit(handingOver);
    return worker.announced;
  };
  const told = [false, true].flatMap((handingOver) =>
    [false, true].map((isInFlight) => [handingOver, isInFlight, announced(handingOver, isInFlight)]),
  );
  assert.deepEqual(told, [
    [false, false, false],
    [false, true, false],
    [true, false, false],
    [true, true, true],
  ]);
});

test("what the log says of a record's leader is known; without its word nothing is", () => {
  const { worker, read } = workerBench();
  read(["a", 1_090], ["a", 1_091, {}, { leaderEpoch: 7 }]);
  assert.deepEqual(
    [0, 1].map((offset) => worker.source.epochOf(offset)),
    [undefined, 7],
  );
  assert.deepEqual(worker.checkpoint(0).epochs, [{ epoch: 7, offset: 1 }]);
});

test("what a device is called is read in its last alert, unless that is too long to be looked at", () => {
  const { worker, jobs, read } = workerBench();
  read(["a", 991, { deviceName: "Boiler" }], ["b", 1_055]);
  const [job] = jobs;
  const window = job?.mail?.windows[0];
  assert.ok(job !== undefined && window !== undefined);
  const { bytes } = job.size();
  assert.deepEqual([worker.lastName(window, bytes), worker.lastName(window, bytes - 1)], ["Boiler", undefined]);
});

test("what was read is to be committed, also after a commit that failed, and what the end of the log closes", () => {
  const said = [1_065, 1_099].map((seconds) => {
    const { worker, clock, read, commit } = workerBench();
    const isChanged: boolean[] = [];
    commit();
    isChanged.push(worker.changed);
    read(["a", seconds]);
    isChanged.push(worker.changed);
    worker.sendCommit(false);
    worker.commitFailed();
    isChanged.push(worker.changed);
    commit();
    worker.knownEnd(clock.now(), 1);
    return [...isChanged, worker.changed];
  });
  assert.deepEqual(said, [
    [false, true, true, true],
    [false, true, true, false],
  ]);
});

test("what was deleted before it was read ends what is known of faults", () => {
  const { worker, read, digest } = workerBench();
  read(["a", 991, { type: "HOT" }]);
  worker.missed(5);
  worker.take([], 5);
  read(["a", 992, { type: "HOT" }], ["b", 1_055]);
  assert.deepEqual([...(digest(0).began ?? [])], []);
});

/** Of twenty devices each other's mail is settled: a checkpoint has to tell which. The others' wait for one reader each, are held, or are under way. */
const crowded = (what: "passed" | "held" | "under way", chars: number) => {
  const bench = workerBench({ chars, ...(what === "held" && { repeatIntervalsMs: [90_000] }) });
  const { jobs, read, keep, accept, commit } = bench;
  const devices = Array.from({ length: 20 }, (_, i) => `d${String(i)}`);
  if (what === "held") {
    read(...devices.filter((_, i) => i % 2 === 1).map((device) => [device, 901] as const), ["last", 935]);
    for (const index of [...jobs.keys()]) accept(index);
    commit();
  }
  const before = jobs.length;
  read(...devices.map((device) => [device, 936] as const), ["last", 970]);
  for (const index of [...jobs.keys()].slice(before)) {
    const isOther = Number(jobs[index]?.deviceId.slice(1)) % 2 === 1;
    if (!isOther) accept(index);
    else if (what === "passed") {
      const job = keep(index);
      job.reached(["a@x"]);
      job.passed();
    }
  }
  return bench;
};

test("a checkpoint that is nearly full lets go whoever is waited for, and what is held; one with room lets nothing go", () => {
  const seen = (["passed", "held", "under way"] as const).flatMap((what) =>
    [4_096, 60].map((chars) => {
      const { worker, jobs, shed, commit } = crowded(what, chars);
      const before = jobs.length;
      commit();
      commit();
      return [what, chars, worker.checkpointFill >= 0.6, shed.length > 0, jobs.length > before];
    }),
  );
  assert.deepEqual(seen, [
    ["passed", 4_096, false, false, false],
    ["passed", 60, true, true, false],
    ["held", 4_096, false, false, false],
    ["held", 60, true, false, true],
    ["under way", 4_096, false, false, false],
    ["under way", 60, true, false, false],
  ]);
});

test("without any room there is no checkpoint, and none that is too full", () => {
  const { worker } = crowded("passed", 0);
  assert.equal(worker.sendCommit(false).request.metadata, "");
  assert.equal(worker.checkpointFill, 0);
});

test("a checkpoint is as long as the one that was read at the start, until it is made anew", () => {
  const metadata = "x".repeat(321);
  const { worker, commit } = workerBench({ committed: { partition: 0, offset: 0, metadata } });
  assert.equal(worker.checkpointBytes, 321);
  commit();
  assert.equal(worker.checkpointBytes, worker.committed?.metadata.length);
  assert.equal(workerBench().worker.checkpointBytes, 0);
});
