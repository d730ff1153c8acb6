/** Who would be told of an alert, and why: the same routing as for a window, with its reasons. Pure. */

import type { RoutesSettings } from "../../config.js";
import type { Alert } from "../../core/alert.js";
import { eventTime } from "../../core/time.js";
import type { Glob } from "../../routing/glob.js";
import { type Condition, judge, labelOf, matching } from "../../routing/match.js";
import type { Conditions, Route } from "../../routing/route.js";
import { addressings, routeTo, toldBy } from "../../routing/routing.js";
import { type Digest, type Mailbox, mailboxText, RECIPIENT_KINDS, type RecipientKind } from "../../runtime/ports.js";
import type { AskedAlert } from "./command.js";

export interface ExplainedRoute {
  readonly number: number;
  readonly name: string | undefined;
  readonly line: number;
  readonly outcome: "matched" | "not matched" | "not tried";
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
  readonly recipients: readonly {
    readonly kind: RecipientKind;
    readonly address: string;
    /** Number of the route; undefined: `MAIL_TO`. */
    readonly route: number | undefined;
  }[];
}

export interface Explanation {
  readonly alert: AskedAlert;
  /** Undefined: there are no routes. */
  readonly file: string | undefined;
  readonly routes: readonly ExplainedRoute[];
  /** `MAIL_TO`, for no route matched. */
  readonly fallback: boolean;
  /** Recipients of a database come on top, and were not asked for. */
  readonly database: boolean;
  /** Empty: nobody would be told. */
  readonly messages: readonly ExplainedMessage[];
}

export const explain = (
  alert: AskedAlert,
  { file, routes }: { readonly file: string | undefined; readonly routes: readonly Route[] },
  settings: RoutesSettings,
): Explanation => {
  const digest = digestOf(alert);
  const taken = matching(routes, digest);
  const told = toldBy(taken);
  const fallback = told.length === 0;
  const everybody = settings.to.map((address) => ({ address, kind: "to" as const, look: {} }));
  const { locale, timezone, from, replyTo, database } = settings;
  const messages = addressings(fallback ? everybody : told, {}).map(({ look, ...message }) => ({
    locale: look.locale ?? locale,
    timezone: look.timezone ?? timezone,
    from: textOf(look.from ?? from),
    replyTo: textOf(look.replyTo ?? replyTo),
    recipients: RECIPIENT_KINDS.flatMap((kind) =>
      message[kind].map((address) => ({ kind, address, route: routeTo(taken, address)?.number })),
    ),
  }));
  const ending = taken.find((route) => !route.continue);
  const explained = routes.map((route): ExplainedRoute => {
    const { number, name, line } = route;
    const place = { number, name, line };
    if (ending !== undefined && number > ending.number) {
      return { ...place, outcome: "not tried", why: [`route ${ending.number} ended it`], ends: false };
    }
    const verdict = judge(route, digest);
    return verdict.matched
      ? { ...place, outcome: "matched", why: reasons(alert, route.match), ends: !route.continue }
      : { ...place, outcome: "not matched", why: reasons(alert, route.match, verdict.failed), ends: false };
  });
  return { alert, file, routes: explained, fallback, database, messages };
};

const textOf = (mailbox: Mailbox | undefined): string | undefined => mailbox && mailboxText(mailbox);

/** A window with this alert and no other. */
const digestOf = ({ device, name, severity, type, labels }: AskedAlert): Digest => {
  const at = eventTime(0);
  const alert: Alert = { deviceId: device, message: "", deviceName: name, severity, status: "firing", type, labels };
  return {
    topic: "",
    partition: 0,
    deviceId: device,
    deviceName: name,
    windowStart: at,
    windowEnd: at,
    windowCount: 1,
    idOffset: 0,
    firstOffset: 0,
    lastOffset: 0,
    count: 1,
    listed: [{ offset: 0, eventTime: at, late: false, alert }],
    folded: undefined,
  };
};

/** Of all conditions; with `failed`, why that one does not hold. */
const reasons = (alert: AskedAlert, match: Conditions, failed?: Condition): readonly string[] => {
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
