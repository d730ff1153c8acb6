import assert from "node:assert/strict";
import { test } from "node:test";
import { account, type Ledger } from "#test/chaos/books.js";

const alert = (alertId: string, offset: number, deviceId = "a") => ({ alertId, deviceId, partition: 0, offset });
const mail = (messageId: string, ...alertIds: string[]) => ({ messageId, deviceId: "a", alertIds });

const ledger = (some: Partial<Ledger>): Ledger => ({
  alerts: [alert("A1", 0), alert("A2", 1), alert("A3", 2)],
  badRecords: [],
  acknowledged: ["A1", "A2", "A3"],
  mails: [mail("m1", "A1", "A2"), mail("m2", "A3")],
  deadLetterAlerts: [],
  deadLetterRecords: [],
  ...some,
});

test("books in which every alert is in one mail have nothing to say", () => {
  const books = account(ledger({}));
  assert.deepEqual(
    [books.lost, books.repeated, books.outOfOrder, books.lostByBroker, books.unknown, books.repeatedMails],
    [[], [], [], [], [], 0],
  );
});

test("an alert in no mail is lost, unless a dead letter holds it", () => {
  const mails = [mail("m1", "A1", "A2")];
  assert.deepEqual(account(ledger({ mails })).lost, ["A3"]);
  assert.deepEqual(account(ledger({ mails, deadLetterAlerts: ["A3"] })).lost, []);
});

test("a bad record without a dead letter is lost", () => {
  assert.deepEqual(account(ledger({ badRecords: ["0/7"] })).lost, ["0/7"]);
  assert.deepEqual(account(ledger({ badRecords: ["0/7"], deadLetterRecords: ["0/7"] })).lost, []);
});

test("a mail sent twice repeats its alerts under the same Message-ID", () => {
  const books = account(ledger({ mails: [mail("m1", "A1", "A2"), mail("m2", "A3"), mail("m1", "A1", "A2")] }));
  assert.deepEqual([books.repeated, books.repeatedSameId, books.repeatedMails], [["A1", "A2"], 2, 1]);
});

test("an alert in two different mails is repeated under another Message-ID", () => {
  const books = account(ledger({ mails: [mail("m1", "A1", "A2"), mail("m2", "A2", "A3")] }));
  assert.deepEqual([books.repeated, books.repeatedSameId, books.repeatedMails], [["A2"], 0, 0]);
});

test("an alert that a retrying producer wrote twice is expected twice", () => {
  const alerts = [alert("A1", 0), alert("A2", 1), alert("A2", 2), alert("A3", 3)];
  const books = account(ledger({ alerts, mails: [mail("m1", "A1", "A2"), mail("m2", "A2", "A3")] }));
  assert.deepEqual([books.lost, books.repeated], [[], []]);
  assert.equal(
    account(ledger({ alerts, mails: [mail("m1", "A1", "A2"), mail("m2", "A2"), mail("m3", "A3")] })).repeatedMails,
    0,
  );
});

test("a later alert before an earlier one is disorder, a repeat of an older mail is none", () => {
  assert.deepEqual(account(ledger({ mails: [mail("m2", "A3"), mail("m1", "A1", "A2")] })).outOfOrder, ["a"]);
  const repeated = [mail("m1", "A1", "A2"), mail("m2", "A3"), mail("m1", "A1", "A2")];
  assert.deepEqual(account(ledger({ mails: repeated })).outOfOrder, []);
});

test("what the broker acknowledged and does not have, and what nobody produced, is told apart", () => {
  const books = account(ledger({ acknowledged: ["A1", "A9"], mails: [mail("m1", "A1", "A2", "A3", "A8")] }));
  assert.deepEqual([books.lostByBroker, books.unknown, books.lost], [["A9"], ["A8"], []]);
});
