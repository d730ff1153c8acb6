import assert from "node:assert/strict";
import { test } from "node:test";
import { runShutdown, type ShutdownStep, type StopParts, stopSteps } from "#src/runtime/shutdown.js";
import { quietLog } from "#test/support/quiet.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const HOUR = 3_600_000;
const never = new Promise<never>(() => undefined);

/** Runs the steps, an hour after the process began; `began` says which began when, in milliseconds since then. */
const stopping = async (steps: readonly ShutdownStep[]) => {
  const clock = new VirtualClock();
  await clock.advance(HOUR);
  const began: string[] = [];
  const lines: unknown[] = [];
  const log = { ...quietLog, warn: (fields: object) => void lines.push(fields) };
  const logged = steps.map((step) => ({
    ...step,
    run: () => {
      began.push(`${step.name} ${clock.elapsed() - HOUR}`);
      return step.run();
    },
  }));
  const result = runShutdown(logged, { clock, log });
  return { clock, began, lines, result };
};

test("the steps run in order, each when the one before is over", async () => {
  const clock = new VirtualClock();
  const began: string[] = [];
  const step = (name: string): ShutdownStep => ({
    name,
    byMs: 1_000,
    run: () => {
      began.push(`${name} ${clock.elapsed()}`);
      return new Promise<void>((resolve) => void clock.after(100, resolve));
    },
  });
  const result = runShutdown([step("a"), step("b"), step("c")], { clock, log: quietLog });
  await clock.advance(900);
  assert.deepEqual(began, ["a 0", "b 100", "c 200"]);
  assert.deepEqual(await result, { failed: [] });
  assert.equal(clock.pending, 0, "no deadline stays behind");
});

test("a step that hangs is left at its deadline, counted from the start of the stop", async () => {
  const { clock, began, lines, result } = await stopping([
    { name: "hangs", byMs: 700, run: () => never },
    { name: "hangs too", byMs: 800, run: () => never },
    { name: "last", byMs: 900, run: async () => undefined },
  ]);
  await clock.advance(1_000);
  assert.deepEqual(began, ["hangs 0", "hangs too 700", "last 800"]);
  assert.deepEqual(await result, { failed: ["hangs", "hangs too"] });
  assert.deepEqual(lines, [
    { step: "hangs", byMs: 700 },
    { step: "hangs too", byMs: 800 },
  ]);
});

test("a step that fails, at once or later, stops none of the others", async () => {
  const errors = [new Error("at once"), new Error("later")];
  const { clock, began, lines, result } = await stopping([
    {
      name: "throws",
      byMs: 100,
      run: () => {
        throw errors[0];
      },
    },
    { name: "rejects", byMs: 200, run: () => Promise.reject(errors[1]) },
    { name: "last", byMs: 300, run: async () => undefined },
  ]);
  await clock.advance(1_000);
  assert.deepEqual(began, ["throws 0", "rejects 0", "last 0"]);
  assert.deepEqual(await result, { failed: ["throws", "rejects"] });
  assert.deepEqual(lines, [
    { step: "throws", error: errors[0] },
    { step: "rejects", error: errors[1] },
  ]);
});

test("a stop finishes mails and dead letters, commits within a tenth, leaves the group, and closes before its time is up", async () => {
  const done: string[] = [];
  const part = (name: string) => async (withinMs?: number) => void done.push([name, withinMs].join(" ").trim());
  const parts: StopParts = {
    finishMails: part("mails"),
    finishDeadLetters: part("letters"),
    commit: part("commit"),
    leaveGroup: part("group"),
    finishRecords: part("records"),
    closeConnections: part("connections"),
  };
  const steps = stopSteps(parts, 10_000);
  await runShutdown(steps, { clock: new VirtualClock(), log: quietLog });
  assert.deepEqual(done, ["mails", "letters", "commit 1000", "group", "records 1000", "connections"]);
  const deadlines = steps.map(({ byMs }) => byMs);
  assert.deepEqual(
    deadlines,
    [...deadlines].sort((a, b) => a - b),
  );
  assert.ok((deadlines.at(-1) ?? 0) < 10_000);
  const { finishRecords: _, ...without } = parts;
  assert.equal(stopSteps(without, 10_000).length, steps.length - 1);
});
