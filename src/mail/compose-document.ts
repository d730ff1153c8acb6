/** From a mail's content to what it says. */

import { worthListing } from "../runtime/compose-digest.js";
import type {
  Because,
  Digest,
  DigestSummary,
  FleetDevice,
  FleetDigest,
  ListedAlert,
  MailContent,
  MailLink,
} from "../runtime/ports.js";
import { byWorst, farthest, seenAt, summaryOf, sumUnread, worstFirst } from "../runtime/summary.js";
import { cleanLine, NAME_MAX } from "./clean.js";
import type { DocumentLink, DocumentSection, DocumentSummary, MailDocument } from "./document.js";
import { foldedOf, notListed, sum, unlisted } from "./document-counts.js";
import { messageLimit, type Place, sectionOf, sharedLabels, summaryIn, windowOf } from "./document-section.js";
import { sourcesOf } from "./headers.js";
import type { Language } from "./language.js";
import type { MailTexts } from "./texts.js";

/** What the mail's subject is, once it is known how bad it is. */
export type SubjectOf = (summary: Pick<DocumentSummary, "severity" | "state">) => string;

/** What is in a mail beside what its alerts say. */
export interface Around {
  readonly links?: readonly MailLink[];
  readonly because?: readonly Because[] | undefined;
  /** `PUBLIC_URL`. */
  readonly livePage?: string | undefined;
}

/** `room`: of alerts, in a fleet mail of devices, this many at most; the others are counted, and the summary is of all. */
export function composeDocument(
  content: MailContent,
  subject: SubjectOf,
  language: Language,
  room = Number.POSITIVE_INFINITY,
  around: Around = {},
): MailDocument {
  const { links = [], because = [], livePage = "" } = around;
  const more: More = { links, why: whyOf(because, language.texts), livePage };
  return "devices" in content
    ? fleetDocument(content, subject, language, room, more)
    : deviceDocument(content, subject, language, room, more);
}

function deviceDocument(
  digest: Digest,
  subject: SubjectOf,
  language: Language,
  room: number,
  { links, why, livePage }: More,
): MailDocument {
  const seen = digest.listed.map(seenAt);
  const summary = summaryOf(digest, seen);
  const listed = worthListing(digest.listed, room);
  const isShort = listed.length < digest.listed.length;
  const folded = isShort || digest.folded !== undefined ? notListed(digest, listed) : undefined;
  const section = sectionOf(
    { digest, summary, listed, seen: isShort ? listed.map(seenAt) : seen, folded },
    { language, day: digest.windowEnd, messageMax: messageLimit(listed), links },
  );
  const { texts } = language;
  const notes: string[] = folded === undefined ? [] : [texts.folded(listed.length, folded.count)];
  if (isShort) notes.push(texts.tooLong);
  if (digest.part === "early") notes.push(texts.early);
  if (digest.part === "rest") notes.push(texts.rest(digest.toldEarly));
  if (digest.windowCount > 1) notes.push(mergedNote(digest, texts));
  notes.push(...lossNotes(section.summary, listed, texts));
  const head = headOf(subject(summary), texts);
  return {
    kind: "device",
    reason: null,
    ...head,
    ...section,
    devices: [section],
    deviceCount: 1,
    why,
    livePage,
    notes,
  };
}

/** Of several windows. */
const mergedNote = ({ windowCount, repeats = 0, mayBeNews }: Digest, texts: MailTexts): string => {
  if (mayBeNews) return texts.combined(windowCount);
  if (repeats === 0) return texts.merged(windowCount);
  return repeats === windowCount ? texts.repeats(windowCount) : texts.repeatsToo(repeats);
};

function fleetDocument(
  fleet: FleetDigest,
  subject: SubjectOf,
  language: Language,
  room: number,
  { links, why, livePage }: More,
): MailDocument {
  const { texts } = language;
  const allListed = fleet.devices.flatMap(({ digest }) => digest.listed);
  const place: Place = {
    language,
    day: fleet.windowEnd,
    messageMax: messageLimit(allListed),
    links,
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
    labels: sharedLabels(sections.map(({ labels }) => labels)),
    links: sharedLinks(sections),
    alerts: sections.flatMap(({ alerts }) => alerts),
    folded: foldedOf({ ...sum(folded), count: folded.reduce((total, { count }) => total + count, 0) }, texts),
  };
  return {
    kind: "fleet",
    reason: fleet.reason,
    ...headOf(subject(section.summary), texts),
    ...section,
    devices: sections.slice(0, room),
    deviceCount: sections.length,
    why,
    livePage,
    notes: [
      fleet.reason === "storm" ? texts.fleet.storm : texts.fleet.asked,
      ...partNotes(fleet, texts),
      ...lossNotes(section.summary, allListed, texts),
    ],
  };
}

type More = Required<Pick<Around, "links">> & Pick<MailDocument, "why" | "livePage">;

/** The first ones by name. */
const whyOf = (because: readonly Because[], { why }: MailTexts): readonly string[] => {
  const said = because
    .slice(0, REASONS_MAX)
    .map((one) => (one.kind === "route" ? why.route(one.number, cleanLine(one.name ?? "", NAME_MAX)) : why[one.kind]));
  return because.length > REASONS_MAX ? [...said, `+${because.length - REASONS_MAX}`] : said;
};

const REASONS_MAX = 5;

/** The same for all devices. */
const sharedLinks = ([first, ...others]: readonly DocumentSection[]): readonly DocumentLink[] =>
  first?.links.filter(({ name, url }) =>
    others.every(({ links }) => links.some((one) => one.name === name && one.url === url)),
  ) ?? [];

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

/** What of the alerts could not be read, and of how many only a part is left. */
const lossNotes = ({ unread }: DocumentSummary, listed: readonly ListedAlert[], texts: MailTexts): string[] => {
  const notes = unread.length === 0 ? [] : [texts.unread(unread)];
  const cut = listed.reduce((sum, { alert }) => sum + Number(alert.cut !== undefined), 0);
  if (cut > 0) notes.push(texts.shortened(cut));
  return notes;
};

function headOf(subject: string, texts: MailTexts): Pick<MailDocument, "subject" | "locale" | "texts"> {
  const { lang, severity, resolved, late, noType, otherTypes } = texts;
  return { subject, locale: lang, texts: { severity, resolved, late, noType, otherTypes } };
}

/** The headline is that of the device which the first line is about; the extreme value the worst of all. */
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
    repeats: summaries.reduce((total, { repeats }) => total + repeats, 0),
    unread: sumUnread(summaries.map(({ unread }) => unread)),
    since: Math.min(...telling.map(({ since }) => since)),
    sinceKnown: telling.every(({ sinceKnown }) => sinceKnown),
    // It is over only where it is over for each.
    state: going.length > 0 ? "firing" : "resolved",
    alsoFiring: worst?.summary.alsoFiring ?? 0,
    beside: worst?.summary.beside ?? 0,
    headline: undefined,
    extreme: undefined,
  };
  const worstValue = farthest(summaries.map(({ extreme }) => extreme));
  const found = summaries.findIndex(({ extreme }) => extreme !== undefined && extreme === worstValue);
  const extreme = sections[found]?.summary.extreme ?? null;
  return summaryIn(whole, language, worst?.summary.headline ?? null, extreme);
}
