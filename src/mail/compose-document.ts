/** From a mail's content to what it says. */

import { type Alert, hasDoubtfulTime, type Severity } from "../core/alert.js";
import { type EventTime, eventTime } from "../core/time.js";
import { foldedType } from "../core/window.js";
import type { Digest, DigestSummary, FleetDevice, FleetDigest, ListedAlert, MailContent } from "../runtime/ports.js";
import { byWorst, seenAt, summaryOf, worstFirst } from "../runtime/summary.js";
import { cleanLine } from "./clean.js";
import type { DocumentAlert, DocumentDevice, DocumentSection, DocumentSummary, MailDocument } from "./document.js";
import type { Language } from "./language.js";
import { deviceNameOf, NAME_MAX, sourceOf, sourcesOf } from "./names.js";
import type { MailTexts } from "./texts.js";
import { measuredShort, sentenceOf, shortTime } from "./wording.js";

/** `room`: of alerts, in a fleet mail of devices, this many at most; the others are counted, and the summary is of all. */
export function composeDocument(
  content: MailContent,
  subject: string,
  language: Language,
  room = Number.POSITIVE_INFINITY,
): MailDocument {
  return "devices" in content
    ? fleetDocument(content, subject, language, room)
    : deviceDocument(content, subject, language, room);
}

function deviceDocument(digest: Digest, subject: string, language: Language, room: number): MailDocument {
  const seen = digest.listed.map(seenAt);
  const summary = summaryOf(digest, seen);
  const isShort = room < digest.listed.length;
  const listed = isShort ? digest.listed.slice(0, room) : digest.listed;
  const section = sectionOf(
    { digest, summary, listed, seen, folded: notListed(digest, listed.length) },
    { language, day: digest.windowEnd, messageMax: messageLimit(listed) },
  );
  const { texts } = language;
  const notes: string[] = [];
  if (digest.part === "early") notes.push(texts.early);
  if (digest.part === "rest") notes.push(texts.rest(digest.toldEarly));
  if (digest.windowCount > 1) notes.push(texts.merged(digest.windowCount));
  if (isShort) notes.push(texts.tooLong);
  const head = headOf(subject, texts);
  return { kind: "device", reason: null, ...head, ...section, devices: [section], deviceCount: 1, notes };
}

function fleetDocument(fleet: FleetDigest, subject: string, language: Language, room: number): MailDocument {
  const { texts } = language;
  const place: Place = {
    language,
    day: fleet.windowEnd,
    messageMax: messageLimit(fleet.devices.flatMap(({ digest }) => digest.listed)),
  };
  const folded = fleet.devices.map(({ digest, summary }) => unlisted(digest, summary));
  const sections = fleet.devices.map(({ digest, summary }, index) =>
    sectionOf(
      { digest, summary, listed: digest.listed, seen: digest.listed.map(seenAt), folded: folded[index] },
      place,
    ),
  );
  const told = worstOf(fleet.devices);
  const worst = told && sections[fleet.devices.indexOf(told)];
  const [name, others] = [worst?.device.name ?? "", sections.length - 1];
  const title = others > 0 ? texts.fleet.title(name, others) : name;
  const section: DocumentSection = {
    device: { id: "", name: title },
    count: fleet.count,
    sentence: `${title}: ${worst?.sentence ?? ""}`,
    status: worst?.status ?? "",
    what: worst?.what ?? "",
    quote: worst?.quote ?? "",
    measurement: worst?.measurement ?? "",
    part: null,
    told: null,
    window: windowOf({ ...fleet, windowCount: 1 }, language),
    source: cleanLine(sourcesOf(fleet) || fleet.topic, NAME_MAX),
    summary: fleetSummary(fleet, sections, worst, language),
    alerts: sections.flatMap(({ alerts }) => alerts),
    folded: foldedOf({ ...sum(folded), count: folded.reduce((total, { count }) => total + count, 0) }, texts),
  };
  return {
    kind: "fleet",
    reason: fleet.reason,
    ...headOf(subject, texts),
    ...section,
    devices: sections.slice(0, room),
    deviceCount: sections.length,
    notes: [fleet.reason === "storm" ? texts.fleet.storm : texts.fleet.asked, ...partNotes(fleet, texts)],
  };
}

