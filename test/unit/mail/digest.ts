/** Digests for the tests of this folder. */

import type { Alert } from "#src/core/alert.js";
import { eventTime } from "#src/core/time.js";
import { beganAmong } from "#src/runtime/compose-digest.js";
import type { Digest, FoldedAlerts, ListedAlert } from "#src/runtime/ports.js";
import { beganOfAll, together } from "#test/support/folded-alerts.js";

export const START = Date.parse("2026-11-21T00:00:00Z");

export function alert(parts: Partial<Alert> = {}): Alert {
  return { deviceId: "freezer-3", message: "too warm", severity: "warning", status: "firing", ...parts };
}

export function listed(offset: number, parts: Partial<Alert> = {}, late = false): ListedAlert {
  return { offset, eventTime: eventTime(START + (offset % 30) * 1_000), late, alert: alert(parts) };
}

/** `folded`: those of `foldedAlerts`, which come after the listed ones, and with them are all. */
export function digest(parts: Partial<Digest> = {}): Digest {
  const alerts = parts.listed ?? [listed(1042)];
  const all = parts.folded === undefined ? undefined : together(alerts, parts.folded as FoldedAlerts);
  return {
    topic: "alerts",
    partition: 3,
    deviceId: "freezer-3",
    deviceName: undefined,
    windowStart: eventTime(START),
    windowEnd: eventTime(START + 30_000),
    windowCount: 1,
    idOffset: 1042,
    firstOffset: 1042,
    lastOffset: 1077,
    count: alerts.length,
    listed: alerts,
    folded: undefined,
    began: new Map([...beganAmong(alerts), ...(all === undefined ? [] : beganOfAll(all))]),
    ...(all === undefined ? {} : { all }),
    ...parts,
  };
}
