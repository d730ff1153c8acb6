/** A mail server that takes a mail and never says so. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { pastWindow, startLine } from "#test/support/line.js";
import { readTopic } from "#test/support/read-topic.js";

test("after three attempts without an answer a mail is presumed to have come: settled, counted, in the log and on record as that, and no dead letter", async (t) => {
  const line = await startLine(t, {
    env: {
      // The server has the end of the mail by then, on a busy machine too.
      SMTP_REPLY_TIMEOUT: "2s",
      // The pauses between the attempts are three and six times as long.
      SMTP_RETRY_INITIAL: "50ms",
      SMTP_RETRY_MAX: "100ms",
    },
  });
  const KAFKA_SENT_TOPIC = `${line.topic}.sent`;
  let ends = 0;
  line.smtp.behave({
    onMessage: () => {
      ends++;
      return "stall";
    },
  });
  await line.produce([{ device: "boiler-1", at: pastWindow(3) }]);
  const product = await line.start({ KAFKA_SENT_TOPIC });
  await eventually("it is presumed to have come", () =>
    product.logs.some(({ msg }) => String(msg).startsWith("mail presumed delivered")),
  );
  await line.allCommitted();
  assert.equal(ends, 3, "its end was sent three times");
  const metrics = await product.metrics();
  assert.equal(metrics.value("mails_total", { outcome: "presumed" }), 1);
  assert.equal(metrics.value("mails_total", { outcome: "accepted" }), 0);
  assert.equal(metrics.value("mails_total", { outcome: "dead_lettered" }), 0);
  // A mail waits a second for its record, and goes on without it.
  const record = await eventually("it is on record", async () => (await readTopic(line.brokers, KAFKA_SENT_TOPIC))[0]);
  const { outcome, presumed, recipients } = JSON.parse(String(record.value)) as Record<string, unknown>;
  assert.equal(outcome, "presumed");
  assert.deepEqual(presumed, recipients);
  line.smtp.resume();
  assert.equal(await product.stop(), 0);
});
