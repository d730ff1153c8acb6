import assert from "node:assert/strict";
import { test } from "node:test";
import { classify, type SmtpEvidence } from "#src/mail/classify.js";
import { SMTP_PHASES, SMTP_REASONS, type SmtpPhase } from "#src/runtime/ports.js";

const seen = (phase: SmtpPhase, parts: Partial<SmtpEvidence> = {}): SmtpEvidence => ({
  phase,
  code: undefined,
  reply: "",
  error: "",
  timedOut: false,
  ...parts,
});

/** A reply as a server writes it: "550 5.1.1 no such user". */
function reply(phase: SmtpPhase, text: string): SmtpEvidence {
  const code = /^\d{3}/.exec(text)?.[0];
  return seen(phase, { reply: text, code: code === undefined ? undefined : Number(code), error: "EENVELOPE" });
}

const verdict = (evidence: SmtpEvidence) => {
  const { kind, reason } = classify(evidence);
  return `${kind} ${reason}`;
};

const REPLIES: readonly (readonly [SmtpPhase, string, string])[] = [
  ["greeting", "421 busy", "unreachable service-unavailable"],
  ["greeting", "450 later", "unreachable service-unavailable"],
  ["greeting", "554 no", "unreachable greeting"],
  ["greeting", "SSH-2.0", "unreachable protocol"],
  ["greeting", "999 what", "unreachable protocol"],
  ["tls", "454 TLS not available", "unreachable tls"],
  ["tls", "502 unknown", "unreachable tls"],
  ["login", "535 5.7.8 wrong", "unreachable auth"],
  ["login", "534 5.7.9 too weak", "unreachable auth"],
  ["login", "530 5.7.0 must", "unreachable auth"],
  ["login", "432 4.7.12 password transition", "unreachable auth"],
  ["login", "454 4.7.0 temporary", "unreachable service-unavailable"],
  ["login", "451 4.3.0 later", "unreachable service-unavailable"],
  ["login", "421 closing", "unreachable service-unavailable"],
  ["login", "hello", "unreachable protocol"],
  ["mail", "421 closing", "deferred service-unavailable"],
  ["mail", "450 later", "deferred message-deferred"],
  ["mail", "451 4.3.0 error", "deferred message-deferred"],
  ["mail", "452 4.3.1 full", "deferred policy"],
  ["mail", "454 4.7.0 later", "deferred message-deferred"],
  ["mail", "503 sequence", "refused protocol"],
  ["mail", "530 5.7.0 must", "unreachable auth"],
  ["mail", "535 5.7.8 wrong", "unreachable auth"],
  ["mail", "550 5.7.1 no", "refused sender-refused"],
  ["mail", "552 5.3.4 too big", "refused too-large"],
  ["mail", "552 exceeds", "refused too-large"],
  ["mail", "553 sender", "refused sender-refused"],
  ["mail", "354 go on", "deferred protocol"],
  ["mail", "what?", "deferred protocol"],
  ["rcpt", "421 closing", "deferred service-unavailable"],
  ["rcpt", "450 4.2.0 greylisted", "deferred recipient-deferred"],
  ["rcpt", "452 4.5.3 too many", "deferred too-many-recipients"],
  ["rcpt", "454 4.7.1 relay access denied", "deferred policy"],
  ["rcpt", "501 5.1.3 syntax", "refused recipient-refused"],
  ["rcpt", "530 5.7.0 must", "unreachable auth"],
  ["rcpt", "550 5.1.1 unknown", "refused recipient-refused"],
  ["rcpt", "551 not local", "refused recipient-refused"],
  ["rcpt", "552 too many recipients", "deferred too-many-recipients"],
  ["rcpt", "552 5.5.3 no more", "deferred too-many-recipients"],
  ["rcpt", "550 5.5.3 Too many recipients", "deferred too-many-recipients"],
  ["rcpt", "450 4.7.1 Error: too many recipients from 192.0.2.1", "deferred recipient-deferred"],
  ["rcpt", "504 5.5.2 <host>: Helo command rejected: need fully-qualified hostname", "refused policy"],
  ["rcpt", "554 5.7.1 <kim@example.com>: Relay access denied", "refused policy"],
  ["rcpt", "552 5.2.2 over quota", "deferred recipient-deferred"],
  ["rcpt", "552 5.3.4 too big", "refused too-large"],
  ["rcpt", "553 not allowed", "refused recipient-refused"],
  ["rcpt", "what?", "deferred protocol"],
  ["data", "421 closing", "deferred service-unavailable"],
  ["data", "451 error", "deferred message-deferred"],
  ["data", "503 need RCPT", "refused protocol"],
  ["data", "554 no valid recipients", "refused message-refused"],
  ["data", "what?", "deferred protocol"],
  ["sent", "421 closing", "deferred service-unavailable"],
  ["sent", "450 later", "deferred message-deferred"],
  ["sent", "452 4.3.1 full", "deferred policy"],
  ["sent", "550 5.7.1 spam", "refused message-refused"],
  ["sent", "552 5.3.4 too big", "refused too-large"],
  ["sent", "552 5.2.3 too big for the mailbox", "refused too-large"],
  ["sent", "552 exceeded", "refused too-large"],
  ["sent", "552 5.2.2 mailbox full", "refused message-refused"],
  ["sent", "554 rejected", "refused message-refused"],
  ["sent", "530 after all", "refused message-refused"],
  ["sent", "550 5.4.5 Daily user sending quota exceeded", "refused policy"],
  ["sent", "354 again", "ambiguous protocol"],
  ["sent", "what?", "ambiguous protocol"],
];

