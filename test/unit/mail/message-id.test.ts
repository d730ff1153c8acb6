import assert from "node:assert/strict";
import { test } from "node:test";
import { idDomain } from "#src/mail/message-id.js";

test("identifiers get the sender's domain, or a reserved one where there is none", () => {
  assert.equal(idDomain("a@mail.example.com"), "mail.example.com");
  for (const from of ["root", "a@[127.0.0.1]", "a@", "a@-x", "a@b c"]) {
    assert.equal(idDomain(from), "alert-digest.invalid", from);
  }
});
