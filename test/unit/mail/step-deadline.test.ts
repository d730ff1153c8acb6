import assert from "node:assert/strict";
import { test } from "node:test";
import { idleMsFor } from "#src/mail/smtp-options.js";
import { bodyMs, envelopeMs } from "#src/mail/step-deadline.js";

test("the deadline grows with the recipients whose replies are still to come", () => {
  assert.equal(envelopeMs(60_000, 1), 60_000);
  assert.equal(envelopeMs(60_000, 0), 60_000, "DATA alone");
  assert.ok(envelopeMs(60_000, 100) >= 60_000 + 99 * 1_000, "a second for each, all answered at the end");
  assert.ok(envelopeMs(60_000, 100) <= 300_000, "not longer than RFC 5321 has it");
});

test("a message has the deadline of a step, and as much again for each megabyte", () => {
  assert.equal(bodyMs(60_000, 0), 60_000);
  assert.equal(bodyMs(60_000, 10 * 1024 * 1024), 660_000);
});

test("an idle connection lives from one window's end to the next, and not as long as servers wait", () => {
  assert.equal(idleMsFor(30_000), 60_000);
  assert.equal(idleMsFor(120_000), 150_000);
  for (const windowMs of [240_000, 300_000, 86_400_000]) assert.equal(idleMsFor(windowMs), 270_000);
});
