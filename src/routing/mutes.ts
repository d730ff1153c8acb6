/** Which alerts are muted, asked for each one that is read: most are told apart without a look at the whole alert. */

import type { Alert } from "../core/alert.js";
import { perMinute, zoneOf } from "../core/zone.js";
import type { Mutes } from "../runtime/ports.js";
import { digestOfAlert, matching } from "./match.js";
import type { Route } from "./route.js";

/** `routes`: as they are at the moment. `timezone`: of hours that name none. */
export const createMutes = (routes: () => readonly Route[], timezone: string): Mutes => {
  const zone = perMinute(zoneOf(timezone));
  let known: readonly Route[] = [];
  /** Those up to the last one that mutes: no other says anything here. */
  let relevant: readonly Route[] = [];
  return {
    mutedBy(alert, eventTime, whole) {
      const now = routes();
      if (now !== known) {
        known = now;
        relevant = now.slice(0, now.findLastIndex(({ mute }) => mute !== undefined) + 1);
      }
      if (!relevant.some((route) => mayMute(route, alert))) return undefined;
      const [first] = matching(relevant, digestOfAlert(whole(), eventTime), zone);
      if (first?.mute === undefined) return undefined;
      return { how: first.mute.how, route: { number: first.number, name: first.name } };
    },
  };
};

const mayMute = ({ mute, match }: Route, { deviceId, severity }: Pick<Alert, "deviceId" | "severity">): boolean =>
  mute !== undefined &&
  (match.severity === undefined || match.severity.has(severity)) &&
  (match.device === undefined || match.device.some((pattern) => pattern.matches(deviceId)));
