import assert from "node:assert/strict";
import { test } from "node:test";
import { readAlertLines } from "#src/commands/preview/alert-lines.js";
import { alertsByDevice, contentsOf } from "#src/commands/preview/contents.js";
import { createAlertCodec } from "#src/formats/codec.js";
import type { Digest, FleetDigest } from "#src/runtime/ports.js";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const at = (text: string): number => Date.parse(`2026-11-21T${text}Z`);

const linesOf = (...alerts: readonly object[]) => {
  const text = alerts.map((alert) => JSON.stringify({ message: "m", ...alert })).join("\n");
  return alertsByDevice(readAlertLines(Buffer.from(text), createAlertCodec()).alerts, NOW);
};

const options = { by: "device", maxListed: 200, fleetListed: 3 } as const;

test("line numbers count every line; a byte order mark, CRLF and a last line without an end are no matter", () => {
  const good = `{"deviceId":"a","message":"m"}`;
  const { alerts, bad } = readAlertLines(Buffer.from(`\ufeff${good}\r\n\r\nx\n \t\n${good}`), createAlertCodec());
  assert.deepEqual(
    alerts.map(({ line }) => line),
    [1, 5],
  );
  assert.deepEqual(
    bad.map(({ line }) => line),
    [3],
  );
  const latin1 = readAlertLines(Buffer.from(`{"deviceId":"a","message":"caf\u00e9"}`, "latin1"), createAlertCodec());
  assert.match(latin1.bad[0]?.reason ?? "", /^not-utf8: /);
});

test("a device's alerts are one mail over all their windows, an alert without a time happens with the one before", () => {
  const lines = linesOf(
    { deviceId: "a", occurredAt: "2026-11-21T00:00:29Z" },
    { deviceId: "a", deviceName: "A" },
    { deviceId: "a", occurredAt: "2026-11-21T00:01:00Z" },
  );
  const [digest] = contentsOf(lines, options) as readonly Digest[];
  assert.deepEqual([digest?.windowStart, digest?.windowEnd, digest?.windowCount], [at("00:00:00"), at("00:01:30"), 2]);
  assert.deepEqual(
    digest?.listed.map(({ eventTime }) => eventTime),
    [at("00:00:29"), at("00:00:29"), at("00:01:00")],
  );
  assert.deepEqual([digest?.deviceName, digest?.firstOffset, digest?.lastOffset], ["A", 1, 3]);
  const [undated] = contentsOf(linesOf({ deviceId: "b" }), options) as readonly Digest[];
  assert.equal(undated?.windowStart, NOW);
});

test("beyond MAIL_MAX_ALERTS alerts are counted by severity and type", () => {
  const lines = linesOf({ deviceId: "a" }, { deviceId: "a", severity: "critical", type: "T" }, { deviceId: "a" });
  const [digest] = contentsOf(lines, { ...options, maxListed: 1 }) as readonly Digest[];
  assert.deepEqual([digest?.count, digest?.listed.length, digest?.folded?.count], [3, 1, 2]);
  assert.deepEqual(digest?.folded?.bySeverity, { info: 0, warning: 2, critical: 0 }, "the critical one is listed");
});

test("by recipient several devices are one mail, the worst first; a single one stays its own", () => {
  const lines = linesOf({ deviceId: "a" }, { deviceId: "b", severity: "critical" }, { deviceId: "a" });
  const [fleet, ...more] = contentsOf(lines, { ...options, by: "recipient", fleetListed: 1 }) as readonly FleetDigest[];
  assert.deepEqual(more, []);
  assert.deepEqual(
    fleet?.devices.map(({ digest, summary }) => [digest.deviceId, digest.listed.length, summary.count]),
    [
      ["b", 1, 1],
      ["a", 1, 2],
    ],
  );
  assert.deepEqual([fleet?.count, fleet?.reason], [3, "asked"]);
  const [single] = contentsOf(linesOf({ deviceId: "a" }), { ...options, by: "recipient" });
  assert.ok(single !== undefined && !("devices" in single));
});
