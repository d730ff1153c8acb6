/** What `preview` makes of alerts that a route mutes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { readAlertLines } from "#src/commands/preview/alert-lines.js";
import { alertsByDevice, withoutLines } from "#src/commands/preview/contents.js";
import { mutedAlerts } from "#src/commands/preview/muted.js";
import { createAlertCodec } from "#src/formats/codec.js";
import { routesOf } from "../../routing/digests.js";

const byDevice = (...alerts: readonly object[]) => {
  const text = alerts.map((alert) => JSON.stringify({ message: "m", ...alert })).join("\n");
  return alertsByDevice(readAlertLines(Buffer.from(text), createAlertCodec()).alerts, 0);
};

const ROUTES = routesOf(`
  - { match: { device: archive }, to: a@x.test, continue: true }
  - { match: { type: DOOR }, only: report, name: doors }
  - { match: { device: ["pump-*", archive] }, mute: true, until: 2026-12-01T00:00:00Z }`);

test("each route that mutes says how many alerts of which devices, and what becomes of them", () => {
  const all = byDevice(
    { deviceId: "pump-1", occurredAt: "2026-11-21T00:00:01Z" },
    { deviceId: "pump-1", type: "DOOR" },
    { deviceId: "pump-2" },
    { deviceId: "pump-2", severity: "critical" },
    { deviceId: "pump-2", occurredAt: "2026-12-01T00:00:00Z" },
    { deviceId: "archive" },
    { deviceId: "boiler" },
  );
  const { lines, told, ofDevice } = mutedAlerts(all, ROUTES, "UTC");
  assert.deepEqual(told, [
    "Muted by route 2, doors: 1 alert of pump-1. Nobody is mailed; the daily report tells of it.",
    "Muted by route 3: 2 alerts of pump-1, pump-2. Nobody is mailed.",
  ]);
  assert.deepEqual([...lines].sort(), [1, 2, 3]);
  assert.deepEqual(
    [...ofDevice],
    [
      ["pump-1", "Muted: 2 alerts of pump-1, in no mail."],
      ["pump-2", "Muted: 1 alert of pump-2, in no mail."],
    ],
  );
  const left = withoutLines(all, lines);
  assert.deepEqual(
    [...left].map(([device, alerts]) => [device, alerts.map(({ offset }) => offset)]),
    [
      ["pump-2", [4, 5]],
      ["archive", [6]],
      ["boiler", [7]],
    ],
  );
  assert.equal(left.get("pump-2")?.[0]?.eventTime, Date.parse("2026-11-21T00:00:01Z"), "a muted one's time counts");
});

test("many devices are counted", () => {
  const all = byDevice(...Array.from({ length: 13 }, (_, index) => ({ deviceId: `pump-${index}` })));
  assert.match(mutedAlerts(all, ROUTES, "UTC").told[0] ?? "", /13 alerts of pump-0, .*pump-9, and 3 more\. Nobody/);
});

test("without a route that mutes there is nothing to say", () => {
  const { lines, told, ofDevice } = mutedAlerts(byDevice({ deviceId: "a" }), [], "UTC");
  assert.deepEqual([lines.size, told.length, ofDevice.size], [0, 0, 0]);
});
