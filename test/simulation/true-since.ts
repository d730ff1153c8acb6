import assert from "node:assert/strict";
import { foldedType } from "#src/core/window.js";
import type { Digest } from "#src/runtime/ports.js";
import { type HeardOfType, trueFiring, trueSince } from "#test/support/since-oracle.js";
import type { LogRecord } from "./broker.js";
import type { Options } from "./scenario.js";

/**
 * A mail that says since when something fires tells the truth, whatever happened before; and it says so unless its type came and went several times since,
 * or (`mayForget`) a log has lost its end or is another one.
 */
export const checkSince = (digest: Digest, log: readonly LogRecord[], options: Options, mayForget: boolean): void => {
  const { partition, deviceId, listed, began = new Map() } = digest;
  const { firingForgetMs, future } = options;
  const heardOf = heardOfDevice(log, deviceId);
  if (!mayForget && firingForgetMs >= FORGET_MS) checkBeside(digest, heardOf, firingForgetMs);
  const lasts = new Map(listed.map((one) => [foldedType(one.alert.type), one]));
  for (const [type, { offset, alert }] of lasts) {
    if (alert.status === "resolved") continue;
    const heard = heardOf.get(type) ?? [];
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

/** A mail in which something is over says what else of the device fires: no less, and no more. */
const checkBeside = (
  { deviceId, lastOffset, windowEnd, listed, all, beside }: Digest,
  heardOf: ReadonlyMap<string, readonly Heard[]>,
  firingForgetMs: number,
): void => {
  const own = new Set([...listed.map(({ alert }) => foldedType(alert.type)), ...(all?.byType.keys() ?? [])]);
  if (listed.every(({ alert }) => alert.status !== "resolved") && (all?.resolved ?? 0) === 0) return;
  let [least, most] = [0, 0];
  for (const [type, heard] of heardOf) {
    if (own.has(type)) continue;
    const { fires, later } = trueFiring(heard, lastOffset, windowEnd, firingForgetMs);
    // A restart does not know of what nobody was mailed.
    const isCertain = later <= 3 && heard.every(({ muted }) => !muted);
    // Nor when something ended that is over by now.
    const mayBeOver = later > 0 || heard.some(({ offset, resolved }) => resolved && offset > lastOffset);
    if (isCertain && fires && !mayBeOver) least++;
    if (!isCertain || fires) most++;
  }
  const types = beside?.types ?? 0;
  assert.ok(least <= types && types <= most, `State: ${deviceId} to ${lastOffset}: ${types} fire beside, not ${least}`);
};

type Heard = HeardOfType & { readonly muted: boolean };

const heardOfDevice = (log: readonly LogRecord[], deviceId: string): ReadonlyMap<string, readonly Heard[]> => {
  const heardOf = new Map<string, Heard[]>();
  for (const { offset, timestampMs, value, kind } of log) {
    if (kind !== "alert" && kind !== "muted") continue;
    const told = JSON.parse(String(value));
    if (told.deviceId !== deviceId) continue;
    const type = foldedType(told.type);
    const resolved = told.status === "resolved";
    heardOf.set(type, [
      ...(heardOf.get(type) ?? []),
      { offset, eventTime: timestampMs, resolved, muted: kind === "muted" },
    ]);
  }
  return heardOf;
};

/** Longer than a world lasts: no silence ends anything. */
export const FORGET_MS = 3_600_000;
