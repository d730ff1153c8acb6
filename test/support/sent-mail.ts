import type { Alert } from "#src/core/alert.js";
import { eventTime, wallTime } from "#src/core/time.js";
import type { SentMail } from "#src/runtime/ports.js";
import { foldedAlerts, together } from "./folded-alerts.js";

const START = Date.parse("2026-11-21T09:00:00Z");

const alert = (severity: Alert["severity"]): Alert => ({
  deviceId: "boiler",
  message: "hot",
  severity,
  status: "firing",
});

const listed = (["critical", "warning"] as const).map((severity, index) => ({
  offset: 40 + index,
  eventTime: eventTime(START + index),
  late: false,
  alert: alert(severity),
}));
const folded = foldedAlerts({
  count: 3,
  bySeverity: { info: 1, warning: 2, critical: 0 },
  byType: new Map([["", 3]]),
});

/** A mail of five alerts, two of them listed, accepted 2.5 s after its window's end. */
export const sentMail = (parts: Partial<SentMail> = {}): SentMail => ({
  content: {
    topic: "alerts",
    partition: 3,
    deviceId: "boiler",
    deviceName: "Boiler 1",
    windowStart: eventTime(START),
    windowEnd: eventTime(START + 30_000),
    windowCount: 1,
    idOffset: 40,
    firstOffset: 40,
    lastOffset: 44,
    count: 5,
    listed,
    folded,
    all: together(listed, folded),
  },
  messageId: "<m1@example.com>",
  otherMessageIds: [],
  recipients: ["a@example.org"],
  failed: [],
  outcome: "accepted",
  reply: "250 2.0.0 queued as 4A",
  attempts: 1,
  seconds: 0.3119,
  at: wallTime(START + 32_500),
  ...parts,
});
