import assert from "node:assert/strict";
import type { Digest } from "#src/runtime/ports.js";

/**
 * G1: an alert is in the window of its time. Where timestamps are in order and no full buffer closes windows early, none is late: not behind an open
 * transaction either, however long it lasts.
 */
export const checkOwnWindows = ({ partition, deviceId, windowStart, windowEnd, listed }: Digest): void => {
  for (const { offset, eventTime, late } of listed) {
    assert.ok(!late, `G1: ${partition}/${offset} of ${deviceId} comes late`);
    assert.ok(
      windowStart <= eventTime && eventTime < windowEnd,
      `G1: ${partition}/${offset} of ${deviceId}, at ${eventTime}, is in the window from ${windowStart} to ${windowEnd}`,
    );
  }
};
