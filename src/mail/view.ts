/**
 * A digest as plain data, for the built-in bodies and for users' templates: strings in the mail's language and time zone, each one harmless
 * line of bounded length, not escaped for HTML. Times: `2026-11-21 09:00:12`, without the date where it is that of the mail.
 */

import type { Alert, Severity } from "../core/alert.js";
import type { Digest, DigestState, DigestSummary, ListedAlert } from "../runtime/ports.js";
import { seenAt, summaryOf, worstFirst } from "../runtime/summary.js";
import { cleanLine } from "./clean.js";
import type { LocalTime } from "./local-time.js";
import type { Numbers } from "./numbers.js";
import type { MailTexts } from "./texts.js";

/** A line of the summary. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** What a mail about one device and one about many say first. */
export interface MailView {
  /** BCP 47. */
  readonly lang: string;
  readonly direction: "ltr" | "rtl";
  readonly subject: string;
  /** The first line, all of it: `status: what (measurement)`. */
  readonly headline: string;
  /** How bad, since when, whether it goes on. */
  readonly status: string;
  /** What is wrong: a device's own words. May be "". */
  readonly what: string;
  /** Its value and threshold with unit; may be "". */
  readonly measurement: string;
  /** Of the first line; the mail is coloured by it. */
  readonly severity: Severity;
  readonly severityLabel: string;
  readonly state: DigestState;
  readonly stateLabel: string;
  /** Whom the mail is about: a device's name, or that there are several. */
  readonly title: string;
  readonly count: number;
  /** `12 alerts: critical 3, warning 9` */
  readonly total: string;
  readonly facts: readonly Fact[];
  /** Sentences on what this mail is, and what is not in it. */
  readonly notes: readonly string[];
  readonly footer: readonly Fact[];
}

export interface AlertView {
  /** From 1, in offset order. */
  readonly number: number;
  /** With the date, always. */
  readonly time: string;
  readonly shortTime: string;
  readonly severity: Severity;
  readonly severityLabel: string;
  /** May be "", as may the next three. */
  readonly type: string;
  readonly message: string;
  /** Value against threshold, each with unit. */
  readonly measurement: string;
  readonly value: string;
  readonly threshold: string;
  readonly resolved: boolean;
  /** It came after its own window was mailed. */
  readonly late: boolean;
  /** "resolved", "late", both or none, in the mail's language. */
  readonly marks: readonly string[];
}

/** Alerts that are not listed. */
export interface FoldedView {
  readonly count: number;
  readonly sentence: string;
  readonly bySeverity: Fact;
  readonly byType: Fact;
}

export interface DigestView extends MailView {
  readonly kind: "device";
  readonly deviceId: string;
  /** Never "": the ID where it has no name. */
  readonly deviceName: string;
  /** Most severe first, those that occur. */
  readonly counts: readonly { readonly severity: Severity; readonly label: string; readonly count: number }[];
  readonly alerts: readonly AlertView[];
  readonly folded: FoldedView | undefined;
}

/** In which language and time zone, and under which subject. */
export interface ViewContext {
  readonly texts: MailTexts;
  readonly localTime: LocalTime;
  readonly numbers: Numbers;
}

const MESSAGE_MAX = 2_000;
/** Of all messages together; above it each gets its fair share, so that 200 alerts of 1 MiB stay under 2 MiB in all. */
const MESSAGES_MAX = 160_000;
const HEADLINE_MAX = 160;
const NAME_MAX = 256;
const TYPE_MAX = 100;
const UNIT_MAX = 20;
/** Types named in the summary; and below the list, of those that are not listed. */
const SUMMARY_TYPES = 10;
const FOLDED_TYPES = 100;
/** Where the mail has to be short. */
const FEW_TYPES = 20;

/** The name a mail calls the device by: one line, never empty. */
export function deviceNameOf(digest: Digest): string {
  return cleanLine(digest.deviceName ?? "", NAME_MAX) || cleanLine(digest.deviceId, NAME_MAX) || "?";
}

/** `topic/partition/first-last`, as the header X-Alert-Digest-Source has it. */
export const sourceOf = (digest: Digest): string =>
  `${digest.topic}/${digest.partition}/${digest.firstOffset}-${digest.lastOffset}`;

