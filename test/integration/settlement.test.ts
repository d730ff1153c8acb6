/** G1, G5, G6: what is committed, and when; who waits for whom. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { pastWindow, startLine } from "#test/support/line.js";
import { after, type SmtpAction, times } from "#test/support/smtp-server.js";

// They mostly wait.
describe("what is settled, and when", { concurrency: 3 }, () => {
  test("with SMTP stalled the committed offset stays below the unsent window; with SMTP back it reaches the end", async (t) => {
    const line = await startLine(t, { partitions: 1 });
    await line.produce([
      { device: "sent", at: pastWindow(9) },
      { device: "other", at: pastWindow(7) },
    ]);
    const product = await line.start();
    await line.allMailed();
    await line.allCommitted();
    line.smtp.stallAll();
    // One window: with two, both would not be pending and under way together for long.
    const at = Date.now();
    const [unsent] = await line.produce([at, at, at].map(() => ({ device: "stalled", at })));
    assert.ok(unsent);
    await eventually("the mail is under way", async () => {
      const metrics = await product.metrics();
      return metrics.value("smtp_connections", { state: "busy" }) === 1 && metrics.value("windows_pending") === 1;
    });
    // More is read and committed meanwhile, past which the frontier must not go.
    await line.produce([{ device: "later" }]);
    const before = (await product.metrics()).value("kafka_last_commit_timestamp_seconds") ?? 0;
    await eventually("commits go on", async () => {
      const metrics = await product.metrics();
      const position = metrics.value("kafka_consumer_position_lag_records");
      return position === 0 && (metrics.value("kafka_last_commit_timestamp_seconds") ?? 0) > before;
    });
    assert.equal((await line.committed()).get(0), unsent.offset);
    line.smtp.resume();
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
  });

  test("a slow device's mail does not delay the others", async (t) => {
    const line = await startLine(t, { partitions: 1 });
    let slow = 0;
    line.smtp.behave({
      onMessage: async (message): Promise<SmtpAction> => {
        if ((await message.header("X-Alert-Digest-Device")) !== "slow") return undefined;
        slow++;
        return "stall";
      },
    });
    const devices = ["slow", ...Array.from({ length: 10 }, (_, i) => `quick-${i}`)];
    for (const ago of [6, 5, 4]) await line.produce(devices.map((device) => ({ device, at: pastWindow(ago) })));
    await line.start();
    const ofSlow = new Set(line.produced.filter(({ device }) => device === "slow").map(({ ordinal }) => ordinal));
    await line.allMailed(ofSlow);
    assert.equal(slow, 1, "the slow device's next mails wait for its first");
    assert.deepEqual(
      (await line.mails()).filter(({ device }) => device === "slow"),
      [],
    );
    assert.equal((await line.committed()).get(0) ?? 0, 0, "the slow device's first alert is the first record");
    line.smtp.behave({ onMessage: undefined });
    line.smtp.resume();
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
  });

  test("a refused recipient costs the others nothing, and nobody gets a mail twice because of another", async (t) => {
    const line = await startLine(t, { env: { MAIL_TO: "a@example.com,full@example.com,gone@example.com" } });
    const deferred = times(2, { code: 452, text: "4.2.2 mailbox full" });
    line.smtp.behave({
      onRcpt: (address) => {
        if (address.startsWith("gone@")) return { code: 550, text: "5.1.1 no such user" };
        return address.startsWith("full@") ? deferred() : undefined;
      },
    });
    await line.produce([{ device: "boiler", at: pastWindow(3) }]);
    const product = await line.start();
    const [letter] = await line.waitForDeadLetters(1);
    await line.allCommitted();
    const mails = await line.mails();
    assert.deepEqual(
      mails.map(({ to }) => to),
      [["a@example.com"], ["full@example.com"]],
    );
    assert.equal(new Set(mails.map(({ messageId }) => messageId)).size, 1);
    assert.equal(letter?.headers["recipients"], "gone@example.com");
    assert.equal((await product.metrics()).value("mails_total", { outcome: "accepted" }), 1);
  });

  test("a mail whose final reply never comes is sent again with the same Message-ID", async (t) => {
    const line = await startLine(t);
    const lost = times(1, "record-and-drop");
    line.smtp.behave({ onMessage: () => lost() });
    await line.produce([{ device: "boiler", at: pastWindow(3) }]);
    const product = await line.start();
    await line.allCommitted();
    const mails = await line.mails();
    assert.equal(mails.length, 2);
    assert.equal(mails[0]?.messageId, mails[1]?.messageId);
    assert.deepEqual(line.smtp.messages[0]?.raw, line.smtp.messages[1]?.raw);
    const metrics = await product.metrics();
    assert.equal(metrics.value("mail_send_duration_seconds_count", { outcome: "ambiguous" }), 1);
    assert.equal(metrics.value("mails_total", { outcome: "accepted" }), 1);
  });

  test("sixty slow mails use all of SMTP_CONNECTIONS and never one more", async (t) => {
    // Each connection is kept: of one that ends the server may hear only after the next one has come.
    const line = await startLine(t, { env: { SMTP_CONNECTIONS: "4", SMTP_MAILS_PER_CONNECTION: "100" } });
    line.smtp.behave({ onMessage: () => after(100) });
    await line.produce(Array.from({ length: 60 }, (_, i) => ({ device: `device-${i}`, at: pastWindow(3) })));
    await line.start();
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
    assert.equal(line.smtp.maxConcurrentConnections, 4);
  });

  test("a full buffer pauses reading and loses nothing", async (t) => {
    const line = await startLine(t, { partitions: 2, env: { BUFFER_MAX_ALERTS: "100" } });
    line.smtp.stallAll();
    const product = await line.start();
    for (const ago of [8, 7, 6, 5]) {
      const batch = Array.from({ length: 100 }, (_, i) => ({ device: `device-${i % 25}`, at: pastWindow(ago) }));
      await line.produce(batch);
    }
    await eventually("both partitions are paused", async () => {
      return (await product.metrics()).value("kafka_partitions_paused", { reason: "buffer" }) === 2;
    });
    line.smtp.resume();
    await line.allMailed();
    await line.allCommitted();
    const { missing, repeated } = await line.books();
    assert.deepEqual([missing, repeated], [[], []]);
  });
});
