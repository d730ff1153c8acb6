/** A mail on its way: what a partition hands over to be sent, and what it is told of it. */

import type { PendingMail } from "../core/partition.js";
import type { MailContent, RecipientFailure, SendOutcomeKind, SmtpFailure } from "./ports.js";

/** Why a mail becomes a dead letter. */
export interface Undeliverable {
  readonly stage: "route" | "render" | "smtp";
  readonly reason: string;
  readonly detail: string;
  readonly attempts: number;
  readonly messageId: string | undefined;
  readonly recipients: readonly RecipientFailure[];
  readonly failure: SmtpFailure | undefined;
}

/** `presumed`: to somebody its end was sent several times, and no reply ever came. */
export type MailCertainty = "accepted" | "presumed";

/** Whose mails they are: a partition. Each has a queue of its own. */
export interface MailOwner {
  /** False once the partition belongs to someone else: its waiting mails are theirs. */
  isWanted(): boolean;
  /** False: its mails wait, those of others go on. Ask again with `resume`. */
  mayStart(): boolean;
  /** False: one that has started, and sent nothing yet, must not go on: someone else may own the partition by now. */
  mayGoOn(): boolean;
  attemptStarted(): void;
  attemptEnded(): void;
  /** Runs `go` once a commit that is sent from now on is confirmed, which the owner hastens; or once it is not wanted any more. */
  onceCommitted(go: () => void): void;
}

/** A mail to be sent, as its partition hands it over; or several that leave as one (`fleet.ts`). */
export interface MailJob {
  readonly owner: MailOwner;
  readonly deviceId: string;
  /** It is for these only, of those who are told; absent: for all of them. */
  readonly onlyTo?: readonly string[] | undefined;
  /** Of its last window. */
  readonly windowEnd: number;
  /** The end of the window with whose mails it leaves, and is counted; absent: `windowEnd`. */
  readonly leavesWith?: number | undefined;
  /** Leaves before others that wait. */
  readonly critical: boolean;
  /** What its partition knows it by; absent: it is of several (a fleet mail). */
  readonly mail?: PendingMail;
  /**
   * Reads what the mail says out of the buffer. Called for each attempt, so that a waiting mail costs no memory of its own. `more`: with these of its
   * device, which waited behind it.
   */
  compose(more?: readonly PendingMail[]): MailContent;
  /** Of a fleet mail, each device's that is still wanted. */
  pieces?(): readonly MailJob[];
  /** The same, as it is composed: what becomes of it becomes of these, and of no other, also if they are someone else's by then. */
  takePieces?(): readonly MailJob[];
  /** What it holds in memory while it waits, near enough. */
  size(): MailSize;
  /** Every offset of what was composed last, as inclusive runs, ascending. */
  offsetRuns(): readonly (readonly [number, number])[];
  /** Of the leader under which the record was written that was read at the offset; undefined, or absent: unknown. */
  epochOf?(offset: number): number | undefined;
  /** Those of all recipients who are still to get it; a previous owner of the partition may have told that some have it. */
  missing(recipients: readonly string[]): readonly string[];
  /** These have it, others of its recipients do not: whoever sends it next should know. */
  reached(addresses: readonly string[]): void;
  /** Somebody has it, and the others are waited for alone: the device's next mail need not wait for them. */
  passed(): void;
  /** Of a part, or of a fleet mail: runs `go` once one of the mails that it is of is passed, at once where one is. */
  whenPassed?(go: () => void): void;
  /** Every recipient has it, or is presumed to. `content`: what was composed last; `counts` is false for those that left in one mail with another that counts. */
  accepted(content: MailContent, counts?: boolean, certainty?: MailCertainty): void;
  /** It cannot be delivered, or not to everybody; `acceptedBySome` tells which. */
  undeliverable(content: MailContent, why: Undeliverable, acceptedBySome: boolean, counts?: boolean): void;
}

export interface MailSize {
  readonly alerts: number;
  readonly bytes: number;
}

/** Each device's mail of it. */
export const piecesOf = (job: MailJob): readonly MailJob[] => job.pieces?.() ?? [job];

/** The mail that it is of, where it is of one only: offsets of several partitions say nothing. */
export const onlyOf = (composed: readonly MailJob[]): MailJob | undefined =>
  composed.length === 1 ? composed[0] : undefined;

/** What became of one attempt. */
export interface MailAttempt {
  readonly content: MailContent;
  readonly messageId: string;
  /** `deferred` also when some recipients have it and others are tried again, and when the server wants fewer connections. */
  readonly outcome: SendOutcomeKind | "presumed";
  readonly attempts: number;
  readonly seconds: number;
  /** What went wrong, also with some of the recipients of an accepted one. */
  readonly failure: SmtpFailure | undefined;
}
