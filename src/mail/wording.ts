/** From what a mail says to the lines that its text and its HTML have in common. */

import { beforeNumber, cleanLine } from "./clean.js";
import type {
  DocumentAlert,
  DocumentLink,
  DocumentSection,
  DocumentSummary,
  MailDocument,
  SeverityCount,
  TypeCount,
} from "./document.js";
import type { MailTexts } from "./texts.js";

/** A line of the summary. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** `12 alerts: critical 3, warning 9` */
export const totalOf = ({ kind, count, deviceCount, summary }: MailDocument, texts: MailTexts): string => {
  const counts = joinCounts(summary.bySeverity, texts);
  return kind === "device" ? texts.total(count, counts) : texts.fleet.total(deviceCount, count, counts);
};

/** Below the device; may be "". */
export const sharedOf = ({ labels, links }: MailDocument): string =>
  labelsLine(labels, DEVICE_LABELS_MAX, undefined, links);

/** Beside a device of a fleet mail: those that not all of its devices have. */
export const deviceLabels = ({ labels, links }: DocumentSection, mail: MailDocument): string =>
  labelsLine(labels, alertLabelsMax(mail.devices.length), mail.labels, links);

/** Beside an alert: those that not all alerts of the mail have. */
export const alertLabels = ({ labels, links }: DocumentAlert, mail: MailDocument): string =>
  labelsLine(labels, alertLabelsMax(mail.alerts.length), mail.labels, links);

/** Links beside a device of a fleet mail: those that not all of its devices have. */
export const deviceLinks = ({ links }: DocumentSection, mail: MailDocument): readonly DocumentLink[] =>
  links.filter(({ name, url }) => !mail.links.some((one) => one.name === name && one.url === url));

/** Under the first line. */
export const factsOf = (mail: MailDocument, texts: MailTexts): readonly Fact[] => [
  ...(mail.kind === "device" ? summaryFacts(mail, mail, texts) : []),
  windowFact(mail, texts),
];

/** The same of a device in a fleet mail. */
export const deviceFacts = (device: DocumentSection, mail: MailDocument, texts: MailTexts): readonly Fact[] => [
  ...summaryFacts(device, mail, texts),
  ...(device.window.count > 1
    ? [
        {
          label: texts.labels.window,
          value: texts.fleet.merged(device.window.count, whyTogether(device)),
        },
      ]
    : []),
];

const whyTogether = ({ window: { count, repeats, delayed } }: DocumentSection): "repeats" | "delayed" | "unknown" => {
  if (repeats === count) return "repeats";
  return delayed ? "delayed" : "unknown";
};

function summaryFacts({ summary, count }: DocumentSection, { window }: MailDocument, texts: MailTexts): Fact[] {
  const { labels } = texts;
  const facts: Fact[] = [];
  if (summary.resolved + summary.late + summary.repeats > 0)
    facts.push({ label: labels.marked, value: texts.marked(summary.resolved, summary.late, summary.repeats) });
  // One alert is told of by the first line.
  if (count === 1) return facts;
  if (summary.otherTypes > 0 || summary.byType.some(({ type }) => type !== ""))
    facts.push({ label: labels.byType, value: joinTypes(summary.byType, summary.otherTypes, SUMMARY_TYPES, texts) });
  const { extreme, first, last } = summary;
  if (extreme !== null) {
    const type = extreme.type === "" ? "" : ` (${extreme.type})`;
    // A milder alert may lie farther from its threshold.
    const severity = summary.bySeverity.length > 1 ? extreme.severityName : undefined;
    facts.push({ label: texts.worstValue(severity), value: measuredShort(extreme, texts) + type });
  }
  // A second time without a date would be taken for the first one's day.
  const isOneDay = first.slice(0, DATE) === last.slice(0, DATE);
  const [from, to] = isOneDay ? [shortTime(first, window.end), shortTime(last, window.end)] : [first, last];
  facts.push(
    first === last ? { label: labels.moment, value: from } : { label: labels.span, value: texts.range(from, to) },
  );
  return facts;
}

function windowFact({ window: { start, end, zone } }: MailDocument, texts: MailTexts): Fact {
  const until = start.slice(0, DATE) === end.slice(0, DATE) ? shortTime(end, start) : dated(end, texts);
  return { label: texts.labels.window, value: `${texts.range(dated(start, texts), until)} (${zone})` };
}

