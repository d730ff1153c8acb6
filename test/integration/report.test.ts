/** The daily report: one instance of the group sends it, once, also when nobody was there when it was due. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { wallTime } from "#src/core/time.js";
import { KafkaDeadLetters } from "#src/kafka/dead-letters.js";
import { encodeMail } from "#src/kafka/sent-record.js";
import { parseSent } from "#src/kafka/sent-record-parser.js";
import type { Clock } from "#src/runtime/clock.js";
import type { Digest } from "#src/runtime/ports.js";
import { badRecord } from "#test/support/dead-letter-desk.js";
import { eventually } from "#test/support/eventually.js";
import { createTopic, quietClient } from "#test/support/kafka-admin.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";
import type { Product } from "#test/support/product.js";
import { readTopic } from "#test/support/read-topic.js";
import { sentMail } from "#test/support/sent-mail.js";

const sentTopicOf = (line: Line): string => `${line.topic}.sent`;
const HOUR = 3_600_000;

/** A report time that was `minutes` ago, in UTC. */
const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString().slice(11, 16);

const isReport = (headers: string): boolean => /^X-Alert-Digest-Report:/m.test(headers);
const reports = (line: Line) => line.smtp.messages.filter(({ raw }) => isReport(raw.toString("latin1")));

/** Puts mails on record that were through some hours ago, as the product does, and a dead letter. */
async function history(line: Line): Promise<void> {
  const { content } = sentMail();
  const at = wallTime(Date.now() - 3 * HOUR);
  const mails = [
    sentMail({ at, content: { ...(content as Digest), deviceId: "boiler", deviceName: "Boiler 1" } }),
    sentMail({ at, content: { ...(content as Digest), deviceId: "pump" }, outcome: "dead_lettered", recipients: [] }),
    // Of the day before: not in this report.
    sentMail({ at: wallTime(Date.now() - 40 * HOUR), content: { ...(content as Digest), deviceId: "old" } }),
  ];
  const source = { group: line.group, instance: "gone" };
  for (const { key, value, timestampMs } of mails.flatMap((mail) => encodeMail(mail, source)))
    await line.producer.send(sentTopicOf(line), [{ key, value, timestamp: timestampMs }]);
  const [topic, groupId] = [line.deadLetterTopic, line.group];
  const clock = { now: () => at } as Clock;
  const sink = new KafkaDeadLetters({ kafka: quietClient(line.brokers), topic, groupId, clock });
  await sink.write(badRecord(line.topic, { key: Buffer.from("boiler") }));
  await sink.close();
}

const metric = async (product: Product, outcome: string) =>
  (await product.metrics()).value("reports_total", { outcome }) ?? 0;

// They mostly wait.
describe("the daily report", { concurrency: 3 }, () => {
  test("two instances that start after it was due send it once; those that come later not again", async (t) => {
    const line = await startLine(t, {
      deadLetterConfig: {},
      env: { MAIL_TIMEZONE: "UTC", REPORT_AT: minutesAgo(60), REPORT_TO: "boss@example.com" },
    });
    await createTopic(line.brokers, sentTopicOf(line), 2);
    await history(line);
    await line.produceRaw([{ key: "broken", value: "no alert", timestamp: pastWindow(3) }]);
    const env = { KAFKA_SENT_TOPIC: sentTopicOf(line) };
    const [one, two] = await Promise.all([line.start(env), line.start(env)]);
    const [report] = await eventually("the report is accepted", () => reports(line).length > 0 && reports(line));
    assert.deepEqual(report?.to, ["boss@example.com"]);
    const text = (await report?.parsed())?.text ?? "";
    assert.match(text, /^2 dead letters: some alerts did not reach every recipient\./);
    assert.match(text, /1 dead letter\n1 record could not be read: /);
    assert.match(text, /1\. ! Boiler 1 \(pump\)[\s\S]*2\. Boiler 1 \(boiler\)/);
    assert.doesNotMatch(text, /\bold\b|broken/);

    await eventually("it is on record", async () => {
      const records = (await readTopic(line.brokers, sentTopicOf(line))).map(({ value }) => parseSent(value));
      return records.filter((parsed) => parsed.ok && parsed.record.kind === "report").length === 1;
    });
    const sent = await eventually("one of them has counted it", async () => {
      const counts = [await metric(one, "sent"), await metric(two, "sent")];
      return counts.includes(1) && counts;
    });
    assert.deepEqual(sent.toSorted(), [0, 1]);

    // Whoever sent it leaves: the other one owns partition 0 then, and a third one comes.
    const [sender, other] = sent[0] === 1 ? [one, two] : [two, one];
    assert.equal(await sender.stop(), 0);
    const third = await line.start({ ...env, LOG_LEVEL: "debug" });
    assert.equal(await other.stop(), 0);
    await eventually("the third one has looked for it", () =>
      third.logs.some(({ msg, reported }) => msg === "no daily report to send" && reported === true),
    );
    assert.equal(reports(line).length, 1);
    assert.equal(await third.stop(), 0);
  });

  test("a mail server that refuses it for now gets it again; alerts go on meanwhile", async (t) => {
    let tries = 0;
    const line = await startLine(t, {
      deadLetterConfig: {},
      env: { REPORT_AT: minutesAgo(60), REPORT_TO: "boss@example.com" },
      smtp: {
        onRcpt: (address) =>
          address.startsWith("boss") && ++tries < 3 ? { code: 450, text: "4.2.0 later" } : undefined,
      },
    });
    await createTopic(line.brokers, sentTopicOf(line), 1);
    await history(line);
    const product = await line.start({ KAFKA_SENT_TOPIC: sentTopicOf(line) });
    await line.produce([{ device: "valve", at: pastWindow(2) }]);
    await line.allMailed();
    await eventually("the report is accepted", () => reports(line).length === 1);
    assert.equal(tries, 3);
    await eventually("it is counted", async () => (await metric(product, "sent")) === 1);
    assert.equal(await product.stop(), 0);
  });

  test("nothing on record, nobody there when it was due: no report", async (t) => {
    const line = await startLine(t, { env: { REPORT_AT: minutesAgo(60), LOG_LEVEL: "debug" } });
    const product = await line.start({ KAFKA_SENT_TOPIC: sentTopicOf(line) });
    await eventually("it has looked", () => product.logs.some(({ msg }) => msg === "no daily report to send"));
    assert.equal(reports(line).length, 0);
  });
});