/** Whom the first line is about: the first of the list. */
export const worstOf = (devices: readonly FleetDevice[]): FleetDevice | undefined =>
  [...devices].sort((a, b) => byWorst(a.summary, b.summary))[0];

/** Devices with an urgent mail before: said once. */
function partNotes({ devices }: FleetDigest, texts: MailTexts): readonly string[] {
  const rest = devices.filter(({ digest }) => digest.part === "rest");
  const early = devices.some(({ digest }) => digest.part === "early") ? [texts.early] : [];
  if (rest.length === 0) return early;
  const known = rest.every(({ digest }) => digest.toldEarly !== undefined);
  const told = rest.reduce((sum, { digest }) => sum + (digest.toldEarly ?? 0), 0);
  return [...early, texts.rest(known ? told : undefined)];
}

function headOf(subject: string, texts: MailTexts): Pick<MailDocument, "subject" | "locale" | "texts"> {
  const { lang, severity, resolved, late, noType, otherTypes } = texts;
  return { subject, locale: lang, texts: { severity, resolved, late, noType, otherTypes } };
}

/** What is said of a device. */
interface Told {
  readonly digest: Digest;
  readonly summary: DigestSummary;
  /** At most those of the digest. */
  readonly listed: readonly ListedAlert[];
  /** When each of the digest's was seen. */
  readonly seen: readonly number[];
  readonly folded: Counts | undefined;
}

interface Place {
  readonly language: Language;
  /** Times of this day need no date. */
  readonly day: EventTime;
  readonly messageMax: number;
}

function sectionOf(
  { digest, summary, listed, seen, folded }: Told,
  { language, day, messageMax }: Place,
): DocumentSection {
  const { texts } = language;
  const device = { id: cleanLine(digest.deviceId, NAME_MAX) || "?", name: deviceNameOf(digest) };
  const alerts = listed.map((one, index) => alertOf(one, seen[index] ?? one.eventTime, device, language, messageMax));
  const shown = (alert: Alert | undefined): DocumentAlert | null => {
    if (alert === undefined) return null;
    const index = digest.listed.findIndex((one) => one.alert === alert);
    const one = digest.listed[index] ?? { ...NOT_LISTED, alert };
    return alerts[index] ?? alertOf(one, seen[index] ?? seenAt(one), device, language, messageMax);
  };
  const said = summaryIn(summary, language, shown(summary.headline), shown(summary.extreme));
  const today = language.localTime.format(day);
  const status = texts.status({
    severity: said.severityName,
    state: said.state,
    since: shortTime(said.since, today),
    until: shortTime(said.until, today),
  });
  const what = cleanLine(summary.headline?.type ?? "", HEADLINE_MAX);
  const measurement = said.headline === null ? "" : measuredShort(said.headline, texts);
  return {
    device,
    count: summary.count,
    sentence: sentenceOf(status, what, measurement),
    status,
    what,
    quote: cleanLine(summary.headline?.message ?? "", HEADLINE_MAX),
    measurement,
    part: digest.part ?? null,
    told: digest.toldEarly ?? null,
    window: windowOf(digest, language),
    source: cleanLine(sourceOf(digest), NAME_MAX),
    summary: said,
    alerts,
    folded: folded === undefined ? null : foldedOf(folded, texts),
  };
}

const NOT_LISTED = { offset: 0, eventTime: eventTime(Number.NaN), late: false };

