/** URGENT_SEVERITY: at once, once per device and window, in order, and nothing twice. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { counted } from "#test/support/counted.js";
import { eventually } from "#test/support/eventually.js";
import { farFromMidnight } from "#test/support/far-from-midnight.js";
import { type Line, startLine } from "#test/support/line.js";

const CRITICAL = { severity: "critical" };
const DAY_MS = 86_400_000;

const alertsOf = async (line: Line): Promise<(readonly number[])[]> => (await line.mails()).map(({ alerts }) => alerts);

// They mostly wait.
describe("urgent alerts", { concurrency: 4 }, () => {
  test("a critical alert is mailed long before its window's end, with what its device had told: once, also across a restart", async (t) => {
    const line = await startLine(t, { partitions: 1, env: { WINDOW_SIZE: "24h", URGENT_SEVERITY: "critical" } });
    await farFromMidnight();
    const first = await line.start();
    await line.produce([
      { device: "boiler" },
      { device: "pump", fields: { severity: "critical", status: "resolved" } },
      { device: "boiler", fields: CRITICAL },
    ]);
    await eventually("the critical alert is mailed", () => line.smtp.acceptedCount > 0);
    const [mail] = await line.mails();
    assert.deepEqual(mail?.alerts, [1, 3]);
    assert.equal((mail?.windowEnd ?? 0) - (mail?.windowStart ?? 0), DAY_MS);
    await line.produce([{ device: "boiler", fields: CRITICAL }, { device: "boiler" }]);
    await counted(first, {
      kafka_records_consumed_total: 5,
      buffered_alerts: 3,
      urgent_mails_total: 1,
      windows_open: 2,
    });
    assert.equal(await first.stop(), 0);

    const second = await line.start();
    await line.produce([{ device: "boiler", fields: CRITICAL }]);
    await counted(second, { kafka_records_consumed_total: 6, buffered_alerts: 4, windows_open: 2, windows_pending: 0 });
    assert.equal((await second.metrics()).value("alerts_total", { outcome: "replayed" }), 2);
    assert.equal((await second.metrics()).value("urgent_mails_total"), 0);
    assert.equal(await second.stop(), 0);
    assert.deepEqual(await alertsOf(line), [[1, 3]], "what followed waits for the window's end");
  });

  test("what follows an early mail comes in the window's mail, and nothing twice, with a restart in between", async (t) => {
    const sizeMs = 10_000;
    const line = await startLine(t, {
      partitions: 1,
      env: { WINDOW_SIZE: `${sizeMs}ms`, WINDOW_GRACE: "1s", URGENT_SEVERITY: "warning" },
    });
    const first = await line.start();
    // So that the window is still open when what follows is read.
    await eventually("a window has begun", () => Date.now() % sizeMs < 1_000);
    const at = Math.floor(Date.now() / sizeMs) * sizeMs;
    await line.produce([
      { device: "boiler", at, fields: { severity: "info" } },
      { device: "boiler", at },
      { device: "pump", at, fields: { severity: "info" } },
    ]);
    await eventually("the urgent alert is mailed", () => line.smtp.acceptedCount > 0);
    await line.produce([
      { device: "boiler", at, fields: { severity: "info" } },
      { device: "boiler", at, fields: CRITICAL },
    ]);
    assert.equal(await first.stop(), 0);
    await line.start();
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
    const mails = (await line.mails()).filter(({ device }) => device === "boiler");
    assert.deepEqual(
      mails.map(({ alerts }) => alerts),
      [
        [1, 2],
        [4, 5],
      ],
    );
    assert.equal(new Set(mails.map(({ messageId }) => messageId)).size, 2);
  });

  test("an early mail that was under way when the process was killed comes once more at most, the same one, and the rest apart", async (t) => {
    const line = await startLine(t, { partitions: 1, env: { WINDOW_SIZE: "24h", URGENT_SEVERITY: "critical" } });
    await farFromMidnight();
    const first = await line.start();
    line.smtp.stallAll();
    await line.produce([{ device: "boiler" }, { device: "boiler", fields: CRITICAL }, { device: "boiler" }]);
    await eventually("its mail is under way", () => line.smtp.concurrentConnections > 0);
    await first.kill();
    line.smtp.resume();
    const second = await line.start();
    await counted(second, { urgent_mails_total: 1, buffered_alerts: 1, windows_open: 1 });
    const mails = await line.mails();
    assert.equal(new Set(mails.map(({ messageId }) => messageId)).size, 1);
    for (const { alerts } of mails) assert.deepEqual(alerts, [1, 2]);
  });

  test("without URGENT_SEVERITY no mail leaves early", async (t) => {
    const line = await startLine(t, { partitions: 1, env: { WINDOW_SIZE: "24h" } });
    await farFromMidnight();
    const product = await line.start();
    await line.produce([{ device: "boiler", fields: CRITICAL }]);
    await counted(product, { buffered_alerts: 1, windows_open: 1, windows_pending: 0, urgent_mails_total: 0 });
    assert.equal(await product.stop(), 0);
    assert.equal(line.smtp.acceptedCount, 0);
  });
});
