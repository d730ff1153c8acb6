/** A digest whose texts would do harm anywhere they were not taken for text. */

import { eventTime } from "#src/core/time.js";
import type { Digest, ListedAlert } from "#src/runtime/ports.js";

const START = Date.parse("2026-11-21T00:00:00Z");

export const HOSTILE_TEXTS = [
  "냉동고 온도가 기준을 넘었습니다 🥶❄️👨‍👩‍👧‍👦",
  ".\r\n.\r\nQUIT\r\n",
  "over\r\nBcc: victim@example.com\r\n\r\nbody",
  "From the start\r\nFrom here",
  '<script>alert(1)</script><img src=x onerror="alert(2)">&amp;"\'',
  "\u202eright to left\u202c \u0000\u0007\u001b[31m \ud800 =?UTF-8?B?eA==?=",
  `=cmd|' /C calc'!A0 ${"가나다라마바사 ".repeat(200)}`,
  "a".repeat(10_000),
] as const;

/** `deviceId` is also its name's beginning; the rest of the name is hostile too. */
export function hostileDigest(deviceId: string): Digest {
  const listed = HOSTILE_TEXTS.map(
    (message, index): ListedAlert => ({
      offset: 1_042 + index,
      eventTime: eventTime(START + index * 1_000),
      late: index === 3,
      alert: {
        deviceId,
        message,
        severity: "critical",
        status: "firing",
        type: `T\r\n${index}`,
        value: -21.5,
        unit: "°C",
      },
    }),
  );
  return {
    topic: "alerts",
    partition: 3,
    deviceId,
    deviceName: `${deviceId} 부산 냉동고 3호 🥶\r\nBcc: victim@example.com`,
    windowStart: eventTime(START),
    windowEnd: eventTime(START + 30_000),
    windowCount: 1,
    idOffset: 1_042,
    firstOffset: 1_042,
    lastOffset: 1_042 + listed.length - 1,
    count: listed.length,
    listed,
    folded: undefined,
  };
}
