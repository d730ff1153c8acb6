/** What is right by its shape, and is hardly meant: mutes without an end, routes that nothing reaches. Pure. */

import { SEVERITIES } from "../core/alert.js";
import type { Glob } from "./glob.js";
import type { Conditions, Route } from "./route.js";

/** One a route at most: what weighs most. */
export interface RouteWarning {
  readonly route: Pick<Route, "number" | "name" | "line">;
  readonly problem: string;
}

export const routeWarnings = (routes: readonly Route[], nowMs: number): readonly RouteWarning[] =>
  routes.flatMap((route, index) => {
    const problem = problemOf(route, routes.slice(0, index), nowMs);
    const { number, name, line } = route;
    return problem === undefined ? [] : [{ route: { number, name, line }, problem }];
  });

/** For people: `route 2 (boilers), line 7: …`. */
export const warningText = ({ route: { number, name, line }, problem }: RouteWarning): string =>
  `route ${number}${name === undefined ? "" : ` (${name})`}, line ${line}: ${problem}`;

const problemOf = (route: Route, before: readonly Route[], nowMs: number): string | undefined => {
  const { mute, match } = route;
  if (mute?.untilMs !== undefined && mute.untilMs <= nowMs)
    return `it has ended at ${new Date(mute.untilMs).toISOString()} and mutes nothing any more`;
  if (mute !== undefined && severitiesOf(route).length === 0)
    return "it can never mute: critical alerts are muted only where match says severity: critical itself";
  const wider = before.find((earlier) => endsForAllOf(earlier, route));
  if (wider !== undefined)
    return Object.keys(wider.match).length === 0
      ? `nothing reaches it: route ${wider.number}, line ${wider.line}, takes everything`
      : `nothing reaches it: route ${wider.number}, line ${wider.line}, takes all that it could match`;
  if (impossible(match)) return `it can never match: a device ID has at most ${DEVICE_ID_MAX} characters`;
  if (mute !== undefined && mute.untilMs === undefined && mute.during.length === 0)
    return "it mutes for ever: it has neither until nor during";
  return undefined;
};

/** No alert that `route` could take goes on behind `earlier`. */
const endsForAllOf = (earlier: Route, route: Route): boolean => {
  const { mute, match } = earlier;
  if (earlier.continue || (mute !== undefined && (mute.untilMs !== undefined || mute.during.length > 0))) return false;
  const taken = new Set(severitiesOf(earlier));
  return (
    severitiesOf(route).every((severity) => taken.has(severity)) &&
    covers(match.device, route.match.device) &&
    covers(match.deviceName, route.match.deviceName) &&
    covers(match.type, route.match.type) &&
    [...(match.labels ?? [])].every(([label, patterns]) => covers(patterns, route.match.labels?.get(label)))
  );
};

const severitiesOf = ({ match, mute }: Route) =>
  SEVERITIES.filter(
    (severity) =>
      (match.severity === undefined || match.severity.has(severity)) &&
      (severity !== "critical" || mute === undefined || mute.critical),
  );

/** Whatever is like one of `narrow` is like one of `wide`; where that is not sure, false. */
const covers = (wide: readonly Glob[] | undefined, narrow: readonly Glob[] | undefined): boolean =>
  wide === undefined ||
  (narrow?.every(({ pattern }) =>
    wide.some((glob) => glob.pattern === pattern || (!glob.pattern.includes("?") && glob.matches(pattern))),
  ) ??
    false);

const impossible = ({ device }: Conditions): boolean =>
  device?.every(({ pattern }) => [...pattern.replaceAll("*", "")].length > DEVICE_ID_MAX) ?? false;

const DEVICE_ID_MAX = 256;