/** `seen`: when; NaN: nobody knows. */
function alertOf(
  { alert, late, eventTime }: ListedAlert,
  seen: number,
  device: DocumentDevice,
  { texts, localTime, numbers }: Language,
  messageMax: number,
): DocumentAlert {
  const unit = cleanLine(alert.unit ?? "", UNIT_MAX);
  const withUnit = (value: number | undefined): string =>
    value === undefined ? "" : unit === "" ? numbers.format(value) : `${numbers.format(value)} ${unit}`;
  return {
    device,
    time: Number.isNaN(seen) ? "" : localTime.format(seen),
    at: Number.isNaN(seen) ? "" : localTime.utc(seen),
    severity: alert.severity,
    severityName: texts.severity[alert.severity],
    type: cleanLine(alert.type ?? "", TYPE_MAX),
    message: cleanLine(alert.message, messageMax, texts.cut),
    value: alert.value ?? null,
    threshold: alert.threshold ?? null,
    unit,
    valueText: withUnit(alert.value),
    thresholdText: withUnit(alert.threshold),
    resolved: alert.status === "resolved",
    late,
    deviceClock: hasDoubtfulTime(alert.occurredAt, eventTime) ? cleanLine(alert.occurredAt ?? "", TYPE_MAX) : "",
    alertId: cleanLine(alert.alertId ?? "", NAME_MAX),
    labels: alert.labels === undefined ? {} : cleanLabels(alert.labels),
  };
}

const cleanLabels = (labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(labels)
      .slice(0, LABELS_MAX)
      .map(([name, value]) => [cleanLine(name, TYPE_MAX), cleanLine(value, NAME_MAX)]),
  );

function windowOf(
  { windowStart, windowEnd, windowCount }: Pick<Digest, "windowStart" | "windowEnd" | "windowCount">,
  { localTime }: Language,
): DocumentSection["window"] {
  return {
    start: localTime.format(windowStart),
    startAt: localTime.utc(windowStart),
    end: localTime.format(windowEnd),
    endAt: localTime.utc(windowEnd),
    zone: localTime.zone(windowEnd),
    count: windowCount,
  };
}

function summaryIn(
  summary: DigestSummary,
  { texts, localTime }: Language,
  headline: DocumentAlert | null,
  extreme: DocumentAlert | null,
): DocumentSummary {
  const { worst, severity, state, resolved, late, since, first, last } = summary;
  const { bySeverity, byType, otherTypes } = countsOf(summary, texts);
  const [lastText, lastAt] = [localTime.format(last), localTime.utc(last)];
  // Named one by one: V8 takes ten times as long for a literal that begins with a spread.
  return {
    bySeverity,
    byType,
    otherTypes,
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
    sinceAt: localTime.utc(since),
    until: lastText,
    untilAt: lastAt,
    first: localTime.format(first),
    firstAt: localTime.utc(first),
    last: lastText,
    lastAt,
    headline,
    extreme,
  };
}

/** The headline is that of the device which the first line is about; the extreme value the first there is. */
function fleetSummary(
  { devices, count }: FleetDigest,
  sections: readonly DocumentSection[],
  worst: DocumentSection | undefined,
  language: Language,
): DocumentSummary {
  const summaries = devices.map(({ summary }) => summary);
  const counts = sum(summaries);
  const going = summaries.filter(({ state }) => state === "firing");
  const telling = going.length > 0 ? going : summaries;
  const whole: DigestSummary = {
    ...counts,
    count,
    worst: worstFirst.find((severity) => counts.bySeverity[severity] > 0) ?? "info",
    severity: worstFirst.find((severity) => telling.some((one) => one.severity === severity)) ?? "info",
    first: Math.min(...summaries.map(({ first }) => first)),
    last: Math.max(...summaries.map(({ last }) => last)),
    late: summaries.reduce((total, { late }) => total + late, 0),
    resolved: summaries.reduce((total, { resolved }) => total + resolved, 0),
    since: Math.min(...telling.map(({ since }) => since)),
    // It is over only where it is over for each.
    state: going.length > 0 ? "firing" : "resolved",
    headline: undefined,
    extreme: undefined,
  };
  const extreme = sections.find(({ summary }) => summary.extreme !== null)?.summary.extreme ?? null;
  return summaryIn(whole, language, worst?.summary.headline ?? null, extreme);
}