for (const [phase, text, expected] of REPLIES) {
  test(`"${text}" at ${phase} is ${expected}`, () => assert.equal(verdict(reply(phase, text)), expected));
}

const BROKEN: readonly (readonly [SmtpPhase, string, string])[] = [
  ["connect", "ECONNREFUSED", "unreachable connection-refused"],
  ["connect", "EHOSTUNREACH", "unreachable connection-refused"],
  ["connect", "ECONNRESET", "unreachable connection-lost"],
  ["connect", "ETIMEDOUT", "unreachable timeout"],
  ["connect", "EDNS", "unreachable dns"],
  ["connect", "ENOTFOUND", "unreachable dns"],
  ["tls", "DEPTH_ZERO_SELF_SIGNED_CERT", "unreachable tls"],
  ["tls", "ECONNRESET", "unreachable tls"],
  ["greeting", "ECONNECTION", "unreachable connection-lost"],
  ["login", "ECONNECTION", "unreachable connection-lost"],
  ["login", "EAUTH", "unreachable auth"],
  ["mail", "ECONNECTION", "deferred connection-lost"],
  ["mail", "EMESSAGE", "refused too-large"],
  ["rcpt", "ECONNRESET", "deferred connection-lost"],
  ["data", "ECONNECTION", "deferred connection-lost"],
  ["sent", "ECONNECTION", "ambiguous connection-lost"],
];

for (const [phase, error, expected] of BROKEN) {
  test(`${error} without a reply at ${phase} is ${expected}`, () => {
    assert.equal(verdict(seen(phase, { error })), expected);
  });
}

test("a deadline is a timeout whose kind depends on the phase alone", () => {
  const kinds = SMTP_PHASES.map((phase) => verdict(seen(phase, { timedOut: true, error: "ECONNECTION" })));
  const expected = [
    "unreachable",
    "unreachable",
    "unreachable",
    "unreachable",
    "deferred",
    "deferred",
    "deferred",
    "ambiguous",
  ];
  assert.deepEqual(
    kinds,
    expected.map((kind) => `${kind} timeout`),
  );
});

test("every code at every phase has a verdict of the closed sets, and only codes from 500 refuse", () => {
  for (const phase of SMTP_PHASES) {
    for (let code = 0; code < 1_000; code++) {
      const text = `${String(code).padStart(3, "0")} x`;
      const { kind, reason } = classify(reply(phase, text));
      assert.ok(SMTP_REASONS.includes(reason));
      if (kind === "refused") assert.ok(code >= 500 && code < 600, `${text} at ${phase}`);
      if (["connect", "tls", "greeting", "login"].includes(phase)) assert.equal(kind, "unreachable");
      if (kind === "ambiguous") assert.equal(phase, "sent");
    }
  }
});

test("a server that talks without end breaks the protocol, and after the end of the message nobody knows", () => {
  const error = "EPROTOCOL";
  assert.equal(verdict(seen("greeting", { error })), "unreachable protocol");
  assert.equal(verdict(seen("rcpt", { error })), "deferred protocol");
  assert.equal(verdict(seen("sent", { error })), "ambiguous protocol");
});
