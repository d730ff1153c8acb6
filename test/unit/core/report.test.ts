import assert from "node:assert/strict";
import { test } from "node:test";
import { DEVICES_COUNTED_MAX, type ReportedMail, ReportSums } from "#src/core/report.js";

const PERIOD = { day: "2026-11-21", fromMs: 0, toMs: 86_400_000 };

const mail = (deviceId: string, parts: Partial<ReportedMail> = {}): ReportedMail => ({
  deviceId,
  deviceName: undefined,
  alerts: 1,
  critical: 0,
  accepted: true,
  deadLettered: false,
  devices: 1,
  seconds: 2,
  ...parts,
});

test("a device's mails add up: alerts, mails, the slowest, and what somebody never got", () => {
  const sums = new ReportSums();
  assert.ok(sums.isEmpty);
  sums.mail(mail("boiler", { alerts: 12, critical: 3, seconds: 2.5, deviceName: "old name" }));
  sums.mail(mail("boiler", { alerts: 4, seconds: 9, deviceName: "Boiler 1" }));
  sums.mail(mail("boiler", { alerts: 2, accepted: false, deadLettered: true, seconds: 900 }));
  sums.mail(mail("boiler", { deadLettered: true }));
  const { totals, devices } = sums.report(PERIOD);
  const boiler = { alerts: 19, critical: 3, mails: 3, slowestSeconds: 9, deadLetters: 2, reportOnly: 0 };
  assert.deepEqual(devices, [{ deviceId: "boiler", deviceName: "Boiler 1", ...boiler }]);
  assert.deepEqual(totals, { ...boiler, muted: 0 });
  assert.ok(!sums.isEmpty);
});

test("records that could not be read are of no device: they stand by themselves, by reason", () => {
  const sums = new ReportSums();
  for (const reason of ["not-json", "key-mismatch", "not-json"]) sums.unreadableRecord(reason);
  const { totals, devices, unreadable, deviceCount } = sums.report(PERIOD);
  assert.deepEqual([devices, deviceCount, totals.deadLetters], [[], 0, 0]);
  assert.deepEqual(unreadable, [
    { reason: "not-json", count: 2 },
    { reason: "key-mismatch", count: 1 },
  ]);
  assert.ok(!sums.isEmpty);
  for (let other = 0; other < 100; other++) sums.unreadableRecord(`reason ${other}`);
  assert.ok(sums.report(PERIOD).unreadable.length <= 21, "whoever writes to the topic cannot fill the memory");
});

test("of muted alerts the number counts; those for the report only are told of with their device", () => {
  const sums = new ReportSums();
  const muted = { deviceId: "pump", deviceName: "Pump 7", alerts: 4, critical: 1 };
  sums.muted({ ...muted, listed: false });
  sums.muted({ ...muted, listed: true });
  const { totals, devices } = sums.report(PERIOD);
  const pump = { alerts: 4, critical: 1, mails: 0, slowestSeconds: undefined, deadLetters: 0, reportOnly: 4 };
  assert.deepEqual(devices, [{ deviceId: "pump", deviceName: "Pump 7", ...pump }]);
  assert.deepEqual(totals, { ...pump, muted: 4 });
});

test("a mail of several devices is one mail in the totals and a dead letter of each, as in the dead-letter topic", () => {
  const sums = new ReportSums();
  for (let index = 0; index < 7; index++)
    sums.mail(mail(`device-${index}`, { devices: 7, deadLettered: true, alerts: 2 }));
  const { totals, devices } = sums.report(PERIOD);
  assert.deepEqual([totals.mails, totals.deadLetters, totals.alerts], [1, 7, 14]);
  assert.deepEqual([...new Set(devices.map(({ mails }) => mails))], [1]);
});

test("alerts that reach some readers by one mail and some by another count once, the mails each", () => {
  const sums = new ReportSums();
  sums.mail(mail("boiler", { alerts: 5, critical: 2 }));
  sums.mail(mail("boiler", { alerts: 5, critical: 2, again: true }));
  const { totals } = sums.report(PERIOD);
  assert.deepEqual([totals.alerts, totals.critical, totals.mails], [5, 2, 2]);
});

test("a mail that is on record by several records, as its transactions went, counts once", () => {
  const sums = new ReportSums();
  sums.mail(mail("boiler", { alerts: 5, critical: 2, seconds: 1 }));
  sums.mail(mail("boiler", { alerts: 5, critical: 2, seconds: 4, more: true, deadLettered: true }));
  const { totals } = sums.report(PERIOD);
  assert.deepEqual(
    [totals.alerts, totals.critical, totals.mails, totals.slowestSeconds, totals.deadLetters],
    [5, 2, 1, 4, 1],
  );
});

test("the worst come first: who was not told, then critical alerts, then alerts, then slow mails", () => {
  const sums = new ReportSums();
  sums.mail(mail("quiet"));
  sums.mail(mail("slow", { seconds: 300 }));
  sums.mail(mail("many", { alerts: 900 }));
  sums.mail(mail("critical", { critical: 1 }));
  sums.mail(mail("broken", { accepted: false, deadLettered: true }));
  const order = sums.report(PERIOD).devices.map(({ deviceId }) => deviceId);
  assert.deepEqual(order, ["broken", "critical", "many", "slow", "quiet"]);
});

test("200 devices are listed; beyond 10,000 the totals alone go on", () => {
  const sums = new ReportSums();
  for (let index = 0; index < DEVICES_COUNTED_MAX; index++) sums.mail(mail(`device-${index}`));
  assert.equal(sums.report(PERIOD).moreDevices, false);
  sums.mail(mail("one more"));
  sums.mail(mail("device-0"));
  sums.mail(mail("another", { deadLettered: true }));
  sums.muted({ deviceId: "a third", deviceName: undefined, alerts: 7, critical: 0, listed: true });
  const { totals, devices, deviceCount, moreDevices } = sums.report(PERIOD);
  assert.deepEqual([devices.length, deviceCount, moreDevices], [200, DEVICES_COUNTED_MAX, true]);
  assert.deepEqual([totals.mails, totals.deadLetters, totals.reportOnly], [DEVICES_COUNTED_MAX + 3, 1, 7]);
  assert.equal(devices[0]?.deviceId, "device-0");
});
