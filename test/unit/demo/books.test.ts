import assert from "node:assert/strict";
import { test } from "node:test";
import { checkBooks, type Ledger, quantile, type ReceivedMail } from "#test/demo/books.js";
import type { SentAlert } from "#tools/simulator/sender.js";

const alert = (offset: number, deviceId = "pump-1", partition = 0): SentAlert => ({
  alertId: `a-${partition}-${offset}`,
  deviceId,
  message: `vibration ${offset} mm/s`,
  partition,
  offset,
  timestamp: offset * 1_000,
});

const mail = (offsets: readonly number[], over: Partial<ReceivedMail> = {}): ReceivedMail => ({
  subject: "s",
  deviceId: "pump-1",
  partition: 0,
  firstOffset: Math.min(...offsets),
  lastOffset: Math.max(...offsets),
  count: offsets.length,
  windowEndMs: 1_000_000,
  text: offsets.map((offset) => `vibration\r\n ${offset} mm/s`).join("\n"),
  ...over,
});

const ledger = (over: Partial<Ledger>): Ledger => ({
  alerts: [],
  badRecords: [],
  mails: [],
  deadLetters: [],
  mailMaxAlerts: 10,
  ...over,
});

const alerts = [alert(0), alert(1), alert(2, "gate-2"), alert(3)];
const right = [mail([0, 1]), mail([2], { deviceId: "gate-2" }), mail([3])];

test("books in which every alert is in one mail are right, whatever the bodies' line breaks", () => {
  assert.deepEqual(checkBooks(ledger({ alerts, mails: right })), []);
});

test("another device's alert between two of a mail's offsets is not that mail's", () => {
  const mails = [mail([0, 1, 3], { lastOffset: 3 }), mail([2], { deviceId: "gate-2" })];
  assert.deepEqual(checkBooks(ledger({ alerts, mails })), []);
});

test("an alert in no mail is named", () => {
  const problems = checkBooks(ledger({ alerts, mails: right.slice(0, 2) }));
  assert.deepEqual(problems, ["alert a-0-3 of pump-1 (0/3) is in no mail"]);
});

test("an alert in two mails is named", () => {
  const problems = checkBooks(ledger({ alerts, mails: [...right, mail([3])] }));
  assert.deepEqual(problems, ["alert a-0-3 of pump-1 (0/3) is in 2 mails"]);
});

test("a mail whose count is not what was produced is named", () => {
  const problems = checkBooks(ledger({ alerts, mails: [mail([0, 1], { count: 3 }), ...right.slice(1)] }));
  assert.match(problems.join("\n"), /says 3 alerts, 2 were produced there/);
});

test("a mail that does not list one of its alerts is named; beyond the most it lists, the count decides", () => {
  const silent = [mail([0, 1], { text: "vibration 0 mm/s" }), ...right.slice(1)];
  assert.match(checkBooks(ledger({ alerts, mails: silent })).join("\n"), /does not list alert a-0-1/);
  assert.deepEqual(checkBooks(ledger({ alerts, mails: silent, mailMaxAlerts: 1 })), []);
});

test("a device's mails out of order, or with an alert of a later window, are named", () => {
  const problems = checkBooks(ledger({ alerts, mails: right.toReversed() }));
  assert.match(problems.join("\n"), /mails of pump-1 out of order: 0\/0-1 came after 0\/3-3/);
  const early = checkBooks(ledger({ alerts, mails: [mail([0, 1], { windowEndMs: 1_000 }), ...right.slice(1)] }));
  assert.match(early.join("\n"), /holds alert a-0-1 of pump-1 \(0\/1\), which is of a later window/);
});

test("a device's alerts on two partitions are two ledgers: order holds within one", () => {
  const both = [alert(5), alert(1, "pump-1", 1)];
  const mails = [mail([5]), mail([1], { partition: 1 })];
  assert.deepEqual(checkBooks(ledger({ alerts: both, mails })), []);
});

test("every bad record is one dead letter: none, two and unexpected ones are named", () => {
  const badRecords = [
    { what: "no JSON", partition: 0, offset: 7 },
    { what: "no message", partition: 1, offset: 7 },
  ];
  const letter = (partition: number, offset: number, kind = "record") => ({ kind, partition, offset });
  assert.deepEqual(checkBooks(ledger({ badRecords, deadLetters: [letter(1, 7), letter(0, 7)] })), []);
  assert.deepEqual(
    checkBooks(ledger({ badRecords, deadLetters: [letter(0, 7), letter(0, 7), letter(2, 2, "window")] })),
    [
      "bad record 0/7 (no JSON) is in the dead-letter topic 2 times",
      "bad record 1/7 (no message) is in the dead-letter topic 0 times",
      "dead letter 2/2 of kind window was not expected",
    ],
  );
});

test("quantiles take the nearest rank", () => {
  assert.equal(quantile([], 0.5), undefined);
  assert.equal(quantile([3, 1, 2], 0.5), 2);
  assert.equal(quantile([1, 2, 3, 4], 0.99), 4);
});
