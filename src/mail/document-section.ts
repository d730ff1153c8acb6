/** What a mail says of a device: its first line, its summary, its alerts. */

import {
  type Alert,
  type AsWritten,
  hasDoubtfulTime,
  localTime as localTimeOf,
  WRITTEN_FIELDS,
} from "../core/alert.js";
import { type EventTime, eventTime } from "../core/time.js";
import type { Digest, DigestSummary, ListedAlert, MailLink } from "../runtime/ports.js";
import { seenAt } from "../runtime/summary.js";
import { cleanLine, deviceNameOf, NAME_MAX, TYPE_MAX } from "./clean.js";
import type { DocumentAlert, DocumentDevice, DocumentLink, DocumentSection, DocumentSummary } from "./document.js";
import { type Counts, countsOf, foldedOf } from "./document-counts.js";
import { sourceOf } from "./headers.js";
import type { Language } from "./language.js";
import { NO_LINKS, sectionLinks } from "./links.js";
import { hasLabel, type Labels, measuredShort, sentenceOf, shortTime } from "./wording.js";

/** What is said of a device. */
export interface Told {
  readonly digest: Digest;
  readonly summary: DigestSummary;
  /** At most those of the digest. */
  readonly listed: readonly ListedAlert[];
  /** When each of these was seen. */
  readonly seen: readonly number[];
  readonly folded: Counts | undefined;
}

export interface Place {
  readonly language: Language;
  /** Times of this day need no date. */
  readonly day: EventTime;
  readonly messageMax: number;
  readonly links: readonly MailLink[];
}

