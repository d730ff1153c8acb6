/**
 * What an instance tells of itself and of its group: to the page, to the other instances, to whoever asks `/api/status`. Types and nothing else: the
 * page's project compiles with the same file.
 */

import type { MailStep, SharingState } from "../runtime/ports.js";

export type { MailStep } from "../runtime/ports.js";
export type { ServerTrouble } from "../runtime/server-trouble.js";

/** `/api/status` and each event of `/api/events`. Unknown numbers are null; ages and durations in seconds, never negative; times ISO 8601, UTC. */
export interface GroupStatus {
  readonly time: string;
  readonly group: string;
  readonly topic: string;
  /** 0 while it is not known. */
  readonly partitionCount: number;
  /** `off`: only this instance is known. */
  readonly sharing: SharingState;
  /** `instanceId` of the one that tells this. */
  readonly self: string;
  /** `WINDOW_SIZE` and `WINDOW_GRACE` of this instance: how old an alert may get before its mail is due. */
  readonly windowSeconds: number;
  readonly graceSeconds: number;
  /** Self first, then by `instanceId`; the others as last heard. */
  readonly instances: readonly ShownInstance[];
}

/** An instance as another one shows it. */
export interface ShownInstance extends InstanceStatus {
  /** Whether the consumer group counts it among its members. Null: not known. Whoever may write to the status topic can invent an instance. */
  readonly isMember: boolean | null;
}

/** What an instance tells of itself. */
export interface InstanceStatus {
  /** Another one after each start. */
  readonly instanceId: string;
  readonly host: string;
  readonly version: string;
  readonly revision: string;
  readonly startedAt: string;
  /** By its own clock. */
  readonly time: string;
  /** By the clock of the one that shows it: since it was heard. */
  readonly ageSeconds: number;
  /** Null: alive, ready. Else the reason. */
  readonly notAlive: string | null;
  readonly notReady: string | null;
  readonly partitions: readonly PartitionStatus[];
  readonly windows: WindowsStatus;
  readonly buffers: BuffersStatus;
  readonly smtp: SmtpStatus;
  /** Null: there is none. */
  readonly recipientsDatabase: RecipientsDatabaseStatus | null;
  /** `ROUTES_FILE` is broken or gone: the routes from before are in force. */
  readonly routesStale: boolean;
  /** Whom the mail server defers, on the whole, and the first of them: the longest first. */
  readonly waitingRecipients: { readonly first: readonly WaitingRecipientStatus[]; readonly count: number };
  /** Newest first, one a mail: of one that is tried again, the last attempt. */
  readonly mails: readonly MailStatus[];
  /** Since its start. */
  readonly totals: TotalsStatus;
  /** Fields that were not written as documented, since its start: the most often first. */
  readonly repairs: readonly RepairStatus[];
  /** Routes that muted something since its start: the latest first. */
  readonly mutes: readonly MuteStatus[];
  /** Newest first; also those of the group from the hour before the start. */
  readonly deadLetters: readonly DeadLetterStatus[];
  /** From then on it knows them all; null: not told (an earlier version). */
  readonly deadLettersSince: string | null;
  /** Known from before the start; the list may have fewer. */
  readonly deadLettersBefore: number;
  readonly lastPollAgeSeconds: number | null;
  readonly lastCommitAgeSeconds: number | null;
  /** Since the request was sent by which the group last acknowledged the membership. */
  readonly lastHeartbeatAgeSeconds: number | null;
  /** It was a member, and a session has gone by since then. */
  readonly outOfGroup: boolean;
  /** So much of the last minute a quota of the brokers held its fetches back. */
  readonly throttledSeconds: number;
}

export interface PartitionStatus {
  readonly partition: number;
  readonly endOffset: number | null;
  readonly committedOffset: number | null;
  readonly position: number | null;
  readonly lagRecords: number | null;
  readonly lagSeconds: number;
  /**
   * Records that Kafka gives to no reader before an open transaction ends, and for how long the first of them has been seen waiting. Null: there are
   * none, or it is not known.
   */
  readonly openTransaction: { readonly records: number; readonly seconds: number } | null;
  readonly checkpointBytes: number;
  readonly paused: readonly string[];
}

