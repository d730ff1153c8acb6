/** G1, G2, G4: which alerts a mail holds, and when it leaves. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { type AlertInput, pastWindow, startLine, WINDOW_MS } from "#test/support/line.js";

/** So that no pause of a busy machine makes an alert late that is meant to be in time. */
const LONG_GRACE_MS = 5_000;

// They mostly wait.
describe("windows", { concurrency: 3 }, () => {
  test("alerts of many devices over six partitions: one mail per device and window of their own time, each device's in order", async (t) => {
    const line = await startLine(t, { partitions: 6 });
    const devices = Array.from({ length: 20 }, (_, i) => `device-${i}`);
    const windows = [6, 5, 4, 3, 2].map(pastWindow);
    for (const start of windows) {
      const alerts = [0, 400, 1_999].flatMap((ms) => devices.map((device): AlertInput => ({ device, at: start + ms })));
      await line.produce(alerts);
    }
    assert.ok(new Set(line.produced.map(({ partition }) => partition)).size > 3, "the keys spread");
    await line.start();
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
    const mails = await line.mails();
    for (const device of devices) {
      const own = mails.filter((mail) => mail.device === device);
      assert.deepEqual(
        own.map((mail) => [mail.windowStart, mail.windowEnd, mail.count]),
        windows.map((start) => [start, start + WINDOW_MS, 3]),
      );
      assert.equal(new Set(own.map((mail) => mail.inReplyTo)).size, 1, "one thread per device");
      assert.equal(new Set(own.map((mail) => mail.messageId)).size, own.length);
    }
  });

  test("the instant at which a window ends belongs to the next window", async (t) => {
    const line = await startLine(t);
    const start = pastWindow(4);
    const end = start + WINDOW_MS;
    await line.produce([start, end - 1, end, end + WINDOW_MS - 1].map((at) => ({ device: "boiler", at })));
    await line.start();
    await line.allMailed();
    const mails = await line.mails();
    assert.deepEqual(
      mails.map(({ windowStart, alerts }) => [windowStart, alerts]),
      [
        [start, [1, 2]],
        [end, [3, 4]],
      ],
    );
  });

  test("a single alert followed by silence is mailed once its window and the grace are over", async (t) => {
    const line = await startLine(t, { env: { WINDOW_GRACE: `${LONG_GRACE_MS}ms` } });
    const product = await line.start();
    const [alert] = await line.produce([{ device: "lonely" }]);
    await line.allMailed();
    await line.allCommitted();
    const [mail, ...others] = await line.mails();
    assert.ok(mail && alert);
    assert.deepEqual(others, []);
    assert.equal(mail.windowStart, Math.floor(alert.timestamp / WINDOW_MS) * WINDOW_MS);
    assert.deepEqual(mail.late, []);
    assert.ok(mail.acceptedAtMs >= mail.windowEnd + LONG_GRACE_MS, "not before window end + grace");
    assert.equal((await product.metrics()).value("windows_closed_total", { reason: "wall_clock" }), 1);
  });

  test("an alert whose window is closed arrives in the device's next mail, marked late", async (t) => {
    const line = await startLine(t);
    const [first, second, third] = [pastWindow(5), pastWindow(4), pastWindow(3)];
    await line.produce([
      { device: "meter", at: first, partition: 0 },
      // Another device of the same partition brings its time forward: the first window closes.
      { device: "other", at: third + 1_000, partition: 0 },
      { device: "meter", at: third + 1_100, partition: 0 },
      { device: "meter", at: first + 100, partition: 0 },
      { device: "meter", at: second, partition: 0 },
    ]);
    const product = await line.start();
    await line.allMailed();
    await line.assertBooks();
    const mails = (await line.mails()).filter(({ device }) => device === "meter");
    assert.deepEqual(
      mails.map(({ windowStart, alerts, late }) => ({ windowStart, alerts, late })),
      [
        { windowStart: first, alerts: [1], late: [] },
        { windowStart: third, alerts: [3, 4, 5], late: [4, 5] },
      ],
    );
    assert.equal((await product.metrics()).value("alerts_total", { outcome: "late" }), 2);
  });

  test("an alert that comes late while the product runs is mailed too, marked late", async (t) => {
    const line = await startLine(t, { partitions: 1 });
    await line.start();
    const [first] = await line.produce([{ device: "meter" }]);
    await line.allMailed();
    assert.ok(first);
    await line.produce([{ device: "meter", at: first.timestamp }]);
    await line.allMailed();
    await line.allCommitted();
    const [before, after] = await line.mails();
    assert.deepEqual([after?.alerts, after?.late], [[2], [2]]);
    assert.ok((after?.windowStart ?? 0) >= (before?.windowEnd ?? 0), "a closed window takes nothing more");
  });

  test("an alert from the future counts as of now and makes no other alert late", async (t) => {
    const line = await startLine(t, { partitions: 1, env: { WINDOW_GRACE: `${LONG_GRACE_MS}ms` } });
    await line.start();
    await line.produce([{ device: "fast-clock", at: Date.now() + 3_600_000 }, { device: "right-clock" }]);
    await line.allMailed();
    await line.allCommitted();
    for (const mail of await line.mails()) {
      assert.deepEqual(mail.late, []);
      assert.ok(mail.windowEnd <= mail.acceptedAtMs, "its window is over");
    }
  });

  for (const [mode, what, expected] of [
    ["merge", "as one mail", [1, 4]],
    ["separate", "one by one", [1, 1, 1, 1, 1]],
  ] as const) {
    test(`with CATCH_UP=${mode}, windows that waited for long leave ${what}`, async (t) => {
      const line = await startLine(t, { partitions: 1, env: { CATCH_UP: mode, CATCH_UP_AFTER: "1s" } });
      line.smtp.stallAll();
      await line.produce([9, 8, 7, 6, 5].map((ago) => ({ device: "pump", at: pastWindow(ago) })));
      const product = await line.start();
      await eventually("all windows are closed", async () => (await product.metrics()).value("windows_pending") === 5);
      line.smtp.resume();
      await line.allMailed();
      await line.allCommitted();
      await line.assertBooks();
      assert.deepEqual(
        (await line.mails()).map(({ count }) => count),
        expected,
      );
    });
  }

  test("records without a key are mailed and counted, tombstones are settled and counted", async (t) => {
    const line = await startLine(t, { partitions: 2 });
    const start = pastWindow(3);
    await line.produce([
      { device: "keyless", at: start, key: false, partition: 0 },
      { device: "keyed", at: start, partition: 0 },
    ]);
    await line.produceRaw([
      { key: "keyed", value: null, timestamp: start + 1, partition: 0 },
      { key: "gone", value: null, timestamp: start + 1, partition: 1 },
      { key: null, value: null, timestamp: start + 1, partition: 1 },
    ]);
    const product = await line.start();
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
    const metrics = await product.metrics();
    assert.equal(metrics.value("alerts_total", { outcome: "tombstone" }), 3);
    assert.equal(metrics.value("alerts_total", { outcome: "windowed" }), 2);
    assert.equal(metrics.value("kafka_records_without_key_total"), 1);
    assert.deepEqual(await line.deadLetters(), []);
  });
});