/** `local`: `2026-11-30 02:26:00`, with the day of the week where the language says it. */
export function dated(local: string, texts: MailTexts): string {
  const date = local.slice(0, DATE - 1);
  return `${texts.date(date, new Date(`${date}T00:00:00Z`).getUTCDay())}${local.slice(DATE - 1)}`;
}

/** Value against threshold, each with its unit; may be "". */
export function measuredOf({ valueText, thresholdText }: DocumentAlert, texts: MailTexts): string {
  if (valueText !== "") return texts.measured(valueText, thresholdText === "" ? undefined : thresholdText);
  return thresholdText === "" ? "" : texts.thresholdOnly(thresholdText);
}

/** `36.2 °C, threshold 35 °C`; "" without a value. */
export const measuredShort = ({ valueText, thresholdText }: DocumentAlert, texts: MailTexts): string =>
  valueText === "" || thresholdText === "" ? valueText : texts.measuredShort(valueText, thresholdText);

/** "resolved", "late", what the device's clock says where that cannot be, what could not be read and stands nowhere else; any of them or none. */
export function marksOf(
  { resolved, late, deviceClock, asWritten }: DocumentAlert,
  texts: MailTexts,
): readonly string[] {
  const marks: string[] = [];
  if (resolved) marks.push(texts.resolved);
  if (late) marks.push(texts.late);
  if (deviceClock !== "") marks.push(texts.deviceClock(deviceClock));
  for (const field of MARKED) if (asWritten[field] !== "") marks.push(`${texts.fields[field]}: ${asWritten[field]}`);
  return marks;
}

const MARKED = ["severity", "status", "labels"] as const;

/** `12 alerts: critical 3, warning 9`, behind a device's name. */
export const deviceTotal = ({ count, summary }: DocumentSection, texts: MailTexts): string =>
  texts.fleet.device(count, joinCounts(summary.bySeverity, texts));

/** What the alerts are that are not listed; that there are such stands on top. */
export function foldedLines(
  { count, bySeverity, byType, otherTypes }: NonNullable<MailDocument["folded"]>,
  texts: MailTexts,
): { readonly sentence: string; readonly facts: readonly Fact[] } {
  return {
    sentence: texts.notListed(count),
    facts: [
      { label: texts.labels.bySeverity, value: joinCounts(bySeverity, texts) },
      { label: texts.labels.byType, value: joinTypes(byType, otherTypes, byType.length, texts) },
    ],
  };
}

/** A sentence on the devices that are not listed for want of room; "" when all are. */
export function unlistedDevices({ devices, deviceCount, count, summary }: MailDocument, texts: MailTexts): string {
  const left = deviceCount - devices.length;
  if (left === 0) return "";
  const bySeverity = summary.bySeverity.map((one) => {
    const listed = devices.flatMap(({ summary }) =>
      summary.bySeverity.filter((each) => each.severity === one.severity),
    );
    return { ...one, count: one.count - total(listed) };
  });
  return texts.fleet.unlisted(
    left,
    count - total(devices),
    joinCounts(
      bySeverity.filter(({ count }) => count > 0),
      texts,
    ),
  );
}

const total = (counted: readonly { readonly count: number }[]): number =>
  counted.reduce((sum, { count }) => sum + count, 0);

/** Where it comes from, and why it came. */
export const footerOf = (mail: MailDocument, texts: MailTexts): readonly Fact[] => [
  ...(isSingle(mail) ? [windowFact(mail, texts)] : []),
  ...(mail.kind === "device" ? [{ label: texts.labels.device, value: mail.device.id }] : []),
  // A topic's name has no comma.
  { label: texts.labels.source, value: mail.source.replaceAll(",", ", ") },
  ...(mail.why.length > 0 ? [{ label: texts.labels.why, value: mail.why.join("; ") }] : []),
];

/** Without the date where it is that of `day`: mail programs show the mail's `Date`, the window's end. */
export const shortTime = (time: string, day: string): string =>
  time.startsWith(day.slice(0, DATE)) ? time.slice(DATE) : time;

const joinCounts = (counts: readonly SeverityCount[], texts: MailTexts): string =>
  counts.map(({ name, count }) => `${name} ${texts.count(count)}`).join(", ");

/** `byType`: most first. */
function joinTypes(byType: readonly TypeCount[], otherTypes: number, max: number, texts: MailTexts): string {
  const named = byType
    .slice(0, max)
    .map(({ type, count }) => `${beforeNumber(type) || texts.noType} ${texts.count(count)}`);
  const others = otherTypes + total(byType.slice(max));
  if (others > 0) named.push(`${texts.otherTypes} ${texts.count(others)}`);
  return named.join(", ");
}

