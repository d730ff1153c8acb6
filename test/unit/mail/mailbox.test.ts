import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMailbox } from "#src/mail/mailbox.js";
import { idDomain } from "#src/mail/message-id.js";

test("an address is found with and without a display name", () => {
  assert.deepEqual(parseMailbox("a@b.test"), { name: "", address: "a@b.test" });
  assert.deepEqual(parseMailbox(" <a@b.test> "), { name: "", address: "a@b.test" });
  assert.deepEqual(parseMailbox("Alert Digest <a@b.test>"), { name: "Alert Digest", address: "a@b.test" });
  assert.deepEqual(parseMailbox('"A, \\"B\\"" <a@b.test>'), { name: 'A, "B"', address: "a@b.test" });
});

test("the domain is in its ASCII form, the local part as it was", () => {
  assert.equal(parseMailbox("Kim@Bücher.Example").address, "Kim@xn--bcher-kva.example");
  assert.equal(parseMailbox("김@[127.0.0.1]").address, "김@[127.0.0.1]");
});

test("identifiers get the sender's domain, or a reserved one where there is none", () => {
  assert.equal(idDomain("Alerts <a@mail.example.com>"), "mail.example.com");
  for (const from of ["root", "a@[127.0.0.1]", "a@", "a@-x", "a@b c"]) {
    assert.equal(idDomain(from), "alert-digest.invalid", from);
  }
});