export interface WindowsStatus {
  readonly open: number;
  /** Closed, their mail not settled; without those that are held. */
  readonly pending: number;
  /** Kept back because they tell nothing new (`REPEAT_INTERVALS`). */
  readonly held: number;
  readonly oldestPendingAgeSeconds: number;
  /** Open ones with the most alerts, most first. */
  readonly top: readonly WindowStatus[];
}

export interface WindowStatus {
  readonly deviceId: string;
  readonly deviceName: string | null;
  readonly partition: number;
  readonly alerts: number;
  /** Has a critical alert. */
  readonly critical: boolean;
  readonly windowStart: string;
  readonly windowEnd: string;
}

export interface BuffersStatus {
  readonly alerts: number;
  readonly alertsMax: number;
  readonly bytes: number;
  readonly bytesMax: number;
}

export interface SmtpStatus {
  readonly busy: number;
  readonly idle: number;
  readonly max: number;
  /** The server is unreachable: mails wait, one at a time probes. */
  readonly circuitOpen: boolean;
  readonly circuitSince: string | null;
  /** Where mails go; null: not told (an earlier version). */
  readonly host: string | null;
  readonly port: number | null;
  /** As it was when it was last tried, by a mail or without one; null: not tried yet, or not told. */
  readonly reachable: boolean | null;
  /** Since when that is so. */
  readonly since: string | null;
  /** While it is not reachable: what is wrong, a `ServerTrouble` or one of a later version, and what the server said, or what was seen instead. */
  readonly trouble: { readonly kind: string; readonly said: string } | null;
  /** The last attempt that was not accepted; it may be long ago. `reply`: the server's, or what was seen instead. */
  readonly lastFailure: {
    readonly at: string;
    readonly phase: string;
    readonly reason: string;
    readonly reply: string;
  } | null;
}

export interface RecipientsDatabaseStatus {
  readonly up: boolean;
  /** Mails that wait to know who gets them. */
  readonly waiting: number;
}

export interface WaitingRecipientStatus {
  /** As `LOG_RECIPIENTS` says; null: not at all. */
  readonly recipient: string | null;
  readonly since: string;
  /** Mails that wait for it. */
  readonly mails: number;
  /** Others have one of them. */
  readonly othersHaveIt: boolean;
  readonly reason: string;
  /** The server's, or what was seen instead. */
  readonly reply: string;
}

export interface MailStatus {
  readonly at: string;
  readonly deviceId: string;
  readonly deviceName: string | null;
  readonly partition: number;
  readonly alerts: number;
  readonly windowStart: string;
  readonly windowEnd: string;
  /** Final: `accepted` (by all that were not refused), `dead_lettered`. The others are followed by another attempt, `refused` by its dead letter. */
  readonly outcome: MailStep;
  readonly attempts: number;
  /** Of the last attempt; null when there was none. */
  readonly seconds: number | null;
  readonly reason: string | null;
  /** Null for a mail that could not be composed. */
  readonly messageId: string | null;
}

export interface TotalsStatus {
  readonly mailsAccepted: number;
  readonly mailsDeadLettered: number;
  /** Taken into windows. */
  readonly alerts: number;
  /** That nobody is mailed of: a route mutes them. */
  readonly muted: number;
  readonly deadLetters: number;
}

export interface RepairStatus {
  readonly field: string;
  readonly count: number;
}

export interface MuteStatus {
  /** Its number in `ROUTES_FILE`, and its name if it has one. */
  readonly route: number;
  readonly name: string | null;
  /** `report`: the daily report tells of them. */
  readonly how: "mute" | "report";
  readonly alerts: number;
  /** When the last one was read. */
  readonly at: string;
}

export interface DeadLetterStatus {
  readonly at: string;
  readonly kind: "record" | "window";
  readonly stage: string;
  readonly reason: string;
  readonly deviceId: string | null;
  readonly partition: number;
  /** Of the record; of a window, its first. */
  readonly offset: number;
  readonly detail: string;
  /** In the dead-letter topic, as `dead-letters show` takes it: `0/17`; null: not known. */
  readonly position: string | null;
}
