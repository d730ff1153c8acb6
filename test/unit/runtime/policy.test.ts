import assert from "node:assert/strict";
import { test } from "node:test";
import { type Blame, Policy } from "#src/runtime/policy.js";
import type { RecipientFailure, SmtpFailure } from "#src/runtime/ports.js";

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
