/** `MAIL_MAX_RECIPIENTS` and `MAIL_HIDE_RECIPIENTS`: who gets which transaction, and what they see of each other. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { pastWindow, startLine } from "#test/support/line.js";

const PEOPLE = ["a@example.com", "b@example.com", "c@example.com", "d@example.com", "e@example.com"];

// They mostly wait.
describe("many recipients", { concurrency: 2 }, () => {
  test("recipients over the limit get the same message in several transactions, one beside the other's names", async (t) => {
    const line = await startLine(t, { env: { MAIL_TO: PEOPLE.join(","), MAIL_MAX_RECIPIENTS: "2" } });
    await line.produce([{ device: "freezer", at: pastWindow(3) }]);
    await line.start();
    await line.allCommitted();
    const { messages } = line.smtp;
    assert.deepEqual(
      messages.map(({ to }) => to.length),
      [2, 2, 1],
    );
    assert.deepEqual(messages.flatMap(({ to }) => to).sort(), PEOPLE);
    const [first] = messages;
    assert.ok(first && messages.every(({ raw }) => raw.equals(first.raw)), "one Message-ID, and the same bytes");
    const { to } = await first.parsed();
    assert.deepEqual(
      to?.map(({ address }) => address),
      PEOPLE,
    );
  });

  test("hidden recipients are in no header, and all of them get it", async (t) => {
    const line = await startLine(t, { env: { MAIL_TO: PEOPLE.join(","), MAIL_HIDE_RECIPIENTS: "true" } });
    await line.produce([{ device: "freezer", at: pastWindow(3) }]);
    await line.start();
    await line.allCommitted();
    const [message, ...others] = line.smtp.messages;
    assert.ok(message);
    assert.equal(others.length, 0);
    assert.deepEqual([...message.to].sort(), PEOPLE);
    // A Message-ID ends in such a letter, too.
    for (const person of PEOPLE)
      assert.doesNotMatch(message.raw.toString(), new RegExp(`(?<![0-9a-f])${person}`), person);
    assert.match(message.raw.toString(), /^To: alert-digest readers:;\r$/m);
  });
});
