/** When a route mutes: which alerts, and at which times. Pure; what time it is, is an argument. */

import type { Alert } from "../core/alert.js";
import { isWithinHours, type WeeklyHours } from "../core/weekly-hours.js";
import type { Zone } from "../core/zone.js";
import type { MuteKind } from "../runtime/ports.js";

export interface MuteHours extends WeeklyHours {
  /** Undefined: that of mails (`MAIL_TIMEZONE`). */
  readonly zone: Zone | undefined;
}

/** What a route has instead of recipients. */
export interface Mute {
  readonly how: MuteKind;
  /** It ends before this moment; undefined: it never does. */
  readonly untilMs: number | undefined;
  /** It holds in any of them; empty: always. */
  readonly during: readonly MuteHours[];
  /** The route says `severity: critical` itself. */
  readonly critical: boolean;
}

/** `ms`: the alert's own time, so that whoever reads it again says the same. `zone`: for hours that name none. */
export const isInForce = ({ untilMs, during }: Mute, ms: number, zone: Zone): boolean =>
  (untilMs === undefined || ms < untilMs) &&
  (during.length === 0 || during.some((hours) => isWithinHours(hours, ms, hours.zone ?? zone)));

/** A critical alert is muted only by a route that asks for it by name. */
export const sparesCritical = ({ critical }: Mute, { severity }: Pick<Alert, "severity">): boolean =>
  severity === "critical" && !critical;
