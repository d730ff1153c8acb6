/** What every template is tried on before the first real window: one mail of each kind, with as much and as little in it as can be. */

import type { Alert } from "../core/alert.js";
import { eventTime } from "../core/time.js";
import { beganAmong, without } from "../runtime/compose-digest.js";
import type { Digest, FleetDigest, FoldedAlerts, ListedAlert, MailContent } from "../runtime/ports.js";
import { summaryOf } from "../runtime/summary.js";

export interface TemplateSample {
  /** Ends the sentence "it failed on …". */
  readonly name: string;
  readonly content: MailContent;
}

export function templateSamples(): readonly TemplateSample[] {
  const { began: _, ...bare } = digest("sensor-1", undefined, [
    { deviceId: "sensor-1", message: "", severity: "warning", status: "firing" },
  ]);
  const full = digest("freezer-3", "Freezer 3", FULL);
  const many = Array.from(
    { length: 20 },
    (_, index): Alert => ({ ...FULL[index % 2 === 0 ? 0 : 1], deviceId: "boiler-7" }) as Alert,
  );
  const boiler = digest("boiler-7", `Boiler 7 <b>"&'`, many);
  const folded: Digest = {
    ...boiler,
    count: MANY.count,
    folded: without(MANY, boiler.listed),
    all: MANY,
  };
  const merged: Digest = { ...full, windowEnd: eventTime(START + 3 * WINDOW_MS), windowCount: 3, began: BEGAN };
  const resolved = digest("pump-2", undefined, [{ ...FULL[1], deviceId: "pump-2", status: "resolved" } as Alert]);
  const unlisted: Digest = { ...folded, listed: [], count: 120 };
  return [
    { name: "a mail with everything in it", content: full },
    { name: "a mail with nothing optional in it", content: bare },
    { name: "a mail of resolved alerts", content: resolved },
    {
      name: "a mail of resolved alerts beside others that fire",
      content: { ...resolved, beside: { types: 2, worst: "critical", since: START - 3_600_000 } },
    },
    { name: "a folded mail", content: folded },
    { name: "a mail of merged windows", content: merged },
    { name: "an early mail", content: { ...full, part: "early" } },
    { name: "a mail after an early one", content: { ...bare, part: "rest", toldEarly: 1 } },
    { name: "a fleet mail", content: fleet([folded, full, bare, resolved, unlisted]) },
  ];
}

const WINDOW_MS = 30_000;
const START = Date.UTC(2026, 10, 21);

const MANY: FoldedAlerts = {
  count: 140,
  bySeverity: { info: 10, warning: 100, critical: 30 },
  byType: new Map([
    ["PRESSURE_HIGH", { count: 90, offset: 1_160, since: START + 9_000, worst: "critical", resolvedAt: 1_100 }],
    ["TEMPERATURE_HIGH", { count: 10, offset: 1_060, since: START, worst: "critical", resolvedAt: undefined }],
    ["DOOR_OPEN", { count: 10, offset: 1_061, since: undefined, worst: "info", resolvedAt: 1_061 }],
    ["", { count: 20, offset: 1_181, since: undefined, worst: "warning", resolvedAt: 1_181 }],
  ]),
  otherTypes: 10,
  resolved: 40,
  late: 3,
  othersFiring: { since: START + 20_000, worst: "warning" },
  first: START + 9_000,
  last: START + 29_000,
};

/** Before anything here was told of. */
const BEGAN = new Map([["TEMPERATURE_HIGH", START - 3_600_000]]);

const FULL: readonly Alert[] = [
  {
    deviceId: "freezer-3",
    deviceName: "Freezer 3",
    message: "Temperature above its limit",
    severity: "critical",
    status: "firing",
    type: "TEMPERATURE_HIGH",
    value: -12.5,
    threshold: -18,
    unit: "°C",
    occurredAt: "2026-11-21T00:00:03Z",
    alertId: "a-1",
    labels: { site: "busan-2" },
  },
  {
    deviceId: "freezer-3",
    deviceName: "Freezer 3",
    message: `Door "B" <open> & unattended`,
    severity: "info",
    status: "resolved",
    type: "DOOR_OPEN",
    value: 1,
  },
];

function digest(deviceId: string, deviceName: string | undefined, alerts: readonly Alert[]): Digest {
  const listed = alerts.map(
    (alert, index): ListedAlert => ({
      offset: 1_042 + index,
      eventTime: eventTime(START + index * 1_000),
      late: index === 1,
      alert,
    }),
  );
  return {
    topic: "alerts",
    partition: 3,
    deviceId,
    deviceName,
    windowStart: eventTime(START),
    windowEnd: eventTime(START + WINDOW_MS),
    windowCount: 1,
    idOffset: 1_042,
    firstOffset: 1_042,
    lastOffset: 1_041 + listed.length,
    count: listed.length,
    listed,
    folded: undefined,
    began: beganAmong(listed),
  };
}

function fleet(digests: readonly Digest[]): FleetDigest {
  return {
    topic: "alerts",
    windowStart: eventTime(START),
    windowEnd: eventTime(START + WINDOW_MS),
    devices: digests.map((one) => ({ digest: one, summary: summaryOf(one) })),
    count: digests.reduce((total, { count }) => total + count, 0),
    reason: "storm",
  };
}
