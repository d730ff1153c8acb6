/** What gauges, health and the live page show, taken when they ask. */

import type { EventTime, WallTime } from "../../core/time.js";
import type { DeadLetterStage, LetterPosition } from "./dead-letters.js";
import type { PauseReason, RepairCount } from "./metrics.js";
import type { Muted } from "./recipients.js";
import type { SmtpConnections, SmtpFailure, SmtpPhase, SmtpReason } from "./sending.js";

/** What gauges show of one partition, assigned or held. Undefined: not known yet, so no series rather than a wrong 0. */
export interface PartitionState {
  readonly partition: number;
  readonly endOffset: number | undefined;
  /** The committed offset; the start of the log while nothing is committed. */
  readonly committedOffset: number | undefined;
  /** Next offset to read. */
  readonly position: number | undefined;
  readonly oldestUnsettledEventTime: EventTime | undefined;
  /** High watermark less last stable offset. */
  readonly behindOpenTransaction: number | undefined;
  /** When the last stable offset was first seen where it still stands, below the end; absent: nothing lies behind an open transaction. */
  readonly openTransactionSince?: WallTime;
  readonly checkpointBytes: number;
  readonly paused: readonly PauseReason[];
  /** The membership is lost, the broker away perhaps: what was last known, and still held. Not assigned. */
  readonly lastKnown?: true;
}

/** As the mail server was found when it was last tried, by a mail or without one. */
export interface MailServerState {
  /** It took the login, where one is configured. */
  readonly reachable: boolean;
  /** Since when that is so. */
  readonly since: WallTime;
  readonly lastSuccessAt: WallTime | undefined;
  /** Why it is not reachable. */
  readonly failure: SmtpFailure | undefined;
}

/** What gauges, health and the status page read, taken at the moment they ask; no I/O. */
export interface RuntimeState {
  readonly partitionCount: number;
  readonly partitions: readonly PartitionState[];
  readonly windowsOpen: number;
  readonly windowsPending: number;
  /** Of the pending ones, those that tell nothing new and are kept back; absent: none. */
  readonly windowsHeld?: number;
  readonly bufferedAlerts: number;
  readonly bufferedBytes: number;
  /** End of the oldest window that is closed and not settled. */
  readonly oldestPendingWindowEnd: EventTime | undefined;
  readonly smtp: SmtpConnections & {
    readonly max: number;
    readonly circuitOpen: boolean;
    /** Absent: not tried yet. */
    readonly server?: MailServerState;
  };
  /** Mails that wait for an answer to who is told; absent: none. */
  readonly waitingForRecipients?: number;
  /** Whose mail is tried again while others have it; absent: nobody's. */
  readonly recipientsWaiting?: number;
  /** Absent: there is none. */
  readonly recipientsDatabaseUp?: boolean;
  /** `ROUTES_FILE` is broken or gone, and the routes from before are in force. */
  readonly routesStale?: boolean;
  /** For how long the oldest record of a sent mail has waited to be written; absent: there is no such topic. */
  readonly oldestSentRecordMs?: number;
  /** Of the schema registry; absent: there is none. */
  readonly schemaRegistry?: {
    /** That are known. */
    readonly schemas: number;
    /** For how long the oldest question has had no answer; 0: none waits. */
    readonly waitingMs: number;
  };
  /** How long ago the daily report that is not through was due; absent: none is asked for. */
  readonly reportOverdueMs?: number;
  readonly lastPollAtMs: number | undefined;
  /** When the last request was sent by which the group acknowledged the membership; absent: none yet. */
  readonly lastHeartbeatAtMs?: number;
  /** A session has gone by since then: whose the partitions are is not known. */
  readonly outOfGroup?: boolean;
  /** So much of the last minute a quota of the brokers held the consumer back. */
  readonly throttledSeconds?: number;
  readonly lastCommitAtMs: number | undefined;
}

/** What the last attempt of a mail ended in, or `dead_lettered` once its dead letter is acknowledged. */
export const MAIL_STEPS = [
  "accepted",
  "dead_lettered",
  "presumed",
  "deferred",
  "refused",
  "unreachable",
  "ambiguous",
] as const;
export type MailStep = (typeof MAIL_STEPS)[number];

