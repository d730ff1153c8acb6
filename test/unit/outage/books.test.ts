import assert from "node:assert/strict";
import { test } from "node:test";
import { OutageBooks, type OutageMail } from "#test/outage/books.js";

const WINDOW_MS = 30_000;
/** Two devices that take turns, eight alerts. */
const deviceOf = Uint16Array.from([0, 1, 0, 1, 0, 1, 0, 1]);

const mail = (
  device: number,
  window: number,
  serials: readonly number[],
  some: Partial<OutageMail> = {},
): OutageMail => ({
  device,
  windowStart: window * WINDOW_MS,
  windowEnd: (window + 1) * WINDOW_MS,
  count: serials.length,
  serials,
  ...some,
});

const accountOf = (mails: readonly OutageMail[]) => {
  const books = new OutageBooks(deviceOf, WINDOW_MS);
  for (const one of mails) books.take(one);
  return { settled: books.settled, ...books.account() };
};

const GOOD = [
  mail(0, 0, [0, 2]),
  mail(1, 0, [1]),
  mail(0, 1, [4, 6]),
  mail(1, 1, [3, 5, 7], { windowEnd: 3 * WINDOW_MS }),
];
const CLEAN = {
  settled: 8,
  mails: 4,
  merged: 1,
  lost: 0,
  repeated: 0,
  unknown: 0,
  miscounted: 0,
  outOfOrder: 0,
  windowsOutOfOrder: 0,
  devices: 2,
};

test("every alert in one mail, a device's mails and alerts in order: nothing is missed", () => {
  assert.deepEqual(accountOf(GOOD), CLEAN);
});

test("an alert in no mail is lost, in two it is repeated", () => {
  assert.deepEqual(accountOf(GOOD.slice(0, 3)), { ...CLEAN, settled: 5, mails: 3, merged: 0, lost: 3 });
  const twice = accountOf([...GOOD, mail(0, 2, [6])]);
  assert.deepEqual([twice.repeated, twice.lost, twice.settled], [1, 0, 8]);
});

test("an alert after a later one of its device, and a window before one that was mailed, are out of order", () => {
  const swapped = accountOf([mail(0, 0, [2, 0]), mail(0, 1, [4, 6])]);
  assert.deepEqual([swapped.outOfOrder, swapped.windowsOutOfOrder], [1, 0]);
  const early = accountOf([mail(0, 1, [0, 2]), mail(0, 0, [4, 6])]);
  assert.deepEqual([early.outOfOrder, early.windowsOutOfOrder], [0, 1]);
});

test("another device's alert, one that was never produced, and a wrong number are seen", () => {
  const { unknown, miscounted } = accountOf([mail(0, 0, [0, 1, 99]), mail(1, 0, [1], { count: 2 })]);
  assert.deepEqual([unknown, miscounted], [2, 1]);
});
