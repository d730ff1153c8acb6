/**
 * What the page reads of `/api/status` and of the events of `/api/events`. A copy of `../../status.ts`, because the two
 * are compiled for different places; fields that the page does not show are left out. Unknown numbers are null; ages
 * and durations in seconds; times ISO 8601, UTC.
 */
export interface GroupStatus {
  readonly time: string;
  readonly group: string;
  readonly topic: string;
  readonly partitionCount: number;
  /** `off`: only the instance that serves the page is known. */
  readonly sharing: "off" | "starting" | "on" | "failed";
  readonly self: string;
  /** WINDOW_SIZE and WINDOW_GRACE of the instance that serves the page. */
  readonly windowSeconds: number;
  readonly graceSeconds: number;
  /** Self first. */
  readonly instances: readonly InstanceStatus[];
}

export interface InstanceStatus {
  readonly instanceId: string;
  readonly host: string;
  readonly version: string;
  readonly startedAt: string;
  readonly time: string;
  /** How long ago the serving instance heard it. */
  readonly ageSeconds: number;
  readonly notAlive: string | null;
  readonly notReady: string | null;
  readonly partitions: readonly PartitionStatus[];
  readonly windows: {
    readonly open: number;
    readonly pending: number;
    readonly oldestPendingAgeSeconds: number;
    readonly top: readonly WindowStatus[];
  };
  readonly buffers: {
    readonly alerts: number;
    readonly alertsMax: number;
    readonly bytes: number;
    readonly bytesMax: number;
  };
  readonly smtp: {
    readonly busy: number;
    readonly max: number;
    readonly circuitOpen: boolean;
    readonly circuitSince: string | null;
    /** Null: an earlier version, which does not tell of the server. */
    readonly host: string | null;
    readonly port: number | null;
    /** Null: not tried yet. */
    readonly reachable: boolean | null;
    readonly since: string | null;
    /** `kind`: one of `ServerTrouble`, or of a later version's. */
    readonly trouble: { readonly kind: string; readonly said: string } | null;
    readonly lastFailure: { readonly phase: string; readonly reason: string; readonly reply: string } | null;
  };
  /** Null: there is none. `waiting`: mails that wait to know who gets them. */
  readonly recipientsDatabase: { readonly up: boolean; readonly waiting: number } | null;
  /** Whom the mail server defers: the longest first, and how many on the whole. */
  readonly waitingRecipients: {
    readonly first: readonly {
      readonly recipient: string | null;
      readonly since: string;
      readonly mails: number;
      readonly reply: string;
    }[];
    readonly count: number;
  };
  /** The routes file is broken or gone: the routes from before are in force. */
  readonly routesStale: boolean;
  /** Newest first. */
  readonly mails: readonly MailStatus[];
  /** Since the start of the instance. */
  readonly totals: {
    readonly mailsAccepted: number;
    readonly mailsDeadLettered: number;
    readonly alerts: number;
    readonly deadLetters: number;
  };
  /** Newest first. */
  readonly deadLetters: readonly DeadLetterStatus[];
  /** From then on it knows them all; null: it does not say. */
  readonly deadLettersSince: string | null;
  /** Known from before its start; the list may have fewer. */
  readonly deadLettersBefore: number;
  readonly lastPollAgeSeconds: number | null;
  readonly lastCommitAgeSeconds: number | null;
  readonly lastHeartbeatAgeSeconds: number | null;
  /** It was a member of the group, and a session has gone by without a heartbeat. */
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
  /** Records that Kafka gives to no reader before an open transaction ends, and for how long they have been seen waiting. */
  readonly openTransaction: { readonly records: number; readonly seconds: number } | null;
  readonly paused: readonly string[];
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

export interface MailStatus {
  readonly at: string;
  readonly deviceId: string;
  readonly deviceName: string | null;
  readonly partition: number;
  readonly alerts: number;
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly outcome: MailOutcome;
  readonly attempts: number;
  /** Of the last attempt. */
  readonly seconds: number | null;
  readonly reason: string | null;
  readonly messageId: string | null;
}

/** What can be wrong with the mail server: the same list as in `runtime/server-trouble.ts`. */
export const SERVER_TROUBLES = [
  "name-unknown",
  "refused",
  "no-answer",
  "closed",
  "busy",
  "turned-away",
  "stranger",
  "no-tls",
  "certificate",
  "tls-failed",
  "password",
  "token",
  "login-missing",
  "login-not-offered",
] as const;
export type ServerTrouble = (typeof SERVER_TROUBLES)[number];

export type MailOutcome =
  | "accepted"
  | "dead_lettered"
  | "presumed"
  | "deferred"
  | "refused"
  | "unreachable"
  | "ambiguous";

export interface DeadLetterStatus {
  readonly at: string;
  readonly kind: string;
  readonly stage: string;
  readonly reason: string;
  readonly deviceId: string | null;
  readonly partition: number;
  readonly offset: number;
  readonly detail: string;
  /** In the dead-letter topic: `0/17`. */
  readonly position: string | null;
}