/** `room`: list this many at most, and say that it is for want of room. The summary is of all. */
export function viewOf(digest: Digest, subject: string, context: ViewContext, room = digest.listed.length): DigestView {
  const { texts, localTime } = context;
  const seen = digest.listed.map(seenAt);
  const summary = summaryOf(digest, seen);
  const short = shortTimes(localTime, digest.windowEnd);
  const listed = room < digest.listed.length ? digest.listed.slice(0, room) : digest.listed;
  const messageMax = messageLimit(listed);
  const deviceName = deviceNameOf(digest);
  const first = firstLine(summary, short, context);
  return {
    kind: "device",
    lang: texts.lang,
    direction: texts.direction,
    subject,
    ...first,
    title: deviceName,
    deviceId: cleanLine(digest.deviceId, NAME_MAX),
    deviceName,
    count: digest.count,
    counts: worstFirst
      .filter((severity) => summary.bySeverity[severity] > 0)
      .map((severity) => ({ severity, label: texts.severity[severity], count: summary.bySeverity[severity] })),
    total: texts.total(digest.count, joinCounts(summary.bySeverity, texts)),
    facts: [
      ...summaryFacts(summary, digest.folded !== undefined, short, context),
      windowFact(digest.windowStart, digest.windowEnd, context),
    ],
    notes: notesOf(digest, room < digest.listed.length, texts),
    alerts: listed.map((one, index) =>
      alertView(one, index + 1, seen[index] ?? one.eventTime, messageMax, short, context),
    ),
    folded: foldedView(digest, listed.length, texts),
    footer: [
      { label: texts.labels.device, value: cleanLine(digest.deviceId, NAME_MAX) },
      { label: texts.labels.source, value: cleanLine(sourceOf(digest), NAME_MAX) },
    ],
  };
}

export type FirstLine = Pick<
  MailView,
  "headline" | "status" | "what" | "measurement" | "severity" | "severityLabel" | "state" | "stateLabel"
>;

/** How bad, since when, whether it goes on, what is wrong. */
export function firstLine(
  summary: DigestSummary,
  short: (ms: number) => string,
  { texts, numbers }: ViewContext,
): FirstLine {
  const { headline, state, severity } = summary;
  const status = texts.status({
    severity: texts.severity[severity],
    state,
    since: short(summary.since),
    until: short(summary.last),
  });
  const what = headline === undefined ? "" : cleanLine(headline.message, HEADLINE_MAX);
  const measurement = headline === undefined ? "" : measuredShort(headline, texts, numbers);
  const rest = measurement === "" ? what : `${what} (${measurement})`;
  return {
    headline: rest === "" ? status : `${status}: ${rest}`,
    status,
    what,
    measurement,
    severity,
    severityLabel: texts.severity[severity],
    state,
    stateLabel: texts.state[state],
  };
}

export function summaryFacts(
  summary: DigestSummary,
  some: boolean,
  short: (ms: number) => string,
  { texts, numbers }: ViewContext,
): Fact[] {
  const { labels } = texts;
  const types = joinTypes(summary.byType, summary.otherTypes, SUMMARY_TYPES, texts);
  const facts: Fact[] = [{ label: labels.byType, value: types }];
  const { extreme } = summary;
  if (extreme !== undefined) {
    const type = cleanLine(extreme.type ?? "", TYPE_MAX);
    facts.push({
      label: labels.extreme,
      value: measuredShort(extreme, texts, numbers) + (type === "" ? "" : ` (${type})`),
    });
  }
  facts.push({
    label: some ? labels.spanOfListed : labels.span,
    value: `${short(summary.first)} – ${short(summary.last)}`,
  });
  if (summary.resolved + summary.late > 0)
    facts.push({ label: labels.marked, value: texts.marked(summary.resolved, summary.late) });
  return facts;
}

export function windowFact(start: number, end: number, { texts, localTime }: ViewContext): Fact {
  const [from, to] = [localTime.format(start), localTime.format(end)];
  const until = to.startsWith(from.slice(0, DATE)) ? to.slice(DATE) : to;
  return { label: texts.labels.window, value: `${from} – ${until} (${localTime.zone(end)})` };
}

/** Times without their date where it is that of the mail's `Date`, the window's end: mail programs show that. */
export function shortTimes(localTime: LocalTime, day: number): (ms: number) => string {
  const prefix = localTime.format(day).slice(0, DATE);
  return (ms) => {
    const time = localTime.format(ms);
    return time.startsWith(prefix) ? time.slice(DATE) : time;
  };
}

/** `2026-11-21 ` */
const DATE = 11;