export function sectionOf(
  { digest, summary, listed, seen, folded }: Told,
  { language, day, messageMax, links }: Place,
): DocumentSection {
  const { texts } = language;
  const device = { id: cleanLine(digest.deviceId, NAME_MAX) || "?", name: deviceNameOf(digest) };
  const { shared, own } = links.length === 0 ? NO_LINKS : sectionLinks(links, digest, listed);
  const alerts = listed.map((one, index) =>
    alertOf(one, seen[index] ?? one.eventTime, device, language, messageMax, own[index]),
  );
  const shown = (alert: Alert | undefined): DocumentAlert | null => {
    if (alert === undefined) return null;
    const index = listed.findIndex((one) => one.alert === alert);
    const one = digest.listed.find((one) => one.alert === alert) ?? { ...NOT_LISTED, alert };
    return alerts[index] ?? alertOf(one, seenAt(one), device, language, messageMax);
  };
  const said = summaryIn(summary, language, shown(summary.headline), shown(summary.extreme));
  const today = language.localTime.format(day);
  const status = texts.status({
    severity: said.severityName,
    state: said.state,
    since: shortTime(said.since, today),
    sinceKnown: said.sinceKnown,
    until: shortTime(said.until, today),
    beside: said.beside,
  });
  const what = cleanLine(summary.headline?.type ?? "", HEADLINE_MAX);
  const quote = cleanLine(summary.headline?.message ?? "", HEADLINE_MAX);
  const measurement = said.headline === null ? "" : measuredShort(said.headline, texts);
  return {
    device,
    count: summary.count,
    sentence: sentenceOf({ status, what, quote, measurement, summary: said }, texts),
    status,
    what,
    quote,
    measurement,
    part: digest.part ?? null,
    told: digest.toldEarly ?? null,
    window: windowOf(digest, language),
    source: cleanLine(sourceOf(digest), NAME_MAX),
    summary: said,
    labels: sharedLabels(alerts.map(({ labels }) => labels)),
    links: shared,
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
  links: readonly DocumentLink[] = NO_LINKS.shared,
): DocumentAlert {
  const unit = cleanLine(alert.unit ?? "", UNIT_MAX);
  const written = alert.asWritten === undefined ? NOTHING_WRITTEN : cleanWritten(alert.asWritten);
  const withUnit = (value: number | undefined, asWritten: string): string => {
    const text = value === undefined ? asWritten : numbers.format(value);
    return text === "" || unit === "" ? text : `${text}${ADJOINING.test(unit) ? "" : " "}${unit}`;
  };
  const clock = alert.occurredAt === undefined ? NO_CLOCK : clockOf(alert.occurredAt, eventTime);
  return {
    device,
    time: clock.onTheWall ?? (Number.isNaN(seen) ? "" : localTime.format(seen)),
    at: Number.isNaN(seen) ? "" : localTime.utc(seen),
    severity: alert.severity,
    severityName: texts.severity[alert.severity],
    type: cleanLine(alert.type ?? "", TYPE_MAX),
    message: cleanLine(alert.message, messageMax, (length) => texts.cut(alert.cut?.message ?? length)),
    value: alert.value ?? null,
    threshold: alert.threshold ?? null,
    unit,
    valueText: withUnit(alert.value, written.value),
    thresholdText: withUnit(alert.threshold, written.threshold),
    resolved: alert.status === "resolved",
    late,
    deviceClock: clock.beside ?? written.occurredAt,
    alertId: cleanLine(alert.alertId ?? "", NAME_MAX),
    labels: alert.labels === undefined ? {} : cleanLabels(alert.labels),
    links,
    asWritten: written,
  };
}

/** What the device's own clock says, where a mail shows it: instead of the record's time, or beside it. */
interface DeviceClock {
  readonly onTheWall?: string | undefined;
  readonly beside?: string | undefined;
}

const NO_CLOCK: DeviceClock = {};

function clockOf(occurredAt: string, eventTime: EventTime): DeviceClock {
  // A date without a time of day takes no time's place.
  if (hasDoubtfulTime(occurredAt, eventTime) || DATE.test(occurredAt))
    return { beside: cleanLine(occurredAt, TYPE_MAX) };
  return { onTheWall: localTimeOf(occurredAt)?.replace("T", " ") };
}

const DATE = /^\d{4}-\d\d-\d\d$/;

/** Units that stand at their number: Hangul, `%`, degrees that are no letter's. */
const ADJOINING = /^(?:\p{Script=Hangul}|[%‰°℃℉]$)/u;

type Written = DocumentAlert["asWritten"];

const NOTHING_WRITTEN: Written = { severity: "", status: "", value: "", threshold: "", occurredAt: "", labels: "" };

const cleanWritten = (asWritten: AsWritten): Written => {
  const written = { ...NOTHING_WRITTEN };
  for (const field of WRITTEN_FIELDS) written[field] = cleanLine(asWritten[field] ?? "", TYPE_MAX);
  return written;
};

function cleanLabels(labels: Labels): Labels {
  const entries = Object.entries(labels);
  // Nearly always: making them anew takes longer than the rest of the alert.
  if (entries.length <= LABELS_MAX && entries.every(isClean)) return labels;
  return Object.fromEntries(
    entries.slice(0, LABELS_MAX).map(([name, value]) => [cleanLine(name, TYPE_MAX), cleanLine(value, NAME_MAX)]),
  );
}

const isClean = ([name, value]: readonly [string, string]): boolean =>
  cleanLine(name, TYPE_MAX) === name && cleanLine(value, NAME_MAX) === value;

export function windowOf(
  {
    windowStart,
    windowEnd,
    windowCount,
    repeats = 0,
    mayBeNews = false,
  }: Pick<Digest, "windowStart" | "windowEnd" | "windowCount" | "repeats" | "mayBeNews">,
  { localTime, texts }: Language,
): DocumentSection["window"] {
  return {
    start: localTime.format(windowStart),
    startAt: localTime.utc(windowStart),
    end: localTime.format(windowEnd),
    endAt: localTime.utc(windowEnd),
    zone: localTime.zone(windowEnd, texts.zones),
    count: windowCount,
    repeats: mayBeNews ? 0 : repeats,
    delayed: windowCount > 1 && repeats === 0 && !mayBeNews,
  };
}

export function summaryIn(
  summary: DigestSummary,
  { texts, localTime }: Language,
  headline: DocumentAlert | null,
  extreme: DocumentAlert | null,
): DocumentSummary {
  const { worst, severity, state, alsoFiring, beside, resolved, late, repeats, since, sinceKnown, first, last } =
    summary;
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
    alsoFiring,
    beside,
    resolved,
    late,
    repeats,
    unread: summary.unread.map(({ field, count }) => ({ field, name: texts.fields[field], count })),
    since: localTime.format(since),
    sinceAt: localTime.utc(since),
    sinceKnown,
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

/** Those that all of these have, with the same value. */
export function sharedLabels(all: readonly Labels[]): Labels {
  const [first, ...others] = all;
  if (first === undefined) return NO_LABELS;
  const shared = Object.entries(first).filter(([name, value]) =>
    others.every((labels) => hasLabel(labels, name, value)),
  );
  return shared.length === 0 ? NO_LABELS : Object.fromEntries(shared);
}

const NO_LABELS: Labels = {};

/** How long a message may be in a mail that lists these: it stays bounded whatever producers write. */
export function messageLimit(listed: readonly ListedAlert[]): number {
  let total = 0;
  for (const { alert } of listed) total += Math.min(alert.message.length, MESSAGE_MAX);
  return total <= MESSAGES_MAX ? MESSAGE_MAX : Math.max(80, Math.floor(MESSAGES_MAX / listed.length));
}

const HEADLINE_MAX = 160;
const UNIT_MAX = 20;
const LABELS_MAX = 50;
const MESSAGE_MAX = 2_000;
/** Of all messages together; above it each gets its fair share, so that 200 alerts of 1 MiB stay under 2 MiB in all. */
const MESSAGES_MAX = 160_000;
