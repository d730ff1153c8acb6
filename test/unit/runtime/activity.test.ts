import assert from "node:assert/strict";
import { test } from "node:test";
import { eventTime, wallTime } from "#src/core/time.js";
import { Activity } from "#src/runtime/activity.js";
import type { MailAttempt } from "#src/runtime/mail-job.js";
import type { Digest, Metrics, RecentDeadLetter, WindowDeadLetter } from "#src/runtime/ports.js";
import { failure } from "#test/support/delivery-bench.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const digest = (deviceId: string, start = 0): Digest => ({
  topic: "alerts",
  partition: 2,
  deviceId,
  deviceName: "n".repeat(1_000),
  windowStart: eventTime(start),
  windowEnd: eventTime(start + 30_000),
  windowCount: 1,
  idOffset: 7,
  firstOffset: 7,
  lastOffset: 9,
  count: 3,
  listed: [],
  folded: undefined,
});

const attempt = (deviceId: string, changes: Partial<MailAttempt> = {}): MailAttempt => ({
  content: digest(deviceId),
  messageId: `<${deviceId}>`,
  outcome: "accepted",
  attempts: 1,
  seconds: 0.5,
  failure: undefined,
  ...changes,
});

const letter = (deviceId: string, changes: Partial<WindowDeadLetter> = {}): WindowDeadLetter => ({
  kind: "window",
  stage: "smtp",
  reason: "recipient-refused",
  detail: "550 no such user",
  digest: digest(deviceId),
  offsetRuns: [],
  attempts: 2,
  messageId: `<${deviceId}>`,
  recipients: [],
  failure: undefined,
  ...changes,
});

const setup = (clean?: (text: string) => string) => {
  const clock = new VirtualClock(0);
  const activity = new Activity(clock, clean);
  const outcomes = (): unknown[] => activity.snapshot().mails.map(({ deviceId, outcome }) => `${deviceId} ${outcome}`);
  return { clock, activity, outcomes };
};

test("the newest mail comes first, one entry a mail however often it is tried", async () => {
  const { clock, activity, outcomes } = setup();
  activity.mailAttempted(attempt("a", { outcome: "deferred", failure: failure() }));
  activity.mailAttempted(attempt("b"));
  await clock.advance(1_000);
  activity.mailAttempted(attempt("a", { attempts: 2 }));
  assert.deepEqual(outcomes(), ["a accepted", "b accepted"]);
  const [mail] = activity.snapshot().mails;
  assert.deepEqual(
    [mail?.attempts, mail?.at, mail?.seconds, mail?.reason, mail?.alerts],
    [2, 1_000, 0.5, undefined, 3],
  );
  assert.equal(mail?.deviceName?.length, 200);
  // Another window of the device is another mail.
  activity.mailAttempted(attempt("a", { content: digest("a", 30_000) }));
  assert.equal(outcomes().length, 3);
});

test("twenty mails and twenty dead letters are kept", () => {
  const { activity, outcomes } = setup();
  for (let i = 0; i < 50; i++) {
    activity.mailAttempted(attempt(`m${i}`));
    activity.deadLetterWritten(letter(`m${i}`));
  }
  assert.equal(outcomes().length, 20);
  const { deadLetters } = activity.snapshot();
  assert.deepEqual([deadLetters.length, deadLetters[0]?.deviceId, deadLetters[0]?.offset], [20, "m49", 7]);
});

test("a mail that nobody takes is refused, then a dead letter; one that some have stays accepted", () => {
  const { activity, outcomes } = setup();
  activity.mailAttempted(attempt("none", { outcome: "refused", failure: failure("recipient-refused") }));
  assert.deepEqual(outcomes(), ["none refused"]);
  activity.deadLetterWritten(letter("none"));
  activity.mailAttempted(attempt("some", { failure: failure("recipient-refused") }));
  activity.deadLetterWritten(letter("some"));
  assert.deepEqual(outcomes(), ["some accepted", "none dead_lettered"]);
  const [some, none] = activity.snapshot().mails;
  assert.deepEqual([some?.reason, none?.reason, none?.seconds], ["recipient-refused", "recipient-refused", 0.5]);
});

