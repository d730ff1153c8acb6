/**
 * What a mail says, as plain data, for the built-in bodies (templates have `template-types.ts`): strings in the mail's language and time zone, each one
 * harmless line of bounded length, not escaped for HTML. Times: `2026-11-21 09:00:12`, without the date where it is that of the mail.
 */

import type { Severity } from "../core/alert.js";
import type { DigestState } from "../runtime/ports.js";
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
  /** What is wrong: the type of the worst alert. May be "". */
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
  /** "resolved", "late", what the device's clock says where that cannot be; any of them or none, in the mail's language. */
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
