/** Which alerts a route mutes, so that they are in no mail, and what to say of them. Pure. */

import { createMutes } from "../../routing/mutes.js";
import type { Route } from "../../routing/route.js";
import type { ListedAlert, Muted } from "../../runtime/ports.js";

export interface MutedAlerts {
  /** Their places in the file. */
  readonly lines: ReadonlySet<number>;
  /** A line for each route. */
  readonly told: readonly string[];
  /** Devices that have some, and what to say beside their mails. */
  readonly ofDevice: ReadonlyMap<string, string>;
}

export const mutedAlerts = (
  byDevice: ReadonlyMap<string, readonly ListedAlert[]>,
  routes: readonly Route[],
  timezone: string,
): MutedAlerts => {
  const mutes = createMutes(() => routes, timezone);
  const lines = new Set<number>();
  const ofRoute = new Map<number, { readonly muted: Muted; alerts: number; readonly devices: string[] }>();
  const ofDevice = new Map<string, string>();
  for (const [deviceId, alerts] of byDevice) {
    let own = 0;
    for (const { alert, eventTime, offset } of alerts) {
      const muted = mutes.mutedBy(alert, eventTime, () => alert);
      if (muted === undefined) continue;
      own += 1;
      lines.add(offset);
      const one = ofRoute.get(muted.route.number) ?? { muted, alerts: 0, devices: [] };
      ofRoute.set(muted.route.number, one);
      one.alerts += 1;
      if (one.devices.at(-1) !== deviceId) one.devices.push(deviceId);
    }
    if (own > 0) ofDevice.set(deviceId, `Muted: ${count(own)} of ${deviceId}, in no mail.`);
  }
  return { lines, ofDevice, told: [...ofRoute.values()].sort((a, b) => numberOf(a) - numberOf(b)).map(line) };
};

const numberOf = ({ muted }: { readonly muted: Muted }): number => muted.route.number;

const line = ({ muted, alerts, devices }: { muted: Muted; alerts: number; devices: readonly string[] }): string => {
  const { how, route } = muted;
  const name = route.name === undefined ? "" : `, ${route.name}`;
  const more = devices.length > DEVICES_MAX ? `, and ${devices.length - DEVICES_MAX} more` : "";
  return `Muted by route ${route.number}${name}: ${count(alerts)} of ${devices.slice(0, DEVICES_MAX).join(", ")}${more}. ${BECOMES[how]}`;
};

const BECOMES = {
  mute: "Nobody is mailed.",
  report: "Nobody is mailed; the daily report tells of it.",
} as const satisfies Record<Muted["how"], string>;

const count = (alerts: number): string => `${alerts} ${alerts === 1 ? "alert" : "alerts"}`;

const DEVICES_MAX = 10;
