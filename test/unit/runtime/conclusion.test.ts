import assert from "node:assert/strict";
import { test } from "node:test";
import { type Blame, conclude, isAmbiguous, Policy, type Situation, type Standing } from "#src/runtime/conclusion.js";
import type { RecipientFailure, SmtpFailure } from "#src/runtime/ports.js";
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

const setup = () => {
  let now = 0;
  const policy = new Policy(() => now);
  const pass = (ms: number): void => {
    now += ms;
  };
  /** A mail whose attempt began so long ago. */
  const accepted = (agoMs = 0): void => policy.accepted(now - agoMs);
  return { policy, pass, accepted };
};

const said = (address: string, reply: string, more: Partial<SmtpFailure> = {}): RecipientFailure => ({
  address,
  phase: "rcpt",
  reason: "recipient-refused",
  reply,
  code: Number(reply.slice(0, 3)),
  ...more,
});
const unclear = (address: string) => said(address, "550 5.7.1 no");
const ofUs = (address: string) => said(address, "554 5.7.1 Relay access denied", { reason: "policy" });
const unknown = (address: string) => said(address, "550 5.1.1 no such user");
const mail = (name: string, ...failures: readonly RecipientFailure[]) => ({ mail: { name }, failures });

test("a refusal that speaks of the recipient is the recipient's at once, however many there are", () => {
  const { policy } = setup();
  for (const name of ["a", "b", "c"]) assert.equal(policy.refused(mail(name, unknown(`${name}@x`))), "own");
  assert.equal(policy.refused(mail("d", unknown("d@x"), unclear("e@x"))), "own", "it tells recipients apart");
});

test("an address that cannot be sent and a message that is too large are no matter of policy", () => {
  const { policy } = setup();
  assert.equal(policy.refused(mail("a", said("a b@x", "", { code: undefined }))), "own");
  assert.equal(policy.refused(mail("b", said("b@x", "552 5.3.4 too big", { reason: "too-large" }))), "own");
});

test("a recipient that was deferred until its budget ended is no matter of policy", () => {
  const { policy } = setup();
  for (const name of ["a", "b", "c"])
    assert.equal(policy.refused(mail(name, said(`${name}@x`, "450 later", { reason: "recipient-deferred" }))), "own");
});

test("what does not say whose fault it is is held; another mail accepted meanwhile: it was the mail's", () => {
  const { policy, accepted } = setup();
  const one = mail("a", unclear("a@x"));
  assert.equal(policy.refused(one), "hold");
  accepted();
  assert.equal(policy.refused(one), "own");
});

test("mails to different recipients refused likewise, and nothing accepted between: it is us, for the first of them too", () => {
  const { policy } = setup();
  const one = mail("a", unclear("a@x"));
  assert.equal(policy.refused(one), "hold");
  assert.equal(policy.refused(mail("b", unclear("b@x"))), "us");
  assert.equal(policy.refused(one), "us");
  assert.equal(policy.refused(one), "us", "as often as it is tried");
});

test("an acceptance that overtook nothing tells nothing: it was under way when the refusals began", () => {
  const { policy, pass, accepted } = setup();
  accepted();
  pass(100);
  const one = mail("a", ofUs("a@x"));
  assert.equal(policy.refused(one), "hold");
  pass(10);
  accepted(50);
  assert.equal(policy.refused(mail("b", ofUs("b@x"))), "us", "the first one is still known");
  assert.equal(policy.refused(one), "us", "and is not at fault");
});

test("with one accepted between, they are two mails at fault", () => {
  const { policy, accepted } = setup();
  assert.equal(policy.refused(mail("a", unclear("a@x"))), "hold");
  accepted();
  assert.equal(policy.refused(mail("b", unclear("b@x"))), "hold");
});

test("one recipient explains the refusals of all mails to it; of mails to it and others it does not", () => {
  const { policy } = setup();
  for (const name of ["a", "b", "c", "d"]) assert.equal(policy.refused(mail(name, unclear("same@x"))), "hold", name);
  assert.equal(policy.refused(mail("e", unclear("same@x"), unclear("other@x"))), "hold");
  assert.equal(policy.refused(mail("f", unclear("third@x"))), "us");
});

test("a sender that is refused twice is ours, to whomever it wrote", () => {
  const { policy } = setup();
  const atMail = said("same@x", "550 5.7.1 no", { phase: "mail", reason: "sender-refused" });
  assert.equal(policy.refused(mail("a", atMail)), "hold");
  assert.equal(policy.refused(mail("b", atMail)), "us");
});

test("three messages in a row that are refused after their end are about us, also where all go to the same", () => {
  const { policy } = setup();
  const afterEnd = said("same@x", "554 5.7.1 no", { phase: "sent", reason: "message-refused" });
  const blames: Blame[] = ["a", "b", "c"].map((name) => policy.refused(mail(name, afterEnd)));
  assert.deepEqual(blames, ["hold", "hold", "us"]);
});

test("where nothing else is sent, a mail is tried twice more and is then at fault itself", () => {
  const { policy } = setup();
  const one = mail("a", unclear("a@x"));
  assert.deepEqual([policy.refused(one), policy.refused(one), policy.refused(one)], ["hold", "hold", "own"]);
  assert.equal(policy.refused(mail("b", unclear("b@x"))), "us", "the next one like it tells that it was us");
});

test("words about us need no other mail; with one accepted within a minute they do", () => {
  const { policy, pass, accepted } = setup();
  assert.equal(policy.refused(mail("a", ofUs("a@x"))), "us");
  accepted();
  const one = mail("b", ofUs("b@x"));
  assert.equal(policy.refused(one), "hold");
  assert.equal(policy.refused(mail("c", ofUs("c@x"))), "us");
  accepted();
  assert.equal(policy.refused(one), "own", "others were accepted: it is not allowed to these");
  pass(60_000);
  assert.equal(policy.refused(mail("d", ofUs("d@x"))), "us");
});

test("words about us that go on with nothing accepted are never the mail's fault", () => {
  const { policy, pass, accepted } = setup();
  accepted();
  pass(1);
  const one = mail("a", ofUs("a@x"));
  assert.deepEqual([policy.refused(one), policy.refused(one), policy.refused(one)], ["hold", "hold", "us"]);
});

test("a full disk defers as anything else; two mails with nothing accepted between, or a spent budget, make it ours", () => {
  const full = said("a@x", "452 4.3.1 disk full", { reason: "policy" });
  const { policy } = setup();
  const one = mail("a", full);
  assert.equal(policy.deferred(one, false), undefined);
  assert.equal(policy.deferred(one, false), undefined, "the same mail again tells nothing new");
  assert.equal(policy.deferred(one, true), "us");
  assert.equal(policy.deferred(mail("b", { ...full, address: "b@x" }), false), "us");
});

test("a mail whose budget ends while others are accepted is at fault itself", () => {
  const { policy, accepted } = setup();
  const one = mail("a", said("a@x", "452 4.3.1 disk full", { reason: "policy" }));
  assert.equal(policy.deferred(one, false), undefined);
  accepted();
  assert.equal(policy.deferred(one, true), undefined);
});

test("greylisting and full mailboxes are never about us", () => {
  const { policy } = setup();
  for (const reply of ["450 4.7.1 Greylisted", "452 4.2.2 mailbox full", "451 4.3.0 later"]) {
    for (const name of ["a", "b", "c"]) {
      const deferred = said(`${name}@x`, reply, { reason: "recipient-deferred" });
      assert.equal(policy.deferred(mail(name, deferred), true), undefined, reply);
    }
  }
});
