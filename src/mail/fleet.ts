/** A mail about many devices, as plain data: the worst of them first, each with its summary, all of them counted. */

import { SEVERITIES, type Severity } from "../core/alert.js";
import type { Digest, DigestState, FleetDevice, FleetDigest } from "../runtime/ports.js";
import { byWorst } from "../runtime/summary.js";
import { cleanLine } from "./clean.js";
import type { Fact, MailView, ViewContext } from "./mail-view.js";
import { deviceNameOf, sourceOf } from "./view.js";
import { firstLine, joinCounts, shortTimes, summaryFacts, windowFact } from "./view-facts.js";

export interface DeviceView {
  /** From 1. */
  readonly number: number;
  readonly deviceId: string;
  /** Never "". */
  readonly deviceName: string;
  readonly count: number;
  /** `12 alerts: critical 3, warning 9` */
  readonly total: string;
  readonly severity: Severity;
  readonly severityLabel: string;
  readonly state: DigestState;
  readonly stateLabel: string;
  /** How bad, since when, whether it goes on, what is wrong. */
  readonly headline: string;
  readonly facts: readonly Fact[];
}

export interface FleetView extends MailView {
  readonly kind: "fleet";
  readonly reason: FleetDigest["reason"];
  /** The device with the most severe alerts first, then that with the most. */
  readonly devices: readonly DeviceView[];
  readonly deviceCount: number;
  /** A sentence on those that are not listed; "" when all are. */
  readonly unlisted: string;
}

/** Sources named in the header; more devices than these are only counted there. */
export const SOURCES_MAX = 50;

/** `a/3/1-9,b/0/4-4`, or "" where they would be too many. */
export const sourcesOf = ({ devices }: FleetDigest): string =>
  devices.length > SOURCES_MAX ? "" : devices.map(({ digest }) => sourceOf(digest)).join(",");

/** `room`: list this many devices at most. */
export function fleetViewOf(
  fleet: FleetDigest,
  subject: string,
  context: ViewContext,
  room = fleet.devices.length,
): FleetView {
  const { texts, localTime } = context;
  const short = shortTimes(localTime, fleet.windowEnd);
  const worst = worstOf(fleet.devices);
  const first = worst && firstLine(worst.summary, short, context);
  const others = fleet.devices.length - 1;
  const name = worst === undefined ? "" : deviceNameOf(worst.digest);
  const title = others > 0 ? texts.fleet.title(name, others) : name;
  return {
    kind: "fleet",
    lang: texts.lang,
    direction: texts.direction,
    subject,
    status: "",
    what: "",
    measurement: "",
    severity: "info",
    severityLabel: texts.severity.info,
    state: "resolved",
    stateLabel: texts.state.resolved,
    ...first,
    headline: `${title}: ${first?.headline ?? ""}`,
    title,
    count: fleet.count,
    total: texts.fleet.total(fleet.devices.length, fleet.count, joinCounts(totalOf(fleet.devices), texts)),
    facts: [windowFact(fleet.windowStart, fleet.windowEnd, context)],
    notes: [fleet.reason === "storm" ? texts.fleet.storm : texts.fleet.asked, ...partNotes(fleet, context)],
    reason: fleet.reason,
    devices: fleet.devices.slice(0, room).map((device, index) => deviceView(device, index + 1, short, context)),
    deviceCount: fleet.devices.length,
    unlisted: unlistedOf(fleet.devices.slice(room), context),
    footer: [{ label: texts.labels.source, value: cleanLine(sourcesOf(fleet) || fleet.topic, 256) }],
  };
}

function deviceView(
  { digest, summary }: FleetDevice,
  number: number,
  short: (ms: number) => string,
  context: ViewContext,
): DeviceView {
  const { texts } = context;
  const { headline, severity, severityLabel, state, stateLabel } = firstLine(summary, short, context, true);
  return {
    number,
    deviceId: cleanLine(digest.deviceId, 256),
    deviceName: deviceNameOf(digest),
    count: summary.count,
    total: texts.fleet.device(summary.count, joinCounts(summary.bySeverity, texts)),
    severity,
    severityLabel,
    state,
    stateLabel,
    headline,
    facts: [...summaryFacts(summary, short, context), ...mergedFact(digest, context)],
  };
}

const mergedFact = ({ windowCount }: Digest, { texts }: ViewContext): readonly Fact[] =>
  windowCount > 1 ? [{ label: texts.labels.window, value: texts.fleet.merged(windowCount) }] : [];

/** Devices with an urgent mail before: said once. */
function partNotes({ devices }: FleetDigest, { texts }: ViewContext): readonly string[] {
  const rest = devices.filter(({ digest }) => digest.part === "rest");
  const early = devices.some(({ digest }) => digest.part === "early") ? [texts.early] : [];
  if (rest.length === 0) return early;
  const known = rest.every(({ digest }) => digest.toldEarly !== undefined);
  const told = rest.reduce((sum, { digest }) => sum + (digest.toldEarly ?? 0), 0);
  return [...early, texts.rest(known ? told : undefined)];
}

/** Whom the first line is about: the first of the list. */
export const worstOf = (devices: readonly FleetDevice[]): FleetDevice | undefined =>
  [...devices].sort((a, b) => byWorst(a.summary, b.summary))[0];

function unlistedOf(devices: readonly FleetDevice[], { texts }: ViewContext): string {
  if (devices.length === 0) return "";
  const count = devices.reduce((sum, { summary }) => sum + summary.count, 0);
  return texts.fleet.unlisted(devices.length, count, joinCounts(totalOf(devices), texts));
}

function totalOf(devices: readonly FleetDevice[]): Readonly<Record<Severity, number>> {
  const total: Record<Severity, number> = { info: 0, warning: 0, critical: 0 };
  for (const { summary } of devices) for (const severity of SEVERITIES) total[severity] += summary.bySeverity[severity];
  return total;
}
