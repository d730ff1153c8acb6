/** Every mail that is through is on record in KAFKA_SENT_TOPIC, before its offsets are committed, and the record holds no mail up. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseSent, type SentMailRecord } from "#src/kafka/sent-record-parser.js";
import { eventually } from "#test/support/eventually.js";
import { createTopic, withAdmin } from "#test/support/kafka-admin.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";
import { readTopic } from "#test/support/read-topic.js";
import { type CliResult, runCli } from "#test/support/run-cli.js";

const sentTopicOf = (line: Line): string => `${line.topic}.sent`;

/** Records by partition and offset; fails on one that is none. */
const records = async (line: Line): Promise<SentMailRecord[]> =>
  (await readTopic(line.brokers, sentTopicOf(line))).map(({ value, key }) => {
    const parsed = parseSent(value);
    assert.ok(parsed.ok && parsed.record.kind === "mail", JSON.stringify(parsed));
    assert.equal(String(key), parsed.record.device);
    return parsed.record as SentMailRecord;
  });

/** `alert-digest sent …`, by somebody who has the Kafka variables only. */
const ask = (line: Line, ...options: string[]): Promise<CliResult> => {
  const { KAFKA_BROKERS = "", KAFKA_GROUP_ID = "" } = line.env;
  return runCli(["sent", ...options], { KAFKA_BROKERS, KAFKA_GROUP_ID, KAFKA_SENT_TOPIC: sentTopicOf(line) });
};