/** One mail of the last ones, as of its last attempt. Texts are cut: see `runtime/activity.ts`. */
export interface RecentMail {
  readonly at: WallTime;
  readonly deviceId: string;
  readonly deviceName: string | undefined;
  readonly partition: number;
  readonly alerts: number;
  readonly windowStart: EventTime;
  readonly windowEnd: EventTime;
  readonly outcome: MailStep;
  readonly attempts: number;
  /** Of the last attempt, in seconds; undefined when there was none. */
  readonly seconds: number | undefined;
  readonly reason: string | undefined;
  readonly messageId: string | undefined;
}

/** Somebody whom the mail server defers. */
export interface WaitingRecipientState {
  /** As the log may show it; undefined: not at all. */
  readonly recipient: string | undefined;
  readonly since: WallTime;
  readonly mails: number;
  /** Others have one of these mails. */
  readonly othersHaveIt: boolean;
  readonly reason: SmtpReason;
  /** The server's, or what was seen instead. */
  readonly reply: string;
}

export interface RecentDeadLetter {
  readonly at: WallTime;
  readonly kind: "record" | "window";
  readonly stage: DeadLetterStage;
  readonly reason: string;
  readonly deviceId: string | undefined;
  readonly partition: number;
  readonly offset: number;
  readonly detail: string;
  /** Where it lies in the dead-letter topic, as `dead-letters show` takes it; undefined: the broker did not say. */
  readonly position: LetterPosition | undefined;
}

/** Of the group, written before this process began. */
export interface EarlierDeadLetters {
  /** Oldest first, the newest ones. */
  readonly letters: readonly RecentDeadLetter[];
  /** All, also those that are not in `letters`. */
  readonly count: number;
  /** From then on all are known. */
  readonly since: WallTime;
}

/** An open window. */
export interface FillingWindow {
  readonly deviceId: string;
  readonly deviceName: string | undefined;
  readonly partition: number;
  readonly alerts: number;
  /** Has a critical alert. */
  readonly critical: boolean;
  readonly windowStart: EventTime;
  readonly windowEnd: EventTime;
}

/** What one route muted. */
export interface RecentMute extends Muted {
  readonly alerts: number;
  /** When the last one was read. */
  readonly at: WallTime;
}

/** What the page shows beside the gauges: lists of bounded length, taken at the moment it asks; no I/O. */
export interface LiveState {
  /** Those with the most alerts, most first. */
  readonly windows: readonly FillingWindow[];
  /** Newest first. */
  readonly mails: readonly RecentMail[];
  /** Who waits for mail, the longest first; and how many do. */
  readonly waitingRecipients: { readonly first: readonly WaitingRecipientState[]; readonly count: number };
  readonly deadLetters: readonly RecentDeadLetter[];
  /** From then on all of the group's are known, as far as other instances tell theirs. */
  readonly deadLettersSince: WallTime;
  /** Known from before the start; the list may have fewer. */
  readonly deadLettersBefore: number;
  /** Since the start. */
  readonly totals: {
    readonly mailsAccepted: number;
    readonly mailsDeadLettered: number;
    readonly alerts: number;
    readonly muted: number;
    readonly deadLetters: number;
  };
  /** Fields that were not written as documented, since the start: the most often first. */
  readonly repairs: readonly RepairCount[];
  /** Routes that muted something, since the start: the latest first. */
  readonly mutes: readonly RecentMute[];
  readonly smtp: {
    readonly unreachableSince: WallTime | undefined;
    readonly lastFailure:
      | { readonly at: WallTime; readonly phase: SmtpPhase; readonly reason: SmtpReason; readonly reply: string }
      | undefined;
  };
}

/** Whether this instance and the others tell each other of themselves. */
const SHARING_STATES = ["off", "starting", "on", "failed"] as const;
export type SharingState = (typeof SHARING_STATES)[number];

export interface Health {
  /** Undefined: alive. Else the reason, one line. */
  notAlive(): string | undefined;
  /** Undefined: ready. Else the reason, one line. */
  notReady(): string | undefined;
}
