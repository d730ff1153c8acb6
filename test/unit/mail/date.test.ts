import assert from "node:assert/strict";
import { test } from "node:test";
import { dateOf } from "#src/mail/date.js";
import { digest, listed, START } from "./digest.js";

test("a mail is dated with its window's end, so that it is the same whenever it is written", () => {
  assert.equal(dateOf(digest({ listed: [listed(1)] })), START + 30_000);
  assert.equal(dateOf(digest({ listed: [listed(1)], part: "rest" })), START + 30_000);
});

test("an early mail is dated with its latest alert: its window ends in the future", () => {
  const early = digest({ listed: [listed(3), listed(9), listed(2, {}, true)], part: "early" });
  assert.equal(dateOf(early), START + 9_000);
});