// They mostly wait.
describe("the record of sent mails", { concurrency: 2 }, () => {
  test("accepted, partly refused and refused mails are on record once their offsets are committed", async (t) => {
    const line = await startLine(t, {
      env: { MAIL_TO: "good@example.com,gone@example.com" },
      smtp: { onRcpt: (address, { from }) => (from === "" || address.startsWith("gone") ? NO_SUCH_USER : undefined) },
    });
    const product = await line.start({ KAFKA_SENT_TOPIC: sentTopicOf(line) });
    const at = pastWindow(5);
    await line.produce([
      { device: "boiler", at, fields: { severity: "critical", deviceName: "Boiler 1" } },
      { device: "boiler", at: at + 1 },
    ]);
    await line.allCommitted();
    line.smtp.behave({ onRcpt: () => NO_SUCH_USER });
    await line.produce([{ device: "pump", at: pastWindow(3) }]);
    await line.allCommitted();
    line.smtp.behave({ onRcpt: undefined });
    await line.produce([{ device: "valve", at: pastWindow(1) }]);
    await line.allCommitted();

    // A mail waits a second for its record. On a busy machine that may be too short, and the record comes after the offsets.
    const written = await eventually("each is on record", async () => {
      const all = await records(line);
      return all.length >= 3 && all;
    });
    const found = new Map(written.map((record) => [record.device, record]));
    assert.deepEqual([...found.keys()].sort(), ["boiler", "pump", "valve"]);
    const of = (device: string): SentMailRecord => found.get(device) as SentMailRecord;
    const [mail] = await line.mails();

    const partly = of("boiler");
    assert.deepEqual([partly.outcome, partly.recipients], ["accepted", ["good@example.com"]]);
    assert.deepEqual(
      partly.failed.map(({ recipient, reason, code }) => [recipient, reason, code]),
      [["gone@example.com", "recipient-refused", 550]],
    );
    assert.deepEqual([partly.messageId, partly.deviceName, partly.alerts], [mail?.messageId, "Boiler 1", 2]);
    assert.deepEqual(partly.severities, { info: 0, warning: 1, critical: 1 });
    assert.deepEqual([partly.group, partly.topic, partly.offsets.length], [line.group, line.topic, 2]);

    const refused = of("pump");
    assert.deepEqual([refused.outcome, refused.recipients, refused.failed.length], ["dead_lettered", [], 2]);
    assert.match(refused.reply, /no such user/);

    const accepted = of("valve");
    assert.deepEqual([accepted.outcome, accepted.failed], ["accepted", []]);
    assert.deepEqual(accepted.recipients, ["good@example.com", "gone@example.com"]);
    assert.match(accepted.reply, /^250 /);
    await eventually("each is counted", async () => {
      return (await product.metrics()).value("sent_records_total", { outcome: "written" }) === 3;
    });

    const topics = await withAdmin(line.brokers, (admin) => admin.fetchTopicMetadata({ topics: [sentTopicOf(line)] }));
    assert.equal(topics.topics[0]?.partitions.length, 3, "as many partitions as the alerts");
  });

  const NO_SUCH_USER = { code: 550, text: "5.1.1 no such user" };

  /** Kafka creates no topic whose name differs from another one's in dots and underscores only: it stays away until that one is deleted. */
  const occupied = async (line: Line): Promise<void> => createTopic(line.brokers, nameInTheWay(line), 1);
  const vacate = (line: Line): Promise<void> =>
    withAdmin(line.brokers, (admin) => admin.deleteTopics({ topics: [nameInTheWay(line)] }));
  const nameInTheWay = (line: Line): string => sentTopicOf(line).replace(".", "_");

  const DEVICES = Array.from({ length: 20 }, (_, index) => `device-${index}`);

  test("a topic that is away holds no mail up; when it is there, everything is on record", async (t) => {
    const line = await startLine(t);
    await occupied(line);
    const product = await line.start({ KAFKA_SENT_TOPIC: sentTopicOf(line), SMTP_CONNECTIONS: "1" });
    for (const ago of [8, 6, 4]) await line.produce(DEVICES.map((device) => ({ device, at: pastWindow(ago) })));
    await line.allMailed();
    await line.allCommitted();
    assert.equal((await records(line)).length, 0);
    const why = /cannot be created \(the broker says: .* collides with existing topic: .*\): create it /;
    await eventually("it says so", () =>
      product.logs.some(
        ({ msg, error }) => String(msg).startsWith("sent mails cannot be put on record") && why.test(String(error)),
      ),
    );
    await vacate(line);
    const written = async () => (await product.metrics()).value("sent_records_total", { outcome: "written" });
    const mails = line.smtp.acceptedCount;
    await eventually("everything is on record", async () => (await written()) === mails);
    assert.equal((await records(line)).length, mails);
    await line.assertBooks();
    assert.equal(await product.stop(), 0);
  });

  test("a stop writes what waits; what it cannot write is counted and said", async (t) => {
    const line = await startLine(t);
    await occupied(line);
    const env = { KAFKA_SENT_TOPIC: sentTopicOf(line) };
    const first = await line.start(env);
    await line.produce(DEVICES.map((device) => ({ device, at: pastWindow(4) })));
    await line.allMailed();
    await line.allCommitted();
    assert.equal(await first.stop(), 0);
    const [lost] = first.logs.filter(({ msg }) => String(msg).startsWith("sent mails are not on record"));
    assert.equal(lost?.["records"], DEVICES.length);

    const second = await line.start(env);
    await line.produce(DEVICES.map((device) => ({ device, at: pastWindow(2) })));
    await line.allMailed();
    await line.allCommitted();
    await vacate(line);
    assert.equal(await second.stop(), 0);
    const devices = (await records(line)).map(({ device }) => device).sort();
    assert.deepEqual(devices, [...DEVICES].sort());
    await line.assertBooks();
  });

  test("alert-digest sent: was I told, when, and what did the server say", async (t) => {
    const line = await startLine(t, {
      env: { MAIL_TO: "me@example.com,gone@example.com" },
      smtp: { onRcpt: (address) => (address.startsWith("gone") ? NO_SUCH_USER : undefined) },
    });
    const before = await ask(line);
    assert.equal(before.code, 1);
    assert.match(before.stderr, /topic .*\.sent \(KAFKA_SENT_TOPIC\) does not exist/);
    const unset = await runCli(["sent"], { KAFKA_BROKERS: line.brokers });
    assert.equal(unset.code, 78);
    assert.match(unset.stderr, /KAFKA_SENT_TOPIC: it is not set/);

    const product = await line.start({ KAFKA_SENT_TOPIC: sentTopicOf(line) });
    await line.produce(["boiler", "pump"].map((device) => ({ device, at: pastWindow(3) })));
    // Both are late: read together, they would be in one mail.
    await line.allMailed();
    await line.produce([{ device: "boiler", at: pastWindow(1) }]);
    await line.allMailed();
    await line.allCommitted();
    assert.equal(await product.stop(), 0);
    await line.producer.send(sentTopicOf(line), [
      { key: "boiler", value: { deviceId: "boiler", message: "lost my way" } },
    ]);

    const answer = await ask(line, "--device", "boiler", "--since", "1h");
    assert.equal(answer.code, 0, answer.stderr);
    const [first, second, ...more] = answer.stdout.split("\n\n");
    assert.equal(more.length, 0, answer.stdout);
    for (const block of [first, second]) {
      assert.match(block ?? "", /^\d{4}-.*Z {2}accepted, not for everybody {2}boiler\n/);
      assert.match(
        block ?? "",
        /\n {2}told +me@example\.com\n {2}not told +gone@example\.com: 550 5\.1\.1 no such user/,
      );
    }
    assert.ok((first ?? "") < (second ?? ""), "newest last");
    assert.match(answer.stderr, /^alert-digest: \d\/\d is no record of a mail: .*; passed over\n$/);

    const json = async (...options: string[]) =>
      (await ask(line, "--json", ...options)).stdout
        .split("\n")
        .filter(Boolean)
        .map((text) => JSON.parse(text) as { device: string; messageId: string });
    const all = await json();
    assert.deepEqual(all.map(({ device }) => device).sort(), ["boiler", "boiler", "pump"]);
    const pump = all.find(({ device }) => device === "pump");
    assert.deepEqual(await json("--message-id", pump?.messageId ?? ""), [pump]);
    assert.equal((await json("--recipient", "gone@example.com", "--outcome", "partly")).length, 3);
    assert.equal((await json("--outcome", "dead_lettered")).length, 0);
    const newest = await ask(line, "--limit", "1");
    assert.match(newest.stderr, /the newest 1 of 3 mails are shown \(--limit\)/);
    const none = await ask(line, "--until", "2020-01-01");
    assert.deepEqual([none.code, none.stdout], [0, ""]);
    assert.match(none.stderr, /no mail on record/);
  });
});