/** `2026-11-21 ` */
const DATE = 11;
/** Types named in the summary. */
const SUMMARY_TYPES = 10;

// What a mail's first line says is wrong, in text, in HTML and in the list of mails.

/** What the first line is made of. */
type Headline = Pick<DocumentSection, "status" | "what" | "quote" | "measurement"> & {
  readonly summary: Pick<DocumentSummary, "alsoFiring">;
};

/** `status: quote (what, measurement) and 2 other types`: what is wrong in the producer's words, for people, its type beside it, for searches. */
export function sentenceOf(headline: Headline, texts: MailTexts): string {
  const { status, measurement } = headline;
  const [wrong, type] = wrongOf(headline);
  const beside = [type, measurement].filter((text) => text !== "").join(", ");
  const said = wrong === "" || beside === "" ? wrong || beside : `${beforeNumber(wrong)} (${beside})`;
  const others = othersOf(headline, texts);
  const rest = said === "" || others === "" ? said : `${said} ${others}`;
  return rest === "" ? status : `${status}: ${rest}`;
}

/** What is wrong, as a headline, and the type where that says something else; each may be "". */
export function wrongOf({ what, quote }: Pick<Headline, "what" | "quote">): readonly [wrong: string, type: string] {
  return quote === "" || quote === what ? [what, ""] : [headlineOf(quote), what];
}

/** "and 2 other types", or "". */
export const othersOf = ({ summary: { alsoFiring } }: Pick<Headline, "summary">, texts: MailTexts): string =>
  alsoFiring === 0 ? "" : texts.others(alsoFiring);

/** As much of it as a telephone shows at once. From Hangul on characters are twice as wide, but for a few. */
function headlineOf(text: string): string {
  let columns = 0;
  let end = 0;
  for (const character of text) {
    columns += character < "\u1100" ? 1 : 2;
    if (columns > HEADLINE_COLUMNS) return `${text.slice(0, end).replace(BEGUN_WORD, "").trimEnd()}…`;
    end += character.length;
  }
  return text;
}

/** Whether the mail is about one alert: its first line says it all, and nothing is summed up. */
export const isSingle = ({ kind, count, alerts }: MailDocument): boolean =>
  kind === "device" && count === 1 && alerts.length === 1;

/** What of a single alert the first line has said already, whole. */
export function saidOf(mail: MailDocument): { readonly message: boolean; readonly measurement: boolean } {
  const [alert] = mail.alerts;
  if (!isSingle(mail) || alert === undefined) return { message: false, measurement: false };
  return { message: alert.message === wrongOf(mail)[0], measurement: mail.measurement !== "" };
}

/** A word that is cut, unless it is so long that little would be left without it. */
const BEGUN_WORD = /(?<=\s)\S{1,20}$/u;
/** 60 syllables. */
const HEADLINE_COLUMNS = 120;

// Labels, beside what has them.

export type Labels = Readonly<Record<string, string>>;

export const hasLabel = (labels: Labels, name: string, value: string): boolean =>
  Object.hasOwn(labels, name) && labels[name] === value;

/**
 * `site=busan-2, rack=4`, without those of `shared`, and without those that `links` are made of; in at most `max` characters and some more, and how many there was no room for: `, +3`. "" where there
 * are none.
 */
export function labelsLine(
  labels: Labels,
  max: number,
  shared: Labels = {},
  links: readonly DocumentLink[] = [],
): string {
  const shown: string[] = [];
  let length = 0;
  let left = 0;
  for (const name in labels) {
    const value = labels[name] ?? "";
    if (hasLabel(shared, name, value) || links.some(({ url }) => url === value)) continue;
    const text = cleanLine(`${name}=${value}`, max);
    // The first one always: of a long one its beginning says something.
    if (left > 0 || (shown.length > 0 && length + text.length > max)) left += 1;
    else {
      shown.push(text);
      length += text.length + 2;
    }
  }
  return left > 0 ? `${shown.join(", ")}, +${left}` : shown.join(", ");
}

/** Characters of the line that a device has. */
const DEVICE_LABELS_MAX = 400;

/** How many the line of an alert may have, in a mail that lists so many: it stays bounded, and below what Gmail cuts off. */
const alertLabelsMax = (listed: number): number =>
  Math.min(200, Math.max(40, Math.floor(ALERTS_LABELS_MAX / Math.max(listed, 1))));

const ALERTS_LABELS_MAX = 16_000;