type Counts = Pick<DigestSummary, "count" | "bySeverity" | "byType" | "otherTypes">;

/** Of several together. */
function sum(all: readonly Omit<Counts, "count">[]): Omit<Counts, "count"> {
  const bySeverity: Record<Severity, number> = { info: 0, warning: 0, critical: 0 };
  const byType = new Map<string, number>();
  let otherTypes = 0;
  for (const one of all) {
    for (const severity of worstFirst) bySeverity[severity] += one.bySeverity[severity];
    for (const [type, count] of one.byType) byType.set(type, (byType.get(type) ?? 0) + count);
    otherTypes += one.otherTypes;
  }
  return { bySeverity, byType, otherTypes };
}

/** What a device's own mail counts and does not list: what is folded, and for want of room all but the first `listed`. */
function notListed(digest: Digest, listed: number): Counts | undefined {
  const left = digest.listed.slice(listed);
  const count = (digest.folded?.count ?? 0) + left.length;
  if (count === 0) return undefined;
  const bySeverity: Record<Severity, number> = { info: 0, warning: 0, critical: 0, ...digest.folded?.bySeverity };
  const byType = new Map([...(digest.folded?.byType ?? [])].map(([type, { count }]) => [type, count]));
  for (const { alert } of left) {
    bySeverity[alert.severity]++;
    const type = foldedType(alert.type);
    byType.set(type, (byType.get(type) ?? 0) + 1);
  }
  const counts = { count, bySeverity, byType, otherTypes: digest.folded?.otherTypes ?? 0 };
  return left.length === 0 ? counts : { ...counts, ...firstTypes(counts, FEW_TYPES) };
}

/** The most frequent ones by name, the rest together. */
function firstTypes({ byType, otherTypes }: Counts, max: number): Pick<Counts, "byType" | "otherTypes"> {
  const types = [...byType].sort(([, a], [, b]) => b - a);
  const others = types.slice(max).reduce((total, [, count]) => total + count, otherTypes);
  return { byType: new Map(types.slice(0, max)), otherTypes: others };
}

/** The same of a device in a fleet mail, which lists few of its alerts, if any. */
function unlisted({ listed }: Digest, { count, bySeverity, byType, otherTypes }: DigestSummary): Counts {
  const severities = { ...bySeverity };
  const types = new Map(byType);
  for (const { alert } of listed) {
    severities[alert.severity]--;
    const type = foldedType(alert.type);
    types.set(type, (types.get(type) ?? 0) - 1);
  }
  for (const [type, left] of types) if (left <= 0) types.delete(type);
  return { count: count - listed.length, bySeverity: severities, byType: types, otherTypes };
}

const foldedOf = (folded: Counts, texts: MailTexts): DocumentSection["folded"] =>
  folded.count === 0 ? null : { count: folded.count, ...countsOf(folded, texts) };

function countsOf({ bySeverity, byType, otherTypes }: Omit<Counts, "count">, texts: MailTexts) {
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

/** How long a message may be in a mail that lists these: it stays bounded whatever producers write. */
function messageLimit(listed: readonly ListedAlert[]): number {
  let total = 0;
  for (const { alert } of listed) total += Math.min(alert.message.length, MESSAGE_MAX);
  return total <= MESSAGES_MAX ? MESSAGE_MAX : Math.max(80, Math.floor(MESSAGES_MAX / listed.length));
}

const HEADLINE_MAX = 160;
const TYPE_MAX = 100;
const UNIT_MAX = 20;
const LABELS_MAX = 50;
const MESSAGE_MAX = 2_000;
/** Of all messages together; above it each gets its fair share, so that 200 alerts of 1 MiB stay under 2 MiB in all. */
const MESSAGES_MAX = 160_000;
/** Types named of those that are not listed, where the mail has to be short. */
const FEW_TYPES = 20;
