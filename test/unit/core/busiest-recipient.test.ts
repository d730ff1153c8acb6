import assert from "node:assert/strict";
import { test } from "node:test";
import { BusiestRecipient } from "#src/core/busiest-recipient.js";

const MINUTE = 60_000;

test("it is the one with the most mails of the last whole minute, or of this one where it has more by now", () => {
  const busiest = new BusiestRecipient();
  assert.equal(busiest.mails(0), 0);
  busiest.note(["kim", "lee"], 10 * MINUTE);
  busiest.note(["kim"], 10 * MINUTE + 59_999);
  assert.equal(busiest.mails(10 * MINUTE + 59_999), 2);
  busiest.note(["lee"], 11 * MINUTE);
  assert.equal(busiest.mails(11 * MINUTE), 2, "the minute before");
  for (let mail = 0; mail < 3; mail++) busiest.note(["lee"], 11 * MINUTE + 1);
  assert.equal(busiest.mails(11 * MINUTE + 1), 4);
  assert.equal(busiest.mails(12 * MINUTE), 4);
  assert.equal(busiest.mails(13 * MINUTE), 0);
});

test("after a silence, and after a clock that was set back, what was before does not count", () => {
  const busiest = new BusiestRecipient();
  busiest.note(["kim", "kim"], 10 * MINUTE);
  assert.equal(busiest.mails(12 * MINUTE), 0);
  busiest.note(["kim"], 5 * MINUTE);
  assert.equal(busiest.mails(5 * MINUTE), 1);
});

test("it remembers ten thousand addresses, and those go on counting", () => {
  const busiest = new BusiestRecipient();
  busiest.note(
    Array.from({ length: 10_000 }, (_, index) => `${index}`),
    0,
  );
  for (let mail = 0; mail < 5; mail++) busiest.note(["one more", "7"], 0);
  assert.equal(busiest.mails(0), 6, "7 has six, one more none");
});
