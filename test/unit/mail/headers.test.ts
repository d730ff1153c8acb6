import assert from "node:assert/strict";
import { test } from "node:test";
import { dateOf, idDomain } from "#src/mail/headers.js";
import { digest, listed, START } from "./digest.js";

test("identifiers get the sender's domain, or a reserved one where there is none", () => {
  assert.equal(idDomain("a@mail.example.com"), "mail.example.com");
  for (const from of ["root", "a@[127.0.0.1]", "a@", "a@-x", "a@b c"]) {
    assert.equal(idDomain(from), "alert-digest.invalid", from);
  }
});

test("a mail is dated with its window's end, so that it is the same whenever it is written", () => {
  assert.equal(dateOf(digest({ listed: [listed(1)] })), START + 30_000);
  assert.equal(dateOf(digest({ listed: [listed(1)], part: "rest" })), START + 30_000);
});

test("an early mail is dated with its latest alert: its window ends in the future", () => {
  const early = digest({ listed: [listed(3), listed(9), listed(2, {}, true)], part: "early" });
  assert.equal(dateOf(early), START + 9_000);
});
