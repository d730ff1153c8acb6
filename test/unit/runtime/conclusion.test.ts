import assert from "node:assert/strict";
import { test } from "node:test";
import { conclude, isAmbiguous, type Situation, type Standing } from "#src/runtime/conclusion.js";
import { failure, failureOf, outcomes } from "#test/support/delivery-bench.js";

const { accepted, deferred, refused } = outcomes;

const standing = (more: Partial<Standing> = {}): Standing => ({
  hasMore: false,
  deferral: undefined,
  failed: [],
  reached: [],
  someHaveIt: false,
  isShare: false,
  onlyRecipientsDeferred: false,
  deferrals: 0,
  ...more,
});

const situation = (more: Partial<Situation> = {}): Situation => ({
  inFlight: 1,
  spentMs: 0,
  retryInitialMs: 1_000,
  retryMaxMs: 60_000,
  retryBudgetMs: 900_000,
  random: () => 1,
  ...more,
});

const waits = { failure: failure("recipient-deferred"), kind: "accepted" as const };

test("a 421 while others talk to the server means fewer connections; alone, it means that the server is away", () => {
  const outcome = { kind: "unreachable" as const, failure: { ...failure("service-unavailable"), code: 421 } };
  assert.equal(conclude(outcome, standing(), situation({ inFlight: 2 })).kind, "too-many-connections");
  assert.equal(conclude(outcome, standing(), situation({ inFlight: 1 })).kind, "server-away");
});

test("messages that follow come before any pause, also when one was deferred", () => {
  assert.equal(conclude(accepted(), standing({ hasMore: true, deferral: waits }), situation()).kind, "next-message");
});

test("what was deferred is tried again after a pause that grows, and the last try comes when the budget ends", () => {
  const pause = (deferrals: number, spentMs: number): unknown => {
    const conclusion = conclude(deferred(), standing({ deferral: waits, deferrals }), situation({ spentMs }));
    return conclusion.kind === "retry" ? conclusion.delayMs : conclusion.kind;
  };
  assert.deepEqual([pause(0, 0), pause(1, 0), pause(9, 0)], [1_000, 2_000, 60_000]);
  assert.deepEqual([pause(9, 890_000), pause(9, 899_999), pause(9, 900_000)], [10_000, 1_000, "give-up"]);
});

test("a mail whose budget is spent says who never gets it", () => {
  assert.deepEqual(conclude(deferred(), standing({ deferral: waits }), situation({ spentMs: 900_000 })), {
    kind: "give-up",
    told: { outcome: "deferred", failure: waits.failure },
    spent: waits.failure,
  });
});

test("once somebody has a mail, who is still to get it is waited for alone; so is a recipient that is deferred itself", () => {
  const kind = (more: Partial<Standing>): string =>
    conclude(accepted(), standing({ deferral: waits, ...more }), situation()).kind;
  assert.equal(kind({ reached: ["a@example.org"], someHaveIt: true }), "leave-behind");
  assert.equal(kind({ onlyRecipientsDeferred: true }), "leave-behind");
  assert.equal(kind({ isShare: true }), "leave-behind");
  assert.equal(kind({}), "retry");
});

test("with somebody refused and nobody still to get it, nothing is tried any more", () => {
  const failed = [failureOf("b@example.org", "recipient-refused")];
  assert.deepEqual(conclude(refused(), standing({ failed }), situation()), {
    kind: "give-up",
    told: { outcome: "refused", failure: failed[0] },
    spent: undefined,
  });
});

test("a mail that everybody has is through", () => {
  assert.equal(conclude(accepted(), standing({ reached: ["a@example.org"] }), situation()).kind, "through");
});

test("a mail whose reply never came is tried again after minutes, whatever its budget; then it is presumed", () => {
  const lost = { failure: failure("timeout"), kind: "ambiguous" as const };
  const pause = (ambiguities: number, spentMs: number): unknown => {
    const conclusion = conclude(
      outcomes.ambiguous(),
      standing({ deferral: lost, ambiguities }),
      situation({ spentMs }),
    );
    return conclusion.kind === "retry" ? conclusion.delayMs : conclusion.kind;
  };
  assert.deepEqual([pause(1, 0), pause(2, 0), pause(2, 900_000)], [180_000, 360_000, 360_000]);
  const presumed = standing({ reached: ["a@example.org"], presumed: ["a@example.org"] });
  assert.equal(conclude(outcomes.ambiguous(), presumed, situation()).kind, "presumed");
});

test("the page is told what became of the attempt, and of which words", () => {
  const told = (...of: Parameters<typeof conclude>) => {
    const { kind, told } = conclude(...of);
    return [kind, told.outcome, told.failure];
  };
  const busy = { ...failure("service-unavailable"), code: 421 };
  const gone = failureOf("b@example.org", "recipient-refused");
  const blame = (by: "us" | "hold") => situation({ blame: by });
  const policy = { ...gone, reason: "policy" };
  const away = { kind: "unreachable", failure: busy } as const;
  assert.deepEqual(told(away, standing(), situation({ inFlight: 2 })), ["too-many-connections", "deferred", busy]);
  assert.deepEqual(told(away, standing(), situation()), ["server-away", "unreachable", busy]);
  const refusing = { kind: "unreachable", failure: failure() } as const;
  assert.equal(told(refusing, standing(), situation({ inFlight: 2 }))[0], "server-away", "it is not too many for it");
  const more = standing({ hasMore: true, deferral: waits });
  assert.deepEqual(told(accepted(), more, situation()), ["next-message", "accepted", waits.failure]);
  assert.deepEqual(told(deferred(), more, situation()), ["next-message", "deferred", failure()]);
  const failed = standing({ failed: [gone] });
  assert.deepEqual(told(refused(), failed, blame("us")), ["refuses-us", "unreachable", policy]);
  assert.deepEqual(told(refused(), failed, blame("hold")), ["hold", "refused", gone]);
  const some = standing({ failed: [gone], reached: ["a@example.org"] });
  assert.deepEqual(told(refused(), some, situation()), ["give-up", "accepted", gone]);
  assert.deepEqual(told(accepted(), standing(), situation()), ["through", "accepted", undefined]);
});

test("only those whose reply never came are presumed to have a mail: an answer of the last attempt is its outcome", () => {
  const presumed = standing({ reached: ["a@example.org"], presumed: ["a@example.org"] });
  const conclusion = conclude(accepted(), presumed, situation());
  assert.deepEqual([conclusion.kind, "reply" in conclusion && conclusion.reply], ["through", "250 OK"]);
  const known = conclude(outcomes.ambiguous(), standing({ reached: ["a@example.org"] }), situation());
  assert.deepEqual([known.kind, "reply" in known && known.reply], ["through", ""]);
});

test("a failure is ambiguous only after the end of the message: with no reply, or with one that nobody understands", () => {
  const code = undefined;
  for (const phase of ["connect", "greeting", "mail", "rcpt", "data", "sent"] as const) {
    const isSent = phase === "sent";
    assert.equal(isAmbiguous({ phase, reason: "timeout", reply: "", code }), isSent, `${phase}, no reply`);
    assert.equal(isAmbiguous({ phase, reason: "protocol", reply: "hello?", code }), isSent, `${phase}, no SMTP`);
    assert.equal(isAmbiguous({ phase, reason: "message-deferred", reply: "451 later", code: 451 }), false, phase);
  }
});
