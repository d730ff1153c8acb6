/** From a mail's content to what a template gets. */

import type { Alert } from "../core/alert.js";
import { eventTime } from "../core/time.js";
import type { Digest, DigestSummary, ListedAlert, MailContent } from "../runtime/ports.js";
import { seenAt, summaryOf, worstFirst } from "../runtime/summary.js";
import { cleanLine } from "./clean.js";
import { worstOf } from "./fleet.js";
import { type Counts, fleetFold, sum, type Unlisted, unlisted } from "./fleet-counts.js";
import type {
  TemplateAlert,
  TemplateData,
  TemplateDevice,
  TemplateSection,
  TemplateSummary,
} from "./template-types.js";
import type { MailTexts } from "./texts.js";
import type { ViewContext } from "./view.js";
import {
  deviceNameOf,
  firstLine,
  messageLimit,
  NAME_MAX,
  shortTimes,
  sourceOf,
  TYPE_MAX,
  UNIT_MAX,
  withUnit,
} from "./view-facts.js";

export function templateData(content: MailContent, subject: string, language: ViewContext): TemplateData {
  const { lang, severity, resolved, late, noType, otherTypes } = language.texts;
  const texts = { severity, resolved, late, noType, otherTypes };
  const common = { subject, locale: lang, texts };
  if (!("devices" in content)) {
    const section = sectionOf(
      content,
      summaryOf(content),
      counted(content.folded),
      language,
      messageLimit(content.listed),
    );
    return { kind: "device", reason: null, ...common, ...section, devices: [section] };
  }
  const limit = messageLimit(content.devices.flatMap(({ digest }) => digest.listed));
  const devices = content.devices.map(({ digest, summary }) =>
    sectionOf({ ...digest, count: summary.count }, summary, unlisted(digest, summary), language, limit),
  );
  const { windowStart, windowEnd, count, reason } = content;
  const summaries = content.devices.map(({ summary }) => summary);
  const told = worstOf(content.devices);
  const worst = told && devices[content.devices.indexOf(told)];
  const [name, others] = [worst?.device.name ?? "", devices.length - 1];
  const title = others > 0 ? language.texts.fleet.title(name, others) : name;
  const fleet: TemplateSection = {
    device: { id: "", name: title },
    count,
    sentence: `${title}: ${worst?.sentence ?? ""}`,
    status: worst?.status ?? "",
    what: worst?.what ?? "",
    measurement: worst?.measurement ?? "",
    part: null,
    told: null,
    window: windowOf({ windowStart, windowEnd, windowCount: 1 }, language),
    source: "",
    summary: fleetSummary(summaries, devices, worst, language),
    alerts: devices.flatMap(({ alerts }) => alerts),
    folded: foldedOf(fleetFold(content.devices), language.texts),
  };
  return { kind: "fleet", reason, ...common, ...fleet, devices };
}

function sectionOf(
  digest: Digest,
  summary: DigestSummary,
  folded: Unlisted | undefined,
  language: ViewContext,
  messageMax: number,
): TemplateSection {
  const id = cleanLine(digest.deviceId, NAME_MAX) || "?";
  const device = { id, name: deviceNameOf(digest) };
  const alerts = digest.listed.map((one) => alertOf(one, device, language, messageMax));
  const shown = (alert: Alert | undefined): TemplateAlert | null => {
    if (alert === undefined) return null;
    const listed = alerts[digest.listed.findIndex((one) => one.alert === alert)];
    const unknown = { offset: 0, eventTime: eventTime(Number.NaN), late: false, alert };
    return listed ?? alertOf(unknown, device, language, messageMax);
  };
  const first = firstLine(summary, shortTimes(language.localTime, digest.windowEnd), language);
  return {
    device,
    count: digest.count,
    sentence: first.headline,
    status: first.status,
    what: first.what,
    measurement: first.measurement,
    part: digest.part ?? null,
    told: digest.toldEarly ?? null,
    window: windowOf(digest, language),
    source: cleanLine(sourceOf(digest), NAME_MAX),
    summary: { ...summaryIn(summary, language), headline: shown(summary.headline), extreme: shown(summary.extreme) },
    alerts,
    folded: folded === undefined ? null : foldedOf(folded, language.texts),
  };
}

