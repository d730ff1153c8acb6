import assert from "node:assert/strict";
import { foldedType } from "#src/core/window.js";
import type { Digest } from "#src/runtime/ports.js";
import { trueSince } from "#test/support/since-oracle.js";
import type { LogRecord } from "./broker.js";
import type { Options } from "./scenario.js";

/**
 * A mail that says since when something fires tells the truth, whatever happened before; and it says so unless its type came and went several times since,
 * or (`mayForget`) a log has lost its end or is another one.
 */
export const checkSince = (
  { partition, deviceId, listed, began = new Map() }: Digest,
  log: readonly LogRecord[],
  { firingForgetMs, future }: Options,
  mayForget: boolean,
): void => {
  const lasts = new Map(listed.map((one) => [foldedType(one.alert.type), one]));
  for (const [type, { offset, alert }] of lasts) {
    if (alert.status === "resolved") continue;
    const heard = log.flatMap(({ offset, timestampMs, value, kind }) => {
      if (kind !== "alert" && kind !== "muted") return [];
      const told = JSON.parse(String(value));
      if (told.deviceId !== deviceId || foldedType(told.type) !== type) return [];
      return [{ offset, eventTime: timestampMs, resolved: told.status === "resolved" }];
    });
    const { seconds, later } = trueSince(heard, offset, firingForgetMs);
    const since = began.get(type);
    const what = `${deviceId} fires since ${since}, says a mail with ${partition}/${offset}`;
    const mayBeSilent = firingForgetMs < FORGET_MS;
    const mayBeUnknown = mayForget || later > 3 || mayBeSilent;
    if (since === undefined) assert.ok(mayBeUnknown, `Since: ${what}`);
    // A timestamp in the future counts as the moment of reading.
    const isTrue = (second: number): boolean => seconds.includes(second) || (future && seconds.includes(second + 1));
    // Then how long a silence was depends on that moment, which the log does not tell.
    if (since === undefined || mayForget || (future && mayBeSilent)) continue;
    assert.ok(isTrue(since / 1000), `Since: ${what}, and it is ${seconds}`);
  }
};

/** Longer than a world lasts: no silence ends anything. */
export const FORGET_MS = 3_600_000;
