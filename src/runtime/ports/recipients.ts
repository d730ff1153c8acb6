/** Who is told. */

import type { Alert } from "../../core/alert.js";
import type { EventTime } from "../../core/time.js";
import type { DecodedAlert } from "./alert-source.js";
import type { Addressing, Digest } from "./mail.js";

export interface Router {
  /**
   * Who is told about a digest: a message for each look, no address in two of them; empty when nobody is to be told. A promise where somebody has to be
   * asked; it waits as long as nobody answers, and rejects never. `digest` is composed only when something depends on it.
   */
  route(digest: () => Digest): readonly Addressing[] | Promise<readonly Addressing[]>;
}

export const RECIPIENT_KINDS = ["to", "cc", "bcc"] as const;
export type RecipientKind = (typeof RECIPIENT_KINDS)[number];

/** One who is told, as a source knows them. */
export interface Recipient {
  /** ASCII `local@domain`, as the server is given it. */
  readonly address: string;
  readonly kind: RecipientKind;
  /** Absent: `MAIL_LOCALE`, `MAIL_TIMEZONE`. A source names only locales and time zones that can be rendered. */
  readonly locale?: string;
  readonly timezone?: string;
}

/** Closed set: metric label `outcome`. `stale`: an answer that had expired, while nobody could be asked; `failed`: asked in vain, to be asked again. */
export const RECIPIENT_LOOKUP_OUTCOMES = ["cached", "asked", "stale", "failed"] as const;
export type RecipientLookupOutcome = (typeof RECIPIENT_LOOKUP_OUTCOMES)[number];

/** Closed set: metric label `reason`: what of a recipient in a source is wrong; `many`: there are too many. */
export const RECIPIENT_FAULTS = ["address", "kind", "locale", "timezone", "many"] as const;
export type RecipientFault = (typeof RECIPIENT_FAULTS)[number];

/** Those who are told about a device beside the ones of the routes. */
export interface RecipientSource {
  /** Empty: it knows nobody for this device. Waits as long as nobody answers; rejects never. */
  recipientsOf(digest: Digest): Promise<readonly Recipient[]>;
}

/** What became of a changed `ROUTES_FILE`; after `failed` the routes from before stay in force. */
export const ROUTES_RELOADS = ["reloaded", "failed"] as const;
export type RoutesReload = (typeof ROUTES_RELOADS)[number];

/**
 * How a route mutes. Both count the alert and put it on record; of `mute` the daily report has the number only, of `report` it tells as of what was mailed.
 */
export const MUTE_KINDS = ["mute", "report"] as const;
export type MuteKind = (typeof MUTE_KINDS)[number];

/** Why nobody is mailed of an alert. */
export interface Muted {
  readonly how: MuteKind;
  /** Its number in the file, and its name if it has one. */
  readonly route: { readonly number: number; readonly name: string | undefined };
}

/** Which alerts nobody is mailed of. */
export interface Mutes {
  /** Undefined: somebody is told. `whole`: the alert with everything it says; asked for only where that decides. */
  mutedBy(
    alert: Pick<DecodedAlert, "deviceId" | "severity">,
    eventTime: EventTime,
    whole: () => Alert,
  ): Muted | undefined;
}
