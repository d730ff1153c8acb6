/**
 * What a template gets as `it` (docs/templates.md): data only, every text one harmless line of bounded length, every name always there
 * (null where there is nothing). A change here is a change for the templates of others.
 */

import type { Severity, WrittenField } from "../core/alert.js";
import type { DigestState } from "../runtime/ports.js";

export interface SeverityCount {
  readonly severity: Severity;
  /** In the mail's language. */
  readonly name: string;
  readonly count: number;
}

export interface TypeCount {
  /** "" for alerts without one. */
  readonly type: string;
  readonly count: number;
}

export interface UnreadCount {
  readonly field: WrittenField;
  /** In the mail's language. */
  readonly name: string;
  readonly count: number;
}

export interface DocumentLink {
  readonly name: string;
  /** https, nothing in it that HTML would have to escape but `&` and `'`. */
  readonly url: string;
  /** Where it leads, of one that a producer wrote; "" where the configuration says it. */
  readonly host: string;
}

export interface DocumentAlert {
  readonly device: DocumentDevice;
  /**
   * Local: `2026-11-21 09:00:12`; `at`: the same instant, ISO 8601 in UTC. "" where nobody knows: of a headline that is not listed. Where the device names a
   * time without a zone, `time` is as it says, and `at` the record's.
   */
  readonly time: string;
  readonly at: string;
  readonly severity: Severity;
  readonly severityName: string;
  /** "" when there is none; so are `unit`, `valueText`, `thresholdText`, `alertId`. */
  readonly type: string;
  readonly message: string;
  readonly value: number | null;
  readonly threshold: number | null;
  readonly unit: string;
  /** With the unit: `31.4 °C`; what is no number as it was written. */
  readonly valueText: string;
  readonly thresholdText: string;
  readonly resolved: boolean;
  readonly late: boolean;
  /** What the device says of the time, where that cannot be true, or be read; else "". */
  readonly deviceClock: string;
  readonly alertId: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Those that not all listed alerts have; one that alerts before it have is not repeated. */
  readonly links: readonly DocumentLink[];
  /** What could not be read, as it was written: `severity`, `status`, `value`, `threshold`, `occurredAt`, `labels`; each "" where it was read. */
  readonly asWritten: Readonly<Record<WrittenField, string>>;
}

export interface DocumentDevice {
  readonly id: string;
  /** The ID where it has no name; of a fleet mail: its worst device, and how many more. */
  readonly name: string;
}

export interface DocumentSummary {
  /** Most severe first, none that is 0. */
  readonly bySeverity: readonly SeverityCount[];
  readonly byType: readonly TypeCount[];
  /** Alerts of types that were too many to be told apart. */
  readonly otherTypes: number;
  readonly worst: Severity;
  readonly worstName: string;
  /** How bad it is at the end, when the worst may be over. */
  readonly severity: Severity;
  readonly severityName: string;
  readonly state: DigestState;
  readonly stateName: string;
  /** The state is `firing`. */
  readonly firing: boolean;
  /** Types that fire beside the headline's. */
  readonly alsoFiring: number;
  /** Where all that the mail tells of is over: types that fire still, as `severity`, `since` and `state` say; the headline is over. Else 0. */
  readonly beside: number;
  /** Listed and folded. */
  readonly resolved: number;
  /** Of all alerts, as `resolved`. */
  readonly late: number;
  /** Listed alerts whose `alertId` and status one before them has. */
  readonly repeats: number;
  /** Fields of listed alerts that could not be read, and in how many; none that is 0. */
  readonly unread: readonly UnreadCount[];
  /** Since when it is as the headline says; where that is not known (`sinceKnown` is false), the first alert of it in the mail. */
  readonly since: string;
  readonly sinceAt: string;
  readonly sinceKnown: boolean;
  /** When the last alert of all was seen, listed or not: until when it went on, once it is resolved. */
  readonly until: string;
  readonly untilAt: string;
  readonly first: string;
  readonly firstAt: string;
  readonly last: string;
  readonly lastAt: string;
  readonly headline: DocumentAlert | null;
  /** Its value lies farthest from its threshold. */
  readonly extreme: DocumentAlert | null;
}

/** What is said of a device, and in the same words of a whole mail. */
export interface DocumentSection {
  readonly device: DocumentDevice;
  /** All alerts, listed and folded. */
  readonly count: number;
  readonly window: {
    readonly start: string;
    readonly startAt: string;
    readonly end: string;
    readonly endAt: string;
    /** `Asia/Seoul, UTC+09:00` */
    readonly zone: string;
    /** More than 1: windows that waited and left together. */
    readonly count: number;
    /** Of them, those that tell nothing new since the mail before (`REPEAT_INTERVALS`); 0 where that is not certain. */
    readonly repeats: number;
    /** They waited longer than usual; false: one window, or some of them were held, or may have been. */
    readonly delayed: boolean;
  };
  /** The first line of the built-in mail, all of it: `status: quote (what, measurement) and 2 other types`; of a fleet mail the device before it. */
  readonly sentence: string;
  /** How bad, whether it goes on, since when, until when: `Critical, still firing since 14:19:01`. Times without a date are of the day on which the mail's window ends. */
  readonly status: string;
  /** What is wrong: the headline's type. May be "". */
  readonly what: string;
  /** The same in the device's own words: the beginning of the headline's message. May be "". */
  readonly quote: string;
  /** Its value and threshold with unit; may be "". */
  readonly measurement: string;
  /** `early`: sent before the window's end (`URGENT_SEVERITY`); `rest`: what came after such a mail. Null: whole windows. */
  readonly part: "early" | "rest" | null;
  /** Of a `rest`: how many alerts the early mail had, where that is known. */
  readonly told: number | null;
  /** `alerts/3/1042-1077`; of a fleet mail those of its devices, or the topic where they are too many. */
  readonly source: string;
  readonly summary: DocumentSummary;
  /** Labels that all listed alerts have, with the same value. */
  readonly labels: Readonly<Record<string, string>>;
  /** Of `MAIL_LINKS`: those that are the same for all listed alerts. */
  readonly links: readonly DocumentLink[];
  /** In offset order; a fleet mail's: device by device. */
  readonly alerts: readonly DocumentAlert[];
  /** Counted, not listed. */
  readonly folded: {
    readonly count: number;
    readonly bySeverity: readonly SeverityCount[];
    readonly byType: readonly TypeCount[];
    readonly otherTypes: number;
  } | null;
}

export interface MailDocument extends DocumentSection {
  readonly kind: "device" | "fleet";
  /** Why a fleet mail is one. */
  readonly reason: "storm" | "asked" | null;
  /** What the subject is without a template. */
  readonly subject: string;
  readonly locale: string;
  /** Words of the mail's language. */
  readonly texts: {
    readonly severity: Readonly<Record<Severity, string>>;
    readonly resolved: string;
    readonly late: string;
    readonly noType: string;
    readonly otherTypes: string;
  };
  /** One entry, or a fleet mail's devices, worst first. */
  readonly devices: readonly DocumentSection[];
  /** More than `devices` only in a built-in mail that has no room for all. */
  readonly deviceCount: number;
  /** Why its readers get it: names of routes and the like. May be empty. */
  readonly why: readonly string[];
  /** The live page (`PUBLIC_URL`); "" where that is not set. */
  readonly livePage: string;
  /** Sentences on what this mail is: folded, early, merged; and on what of its alerts could not be read. */
  readonly notes: readonly string[];
}
