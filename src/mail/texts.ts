/**
 * Every sentence a mail can contain, and what they are made of. A language is one file, `texts/<locale>.ts`, that exports `texts`; nothing lists
 * the languages. Counts are grouped as the language does it, but in subjects: others read those. `counts` come joined, such as "critical 3, warning 1".
 */

import type { Severity, WrittenField } from "../core/alert.js";
import type { DigestState } from "../runtime/ports.js";

/** How many of a window's alerts are in the CSV file, and why the others are not. */
export interface CsvFacts {
  readonly rows: number;
  readonly total: number;
  /** Could not be read back. */
  readonly unread: number;
  /** Would have made the mail too long. */
  readonly noRoom: number;
}

/** The first line's first half: how bad, since when, and whether it goes on. Times are ready to be shown. */
export interface StatusFacts {
  /** In the mail's language. */
  readonly severity: string;
  readonly state: DigestState;
  readonly since: string;
  /** False: `since` is that of the first alert in the mail, and it may have begun before. */
  readonly sinceKnown: boolean;
  /** When the last alert of all was seen. */
  readonly until: string;
  /** Types that fire, and that the mail tells nothing of; all that it tells of was over at `until`. 0: it tells of what fires, or nothing does. */
  readonly beside: number;
}

/** In front of a fact of the summary, without a colon. */
export interface MailLabels {
  readonly bySeverity: string;
  readonly byType: string;
  /** The first and the last; where there is only one, `moment`. */
  readonly span: string;
  readonly moment: string;
  readonly window: string;
  readonly marked: string;
  readonly device: string;
  readonly source: string;
  readonly why: string;
  readonly livePage: string;
}

/** Always `alert`; with `MAIL_SUBJECT=severity` how bad it is at the end, or that it is over. */
export type SubjectTag = "alert" | "resolved" | Severity;

export interface MailTexts {
  /** BCP 47. */
  readonly lang: string;
  readonly direction: "ltr" | "rtl";
  /** Families with its script, before the usual ones; Windows' first, for Outlook. */
  readonly fonts: readonly string[];
  /** What a subject begins with. Fixed in Korean and English, as all of it is. */
  readonly tags: Readonly<Record<SubjectTag, string>>;
  subject(tag: string, deviceName: string, count: number): string;
  /** The same without a number: `MAIL_SUBJECT=constant`, and the thread's name in Outlook. */
  constantSubject(tag: string, deviceName: string): string;
  readonly severity: Readonly<Record<Severity, string>>;
  readonly state: Readonly<Record<DigestState, string>>;
  status(facts: StatusFacts): string;
  /** Behind what is wrong first: types that fire too. */
  others(types: number): string;
  /** Marks of an alert. */
  readonly resolved: string;
  readonly late: string;
  /** `written`: the alert's `occurredAt`, which cannot be true. */
  deviceClock(written: string): string;
  /** In a body. */
  count(count: number): string;
  total(count: number, counts: string): string;
  readonly labels: MailLabels;
  /** One more label. `severity`: of which it is, in the mail's language; only where the mail has several. */
  worstValue(severity: string | undefined): string;
  /** Of two times, or of a date and a time each. */
  range(from: string, to: string): string;
  /** `date`: `2026-11-29`; `weekday`: Sunday is 0. */
  date(date: string, weekday: number): string;
  /** Time zones that have a name in the language; the others go by their IANA name. */
  readonly zones: Readonly<Record<string, string>>;
  /** `repeats`: alerts whose ID one before them has. */
  marked(resolved: number, late: number, repeats: number): string;
  /** Fields that may be shown as they were written. */
  readonly fields: Readonly<Record<WrittenField, string>>;
  /** `fields` could not be read, each in so many alerts, and are shown as they were written. */
  unread(fields: readonly { readonly name: string; readonly count: number }[]): string;
  /** So many alerts were too long to be kept whole. */
  shortened(count: number): string;
  /** Several windows in one mail, whose turn came late. */
  merged(windowCount: number): string;
  /** The same where nobody knows why they waited. */
  combined(windowCount: number): string;
  /** The same of windows that all tell nothing new. */
  repeats(windowCount: number): string;
  /** Of a mail with news: so many of its windows tell none. */
  repeatsToo(windows: number): string;
  /** Sent before the window's end because an alert is urgent; the rest follows. */
  readonly early: string;
  /** After such a mail; `told`: how many alerts of the window it had, where that is known. */
  rest(told: number | undefined): string;
  measured(value: string, threshold: string | undefined): string;
  /** In parentheses after the first line: shorter. */
  measuredShort(value: string, threshold: string): string;
  thresholdOnly(threshold: string): string;
  /** After a message that was cut; `length`: of the whole message. */
  cut(length: number): string;
  folded(listed: number, folded: number): string;
  /** Before what those are; with a colon behind it or not. */
  notListed(count: number): string;
  /** Why fewer are listed than usual: the mail would be longer than `MAIL_MAX_SIZE`. */
  readonly tooLong: string;
  csv(facts: CsvFacts): string;
  /** Why somebody gets a mail: by what of the configuration. */
  readonly why: {
    /** `name`: may be "". */
    route(number: number, name: string): string;
    readonly everybody: string;
    readonly database: string;
    /** Not all who get it for the same of these. */
    readonly several: string;
  };
  readonly noType: string;
  readonly otherTypes: string;
  readonly fleet: FleetTexts;
  readonly report: ReportTexts;
  readonly letters: LetterTexts;
}

