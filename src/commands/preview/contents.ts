/** What mails alerts would be: those of a device as windows that waited and leave together, or all of them as one mail. */

import { occurredMs } from "../../core/alert.js";
import { type EventTime, eventTime, isPossibleTime } from "../../core/time.js";
import { windowStart } from "../../core/window.js";
import { beganAmong, listing, worthListing } from "../../runtime/compose-digest.js";
import type { Digest, ListedAlert, MailContent } from "../../runtime/ports.js";
import { byWorst, summaryOf } from "../../runtime/summary.js";
import type { AlertLine } from "./alert-lines.js";

export interface ContentOptions {
  readonly by: "device" | "recipient";
  /** `MAIL_MAX_ALERTS` */
  readonly maxListed: number;
  /** Alerts of a device that a fleet mail lists. */
  readonly fleetListed: number;
}

/** By device, in the order in which devices come. `now`: when an alert happened that does not say, nor any before it; milliseconds. */
export const alertsByDevice = (lines: readonly AlertLine[], now: number): ReadonlyMap<string, ListedAlert[]> => {
  const byDevice = new Map<string, ListedAlert[]>();
  let time = now;
  for (const { line, alert } of lines) {
    const occurred = occurredMs(alert.occurredAt) ?? time;
    if (isPossibleTime(occurred) && occurred < YEAR_9999) time = occurred;
    const listed = byDevice.get(alert.deviceId) ?? [];
    if (listed.length === 0) byDevice.set(alert.deviceId, listed);
    // A line of the file is to the reader what an offset is: where it comes from.
    listed.push({ offset: line, eventTime: eventTime(time), late: false, alert });
  }
  return byDevice;
};

/** What is left of each device without these lines; without devices of which nothing is. */
export const withoutLines = (
  byDevice: ReadonlyMap<string, readonly ListedAlert[]>,
  lines: ReadonlySet<number>,
): ReadonlyMap<string, readonly ListedAlert[]> =>
  new Map(
    [...byDevice]
      .map(([deviceId, alerts]) => [deviceId, alerts.filter(({ offset }) => !lines.has(offset))] as const)
      .filter(([, alerts]) => alerts.length > 0),
  );

/** A device's each, in the order in which devices come; empty without alerts. */
export const digestsOf = (
  byDevice: ReadonlyMap<string, readonly ListedAlert[]>,
  { maxListed }: Pick<ContentOptions, "maxListed">,
): readonly Digest[] => [...byDevice].map(([deviceId, alerts]) => digestOf(deviceId, alerts, maxListed));

/** Where everybody gets the same. */
export const contentsOf = (
  byDevice: ReadonlyMap<string, readonly ListedAlert[]>,
  options: ContentOptions,
): readonly MailContent[] => {
  const digests = digestsOf(byDevice, options);
  return options.by === "recipient" && digests.length > 1 ? [fleetOf(digests, options.fleetListed)] : digests;
};

const WINDOW_MS = 30_000;
/** Years beyond it have no four digits in every time zone. */
const YEAR_9999 = Date.UTC(9999, 0);

const digestOf = (deviceId: string, alerts: readonly ListedAlert[], maxListed: number): Digest => {
  const starts = new Set(alerts.map((alert) => windowStart(alert.eventTime, WINDOW_MS)));
  const sorted = [...starts].sort((a, b) => a - b);
  const offsets = alerts.map(({ offset }) => offset);
  return {
    topic: "preview",
    partition: 0,
    deviceId,
    deviceName: alerts.findLast(({ alert }) => alert.deviceName !== undefined)?.alert.deviceName,
    windowStart: sorted[0] as EventTime,
    windowEnd: eventTime((sorted.at(-1) as number) + WINDOW_MS),
    windowCount: starts.size,
    idOffset: offsets[0] as number,
    firstOffset: offsets[0] as number,
    lastOffset: offsets.at(-1) as number,
    count: alerts.length,
    ...listing(alerts, maxListed),
    began: beganAmong(alerts),
  };
};

/** `digests`: at least one; `listed`: alerts of a device that it lists. */
export const fleetOf = (digests: readonly Digest[], listed: number): MailContent => ({
  topic: "preview",
  windowStart: eventTime(Math.min(...digests.map((digest) => digest.windowStart))),
  windowEnd: eventTime(Math.max(...digests.map((digest) => digest.windowEnd))),
  devices: digests
    .map((whole) => ({ digest: { ...whole, listed: worthListing(whole.listed, listed) }, summary: summaryOf(whole) }))
    .sort((a, b) => byWorst(a.summary, b.summary)),
  count: digests.reduce((total, { count }) => total + count, 0),
  reason: "asked",
});