test("a mail without recipients is a dead letter that was never tried", () => {
  const { activity } = setup();
  const none = { attempts: 0, messageId: undefined };
  activity.deadLetterWritten(letter("a", { ...none, stage: "route", reason: "no-recipient" }));
  const [mail] = activity.snapshot().mails;
  assert.deepEqual([mail?.outcome, mail?.seconds, mail?.messageId], ["dead_lettered", undefined, undefined]);
});

test("a record's dead letter has its key as the device, cut, and none without a key", () => {
  const { activity } = setup();
  const record = {
    kind: "record",
    stage: "decode",
    reason: "not-json",
    detail: "d".repeat(1_000),
    topic: "alerts",
    partition: 1,
    offset: 5,
    timestampMs: 0,
    value: Buffer.from("{"),
  } as const;
  activity.deadLetterWritten({ ...record, key: null });
  activity.deadLetterWritten({ ...record, key: Buffer.alloc(100_000, "k") });
  const [keyed, bare] = activity.snapshot().deadLetters;
  assert.deepEqual([keyed?.deviceId?.length, keyed?.detail.length, bare?.deviceId], [200, 200, undefined]);
  assert.deepEqual(activity.snapshot().mails, []);
});

test("since when the server is unreachable, and what was last wrong with it", async () => {
  const { clock, activity } = setup();
  await clock.advance(1_000);
  const gone = { ...failure("connection-refused"), reply: "", detail: "connect ECONNREFUSED" };
  activity.mailAttempted(attempt("a", { outcome: "unreachable", failure: gone }));
  await clock.advance(5_000);
  activity.mailAttempted(attempt("a", { outcome: "unreachable", failure: gone }));
  assert.deepEqual(activity.snapshot().smtp, {
    unreachableSince: 1_000,
    lastFailure: { at: 6_000, phase: "data", reason: "connection-refused", reply: "connect ECONNREFUSED" },
  });
  activity.mailAttempted(attempt("a"));
  const { smtp } = activity.snapshot();
  assert.deepEqual([smtp.unreachableSince, smtp.lastFailure?.at], [undefined, 6_000]);
});

test("a secret that a server repeats is not shown", () => {
  const { activity } = setup((text) => text.replace("hunter2", "[redacted]"));
  const said = { ...failure("auth"), reply: "535 wrong password hunter2" };
  activity.mailAttempted(attempt("a", { outcome: "unreachable", failure: said }));
  activity.deadLetterWritten(letter("a", { detail: said.reply }));
  const { smtp, deadLetters } = activity.snapshot();
  const shown = "535 wrong password [redacted]";
  assert.deepEqual([smtp.lastFailure?.reply, deadLetters[0]?.detail], [shown, shown]);
});

test("the sums are those of the metrics, which go on to be counted", () => {
  const { activity } = setup();
  const calls: string[] = [];
  const note =
    (name: string) =>
    (...args: unknown[]) =>
      void calls.push([name, ...args].join(" "));
  const metrics = activity.counting({
    alerts: note("alerts"),
    mailSettled: note("mailSettled"),
    deadLetter: note("deadLetter"),
    rebalance: note("rebalance"),
  } as unknown as Metrics);
  metrics.alerts("windowed", 5);
  metrics.alerts("late", 1);
  metrics.alerts("replayed", 9);
  metrics.mailSettled("accepted");
  metrics.mailSettled("dead_lettered");
  metrics.deadLetter("smtp", "timeout");
  metrics.rebalance();
  assert.deepEqual(activity.snapshot().totals, {
    mailsAccepted: 1,
    mailsDeadLettered: 1,
    alerts: 6,
    muted: 0,
    deadLetters: 1,
  });
  assert.equal(calls.length, 7);
});

