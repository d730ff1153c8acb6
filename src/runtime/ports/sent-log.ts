/** What is put on record of mails and reports. */

import type { Severity } from "../../core/alert.js";
import type { ReportPeriod } from "../../core/report-times.js";
import type { WallTime } from "../../core/time.js";
import type { MailContent } from "./mail.js";
import type { Muted } from "./recipients.js";
import type { RecipientFailure } from "./sending.js";

/** What became of a mail of any kind. */
interface SendingEnd {
  /** Who has it, or is presumed to. */
  readonly recipients: readonly string[];
  /** Of `recipients`, those to whom its end was sent several times, and no reply ever came. */
  readonly presumed?: readonly string[];
  readonly failed: readonly RecipientFailure[];
  readonly outcome: "accepted" | "dead_lettered" | "presumed";
  /** What the server said last, or why it was given up. */
  readonly reply: string;
  readonly attempts: number;
  readonly at: WallTime;
}

/** A mail that is through, or that some have: the others have it later, and a record of their own. */
export interface SentMail extends SendingEnd {
  readonly content: MailContent;
  /** Of the message that was sent last. */
  readonly messageId: string | undefined;
  /** Of its messages to readers with another language, time zone or sender. */
  readonly otherMessageIds: readonly string[];
  /** Another record of this mail came before, and counts it. */
  readonly more?: true;
  /** Of the last attempt; undefined when there was none. */
  readonly seconds: number | undefined;
}

export interface SentLog {
  /** Resolves within a bound, whatever becomes of the record; never rejects. */
  record(mail: SentMail): Promise<void>;
}

/** A daily report that is through, as it is put on record. */
export interface SentReport extends SendingEnd {
  readonly period: ReportPeriod;
  /** Alerts it tells of. */
  readonly alerts: number;
  readonly messageId: string;
}

/** What became of a record of a sent mail. */
export const SENT_RECORD_OUTCOMES = ["written", "failed", "dropped"] as const;
export type SentRecordOutcome = (typeof SENT_RECORD_OUTCOMES)[number];

export const REPORT_OUTCOMES = ["sent", "failed"] as const;
export type ReportOutcome = (typeof REPORT_OUTCOMES)[number];

/** Alerts of a device that one route muted, added up. */
export interface MutedDevice extends Muted {
  readonly deviceId: string;
  /** The last one it gave itself. */
  readonly deviceName: string | undefined;
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** Event times. */
  readonly firstTime: number;
  readonly lastTime: number;
  readonly alerts: number;
  readonly severities: Record<Severity, number>;
  readonly at: WallTime;
}

export interface MutedLog {
  /** As `SentLog.record`. */
  muted(devices: readonly MutedDevice[]): Promise<void>;
}
