/** G3: a stop repeats no mail and takes none away. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { farFromMidnight } from "#test/support/far-from-midnight.js";
import { pastWindow, startLine } from "#test/support/line.js";
import { after } from "#test/support/smtp-server.js";

// They mostly wait.
describe("a stop", { concurrency: 3 }, () => {
  test("SIGTERM during mails in flight: they are finished and committed, exit 0, and none is repeated after the restart", async (t) => {
    const line = await startLine(t, { env: { SMTP_CONNECTIONS: "4" } });
    let release = (): void => undefined;
    const released = new Promise<undefined>((resolve) => {
      release = () => resolve(undefined);
    });
    t.after(() => release());
    line.smtp.behave({ onMessage: () => (line.smtp.acceptedCount < 4 ? after(100) : released) });
    await line.produce(Array.from({ length: 40 }, (_, i) => ({ device: `device-${i}`, at: pastWindow(4) })));
    const first = await line.start();
    await eventually("mails are in flight and others wait", async () => {
      const metrics = await first.metrics();
      return metrics.value("smtp_connections", { state: "busy" }) === 4 && line.smtp.acceptedCount >= 4;
    });
    first.signal("SIGTERM");
    await eventually("it stops", () => first.logs.some(({ msg }) => msg === "stopping"));
    release();
    assert.equal((await first.exited()).code, 0);
    const before = line.smtp.acceptedCount;
    assert.ok(before < 40, "the stop came in the middle");
    line.smtp.behave({ onMessage: undefined });
    const second = await line.start();
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
    assert.equal(line.smtp.acceptedCount, 40);
    assert.equal((await second.metrics()).value("mails_total", { outcome: "accepted" }), 40 - before);
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`${signal} leaves open windows unmailed and uncommitted, and the next owner mails them whole`, async (t) => {
      const line = await startLine(t, { partitions: 1 });
      await farFromMidnight();
      // It does not end before the stop, however long that takes; the next owner's do.
      const first = await line.start({ WINDOW_SIZE: "24h" });
      await line.produce([{ device: "boiler" }]);
      await eventually("it is read", async () => (await first.metrics()).value("windows_open") === 1);
      first.signal(signal);
      assert.equal((await first.exited()).code, 0);
      assert.equal(line.smtp.acceptedCount, 0);
      assert.equal((await line.committed()).get(0) ?? 0, 0);
      const [alert] = line.produced;
      await line.produce([{ device: "boiler", at: alert?.timestamp ?? 0 }]);
      await line.start();
      await line.allMailed();
      await line.allCommitted();
      await line.assertBooks();
      assert.deepEqual(
        (await line.mails()).map(({ alerts }) => alerts),
        [[1, 2]],
      );
    });
  }

  test("SIGTERM with SMTP stalled exits 0 within SHUTDOWN_TIMEOUT and loses nothing", async (t) => {
    // Shorter than what a mail is waited for; long enough for a machine that stands still for some seconds of it.
    const line = await startLine(t, { env: { SHUTDOWN_TIMEOUT: "12s", SMTP_TIMEOUT: "60s" } });
    await line.produce(Array.from({ length: 20 }, (_, i) => ({ device: `device-${i}`, at: pastWindow(4) })));
    line.smtp.stallAll();
    const first = await line.start();
    await eventually("mails are in flight", () => line.smtp.concurrentConnections > 0);
    assert.equal(await first.stop(), 0);
    await line.smtp.waitFor(({ concurrentConnections }) => concurrentConnections === 0);
    line.smtp.resume();
    await line.start();
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
  });

  test("a second Ctrl-C ends it at once, with 1 and a line that says so; the next owner mails everything", async (t) => {
    const line = await startLine(t, { env: { SHUTDOWN_TIMEOUT: "1h", SMTP_TIMEOUT: "10m" } });
    await line.produce([{ device: "boiler", at: pastWindow(4) }]);
    line.smtp.stallAll();
    const first = await line.start();
    // Not only the look at the mail server that comes with the start.
    await eventually("a mail is in flight", async () => {
      const metrics = await first.metrics();
      return (metrics.value("smtp_connections", { state: "busy" }) ?? 0) > 0 && metrics.value("windows_pending") === 1;
    });
    first.signal("SIGINT");
    await eventually("it stops", () => first.logs.some(({ msg }) => msg === "stopping"));
    await eventually("it is gone", () => {
      if (first.running()) first.signal("SIGINT");
      return !first.running();
    });
    assert.deepEqual(await first.exited(), { code: 1, signal: null });
    assert.equal(first.logs.at(-1)?.["msg"], "asked again to stop: leaving at once");
    await line.smtp.waitFor(({ concurrentConnections }) => concurrentConnections === 0);
    line.smtp.resume();
    await line.start();
    await line.allMailed();
    await line.allCommitted();
  });

  test("six restarts by SIGTERM under traffic: every alert in exactly one mail, windows whole, devices in order", async (t) => {
    const line = await startLine(t, { partitions: 4, env: { WINDOW_SIZE: "1s", WINDOW_GRACE: "1s" } });
    line.smtp.behave({ onMessage: () => after(30) });
    const devices = Array.from({ length: 12 }, (_, i) => `device-${i}`);
    let over = false;
    const traffic = (async () => {
      while (!over) {
        await line.produce(devices.map((device) => ({ device })));
        await after(100);
      }
    })();
    try {
      for (let restart = 1; restart <= 6; restart++) {
        const product = await line.start();
        const accepted = line.smtp.acceptedCount;
        await eventually("it mails", () => line.smtp.acceptedCount > accepted + 6);
        assert.equal(await product.stop(), 0);
      }
    } finally {
      over = true;
      await traffic;
    }
    await line.start();
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
    const mails = await line.mails();
    const windows = new Set(mails.map(({ device, windowStart }) => `${device} ${windowStart}`));
    t.diagnostic(`${line.produced.length} alerts in ${mails.length} mails, 0 repeated`);
    assert.equal(windows.size, mails.length, "no window is split into two mails");
  });
});