test("the parts of one window are two mails", () => {
  const { activity } = setup();
  activity.mailAttempted(attempt("a"));
  activity.mailAttempted(attempt("a", { content: { ...digest("a"), idOffset: 10 } }));
  assert.equal(activity.snapshot().mails.length, 2);
});

test("letters from before the start come before this process's own, at most twenty in all, and say since when they are known", () => {
  const clock = new VirtualClock();
  const activity = new Activity(clock, (text) => text.replace("secret", "***"));
  assert.deepEqual([activity.snapshot().deadLettersSince, activity.snapshot().deadLettersBefore], [clock.now(), 0]);
  const letterAt = (offset: number): RecentDeadLetter => ({
    at: wallTime(clock.now() - 60_000 + offset),
    kind: "record",
    stage: "decode",
    reason: "not-json",
    deviceId: "boiler",
    partition: 1,
    offset,
    detail: "a secret",
    position: { partition: 0, offset },
  });
  const since = wallTime(clock.now() - 3_600_000);
  const letters = Array.from({ length: 18 }, (_, index) => letterAt(index));
  const { detail, ...own } = letterAt(99);
  const value = Buffer.from("x");
  for (let index = 0; index < 3; index++)
    activity.deadLetterWritten(
      { ...own, kind: "record", stage: "decode", detail, topic: "alerts", timestampMs: 0, key: null, value },
      { partition: 4, offset: index },
    );
  activity.deadLettersRead({ letters, count: 18, since });
  const { deadLetters, deadLettersSince, deadLettersBefore, totals } = activity.snapshot();
  assert.deepEqual(
    deadLetters.map(({ position }) => position?.offset),
    [2, 1, 0, ...Array.from({ length: 17 }, (_, index) => 17 - index)],
  );
  assert.deepEqual(deadLetters[0]?.position, { partition: 4, offset: 2 });
  assert.equal(deadLetters.at(-1)?.detail, "a ***");
  assert.deepEqual([deadLettersSince, deadLettersBefore, totals.deadLetters], [since, 18, 0]);
});

test("fields that were not written as documented are counted, the commonest first, and go on to the metrics", () => {
  const told: string[] = [];
  const activity = new Activity(new VirtualClock());
  const metrics = activity.counting({ alertRepaired: (field: string) => void told.push(field) } as unknown as Metrics);
  assert.deepEqual(activity.repairs, []);
  for (const field of ["value", "severity", "severity"] as const) metrics.alertRepaired(field);
  assert.deepEqual(activity.repairs, [
    { field: "severity", count: 2 },
    { field: "value", count: 1 },
  ]);
  assert.deepEqual(told, ["value", "severity", "severity"]);
});

test("it knows which routes muted how many alerts, the latest first, and at most a few of them", () => {
  const clock = new VirtualClock();
  const activity = new Activity(clock);
  assert.deepEqual(activity.snapshot().mutes, []);
  const route = (number: number, name?: string) => ({ number, name });
  activity.muted({ how: "mute", route: route(1, "n".repeat(1_000)) });
  activity.muted({ how: "report", route: route(2) });
  activity.muted({ how: "mute", route: route(1, "n".repeat(1_000)) });
  const { mutes } = activity.snapshot();
  assert.deepEqual(
    mutes.map(({ how, alerts, at, ...one }) => [one.route.number, how, alerts, at]),
    [
      [1, "mute", 2, clock.now()],
      [2, "report", 1, clock.now()],
    ],
  );
  assert.ok((mutes[0]?.route.name?.length ?? 0) < 300);
  for (let number = 3; number < 200; number++) activity.muted({ how: "mute", route: route(number) });
  const many = activity.snapshot().mutes;
  assert.ok(many.length < 100);
  assert.equal(many[0]?.route.number, 199);
});
