/** Timestamps and device clocks that cannot be right: every number and sentence that shows a time stays true. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { quietClient } from "#test/support/kafka-admin.js";
import { startLine } from "#test/support/line.js";

describe("times that cannot be", { concurrency: 2 }, () => {
  test("timestamps in seconds, of 1970 or missing count as the moment of reading: lag, ages and mails are right", async (t) => {
    // The mail waits for the server, so that the alerts stay unsettled while the metrics are looked at.
    const line = await startLine(t, { partitions: 1, env: { MAIL_LOCALE: "en", MAIL_TIMEZONE: "UTC" } });
    line.smtp.behave({ onRcpt: () => ({ code: 451, text: "4.3.0 later" }) });
    const product = await line.start();
    const before = Date.now();
    await line.produce([
      { device: "boiler", at: Math.floor(before / 1_000) },
      { device: "boiler", at: 0 },
      { device: "boiler", at: before, fields: { occurredAt: "1970-01-01T00:00:12Z" } },
    ]);
    const metrics = await eventually("the mail is deferred", async () => {
      const page = await product.metrics();
      return (page.value("mail_retries_total") ?? 0) > 0 ? page : undefined;
    });
    const lag = metrics.value("kafka_consumer_lag_seconds") ?? Number.NaN;
    assert.ok(lag >= 0 && lag <= (Date.now() - before) / 1_000 + 1, `lag ${lag} s`);
    assert.equal(metrics.value("alert_repairs_total", { field: "timestamp" }), 2);
    line.smtp.behave({ onRcpt: undefined });
    await line.allMailed();
    const mails = await line.mails();
    assert.equal(
      mails.reduce((sum, { count }) => sum + count, 0),
      3,
    );
    for (const { text, windowStart } of mails) {
      assert.doesNotMatch(text.split("\n")[0] ?? "", /1970/);
      assert.ok(windowStart >= before - 10_000, `window of ${new Date(windowStart).toISOString()}`);
    }
    assert.match(mails.map(({ text }) => text).join("\n"), /^\d\. 20\d\d-.*device clock 1970-01-01T00:00:12Z/m);
  });

  test("the broker refuses a record more than an hour ahead, and its whole batch, as the page for producers says", async (t) => {
    const line = await startLine(t, { partitions: 1 });
    const producer = quietClient(line.brokers).producer({ retry: { retries: 0 } });
    await producer.connect();
    t.after(() => producer.disconnect());
    const message = (ahead: number) => ({
      key: "boiler",
      value: JSON.stringify({ deviceId: "boiler", message: "hot" }),
      timestamp: String(Date.now() + ahead),
    });
    await assert.rejects(producer.send({ topic: line.topic, messages: [message(0), message(2 * 3_600_000)] }), {
      type: "INVALID_TIMESTAMP",
    });
    const ends = await line.admin.fetchTopicOffsets(line.topic);
    assert.equal(ends[0]?.high, "0", "the record beside it is not there either");
  });
});
