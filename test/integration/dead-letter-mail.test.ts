/** `DEAD_LETTER_TO` through the whole product: one mail an interval, critical ones at once, and nothing of it delays or fails an alert's mail. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";

const told = (line: Line) =>
  line.smtp.messages.filter(({ raw }) => /^X-Alert-Digest-Dead-Letters:/m.test(raw.toString("latin1")));

test("a critical alert that is not delivered is told of at once; what follows waits for the interval, and alerts go on", async (t) => {
  const line = await startLine(t, {
    deadLetterConfig: {},
    env: {
      DEAD_LETTER_TO: "oncall@example.com",
      DEAD_LETTER_INTERVAL: "1h",
      MAIL_TO: "gone@example.com",
      MAIL_LOCALE: "en",
    },
    smtp: {
      onRcpt: (address) => (address.startsWith("gone") ? { code: 550, text: "5.1.1 no such user" } : undefined),
    },
  });
  const product = await line.start();
  await line.produce([{ device: "boiler", at: pastWindow(3), fields: { severity: "critical", message: "it burns" } }]);
  const [mail] = await eventually("somebody is told", () => told(line).length === 1 && told(line));
  assert.deepEqual(mail?.to, ["oncall@example.com"]);
  const text = (await mail?.parsed())?.text ?? "";
  assert.match(text, /^1 dead letter: some alerts did not reach every recipient\./);
  assert.match(text, /critical: boiler, a window with 1 alert/);
  assert.match(text, /it burns/);
  assert.match(text, /recipient refused \(recipient-refused\)/);
  assert.match(text, /alert-digest dead-letters redrive --since /);

  await line.produceRaw([{ key: "broken", value: "no alert", timestamp: pastWindow(3) }]);
  await line.produce([{ device: "pump", at: pastWindow(2), fields: { severity: "critical" } }]);
  await line.waitForDeadLetters(3);
  await line.allCommitted();
  assert.equal(told(line).length, 1, "no more than one mail an interval");
  assert.equal((await product.metrics()).value("dead_letter_mails_total", { outcome: "sent" }), 1);
  assert.equal(await product.stop(), 0);
  assert.ok(
    product.logs.some(
      ({ msg, letters }) => msg === "nobody was told of these dead letters before the stop" && letters === 2,
    ),
  );
});

test("the mail that nobody takes is no dead letter and makes no mail; alerts are delivered all the same", async (t) => {
  const line = await startLine(t, {
    deadLetterConfig: {},
    env: { DEAD_LETTER_TO: "oncall@example.com", DEAD_LETTER_INTERVAL: "1s" },
    smtp: {
      onRcpt: (address) => (address.startsWith("oncall") ? { code: 550, text: "5.1.1 no such user" } : undefined),
    },
  });
  const product = await line.start();
  await line.produceRaw([{ key: "broken", value: "no alert", timestamp: pastWindow(3) }]);
  await eventually("it is given up", async () => {
    return (await product.metrics()).value("dead_letter_mails_total", { outcome: "failed" }) === 1;
  });
  await line.produce([{ device: "boiler", at: pastWindow(2) }]);
  await line.allMailed();
  await line.allCommitted();
  assert.deepEqual([(await line.waitForDeadLetters(1)).length, told(line).length], [1, 0]);
  const metrics = await product.metrics();
  assert.equal(metrics.value("dead_letter_mails_total", { outcome: "failed" }), 1);
  assert.equal(await product.stop(), 0);
});

test("with the mail server away letters gather; one mail tells of all of them when it is back", async (t) => {
  const line = await startLine(t, {
    deadLetterConfig: {},
    env: { DEAD_LETTER_TO: "oncall@example.com", DEAD_LETTER_INTERVAL: "1s", MAIL_LOCALE: "ko" },
  });
  await line.smtp.stop();
  const product = await line.start();
  await line.produceRaw([{ key: "broken-1", value: "no alert", timestamp: pastWindow(3) }]);
  await eventually("the mail did not leave", () =>
    product.logs.some(({ msg }) => msg === "mail about dead letters not accepted yet; will be tried again"),
  );
  await line.produceRaw([{ key: "broken-2", value: "{", timestamp: pastWindow(3) }]);
  await line.waitForDeadLetters(2);
  // The topic has the second one a little before the product hears of it.
  await eventually("it knows of both", async () => (await product.metrics()).value("dead_letters_total") === 2);
  await line.smtp.start();
  const [mail] = await eventually("somebody is told", () => told(line).length === 1 && told(line));
  assert.match((await mail?.parsed())?.text ?? "", /^데드 레터\(처리하지 못한 것\) 2건/);
  assert.equal(await product.stop(), 0);
});
