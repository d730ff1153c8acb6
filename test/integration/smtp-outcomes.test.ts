/** Every step at which an attempt can end, on a real connection, with and without PIPELINING. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { always, HUGE, mail, ONE, setup, verdict, withDeadline } from "#test/support/smtp-mailer-setup.js";
import type { SmtpBehaviour } from "#test/support/smtp-server.js";

interface Case {
  readonly title: string;
  readonly behaviour: SmtpBehaviour;
  readonly expected: string;
  readonly taken?: number;
  readonly body?: string;
}

const CASES: readonly Case[] = [
  { title: "a normal mail", behaviour: {}, expected: "accepted", taken: 1 },
  {
    title: "a refusing greeting",
    behaviour: { onConnect: always({ code: 554 }) },
    expected: "unreachable greeting greeting 554",
  },
  {
    title: "a busy greeting",
    behaviour: { onConnect: always({ code: 421 }) },
    expected: "unreachable greeting service-unavailable 421",
  },
  {
    title: "a drop before the greeting",
    behaviour: { onConnect: always("drop") },
    expected: "unreachable greeting connection-lost",
  },
  {
    title: "a greeting of another protocol",
    behaviour: { onConnect: always({ bytes: "SSH-2.0-x\r\n" }) },
    expected: "unreachable greeting protocol",
  },
  { title: "a drop at EHLO", behaviour: { onEhlo: always("drop") }, expected: "unreachable greeting connection-lost" },
  {
    title: "a deferred sender",
    behaviour: { onMail: always({ code: 451 }) },
    expected: "deferred mail message-deferred 451",
  },
  {
    title: "a refused sender",
    behaviour: { onMail: always({ code: 550 }) },
    expected: "refused mail sender-refused 550",
  },
  { title: "a missing login", behaviour: { onMail: always({ code: 530 }) }, expected: "unreachable mail auth 530" },
  {
    title: "a server that closes at MAIL",
    behaviour: { onMail: always({ code: 421 }) },
    expected: "deferred mail service-unavailable 421",
  },
  { title: "a drop at MAIL", behaviour: { onMail: always("drop") }, expected: "deferred mail connection-lost" },
  {
    title: "a refused recipient",
    behaviour: { onRcpt: always({ code: 550 }) },
    expected: "refused rcpt recipient-refused 550",
  },
  {
    title: "too many recipients as 552",
    behaviour: { onRcpt: always({ code: 552 }) },
    expected: "deferred rcpt recipient-deferred 552",
  },
  {
    title: "a greylisted recipient",
    behaviour: { onRcpt: always({ code: 450 }) },
    expected: "deferred rcpt recipient-deferred 450",
  },
  {
    title: "a server that closes at RCPT",
    behaviour: { onRcpt: always({ code: 421 }) },
    expected: "deferred rcpt service-unavailable 421",
  },
  { title: "a drop at RCPT", behaviour: { onRcpt: always("drop") }, expected: "deferred rcpt connection-lost" },
  {
    title: "a nonsense reply at RCPT",
    behaviour: { onRcpt: always({ bytes: "what?\r\n" }) },
    expected: "deferred rcpt protocol",
  },
  {
    title: "a deferred DATA",
    behaviour: { onData: always({ code: 451 }) },
    expected: "deferred data message-deferred 451",
  },
  {
    title: "a refused DATA",
    behaviour: { onData: always({ code: 554 }) },
    expected: "refused data message-refused 554",
  },
  { title: "a drop at DATA", behaviour: { onData: always("drop") }, expected: "deferred data connection-lost" },
  {
    title: "a drop in the middle of a body",
    behaviour: { onBody: always("drop") },
    expected: "deferred data connection-lost",
    body: HUGE,
  },
  {
    title: "a message refused for its content",
    behaviour: { onMessage: always({ code: 554, text: "5.7.1 spam" }) },
    expected: "refused sent message-refused 554",
  },
  {
    title: "a message that is too large",
    behaviour: { onMessage: always({ code: 552, text: "5.3.4 too big" }) },
    expected: "refused sent too-large 552",
  },
  {
    title: "a message deferred after the dot",
    behaviour: { onMessage: always({ code: 452 }) },
    expected: "deferred sent message-deferred 452",
  },
  {
    title: "a server that closes after the dot",
    behaviour: { onMessage: always({ code: 421 }) },
    expected: "deferred sent service-unavailable 421",
  },
  {
    title: "a nonsense reply after the dot",
    behaviour: { onMessage: always({ bytes: "what?\r\n" }) },
    expected: "ambiguous sent protocol",
  },
  {
    title: "a drop after the dot, not taken",
    behaviour: { onMessage: always("drop") },
    expected: "ambiguous sent connection-lost",
  },
  {
    title: "a drop after the dot, taken",
    behaviour: { onMessage: always("record-and-drop") },
    expected: "ambiguous sent connection-lost",
    taken: 1,
  },
];

for (const pipelining of [true, false]) {
  for (const { title, behaviour, expected, taken = 0, body } of CASES) {
    test(`${title} ends in "${expected}" ${pipelining ? "with" : "without"} PIPELINING`, async (t) => {
      const { smtp, mailer } = await setup(t, { pipelining, ...behaviour });
      assert.equal(verdict(await mailer.send(mail(body), ONE)), expected);
      assert.equal(smtp.acceptedCount, taken);
    });
  }
}

test("a deferred sender is nobody's refusal: the 503 that answers the recipients sent along is not about them", async (t) => {
  const { mailer } = await setup(t, { pipelining: true, onMail: always({ code: 451 }) });
  const outcome = await mailer.send(mail(), ONE);
  assert.deepEqual(outcome.kind === "deferred" && outcome.refused, []);
});

const STEPS = [
  ["onConnect", "unreachable greeting timeout"],
  ["onEhlo", "unreachable greeting timeout"],
  ["onAuth", "unreachable login timeout"],
  ["onMail", "deferred mail timeout"],
  ["onRcpt", "deferred rcpt timeout"],
  ["onData", "deferred data timeout"],
  ["onMessage", "ambiguous sent timeout"],
] as const;

for (const [hook, expected] of STEPS) {
  test(`a server that never answers at ${hook} is left at the deadline: ${expected}`, async (t) => {
    const auth = { user: "u", pass: "p" };
    const left = await withDeadline(expected, async (timeoutMs) => {
      const { smtp, mailer } = await setup(t, { auth, [hook]: always("stall") }, { timeoutMs });
      const outcome = await mailer.send(mail(), ONE);
      await smtp.waitFor(() => smtp.concurrentConnections === 0);
      assert.deepEqual(mailer.connections(), { busy: 0, idle: 0 });
      return verdict(outcome);
    });
    assert.equal(left, expected);
  });
}

test("a body that the server stops reading is left at the deadline as not sent", async (t) => {
  const expected = "deferred data timeout";
  const left = await withDeadline(expected, async (timeoutMs) => {
    const { mailer } = await setup(t, { onBody: always("stall") }, { timeoutMs });
    return verdict(await mailer.send(mail(HUGE), ONE));
  });
  assert.equal(left, expected);
});