function alertOf(
  listed: ListedAlert,
  device: TemplateDevice,
  { texts, localTime, numbers }: ViewContext,
  messageMax: number,
): TemplateAlert {
  const { alert, late } = listed;
  const seen = seenAt(listed);
  return {
    device,
    time: Number.isNaN(seen) ? "" : localTime.format(seen),
    at: Number.isNaN(seen) ? "" : new Date(seen).toISOString(),
    severity: alert.severity,
    severityName: texts.severity[alert.severity],
    type: cleanLine(alert.type ?? "", TYPE_MAX),
    message: cleanLine(alert.message, messageMax, texts.cut),
    value: alert.value ?? null,
    threshold: alert.threshold ?? null,
    unit: cleanLine(alert.unit ?? "", UNIT_MAX),
    valueText: withUnit(alert.value, alert, numbers),
    thresholdText: withUnit(alert.threshold, alert, numbers),
    resolved: alert.status === "resolved",
    late,
    alertId: cleanLine(alert.alertId ?? "", NAME_MAX),
    labels: Object.fromEntries(
      Object.entries(alert.labels ?? {})
        .slice(0, LABELS_MAX)
        .map(([name, value]) => [cleanLine(name, TYPE_MAX), cleanLine(value, NAME_MAX)]),
    ),
  };
}

function windowOf(
  { windowStart, windowEnd, windowCount }: Pick<Digest, "windowStart" | "windowEnd" | "windowCount">,
  { localTime }: ViewContext,
): TemplateSection["window"] {
  return {
    start: localTime.format(windowStart),
    startAt: new Date(windowStart).toISOString(),
    end: localTime.format(windowEnd),
    endAt: new Date(windowEnd).toISOString(),
    zone: localTime.zone(windowStart),
    count: windowCount,
  };
}

function summaryIn(
  summary: DigestSummary,
  { texts, localTime }: ViewContext,
): Omit<TemplateSummary, "headline" | "extreme"> {
  const { worst, severity, state, resolved, late, since, first, last } = summary;
  return {
    ...countsOf(summary, texts),
    worst,
    worstName: texts.severity[worst],
    severity,
    severityName: texts.severity[severity],
    state,
    stateName: texts.state[state],
    firing: state === "firing",
    resolved,
    late,
    since: localTime.format(since),
    sinceAt: new Date(since).toISOString(),
    until: localTime.format(last),
    untilAt: new Date(last).toISOString(),
    first: localTime.format(first),
    firstAt: new Date(first).toISOString(),
    last: localTime.format(last),
    lastAt: new Date(last).toISOString(),
  };
}

/** The headline is that of the device which the first line is about; the extreme value the first there is. */
function fleetSummary(
  summaries: readonly DigestSummary[],
  devices: readonly TemplateSection[],
  worst: TemplateSection | undefined,
  language: ViewContext,
): TemplateSummary {
  const counts = sum(summaries);
  const going = summaries.filter(({ state }) => state === "firing");
  const whole: DigestSummary = {
    ...counts,
    count: 0,
    worst: worstFirst.find((severity) => counts.bySeverity[severity] > 0) ?? "info",
    severity:
      worstFirst.find((severity) => (going.length > 0 ? going : summaries).some((one) => one.severity === severity)) ??
      "info",
    first: Math.min(...summaries.map(({ first }) => first)),
    last: Math.max(...summaries.map(({ last }) => last)),
    late: summaries.reduce((total, { late }) => total + late, 0),
    resolved: summaries.reduce((total, { resolved }) => total + resolved, 0),
    since: Math.min(...(going.length > 0 ? going : summaries).map(({ since }) => since)),
    // It is over only where it is over for each.
    state: going.length > 0 ? "firing" : "resolved",
    headline: undefined,
    extreme: undefined,
  };
  const extreme = devices.find(({ summary }) => summary.extreme !== null)?.summary.extreme ?? null;
  return { ...summaryIn(whole, language), headline: worst?.summary.headline ?? null, extreme };
}

const counted = (folded: Digest["folded"]): Unlisted | undefined =>
  folded && { ...folded, byType: new Map([...folded.byType].map(([type, { count }]) => [type, count])) };

const foldedOf = (folded: Unlisted, texts: MailTexts): TemplateSection["folded"] =>
  folded.count === 0 ? null : { count: folded.count, ...countsOf(folded, texts) };

function countsOf({ bySeverity, byType, otherTypes }: Counts, texts: MailTexts) {
  return {
    bySeverity: worstFirst
      .filter((severity) => bySeverity[severity] > 0)
      .map((severity) => ({ severity, name: texts.severity[severity], count: bySeverity[severity] })),
    byType: [...byType]
      .sort(([, a], [, b]) => b - a)
      .map(([type, count]) => ({ type: cleanLine(type, TYPE_MAX), count })),
    otherTypes,
  };
}

const LABELS_MAX = 50;
