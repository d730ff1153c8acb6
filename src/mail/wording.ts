/** From what a mail says to the lines that its text and its HTML have in common. */

import { beforeNumber } from "./clean.js";
import type { DocumentAlert, DocumentSection, MailDocument, SeverityCount, TypeCount } from "./document.js";
import type { MailTexts } from "./texts.js";

/** A line of the summary. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** `status: what (measurement)` */
export function sentenceOf(status: string, what: string, measurement: string): string {
  const rest = what === "" || measurement === "" ? what || measurement : `${beforeNumber(what)} (${measurement})`;
  return rest === "" ? status : `${status}: ${rest}`;
}

/**
 * The first line of a device in a fleet mail. A mail about one device says what is wrong by its type: the message stands in its list, and there once, so
 * that whoever searches or counts messages in mails finds each alert once. No list follows here.
 */
export const quotedSentence = ({ status, quote, measurement }: DocumentSection): string =>
  sentenceOf(status, quote, measurement);

/** `12 alerts: critical 3, warning 9` */
export const totalOf = ({ kind, count, deviceCount, summary }: MailDocument, texts: MailTexts): string => {
  const counts = joinCounts(summary.bySeverity);
  return kind === "device" ? texts.total(count, counts) : texts.fleet.total(deviceCount, count, counts);
};

/** Under the first line. */
export const factsOf = (mail: MailDocument, texts: MailTexts): readonly Fact[] => [
  ...(mail.kind === "device" ? summaryFacts(mail, mail, texts) : []),
  windowFact(mail, texts),
];

/** The same of a device in a fleet mail. */
export const deviceFacts = (device: DocumentSection, mail: MailDocument, texts: MailTexts): readonly Fact[] => [
  ...summaryFacts(device, mail, texts),
  ...(device.window.count > 1 ? [{ label: texts.labels.window, value: texts.fleet.merged(device.window.count) }] : []),
];

function summaryFacts({ summary }: DocumentSection, { window }: MailDocument, texts: MailTexts): Fact[] {
  const { labels } = texts;
  const facts: Fact[] = [
    { label: labels.byType, value: joinTypes(summary.byType, summary.otherTypes, SUMMARY_TYPES, texts) },
  ];
  const { extreme, first, last } = summary;
  if (extreme !== null) {
    const type = extreme.type === "" ? "" : ` (${extreme.type})`;
    facts.push({ label: labels.extreme, value: measuredShort(extreme, texts) + type });
  }
  // A second time without a date would be taken for the first one's day.
  const isOneDay = first.slice(0, DATE) === last.slice(0, DATE);
  const span = isOneDay ? [shortTime(first, window.end), shortTime(last, window.end)] : [first, last];
  facts.push({ label: labels.span, value: span.join(" – ") });
  if (summary.resolved + summary.late > 0)
    facts.push({ label: labels.marked, value: texts.marked(summary.resolved, summary.late) });
  return facts;
}

const windowFact = ({ window: { start, end, zone } }: MailDocument, { labels }: MailTexts): Fact => ({
  label: labels.window,
  value: `${start} – ${shortTime(end, start)} (${zone})`,
});

/** Value against threshold, each with its unit; may be "". */
export function measuredOf({ valueText, thresholdText }: DocumentAlert, texts: MailTexts): string {
  if (valueText !== "") return texts.measured(valueText, thresholdText === "" ? undefined : thresholdText);
  return thresholdText === "" ? "" : texts.thresholdOnly(thresholdText);
}

/** `36.2 °C, threshold 35 °C`; "" without a value. */
export const measuredShort = ({ valueText, thresholdText }: DocumentAlert, texts: MailTexts): string =>
  valueText === "" || thresholdText === "" ? valueText : texts.measuredShort(valueText, thresholdText);

/** "resolved", "late", what the device's clock says where that cannot be; any of them or none. */
export function marksOf({ resolved, late, deviceClock }: DocumentAlert, texts: MailTexts): readonly string[] {
  const marks: string[] = [];
  if (resolved) marks.push(texts.resolved);
  if (late) marks.push(texts.late);
  if (deviceClock !== "") marks.push(texts.deviceClock(deviceClock));
  return marks;
}

/** `12 alerts: critical 3, warning 9`, behind a device's name. */
export const deviceTotal = ({ count, summary }: DocumentSection, texts: MailTexts): string =>
  texts.fleet.device(count, joinCounts(summary.bySeverity));

/** That not all alerts are listed, and what the others are. */
export function foldedLines(
  { alerts, folded }: MailDocument,
  texts: MailTexts,
): { readonly sentence: string; readonly facts: readonly Fact[] } | undefined {
  if (folded === null) return undefined;
  const { count, bySeverity, byType, otherTypes } = folded;
  return {
    sentence: texts.folded(alerts.length, count),
    facts: [
      { label: texts.labels.bySeverity, value: joinCounts(bySeverity) },
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
  return texts.fleet.unlisted(left, count - total(devices), joinCounts(bySeverity.filter(({ count }) => count > 0)));
}

const total = (counted: readonly { readonly count: number }[]): number =>
  counted.reduce((sum, { count }) => sum + count, 0);

/** Where it comes from. */
export const footerOf = ({ kind, device, source }: MailDocument, { labels }: MailTexts): readonly Fact[] => [
  ...(kind === "device" ? [{ label: labels.device, value: device.id }] : []),
  { label: labels.source, value: source },
];

/** Without the date where it is that of `day`: mail programs show the mail's `Date`, the window's end. */
export const shortTime = (time: string, day: string): string =>
  time.startsWith(day.slice(0, DATE)) ? time.slice(DATE) : time;

const joinCounts = (counts: readonly SeverityCount[]): string =>
  counts.map(({ name, count }) => `${name} ${count}`).join(", ");

/** `byType`: most first. */
function joinTypes(byType: readonly TypeCount[], otherTypes: number, max: number, texts: MailTexts): string {
  const named = byType.slice(0, max).map(({ type, count }) => `${beforeNumber(type) || texts.noType} ${count}`);
  const others = otherTypes + total(byType.slice(max));
  if (others > 0) named.push(`${texts.otherTypes} ${others}`);
  return named.join(", ");
}

/** `2026-11-21 ` */
const DATE = 11;
/** Types named in the summary. */
const SUMMARY_TYPES = 10;
