import assert from "node:assert/strict";
import { test } from "node:test";
import { wallTime } from "#src/core/time.js";
import { encodeMail, encodeReport } from "#src/kafka/sent-record.js";
import { latenessOf, parseSent, type SentMailRecord } from "#src/kafka/sent-record-parser.js";
import type { Digest, SentMail } from "#src/runtime/ports.js";
import { summaryOf } from "#src/runtime/summary.js";
import { failureOf } from "#test/support/delivery-bench.js";
import { sentMail } from "#test/support/sent-mail.js";

const SOURCE = { group: "g", instance: "host-1" };

const encoded = (mail: SentMail) =>
  encodeMail(mail, SOURCE).map(({ key, value, timestampMs }) => {
    const parsed = parseSent(Buffer.from(value));
    assert.ok(parsed.ok && parsed.record.kind === "mail", JSON.stringify(parsed));
    return { key, timestampMs, record: parsed.record as SentMailRecord, text: value };
  });

test("a record tells the window, the offsets, who has it, what the server said and how long it took", () => {
  const mail = sentMail({ attempts: 2, failed: [failureOf("b@example.org", "recipient-refused")] });
  const [one, ...more] = encoded(mail);
  assert.deepEqual([one?.key, one?.timestampMs, more.length], ["boiler", mail.at, 0]);
  assert.deepEqual(JSON.parse(one?.text ?? ""), {
    version: 1,
    kind: "mail",
    device: "boiler",
    deviceName: "Boiler 1",
    window: ["2026-11-21T09:00:00.000Z", "2026-11-21T09:00:30.000Z"],
    windowCount: 1,
    topic: "alerts",
    partition: 3,
    offsets: [40, 44],
    alerts: 5,
    severities: { info: 1, warning: 3, critical: 1 },
    devices: 1,
    messageId: "<m1@example.com>",
    outcome: "accepted",
    recipients: ["a@example.org"],
    failed: [
      {
        recipient: "b@example.org",
        phase: "data",
        reason: "recipient-refused",
        code: 450,
        reply: "450 5.1.1 recipient-refused",
      },
    ],
    reply: "250 2.0.0 queued as 4A",
    attempts: 2,
    latencySeconds: 0.312,
    windowEndToMailSeconds: 2.5,
    at: "2026-11-21T09:00:32.500Z",
    group: "g",
    instance: "host-1",
  });
});

test("a mail of windows that all told nothing new was held for a while, and is not late for it", () => {
  const mail = sentMail();
  const lateness = [undefined, 2, 3].map((repeats) => {
    const [one] = encoded({
      ...mail,
      content: { ...(mail.content as Digest), windowCount: 3, ...(repeats && { repeats }) },
    });
    return [one?.record.repeats, one === undefined ? undefined : latenessOf(one.record)];
  });
  assert.deepEqual(lateness, [
    [undefined, 2.5],
    [2, 2.5],
    [3, 0],
  ]);
});

test("a record of alerts that another mail told other readers of says so", () => {
  const mail = sentMail();
  const again = encoded({ ...mail, content: { ...(mail.content as Digest), again: true } });
  assert.deepEqual(
    [encoded(mail), again].map(([one]) => one?.record.again),
    [undefined, true],
  );
});

test("a mail of several devices has a record for each of them, under one Message-ID", () => {
  const { content } = sentMail();
  const digest = content as Digest;
  const devices = ["boiler", "pump", "valve"].map((deviceId) => {
    const own = { ...digest, deviceId };
    // A fleet mail's digest lists few alerts; the summary counts all.
    return { digest: { ...own, listed: [] }, summary: summaryOf(own) };
  });
  const { topic, windowStart, windowEnd } = digest;
  const records = encoded(
    sentMail({ content: { topic, windowStart, windowEnd, devices, count: 15, reason: "storm" } }),
  );
  assert.deepEqual(
    records.map(({ key, record }) => [
      key,
      record.device,
      record.devices,
      record.messageId,
      record.severities.critical,
    ]),
    ["boiler", "pump", "valve"].map((device) => [device, device, 3, "<m1@example.com>", 1]),
  );
});

test("what was never sent is a record too, and a clock set back makes no negative time", () => {
  const mail = sentMail({
    outcome: "dead_lettered",
    messageId: undefined,
    recipients: [],
    seconds: undefined,
    attempts: 0,
    reply: "no recipient",
    at: wallTime(Date.parse("2026-11-21T08:00:00Z")),
  });
  const [one] = encoded(mail);
  assert.deepEqual(
    [one?.record.outcome, one?.record.messageId, one?.record.latencySeconds, one?.record.windowEndToMailSeconds],
    ["dead_lettered", undefined, undefined, 0],
  );
});

test("a crowd of recipients and long texts stay below what a topic takes", () => {
  const recipients = Array.from({ length: 100_000 }, (_, index) => `person-${index}-${"x".repeat(60)}@example.org`);
  const [one] = encoded(
    sentMail({
      content: { ...(sentMail().content as Digest), deviceName: "가".repeat(100_000) },
      recipients,
      failed: [{ ...failureOf("b@example.org", "timeout"), reply: "5".repeat(10_000) }],
      reply: "x".repeat(10_000),
    }),
  );
  assert.ok(Buffer.byteLength(one?.text ?? "") < 1_000_000);
  const { record } = one ?? {};
  assert.equal((record?.recipients.length ?? 0) + (record?.recipientsNotListed ?? 0), recipients.length);
});

test("a report is a record of no device", () => {
  const period = { day: "2026-11-21", fromMs: 0, toMs: 86_400_000 };
  const at = wallTime(86_401_000);
  const { recipients, failed, outcome, reply } = sentMail();
  const report = { period, alerts: 12, messageId: "<r>", recipients, failed, outcome, reply, attempts: 1, at };
  const { key, value } = encodeReport(report, SOURCE);
  const parsed = parseSent(Buffer.from(value));
  assert.equal(key, "report/g");
  assert.ok(parsed.ok && parsed.record.kind === "report", JSON.stringify(parsed));
  assert.deepEqual([parsed.record.day, parsed.record.period, parsed.record.at], ["2026-11-21", [0, 86_400_000], at]);
});

test("what is no such record is said in one line; fields of a later version are passed over", () => {
  const problem = (value: Buffer | null): string => {
    const parsed = parseSent(value);
    return parsed.ok ? "none" : parsed.problem;
  };
  const [good] = encodeMail(sentMail(), SOURCE);
  const json = JSON.parse(good?.value ?? "") as Record<string, unknown>;
  const changed = (fields: object): Buffer => Buffer.from(JSON.stringify({ ...json, ...fields }));
  assert.equal(problem(null), "it has no value");
  assert.equal(problem(Buffer.from("\u001b[31m{")), "it is no JSON");
  assert.match(problem(Buffer.from("[]")), /^the record: /);
  assert.match(problem(changed({ version: 2 })), /^version: /);
  assert.match(problem(changed({ kind: "letter" })), /^kind: /);
  assert.match(problem(changed({ at: "yesterday" })), /^at: /);
  assert.match(problem(changed({ recipients: "a@example.org" })), /^recipients: /);
  assert.equal(problem(changed({ added: { later: true } })), "none");
});
