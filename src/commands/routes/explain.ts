/** Who would be told of an alert, and why: the same routing as for a window, with its reasons. Pure. */

import type { RoutesSettings } from "../../config.js";
import type { Alert } from "../../core/alert.js";
import { eventTime } from "../../core/time.js";
import { perMinute, zoneOf } from "../../core/zone.js";
import type { Glob } from "../../routing/glob.js";
import { type Condition, digestOfAlert, judge, labelOf, type MuteCondition, matching } from "../../routing/match.js";
import type { Conditions, Route } from "../../routing/route.js";
import { addressings, isMuted, routeTo, tellEverybody, toldBy } from "../../routing/routing.js";
import { type Mailbox, type MuteKind, mailboxText, RECIPIENT_KINDS, type RecipientKind } from "../../runtime/ports.js";
import type { AskedAlert } from "./command.js";

export interface ExplainedRoute {
  readonly number: number;
  readonly name: string | undefined;
  readonly line: number;
  readonly outcome: "matched" | "muted" | "not matched" | "not tried";
  /** Sentences: all that holds of one that matched, the first that does not of another. */
  readonly why: readonly string[];
  /** Those after it are not tried. */
  readonly ends: boolean;
}

export interface ExplainedMessage {
  readonly locale: string;
  readonly timezone: string;
  /** Undefined: `MAIL_FROM`, which is not set here. */
  readonly from: string | undefined;
  readonly replyTo: string | undefined;
  /** Their names. */
  readonly links: readonly string[];
  readonly recipients: readonly {
    readonly kind: RecipientKind;
    readonly address: string;
    /** Number of the route; undefined: `MAIL_TO`. */
    readonly route: number | undefined;
  }[];
}

export interface Explanation {
  readonly alert: AskedAlert;
  /** When it happens, ISO 8601; undefined: that decides nothing, for no route mutes. */
  readonly at: string | undefined;
  /** Undefined: there are no routes. */
  readonly file: string | undefined;
  readonly routes: readonly ExplainedRoute[];
  /** `MAIL_TO`, for no route matched. */
  readonly fallback: boolean;
  /** By which route, and what becomes of it; undefined: no route mutes it. */
  readonly muted: { readonly route: number; readonly how: MuteKind } | undefined;
  /** Recipients of a database come on top, and were not asked for. */
  readonly database: boolean;
  /** Empty: nobody would be told. */
  readonly messages: readonly ExplainedMessage[];
}

export const explain = (
  { alert, atMs }: { readonly alert: AskedAlert; readonly atMs: number },
  { file, routes }: { readonly file: string | undefined; readonly routes: readonly Route[] },
  settings: RoutesSettings,
): Explanation => {
  const digest = digestOfAlert(alertOf(alert), eventTime(atMs));
  const zone = perMinute(zoneOf(settings.timezone));
  const taken = matching(routes, digest, zone);
  const told = toldBy(taken);
  const last = taken.at(-1);
  const muted = last?.mute === undefined ? undefined : { route: last.number, how: last.mute.how };
  const fallback = told.length === 0 && muted === undefined;
  const { locale, timezone, from, replyTo, links, hideRecipients, database } = settings;
  const messages = addressings(fallback ? tellEverybody(settings.to) : told, {}, hideRecipients).map(
    ({ look, ...message }) => ({
      locale: look.locale ?? locale,
      timezone: look.timezone ?? timezone,
      from: textOf(look.from ?? from),
      replyTo: textOf(look.replyTo ?? replyTo),
      links: (look.links ?? links).map(({ name }) => name),
      recipients: RECIPIENT_KINDS.flatMap((kind) =>
        message[kind].map((address) => ({ kind, address, route: routeTo(taken, address)?.number })),
      ),
    }),
  );
  const ending = taken.find((route) => !route.continue);
  const explained = routes.map((route): ExplainedRoute => {
    const { number, name, line } = route;
    const place = { number, name, line };
    if (ending !== undefined && number > ending.number) {
      return { ...place, outcome: "not tried", why: [`route ${ending.number} ended it`], ends: false };
    }
    const verdict = judge(route, digest, zone);
    return verdict.matched
      ? {
          ...place,
          outcome: route.mute === undefined ? "matched" : "muted",
          why: reasons(alert, route.match),
          ends: !route.continue,
        }
      : { ...place, outcome: "not matched", why: reasons(alert, route.match, verdict.failed), ends: false };
  });
  const at = routes.some(({ mute }) => mute !== undefined) ? new Date(atMs).toISOString() : undefined;
  const asked = { alert, at, file };
  return { ...asked, routes: explained, fallback, muted, database: database && !isMuted(taken), messages };
};

const textOf = (mailbox: Mailbox | undefined): string | undefined => mailbox && mailboxText(mailbox);

const alertOf = ({ device, name, severity, type, labels }: AskedAlert): Alert => {
  return { deviceId: device, message: "", deviceName: name, severity, status: "firing", type, labels };
};

/** Of all conditions; with `failed`, why that one does not hold. */
const reasons = (alert: AskedAlert, match: Conditions, failed?: MuteCondition): readonly string[] => {
  if (failed === "critical") return ["severity critical is muted only where match says severity: critical itself"];
  if (failed === "time") return ["it does not mute at that time"];
  if (failed === "others") return ["not all alerts of the window are muted"];
  const is = failed === undefined ? "is" : "is not";
  const patterns = (what: string, found: string | undefined, globs: readonly Glob[]): string => {
    const wanted = globs.map(({ pattern }) => pattern).join(" or ");
    return found === undefined || found === ""
      ? `it has no ${what} (${wanted} asked for)`
      : `${what} ${found} ${is} like ${wanted}`;
  };
  const said: Readonly<Record<Condition, () => readonly string[]>> = {
    device: () => [patterns("device", alert.device, match.device ?? [])],
    deviceName: () => [patterns("name", alert.name, match.deviceName ?? [])],
    severity: () => [`severity ${alert.severity} ${is} ${[...(match.severity ?? [])].join(" or ")}`],
    type: () => [patterns("type", alert.type, match.type ?? [])],
    labels: () =>
      [...(match.labels ?? [])]
        .map(([label, globs]) => ({ label, globs, found: labelOf(alert, label) }))
        .filter(({ globs, found }) => failed === undefined || !globs.some((glob) => found && glob.matches(found)))
        .map(({ label, globs, found }) => patterns(`label ${label}`, found, globs)),
  };
  if (failed !== undefined) return said[failed]();
  const all = (Object.keys(said) as Condition[]).filter((condition) => match[condition] !== undefined);
  return all.length === 0 ? ["it has no conditions"] : all.flatMap((condition) => said[condition]());
};
