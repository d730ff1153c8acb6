/**
 * Every sentence a mail can contain, and what they are made of. A language is one file, `texts/<locale>.ts`, that exports `texts`; nothing lists
 * the languages. Counts are written as in the subject, without grouping; `counts` come joined, such as "critical 3, warning 1".
 */

import type { Severity } from "../core/alert.js";
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
  /** When the last alert of all was seen. */
  readonly until: string;
}

/** In front of a fact of the summary, without a colon. */
export interface MailLabels {
  readonly bySeverity: string;
  readonly byType: string;
  readonly extreme: string;
  readonly span: string;
  readonly window: string;
  readonly marked: string;
  readonly timezone: string;
  readonly device: string;
  readonly source: string;
}

export interface MailTexts {
  /** BCP 47. */
  readonly lang: string;
  readonly direction: "ltr" | "rtl";
  /** Contract: fixed in Korean and English, also for one. */
  subject(deviceName: string, count: number): string;
  /** The same without a number: `MAIL_SUBJECT=constant`, and the thread's name in Outlook. */
  constantSubject(deviceName: string): string;
  readonly severity: Readonly<Record<Severity, string>>;
  readonly state: Readonly<Record<DigestState, string>>;
  status(facts: StatusFacts): string;
  /** Marks of an alert. */
  readonly resolved: string;
  readonly late: string;
  /** `written`: the alert's `occurredAt`, which cannot be true. */
  deviceClock(written: string): string;
  total(count: number, counts: string): string;
  readonly labels: MailLabels;
  marked(resolved: number, late: number): string;
  merged(windowCount: number): string;
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
  /** Why fewer are listed than usual: the mail would be longer than `MAIL_MAX_SIZE`. */
  readonly tooLong: string;
  csv(facts: CsvFacts): string;
  readonly noType: string;
  readonly otherTypes: string;
  readonly fleet: FleetTexts;
  readonly report: ReportTexts;
}

/** Of the daily report. */
export interface ReportTexts {
  /** `from` and `to`: local times to the minute. */
  subject(from: string, to: string, devices: number, alerts: number): string;
  readonly nothing: string;
  readonly allTold: string;
  notTold(deadLetters: number): string;
  period(from: string, to: string, zone: string): string;
  alerts(count: number, critical: number): string;
  mails(count: number): string;
  /** From the window's end to the mail accepted. */
  slowest(seconds: string): string;
  /** `unreadable`: of them, records that could not be read. */
  deadLetters(count: number, unreadable: number): string;
  notListed(devices: number): string;
  /** More devices than are counted one by one. */
  tooMany(counted: number): string;
  readonly group: string;
}

/** Of mails about several devices. */
export interface FleetTexts {
  subject(devices: number, count: number): string;
  constantSubject(): string;
  total(devices: number, count: number, counts: string): string;
  /** The device that the first line is about, and how many more. */
  title(deviceName: string, others: number): string;
  /** Why it is one mail. */
  readonly storm: string;
  readonly asked: string;
  /** Behind a device's name. */
  device(count: number, counts: string): string;
  /** Of a device with more than one window: behind "Window". */
  merged(windowCount: number): string;
  /** For want of room; `count`: all their alerts. */
  unlisted(devices: number, count: number, counts: string): string;
}

export type PluralForms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> & { readonly other: string };

/** `count` and its noun in the form that the language's rules ask for (CLDR). */
export function pluralsOf(lang: string): (count: number, forms: PluralForms) => string {
  const rules = new Intl.PluralRules(lang);
  return (count, forms) => `${count} ${forms[rules.select(count)] ?? forms.other}`;
}
