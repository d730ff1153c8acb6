import assert from "node:assert/strict";
import { test } from "node:test";
import { BAD_RECORDS } from "#tools/simulator/bad-records.js";
import { type FleetAlert, type FleetOptions, planFleet } from "#tools/simulator/fleet.js";

const OPTIONS: FleetOptions = { seed: 1, devices: 30, rate: 20, durationMs: 90_000 };

const alertsOf = (options: FleetOptions): (FleetAlert & { atMs: number; keyed: boolean })[] =>
  planFleet(options).flatMap((planned) =>
    planned.kind === "alert" ? { ...planned.alert, atMs: planned.atMs, keyed: planned.keyed } : [],
  );

const countBy = (alerts: readonly FleetAlert[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { deviceId } of alerts) counts.set(deviceId, (counts.get(deviceId) ?? 0) + 1);
  return counts;
};

test("the same seed makes the same fleet, another seed another one", () => {
  assert.deepEqual(planFleet(OPTIONS), planFleet(OPTIONS));
  assert.notDeepEqual(planFleet(OPTIONS), planFleet({ ...OPTIONS, seed: 2 }));
});

test("the plan is in time order, inside its duration, about as fast as asked, each alert with its own ID", () => {
  const plan = planFleet(OPTIONS);
  const times = plan.map(({ atMs }) => atMs);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  assert.ok(times.every((at) => at >= 0 && at < OPTIONS.durationMs));
  const alerts = alertsOf(OPTIONS);
  const steady = OPTIONS.rate * (OPTIONS.durationMs / 1_000);
  assert.ok(alerts.length > steady * 0.9 && alerts.length < steady * 1.5, `${alerts.length} alerts`);
  assert.equal(new Set(alerts.map(({ alertId }) => alertId)).size, alerts.length);
});

test("there are a noisy device, a storm and a device that falls silent", () => {
  const alerts = alertsOf(OPTIONS);
  const counts = countBy(alerts);
  const [noisy, stormy, silent] = [...new Set(alerts.map(({ deviceId }) => deviceId))].toSorted((a, b) =>
    a.slice(-3).localeCompare(b.slice(-3)),
  );
  const typical = [...counts.values()].toSorted((a, b) => a - b)[15] ?? 0;
  assert.ok((counts.get(noisy ?? "") ?? 0) > 3 * typical);
  const storm = alerts.filter(({ deviceId, atMs }) => deviceId === stormy && atMs >= 40_500 && atMs < 44_500);
  assert.ok(storm.length > 200, `${storm.length} alerts in the storm: more than one mail lists`);
  const last = alerts.filter(({ deviceId }) => deviceId === silent).at(-1);
  assert.ok(last && last.atMs < 30_000);
});

test("both languages speak, alerts resolve, one record has no key, and every kind of bad record is there once", () => {
  const alerts = alertsOf(OPTIONS);
  assert.ok(alerts.some(({ message }) => /[가-힣]/.test(message)));
  assert.ok(alerts.some(({ message }) => /^[ -~°]+$/.test(message)));
  assert.ok(alerts.some(({ status }) => status === "resolved"));
  for (const severity of ["info", "warning", "critical"])
    assert.ok(alerts.some((alert) => alert.severity === severity));
  assert.equal(alerts.filter(({ keyed }) => !keyed).length, 1);
  const others = planFleet(OPTIONS).filter(({ kind }) => kind !== "alert");
  assert.deepEqual(
    others.map(({ atMs: _, ...bad }) => bad),
    BAD_RECORDS,
  );
});

test("a fleet of one device and one second still has a plan", () => {
  const plan = planFleet({ seed: 3, devices: 1, rate: 1, durationMs: 1_000 });
  assert.ok(plan.length > BAD_RECORDS.length);
});

test("Korean alerts write units as the mails do, and doors are no machines", () => {
  const all = alertsOf({ ...OPTIONS, language: "ko" });
  const told = all.map(({ message }) => message);
  assert.ok(told.some((message) => /\d분째 /.test(message)) && told.some((message) => /\d%입니다/.test(message)));
  assert.ok(told.some((message) => /\d °C까지/.test(message)));
  for (const message of told) assert.doesNotMatch(message, /\d (?:분|%)/);
  const names = all.map(({ deviceName }) => deviceName ?? "");
  assert.ok(names.some((name) => /출입문 \d+번$/.test(name)) && names.some((name) => /펌프 \d+호기$/.test(name)));
  for (const name of names) assert.doesNotMatch(name, /출입문 \d+호기/);
});
