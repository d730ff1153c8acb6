import assert from "node:assert/strict";
import { test } from "node:test";
import { TEXTS_EN } from "#src/http/page/browser/texts-en.js";
import { TEXTS_KO } from "#src/http/page/browser/texts-ko.js";
import type { SmtpFailure } from "#src/runtime/ports.js";
import { SERVER_TROUBLES, type ServerAddress, sayTrouble, troubleOf } from "#src/runtime/server-trouble.js";

const failure = (changes: Partial<SmtpFailure>): SmtpFailure => ({
  phase: "connect",
  reason: "connection-refused",
  reply: "",
  code: undefined,
  ...changes,
});
const refusedLogin = failure({ phase: "login", reason: "auth", reply: "535 5.7.8 no", code: 535 });

const CASES: readonly (readonly [string, Partial<SmtpFailure>, ServerAddress["login"], string])[] = [
  ["a name nobody knows", { reason: "dns" }, "none", "name-unknown"],
  ["nobody listens", {}, "none", "refused"],
  ["silence", { phase: "greeting", reason: "timeout" }, "none", "no-answer"],
  ["a connection that is closed", { phase: "greeting", reason: "connection-lost" }, "none", "closed"],
  ["421", { phase: "greeting", reason: "service-unavailable", reply: "421 busy", code: 421 }, "none", "busy"],
  ["554 at the greeting", { phase: "greeting", reason: "greeting", reply: "554 no", code: 554 }, "none", "turned-away"],
  ["nonsense", { phase: "greeting", reason: "protocol", reply: "hello" }, "none", "stranger"],
  ["STARTTLS refused", { phase: "tls", reason: "tls", reply: "502 what?", code: 502 }, "none", "no-tls"],
  ["an unknown CA", { phase: "tls", reason: "tls", detail: "self-signed certificate" }, "none", "certificate"],
  [
    "another name",
    { phase: "tls", reason: "tls", detail: "Hostname/IP does not match certificate's altnames" },
    "none",
    "certificate",
  ],
  ["clear text on a TLS port", { phase: "tls", reason: "tls", detail: "wrong version number" }, "none", "tls-failed"],
  ["a wrong password", refusedLogin, "password", "password"],
  ["a token the server refuses", refusedLogin, "token", "token"],
  ["no token to be had", { phase: "login", reason: "auth", detail: "ENOENT" }, "token", "token"],
  ["no login configured", { phase: "mail", reason: "auth", reply: "530 no", code: 530 }, "none", "login-missing"],
  [
    "no login offered",
    { phase: "login", reason: "auth", detail: "the server offers no login (AUTH), and SMTP_URL has a user" },
    "password",
    "login-not-offered",
  ],
];

test("each way in which the mail server can be away has its name", () => {
  for (const [what, changes, login, expected] of CASES) {
    assert.equal(troubleOf(failure(changes), login), expected, what);
  }
  assert.deepEqual(new Set(CASES.map(([, , , trouble]) => trouble)), new Set(SERVER_TROUBLES));
});

test("each says where it is and what to do, in the log and on the page in both languages", () => {
  for (const trouble of SERVER_TROUBLES) {
    const { what, advice } = sayTrouble(trouble, { host: "mail.example.com", port: 587, login: "none" });
    assert.match(what, /mail\.example\.com:587/);
    assert.ok(advice.length > 0);
    for (const texts of [TEXTS_EN, TEXTS_KO]) {
      const said = texts.serverTrouble[trouble];
      assert.ok(said.advice.endsWith(".") && said.short.length > 0, trouble);
      if (said.headline !== undefined) assert.match(said.headline("mail:25"), /mail:25/);
    }
  }
});