/** On which the period begins, where its readers are. */
export interface ReportDay {
  /** From 1. */
  readonly month: number;
  readonly day: number;
  /** Sunday is 0. */
  readonly weekday: number;
}

/** Of the daily report. */
export interface ReportTexts {
  /** What matters first: how many things did not reach their readers. */
  subject(day: ReportDay, notDelivered: number, devices: number, alerts: number): string;
  readonly nothing: string;
  readonly allTold: string;
  notTold(deadLetters: number): string;
  period(from: string, to: string, zone: string): string;
  alerts(count: number, critical: number): string;
  mails(count: number): string;
  /** From the window's end to the mail accepted. */
  slowest(seconds: string): string;
  /** There were alerts, and all of them were muted. */
  readonly noneMailed: string;
  /** Of the alerts before: nobody was mailed of these. */
  reportOnly(count: number): string;
  /** Of all devices: for readers who have not met the word. */
  allDeadLetters(count: number): string;
  /** Alerts that are in no other number. */
  muted(count: number): string;
  deadLetters(count: number): string;
  /** Records; `reasons`: each with its number. */
  unreadable(count: number, reasons: string): string;
  /** `fields`: some `repaired`. `since`: a local time, from which on the reporting instance counts. */
  repairs(fields: readonly string[], since: string): string;
  /** A field that was not written as documented. */
  repaired(field: string, count: number): string;
  notListed(devices: number): string;
  /** More devices than are counted one by one. */
  tooMany(counted: number): string;
  readonly group: string;
}

/** Of mails about dead letters. */
export interface LetterTexts {
  subject(letters: number, critical: number): string;
  headline(letters: number): string;
  period(from: string, to: string, zone: string): string;
  /** `critical`: letters. */
  alerts(count: number, critical: number): string;
  readonly why: string;
  /** By the reasons of dead letters; one that is missing is shown as it is. */
  readonly reasons: Readonly<Record<string, string>>;
  /** `more`: there are more than are counted; `others`: that are not in `named`. */
  devices(count: number, more: boolean, named: string, others: number): string;
  readonly noDevice: string;
  readonly unknownSeverity: string;
  window(alerts: number): string;
  readonly record: string;
  notShown(letters: number): string;
  readonly look: string;
  readonly redrive: string;
  readonly group: string;
  readonly instance: string;
}

/** Of mails about several devices. */
export interface FleetTexts {
  subject(tag: string, devices: number, count: number): string;
  constantSubject(tag: string): string;
  total(devices: number, count: number, counts: string): string;
  /** The device that the first line is about, and how many more. */
  title(deviceName: string, others: number): string;
  /** Why it is one mail. */
  readonly storm: string;
  readonly asked: string;
  /** Behind a device's name. */
  device(count: number, counts: string): string;
  /** Of a device with more than one window: behind "Window". `repeats`: all tell nothing new; `delayed`: none does, and their turn came late. */
  merged(windowCount: number, why: "repeats" | "delayed" | "unknown"): string;
  /** For want of room; `count`: all their alerts. */
  unlisted(devices: number, count: number, counts: string): string;
}

export type PluralForms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> & { readonly other: string };

/** Counts as a language groups them: `12,357`. */
export function groupedCounts(lang: string): (count: number) => string {
  // Nearly all are short, and asking `Intl` costs more than the rest of their line; making it takes longer than a hundred mails.
  let numbers: Intl.NumberFormat | undefined;
  return (count) => {
    if (count < 1_000) return `${count}`;
    numbers ??= new Intl.NumberFormat(lang, { numberingSystem: "latn" });
    return numbers.format(count);
  };
}

/** `count` and its noun in the form that the language's rules ask for (CLDR). `written`: the count, as it is to be shown. */
export function pluralsOf(
  lang: string,
  written: (count: number) => string = String,
): (count: number, forms: PluralForms) => string {
  let rules: Intl.PluralRules | undefined;
  return (count, forms) => {
    rules ??= new Intl.PluralRules(lang);
    return `${written(count)} ${forms[rules.select(count)] ?? forms.other}`;
  };
}
