/** What the first line and the summary of a mail say, of one device or of many. */

import type { Alert, Severity } from "../core/alert.js";
import type { Digest, DigestSummary, ListedAlert } from "../runtime/ports.js";
import { worstFirst } from "../runtime/summary.js";
import { beforeNumber, cleanLine } from "./clean.js";
import type { LocalTime } from "./local-time.js";
import type { Fact, MailView, ViewContext } from "./mail-view.js";
import type { Numbers } from "./numbers.js";
import type { MailTexts } from "./texts.js";

const HEADLINE_MAX = 160;
export const NAME_MAX = 256;
export const TYPE_MAX = 100;
export const UNIT_MAX = 20;
const MESSAGE_MAX = 2_000;
/** Of all messages together; above it each gets its fair share, so that 200 alerts of 1 MiB stay under 2 MiB in all. */
const MESSAGES_MAX = 160_000;
/** Types named in the summary. */
const SUMMARY_TYPES = 10;

/** The name a mail calls the device by: one line, with something to be seen in it. */
export function deviceNameOf({ deviceId, deviceName = "" }: Pick<Digest, "deviceId" | "deviceName">): string {
  return [deviceName, deviceId].map((name) => cleanLine(name, NAME_MAX)).find((name) => VISIBLE.test(name)) ?? "?";
}

/** More than zero-width characters, fillers and tags, of which an empty name can be made just as well as of spaces. */
const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}\p{Cf}]/u;

/** `topic/partition/first-last`, as the header X-Alert-Digest-Source has it. */
export const sourceOf = (digest: Pick<Digest, "topic" | "partition" | "firstOffset" | "lastOffset">): string =>
  `${digest.topic}/${digest.partition}/${digest.firstOffset}-${digest.lastOffset}`;

/** How long a message may be in a mail that lists these: it stays bounded whatever producers write. */
export function messageLimit(listed: readonly ListedAlert[]): number {
  let total = 0;
  for (const { alert } of listed) total += Math.min(alert.message.length, MESSAGE_MAX);
  return total <= MESSAGES_MAX ? MESSAGE_MAX : Math.max(80, Math.floor(MESSAGES_MAX / listed.length));
}

export type FirstLine = Pick<
  MailView,
  "headline" | "status" | "what" | "measurement" | "severity" | "severityLabel" | "state" | "stateLabel"
>;

/**
 * How bad, since when, whether it goes on, what is wrong: by type and value. The message stands in the list, and there once, so that whoever searches or
 * counts messages in mails finds each alert once; only where no list follows (`quote`: a device in a fleet mail) it is said here.
 */
export function firstLine(
  summary: DigestSummary,
  short: (ms: number) => string,
  { texts, numbers }: ViewContext,
  quote = false,
): FirstLine {
  const { headline, state, severity } = summary;
  const status = texts.status({
    severity: texts.severity[severity],
    state,
    since: short(summary.since),
    until: short(summary.last),
  });
  const what = cleanLine((quote ? headline?.message : headline?.type) ?? "", HEADLINE_MAX);
  const measurement = headline === undefined ? "" : measuredShort(headline, texts, numbers);
  const rest = what === "" || measurement === "" ? what || measurement : `${beforeNumber(what)} (${measurement})`;
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
  short: (ms: number) => string,
  { texts, numbers, localTime }: ViewContext,
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
  // A second time without a date would be taken for the first one's day.
  const [from, to] = [localTime.format(summary.first), localTime.format(summary.last)];
  const span = from.slice(0, DATE) === to.slice(0, DATE) ? [short(summary.first), short(summary.last)] : [from, to];
  facts.push({ label: labels.span, value: span.join(" – ") });
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
  const named = types
    .slice(0, max)
    .map(([type, count]) => `${beforeNumber(cleanLine(type, TYPE_MAX)) || texts.noType} ${count}`);
  const others = types.slice(max).reduce((sum, [, count]) => sum + count, otherTypes);
  if (others > 0) named.push(`${texts.otherTypes} ${others}`);
  return named.join(", ");
}

/** `36.2 °C, threshold 35 °C`; "" without a value. */
function measuredShort(alert: Alert, texts: MailTexts, numbers: Numbers): string {
  const value = withUnit(alert.value, alert, numbers);
  const threshold = withUnit(alert.threshold, alert, numbers);
  return value === "" || threshold === "" ? value : texts.measuredShort(value, threshold);
}

export function withUnit(value: number | undefined, { unit }: Alert, numbers: Numbers): string {
  if (value === undefined) return "";
  const clean = unit === undefined ? "" : cleanLine(unit, UNIT_MAX);
  return clean === "" ? numbers.format(value) : `${numbers.format(value)} ${clean}`;
}
