/** A mail on its way: what a partition hands over to be sent, and what it is told of it. */

import type { Addressing, MailContent, RecipientFailure, SendOutcomeKind, SmtpFailure } from "./ports.js";

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
}

/** A mail to be sent, as its partition hands it over; or several that leave as one (`fleet.ts`). */
export interface MailJob {
  readonly owner: MailOwner;
  readonly deviceId: string;
  /** Of its last window. */
  readonly windowEnd: number;
  /** Leaves before others that wait. */
  readonly critical: boolean;
  /** Reads what the mail says out of the buffer. Called for each attempt, so that a waiting mail costs no memory of its own. */
  compose(): MailContent;
  /** Every offset of what was composed last, as inclusive runs, ascending. */
  offsetRuns(): readonly (readonly [number, number])[];
  /** Of the leader under which the record was written that was read at the offset; undefined, or absent: unknown. */
  epochOf?(offset: number): number | undefined;
  /** Those of all recipients who are still to get it; a previous owner of the partition may have told that some have it. */
  missing(recipients: readonly string[]): readonly string[];
  /** These have it, others of its recipients do not: whoever sends it next should know. */
  reached(addresses: readonly string[]): void;
  /** Every recipient has it. `content`: what was composed last; `counts` is false for those that left in one mail with another that counts. */
  accepted(content: MailContent, counts?: boolean): void;
  /** It cannot be delivered, or not to everybody; `acceptedBySome` tells which. */
  undeliverable(content: MailContent, why: Undeliverable, acceptedBySome: boolean, counts?: boolean): void;
}

/** May keep mails back for a moment, and hand several on as one. */
export interface Gathering {
  offer(
    job: MailJob,
    addressings: readonly Addressing[],
    handOn: (job: MailJob, addressings: readonly Addressing[]) => void,
  ): void;
}

/** What became of one attempt. */
export interface MailAttempt {
  readonly content: MailContent;
  readonly messageId: string;
  /** `deferred` also when some recipients have it and others are tried again, and when the server wants fewer connections. */
  readonly outcome: SendOutcomeKind;
  readonly attempts: number;
  readonly seconds: number;
  /** What went wrong, also with some of the recipients of an accepted one. */
  readonly failure: SmtpFailure | undefined;
}
