import assert from "node:assert/strict";
import { test } from "node:test";
import { Lifecycle } from "#src/app/lifecycle.js";
import type { StopParts } from "#src/runtime/shutdown.js";
import { quietLog } from "#test/support/quiet.js";
import { settled, VirtualClock } from "#test/support/virtual-clock.js";

const SHUTDOWN_MS = 10_000;

const process = () => {
  const clock = new VirtualClock();
  const source = { lastPollAtMs: undefined as number | undefined, complaint: (): string | undefined => undefined };
  const fatal: string[] = [];
  let look: (reason: string) => void = () => undefined;
  const life = new Lifecycle({
    clock,
    log: quietLog,
    shutdownTimeoutMs: SHUTDOWN_MS,
    explain: (error) => String(error),
    explainAfterALook: () => new Promise((resolve) => (look = resolve)),
    onFatal: (reason) => fatal.push(`${reason} at ${clock.elapsed()}`),
  });
  const stopped: string[] = [];
  const part = (name: string) => async () => void stopped.push(name);
  const parts: StopParts = {
    finishMails: part("mails"),
    finishDeadLetters: part("letters"),
    commit: part("commit"),
    leaveGroup: part("group"),
    closeConnections: part("connections"),
  };
  const oversee = (more: Partial<StopParts> = {}) => life.oversee(source, { ...parts, ...more });
  oversee();
  return { life, clock, source, fatal, stopped, oversee, looked: (reason: string) => look(reason) };
};

test("a client that gives up before it has read anything is explained after a look at the brokers", async () => {
  const { life, fatal, looked } = process();
  life.fail("gave up");
  assert.equal(life.fatal, "gave up", "known at once");
  assert.deepEqual(fatal, []);
  looked("advertised.listeners is wrong");
  await settled();
  assert.deepEqual(fatal, ["advertised.listeners is wrong at 0"]);
  assert.equal(life.fatal, "advertised.listeners is wrong");
});

test("a client that gives up after it has read ends the process at once, and once", () => {
  const { life, source, fatal } = process();
  source.lastPollAtMs = 1;
  life.running();
  life.fail("gave up");
  life.fail("again");
  assert.deepEqual(fatal, ["gave up at 0"]);
});

test("what fails during a stop is no reason to end with an error", async () => {
  const { life, fatal } = process();
  await life.stop();
  life.fail("gave up");
  assert.deepEqual([fatal, life.fatal], [[], undefined]);
});

test("a watchdog that fires is known at once, stops as any stop does, and ends the process then", async () => {
  const { life, clock, source, fatal, stopped } = process();
  life.running();
  await clock.advance(4_000);
  source.complaint = () => "nothing was read for a minute";
  await clock.advance(1_000);
  assert.equal(life.fatal, "nothing was read for a minute");
  assert.ok(life.isDraining);
  await clock.advance(1_000);
  assert.deepEqual(stopped, ["mails", "letters", "commit", "group", "connections"]);
  assert.deepEqual(fatal, ["nothing was read for a minute at 5100"]);
  await clock.advance(60_000);
  assert.equal(fatal.length, 1, "once");
});

test("whatever hangs, the process that a watchdog ends leaves within SHUTDOWN_TIMEOUT", async () => {
  const { life, clock, source, fatal, oversee } = process();
  const never = () => new Promise<never>(() => undefined);
  oversee({ finishMails: never, finishDeadLetters: never, commit: never, leaveGroup: never, closeConnections: never });
  life.running();
  source.complaint = () => "hangs";
  await clock.advance(5_000 + SHUTDOWN_MS);
  assert.deepEqual(fatal, [`hangs at ${5_000 + SHUTDOWN_MS * 0.95 + 100}`]);
});

test("a stop runs once, however often it is asked for, and no watchdog looks afterwards", async () => {
  const { life, clock, source, stopped, fatal } = process();
  life.running();
  await Promise.all([life.stop(), life.stop()]);
  assert.equal(stopped.length, 5);
  source.complaint = () => "too late";
  await clock.advance(60_000);
  assert.deepEqual([fatal, clock.pending], [[], 0]);
});

test("a stop while it starts leaves it draining", async () => {
  const { life, clock } = process();
  const stop = life.stop();
  life.running();
  assert.equal(life.phase, "draining");
  await stop;
  assert.equal(clock.pending, 0);
});
