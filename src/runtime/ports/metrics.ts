/** What is counted and timed. */

import { ALERT_FIELDS, type Severity } from "../../core/alert.js";
import type { AttachmentOutcome } from "./attachment.js";
import type { DeadLetterStage } from "./dead-letters.js";
import type { TemplatePart } from "./mail.js";
import type { RecipientFault, RecipientLookupOutcome, RoutesReload } from "./recipients.js";
import type { SendOutcomeKind, SmtpReason } from "./sending.js";
import type { ReportOutcome, SentRecordOutcome } from "./sent-log.js";

export const ALERT_OUTCOMES = ["windowed", "late", "replayed", "invalid", "tombstone", "muted"] as const;
export type AlertOutcome = (typeof ALERT_OUTCOMES)[number];

/**
 * What of an alert was not written as documented, and was read kindly, or is shown as written. `timestamp`: the record's lies before 2000, so its event time
 * is the moment of reading.
 */
export const REPAIRED_FIELDS = ["timestamp", ...ALERT_FIELDS] as const;
export type RepairedField = (typeof REPAIRED_FIELDS)[number];

/** How often a field was not written as documented. */
export interface RepairCount {
  readonly field: RepairedField;
  readonly count: number;
}

export const CLOSE_REASONS = ["stream_time", "wall_clock"] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

export const COMMIT_OUTCOMES = ["committed", "rejected", "failed"] as const;
export type CommitOutcome = (typeof COMMIT_OUTCOMES)[number];
/** `too-large`: the broker takes no metadata as long as the longest of the request; it may have committed the other partitions. */
export type CommitAnswer = CommitOutcome | "too-large";

export const PAUSE_REASONS = ["buffer", "checkpoint", "smtp", "registry"] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

/** What one request to the schema registry came to. `missing`: it said that it has no such schema. */
export const SCHEMA_REQUEST_OUTCOMES = ["found", "missing", "refused", "throttled", "failed", "unreachable"] as const;
export type SchemaRequestOutcome = (typeof SCHEMA_REQUEST_OUTCOMES)[number];

/** One method per event that is counted or timed. Durations in seconds. */
export interface Metrics {
  recordsConsumed(partition: number, count: number): void;
  /** The log no longer had so many offsets when we came to read them: retention or somebody deleted them. */
  recordsDeletedUnread(partition: number, count: number): void;
  alerts(outcome: AlertOutcome, count: number): void;
  /** Of those that joined a window, late or not. */
  alertsBySeverity(severity: Severity, count: number): void;
  alertRepaired(field: RepairedField): void;
  recordWithoutKey(): void;
  windowClosed(reason: CloseReason, delaySeconds: number, alerts: number): void;
  /** One attempt, whatever it ended in. */
  sendAttempt(outcome: SendOutcomeKind, seconds: number): void;
  /** `presumed`: the end of the message was sent several times, and no reply ever came. */
  mailSettled(outcome: "accepted" | "dead_lettered" | "presumed"): void;
  /** So many devices' mails became one for some reader. */
  mailsFolded(mails: number): void;
  /** Window end → accepted, once per window of an accepted mail. */
  windowMailed(seconds: number): void;
  /** An early mail was accepted. Its part of the window is counted neither as closed nor as mailed: that is for what comes at the window's end. */
  urgentMailed(): void;
  /** Event time → accepted, once per listed alert of an accepted mail. */
  alertMailed(seconds: number): void;
  mailRetried(reason: SmtpReason): void;
  /** A template failed on a mail: that part of it is the built-in one. */
  templateFailed(part: TemplatePart): void;
  recipientRefused(reason: SmtpReason): void;
  /** They have a mail now. Only a number of them is shown. */
  recipientsReached(addresses: readonly string[]): void;
  /** Once for each message with an attachment that is rendered. */
  attachment(outcome: AttachmentOutcome): void;
  recipientLookup(outcome: RecipientLookupOutcome, count: number): void;
  recipientFault(fault: RecipientFault): void;
  deadLetter(stage: DeadLetterStage, reason: string): void;
  /** Of windows: what a record that cannot be read would have said is not known. */
  alertsDeadLettered(severity: Severity, count: number): void;
  commit(outcome: CommitOutcome, seconds: number): void;
  rebalance(): void;
  /** A quota of the brokers asked for a wait. */
  throttled(seconds: number): void;
  /** What one fetch brought of a partition took more than 5 s to take. */
  slowBatch(): void;
  checkpointOverflow(): void;
  sentRecords(outcome: SentRecordOutcome, count: number): void;
  report(outcome: ReportOutcome): void;
  /** A mail about dead letters. */
  deadLetterMail(outcome: ReportOutcome): void;
  /** One request to the schema registry. */
  schemaRequest(outcome: SchemaRequestOutcome): void;
  /** `ROUTES_FILE` changed. */
  routesReloaded(outcome: RoutesReload): void;
  /** `MAPPING_FILE` changed. */
  mappingReloaded(outcome: RoutesReload): void;
}
