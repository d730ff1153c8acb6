/** G1, G5: what cannot be read or delivered goes to the dead-letter topic, and everything else goes on. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { setTopicConfig } from "#test/support/kafka-admin.js";
import { pastWindow, startLine } from "#test/support/line.js";
import { routeForOthers } from "#test/support/route-for-others.js";
import { times } from "#test/support/smtp-server.js";

const MEBIBYTE = 1024 * 1024;
const BIG_TOPIC = { "max.message.bytes": String(3 * MEBIBYTE) };

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const alert = { deviceId: "boiler", message: "hot" };

const BAD: readonly (readonly [reason: string, key: string | Buffer | null, value: Buffer])[] = [
  ["not-utf8", "boiler", Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
  ["not-json", "boiler", Buffer.from('{"deviceId":"boiler",')],
  ["not-json", "boiler", Buffer.alloc(0)],
  ["not-an-alert", "boiler", json("a string")],
  ["not-an-alert", "boiler", json([alert])],
  ["not-an-alert", null, json({ ...alert, deviceId: "" })],
  ["key-mismatch", "boiler", json({ ...alert, deviceId: 7 })],
  ["not-an-alert", "boiler", json({ deviceId: "boiler" })],
  ["not-an-alert", "x", json({ ...alert, deviceId: "d".repeat(257) })],
  ["key-mismatch", "other", json(alert)],
  ["key-mismatch", Buffer.from([0xff]), json(alert)],
  ["key-mismatch", "", json(alert)],
  ["too-large", "boiler", json({ ...alert, message: "m".repeat(MEBIBYTE) })],
  ["not-json", null, Buffer.from("no key either")],
];

// They mostly wait.
describe("dead letters", { concurrency: 3 }, () => {
  test("every kind of bad record ends in the dead-letter topic, its bytes untouched, and the alerts around it are mailed", async (t) => {
    const line = await startLine(t, { partitions: 1, topicConfig: BIG_TOPIC, deadLetterConfig: BIG_TOPIC });
    const at = pastWindow(3);
    const positions = new Map<number, (typeof BAD)[number]>();
    for (const bad of BAD) {
      const [, key, value] = bad;
      await line.produce([{ device: "boiler", at }]);
      const [position] = await line.produceRaw([{ key, value, timestamp: at }]);
      assert.ok(position);
      positions.set(position.offset, bad);
    }
    await line.produce([{ device: "boiler", at: at + 1 }]);
    const product = await line.start();
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
    const letters = await line.waitForDeadLetters(BAD.length);
    assert.equal(letters.length, BAD.length);
    for (const { key, value, headers, headerNames } of letters) {
      const [reason, badKey, badValue] = positions.get(Number(headers["offset"])) ?? [];
      assert.equal(headers["reason"], reason);
      assert.deepEqual(value, badValue);
      assert.deepEqual(key, typeof badKey === "string" ? Buffer.from(badKey) : badKey);
      assert.deepEqual(
        { ...headers, offset: "", reason: "", detail: "", "failed-at": "" },
        {
          kind: "record",
          stage: "decode",
          reason: "",
          detail: "",
          topic: line.topic,
          partition: "0",
          offset: "",
          timestamp: String(at),
          group: line.group,
          attempts: "1",
          "failed-at": "",
        },
      );
      assert.ok(headerNames.every((name) => name.startsWith("dead-letter.")));
      for (const text of Object.values(headers)) assert.ok(Buffer.byteLength(text) <= 1_024);
      assert.ok(headers["detail"] && !Number.isNaN(Date.parse(headers["failed-at"] ?? "")));
    }
    const metrics = await product.metrics();
    assert.equal(metrics.value("alerts_total", { outcome: "invalid" }), BAD.length);
    assert.equal(metrics.value("dead_letters_total", { stage: "decode", reason: "key-mismatch" }), 4);
  });

  test("a mail refused for good becomes a dead letter with everything needed to send it again; the frontier moves on", async (t) => {
    const line = await startLine(t, { partitions: 1 });
    line.smtp.behave({
      onMessage: async (message) =>
        (await message.header("X-Alert-Digest-Device")) === "refused"
          ? { code: 554, text: "5.7.1 not wanted here" }
          : undefined,
    });
    const start = pastWindow(4);
    await line.produce([
      { device: "refused", at: start, fields: { severity: "critical", value: 3, labels: { site: "busan-2" } } },
      { device: "fine", at: start },
      { device: "refused", at: start + 1 },
    ]);
    const product = await line.start();
    await line.allCommitted();
    const [letter, ...others] = await line.waitForDeadLetters(1);
    assert.ok(letter);
    assert.equal(others.length, 0);
    await line.assertBooks(new Set([1, 3]));
    const messageId = letter.headers["message-id"];
    assert.match(messageId ?? "", /^<[^>]+@example\.com>$/);
    assert.equal(letter.key?.toString(), "refused");
    // It is tried until it has shown whose fault it is.
    assert.match(letter.headers["attempts"] ?? "", /^[23]$/);
    assert.deepEqual(
      { ...letter.headers, "failed-at": "" },
      {
        kind: "window",
        stage: "smtp",
        reason: "message-refused",
        detail: "554 5.7.1 not wanted here",
        topic: line.topic,
        partition: "0",
        offset: "0",
        timestamp: String(start),
        group: line.group,
        attempts: letter.headers["attempts"],
        severity: "critical",
        window: `${new Date(start).toISOString()}/${new Date(start + 2_000).toISOString()}`,
        recipients: "operators@example.com",
        "message-id": messageId,
        "smtp-phase": "sent",
        "smtp-reply": "554 5.7.1 not wanted here",
        "failed-at": "",
      },
    );
    const document = JSON.parse(letter.value?.toString() ?? "");
    assert.deepEqual(document.offsets, [
      [0, 0],
      [2, 2],
    ]);
    assert.equal(document.deviceId, "refused");
    assert.deepEqual(
      document.alerts.map((entry: Record<string, unknown>) => [entry["offset"], entry["timestamp"], entry["severity"]]),
      [
        [0, start, "critical"],
        [2, start + 1, "warning"],
      ],
    );
    assert.deepEqual(document.alerts[0].labels, { site: "busan-2" });
    const metrics = await product.metrics();
    assert.equal(metrics.value("mails_total", { outcome: "dead_lettered" }), 1);
    assert.equal(metrics.value("dead_letters_total", { stage: "smtp", reason: "message-refused" }), 1);
  });

  test("a mail refused for now is tried again, and becomes a dead letter once SMTP_RETRY_BUDGET is used up", async (t) => {
    const line = await startLine(t, { partitions: 1, env: { SMTP_RETRY_BUDGET: "8s" } });
    // Within half a second, if the product is not kept from it.
    const greylisted = times(2, { code: 450, text: "4.2.0 greylisted" });
    line.smtp.behave({
      onMessage: async (message) => {
        const device = await message.header("X-Alert-Digest-Device");
        if (device === "hopeless") return { code: 451, text: "4.3.0 try later" };
        return device === "greylisted" ? greylisted() : undefined;
      },
    });
    const at = pastWindow(4);
    await line.produce(["hopeless", "greylisted", "fine"].map((device) => ({ device, at })));
    await line.start();
    const [letter] = await line.waitForDeadLetters(1);
    await line.allCommitted();
    await line.assertBooks(new Set([1]));
    assert.equal(letter?.headers["reason"], "message-deferred");
    assert.ok(Number(letter?.headers["attempts"]) > 1);
  });

  test("without a recipient a window becomes a dead letter of stage route", async (t) => {
    const line = await startLine(t, { env: await routeForOthers(t) });
    await line.produce([{ device: "boiler", at: pastWindow(3) }]);
    await line.start();
    const [letter] = await line.waitForDeadLetters(1);
    await line.allCommitted();
    assert.deepEqual([letter?.headers["stage"], letter?.headers["reason"]], ["route", "no-recipient"]);
    assert.equal(line.smtp.acceptedCount, 0);
  });

  test("a dead-letter topic that does not take a record holds its offset, nothing else; once it does, the record settles", async (t) => {
    const line = await startLine(t, { partitions: 1, deadLetterConfig: { "max.message.bytes": "2000" } });
    const at = pastWindow(4);
    await line.produce([{ device: "boiler", at }]);
    await line.produceRaw([{ key: "x", value: "x".repeat(5_000), timestamp: at }]);
    await line.produceRaw([{ key: "x", value: "small enough", timestamp: at }]);
    await line.produce([{ device: "boiler", at: at + 1 }]);
    const product = await line.start();
    await line.allMailed();
    const failure = await eventually("it says what it waits for", () =>
      product.logs.find(({ msg }) => String(msg).startsWith("dead letter not written")),
    );
    assert.match(JSON.stringify(failure), /larger|too large|size/i);
    assert.equal(failure["offset"], 1);
    await line.waitForDeadLetters(1);
    await eventually("what came before it is committed", async () => (await line.committed()).get(0) === 1);
    await eventually("the lag is what is left", async () => {
      return (await product.metrics()).value("kafka_consumer_lag_records") === 3;
    });
    await setTopicConfig(line.brokers, line.deadLetterTopic, { "max.message.bytes": "100000" });
    await line.waitForDeadLetters(2);
    await line.allCommitted();
    await line.assertBooks();
  });

  test("a restart while a dead letter waits writes the other letters and mails only once", async (t) => {
    const line = await startLine(t, { partitions: 1, deadLetterConfig: { "max.message.bytes": "2000" } });
    const at = pastWindow(4);
    await line.produceRaw([
      { key: "x", value: "x".repeat(5_000), timestamp: at },
      { key: "x", value: "small enough", timestamp: at },
    ]);
    await line.produce([{ device: "boiler", at }]);
    const first = await line.start();
    await line.allMailed();
    await line.waitForDeadLetters(1);
    assert.equal(await first.stop(), 0);
    await setTopicConfig(line.brokers, line.deadLetterTopic, { "max.message.bytes": "100000" });
    await line.start();
    await line.allCommitted();
    await line.assertBooks();
    const letters = await line.waitForDeadLetters(2);
    assert.deepEqual(
      letters.map(({ headers }) => headers["offset"]),
      ["1", "0"],
    );
  });

  test("a value of one mebibyte is an alert like any other", async (t) => {
    const line = await startLine(t, { partitions: 1, topicConfig: BIG_TOPIC });
    const at = pastWindow(3);
    const empty = json({ deviceId: "boiler", message: "#1# " }).length;
    const value = json({ deviceId: "boiler", message: `#1# ${"m".repeat(MEBIBYTE - empty)}` });
    assert.equal(value.length, MEBIBYTE);
    const [position] = await line.produceRaw([{ key: "boiler", value, timestamp: at }]);
    line.enter([{ ordinal: 1, device: "boiler", partition: 0, offset: position?.offset ?? -1, timestamp: at }]);
    await line.produce([{ device: "boiler", at: at + 1 }]);
    await line.start();
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
    assert.match((await line.mails())[0]?.text ?? "", /truncated; 1,048,\d+ characters/);
  });

  test("a record far over what the dead-letter topic takes becomes a dead letter all the same when it compresses, as it may have come", async (t) => {
    const line = await startLine(t, { partitions: 1, topicConfig: BIG_TOPIC });
    const value = json({ ...alert, message: "m".repeat(2 * MEBIBYTE) });
    await line.produceRaw([{ key: "boiler", value, timestamp: pastWindow(3) }]);
    const product = await line.start();
    const [letter] = await line.waitForDeadLetters(1);
    assert.equal(letter?.headers["reason"], "too-large");
    assert.ok(letter?.value?.equals(value));
    await line.allCommitted();
    assert.equal(await product.stop(), 0);
  });
});
