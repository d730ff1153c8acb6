/** From a mail's content to what it says. */

import type { Digest, DigestSummary, FleetDevice, FleetDigest, MailContent } from "../runtime/ports.js";
import { byWorst, seenAt, summaryOf, worstFirst } from "../runtime/summary.js";
import { cleanLine } from "./clean.js";
import type { DocumentSection, DocumentSummary, MailDocument } from "./document.js";
import { foldedOf, notListed, sum, unlisted } from "./document-counts.js";
import { messageLimit, type Place, sectionOf, summaryIn, windowOf } from "./document-section.js";
import type { Language } from "./language.js";
import { NAME_MAX, sourcesOf } from "./names.js";
import type { MailTexts } from "./texts.js";

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