export const joinCounts = (counts: Readonly<Record<Severity, number>>, texts: MailTexts): string =>
  worstFirst
    .filter((severity) => counts[severity] > 0)
    .map((severity) => `${texts.severity[severity]} ${counts[severity]}`)
    .join(", ");

/** `byType`: most first. */
export function joinTypes(
  byType: ReadonlyMap<string, number>,
  otherTypes: number,
  max: number,
  texts: MailTexts,
): string {
  const types = [...byType];
  const named = types.slice(0, max).map(([type, count]) => `${cleanLine(type, TYPE_MAX) || texts.noType} ${count}`);
  const others = types.slice(max).reduce((sum, [, count]) => sum + count, otherTypes);
  if (others > 0) named.push(`${texts.otherTypes} ${others}`);
  return named.join(", ");
}

function notesOf(digest: Digest, short: boolean, texts: MailTexts): readonly string[] {
  const notes: string[] = [];
  if (digest.part === "early") notes.push(texts.early);
  if (digest.part === "rest") notes.push(texts.rest(digest.toldEarly));
  if (digest.windowCount > 1) notes.push(texts.merged(digest.windowCount));
  if (short) notes.push(texts.tooLong);
  return notes;
}

function alertView(
  listed: ListedAlert,
  number: number,
  at: number,
  messageMax: number,
  short: (ms: number) => string,
  { texts, localTime, numbers }: ViewContext,
): AlertView {
  const { alert, late } = listed;
  const resolved = alert.status === "resolved";
  const marks: string[] = [];
  if (resolved) marks.push(texts.resolved);
  if (late) marks.push(texts.late);
  const value = withUnit(alert.value, alert, numbers);
  const threshold = withUnit(alert.threshold, alert, numbers);
  return {
    number,
    time: localTime.format(at),
    shortTime: short(at),
    severity: alert.severity,
    severityLabel: texts.severity[alert.severity],
    type: cleanLine(alert.type ?? "", TYPE_MAX),
    message: cleanLine(alert.message, messageMax, texts.cut),
    measurement:
      value !== ""
        ? texts.measured(value, threshold === "" ? undefined : threshold)
        : threshold === ""
          ? ""
          : texts.thresholdOnly(threshold),
    value,
    threshold,
    resolved,
    late,
    marks,
  };
}

/** `36.2 °C, threshold 35 °C`; "" without a value. */
function measuredShort(alert: Alert, texts: MailTexts, numbers: Numbers): string {
  const value = withUnit(alert.value, alert, numbers);
  const threshold = withUnit(alert.threshold, alert, numbers);
  return value === "" || threshold === "" ? value : texts.measuredShort(value, threshold);
}

function withUnit(value: number | undefined, { unit }: Alert, numbers: Numbers): string {
  if (value === undefined) return "";
  const clean = unit === undefined ? "" : cleanLine(unit, UNIT_MAX);
  return clean === "" ? numbers.format(value) : `${numbers.format(value)} ${clean}`;
}

function messageLimit(listed: readonly ListedAlert[]): number {
  let total = 0;
  for (const { alert } of listed) total += Math.min(alert.message.length, MESSAGE_MAX);
  return total <= MESSAGES_MAX ? MESSAGE_MAX : Math.max(80, Math.floor(MESSAGES_MAX / listed.length));
}

/** What is counted already, and what `room` leaves out. */
function foldedView({ folded, listed }: Digest, shown: number, texts: MailTexts): FoldedView | undefined {
  const left = listed.slice(shown);
  const count = (folded?.count ?? 0) + left.length;
  if (count === 0) return undefined;
  const bySeverity: Record<Severity, number> = { info: 0, warning: 0, critical: 0, ...folded?.bySeverity };
  const byType = new Map(folded?.byType);
  for (const { alert } of left) {
    bySeverity[alert.severity]++;
    byType.set(alert.type ?? "", (byType.get(alert.type ?? "") ?? 0) + 1);
  }
  const types = new Map([...byType].sort(([, a], [, b]) => b - a));
  const max = left.length > 0 ? FEW_TYPES : FOLDED_TYPES;
  return {
    count,
    sentence: texts.folded(shown, count),
    bySeverity: { label: texts.labels.bySeverity, value: joinCounts(bySeverity, texts) },
    byType: { label: texts.labels.byType, value: joinTypes(types, folded?.otherTypes ?? 0, max, texts) },
  };
}
