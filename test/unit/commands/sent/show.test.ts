import assert from "node:assert/strict";
import { test } from "node:test";
import type { SentCommand } from "#src/commands/sent/command.js";
import { matches, Newest } from "#src/commands/sent/filter.js";
import { block, jsonLine } from "#src/commands/sent/show.js";
import { wallTime } from "#src/core/time.js";
import { encodeMail, encodeReport } from "#src/kafka/sent-record.js";
import { parseSent, type SentRecord } from "#src/kafka/sent-record-parser.js";
import type { Digest, SentMail } from "#src/runtime/ports.js";
import { failureOf } from "#test/support/delivery-bench.js";
import { sentMail } from "#test/support/sent-mail.js";

const SOURCE = { group: "g", instance: "host-1" };

const read = (value: string): SentRecord => {
  const parsed = parseSent(Buffer.from(value));
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.record;
};
const recordOf = (parts: Partial<SentMail> = {}): SentRecord =>
  read(encodeMail(sentMail(parts), SOURCE)[0]?.value ?? "");
const found = (record: SentRecord, offset = 0) => ({ partition: 0, offset, record });

const AT = wallTime(Date.parse("2026-11-22T00:00:09Z"));
const REPORT = read(
  encodeReport(
    {
      period: { day: "2026-11-22", fromMs: AT - 86_400_000, toMs: AT },
      alerts: 12,
      ...{ messageId: "<r>", recipients: ["a@example.org"], failed: [], outcome: "accepted", reply: "250 ok" },
      ...{ attempts: 1, at: AT },
    },
    SOURCE,
  ).value,
);

test("a block answers: told when, of what, whom, and what the server said", () => {
  const text = block(found(recordOf({ failed: [failureOf("b@example.org", "recipient-refused")] })), "g");
  assert.equal(
    text,
    `2026-11-21T09:00:32.500Z  accepted, not for everybody  boiler (Boiler 1)
  alerts      5: critical 1, warning 3, info 1
  window      2026-11-21T09:00:00.000Z to 2026-11-21T09:00:30.000Z
  source      alerts/3/40-44
  told        a@example.org
  not told    b@example.org: 450 5.1.1 recipient-refused (recipient-refused at data)
  server      250 2.0.0 queued as 4A
  took        1 attempt, the last took 0.312 s; through 2.5 s after the window's end
  Message-ID  <m1@example.com>
`,
  );
});

test("what nobody got stands out; another group's mail says whose it is; a report is one", () => {
  const parts = {
    outcome: "dead_lettered",
    recipients: [],
    messageId: undefined,
    seconds: undefined,
    attempts: 0,
  } as const;
  const text = block(found(recordOf({ ...parts, reply: "" })), "other");
  assert.match(text, /^2026-11-21T09:00:32\.500Z {2}NOT DELIVERED {2}boiler/);
  assert.match(text, / server {6}\(no reply\)\n {2}took {8}0 attempts; through/);
  assert.match(text, / group {7}g\n$/);
  assert.doesNotMatch(text, /told|Message-ID/);
  assert.match(
    block(found(recordOf({ otherMessageIds: ["<m2@example.com>"] })), "g"),
    / {2}Message-ID {2}<m1@example\.com>\n {14}<m2@example\.com>\n$/,
  );
  const early = block(found(recordOf({ content: { ...(sentMail().content as Digest), part: "early" } })), "g");
  assert.match(early, / window .* \(early: an urgent alert\)\n/);
  assert.match(
    block(found(REPORT), "g"),
    /^2026-11-22T00:00:09\.000Z {2}accepted {2}daily report 2026-11-22\n {2}alerts {6}12\n/,
  );
});

test("nothing from outside reaches the terminal as it is, and no list is endless", () => {
  const text = block(
    found(
      recordOf({
        content: { ...(sentMail().content as Digest), deviceName: "\u001b[31mred\nline\u202e" },
        reply: "250 \u0007bell\r\n2026-11-21 forged",
        recipients: Array.from({ length: 300 }, (_, index) => `p${index}@example.org`),
        failed: Array.from({ length: 50 }, (_, index) => failureOf(`q${index}@example.org`, "timeout")),
      }),
    ),
    "g",
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get through
  assert.doesNotMatch(text.replaceAll("\n", ""), /[\x00-\x1f\u202e]/);
  assert.match(text, /\\x1b\[31mred\\nline\\u202e/);
  assert.match(text, /p19@example\.org and 280 more \(--json has all\)\n/);
  assert.match(text, /and 30 more who were not told\n/);
  assert.ok(text.split("\n").every((line) => line === "" || line.startsWith("  ") || line.startsWith("2026-11-21T")));
});

test("as JSON it has every field, and where the record is", () => {
  const json = JSON.parse(jsonLine(found(recordOf(), 7))) as Record<string, unknown>;
  assert.deepEqual([json["at"], json["record"]], ["2026-11-21T09:00:32.500Z", { partition: 0, offset: 7 }]);
  assert.deepEqual(json["window"], ["2026-11-21T09:00:00.000Z", "2026-11-21T09:00:30.000Z"]);
  assert.deepEqual((JSON.parse(jsonLine(found(REPORT))) as { period: unknown }).period, [
    "2026-11-21T00:00:09.000Z",
    "2026-11-22T00:00:09.000Z",
  ]);
});

const ANY: SentCommand = {
  device: undefined,
  recipient: undefined,
  outcome: undefined,
  messageId: undefined,
  sinceMs: undefined,
  untilMs: undefined,
  limit: 100,
  json: false,
};

test("filters go together", () => {
  const record = recordOf({
    failed: [failureOf("B@example.org", "timeout")],
    otherMessageIds: ["<m2@example.com>"],
  });
  for (const [filter, fits] of [
    [{}, true],
    [{ device: "boiler" }, true],
    [{ device: "Boiler 1" }, false],
    [{ recipient: "A@EXAMPLE.org" }, true],
    [{ recipient: "b@example.org" }, true],
    [{ recipient: "c@example.org" }, false],
    [{ outcome: "accepted" }, true],
    [{ outcome: "partly" }, true],
    [{ outcome: "dead_lettered" }, false],
    [{ messageId: "m1@example.com" }, true],
    [{ messageId: "m1" }, false],
    [{ messageId: "m2@example.com" }, true],
    [{ sinceMs: record.at, untilMs: record.at + 1 }, true],
    [{ untilMs: record.at }, false],
    [{ sinceMs: record.at + 1 }, false],
    [{ device: "boiler", recipient: "c@example.org" }, false],
  ] as const)
    assert.equal(matches(record, { ...ANY, ...filter }), fits, JSON.stringify(filter));
  assert.equal(matches(recordOf(), { ...ANY, outcome: "partly" }), false);
  assert.deepEqual([matches(REPORT, ANY), matches(REPORT, { ...ANY, device: "boiler" })], [true, false]);
});

test("the newest are kept, whatever the order they are read in", () => {
  const newest = new Newest(10);
  const record = recordOf();
  for (let index = 0; index < 5_000; index++) {
    const minute = (index * 7_919) % 5_000;
    newest.add(found({ ...record, at: minute * 60_000 }, index));
  }
  assert.equal(newest.seen, 5_000);
  assert.deepEqual(
    newest.mails.map(({ record: { at } }) => at / 60_000),
    Array.from({ length: 10 }, (_, index) => 4_990 + index),
  );
});
