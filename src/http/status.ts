import type { WallTime } from "../core/time.js";
import type {
  Health,
  LiveState,
  MailServerState,
  MailStep,
  PartitionState,
  RuntimeState,
  SharingState,
  SmtpConnections,
} from "../runtime/ports.js";
import { type ServerAddress, troubleOf } from "../runtime/server-trouble.js";

export interface Build {
  readonly version: string;
  readonly revision: string;
}

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
  readonly instances: readonly InstanceStatus[];
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
  /** Closed, their mail not settled. */
  readonly pending: number;
  readonly oldestPendingAgeSeconds: number;
  /** Open ones with the most alerts, most first. */
  readonly top: readonly FillingWindowStatus[];
}

export interface FillingWindowStatus {
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

export interface SmtpStatus extends SmtpConnections {
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
  /** While it is not reachable: what is wrong, one of `SERVER_TROUBLES`, and what the server said, or what was seen instead. */
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
  readonly deadLetters: number;
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

/** What this instance knows of itself; all of it in memory. */
export interface StatusSource {
  readonly build: Build;
  readonly instance: { readonly id: string; readonly host: string; readonly startedAt: WallTime };
  readonly limits: {
    readonly bufferAlerts: number;
    readonly bufferBytes: number;
    readonly smtpConnections: number;
  };
  readonly health: Health;
  /** Undefined while nothing runs yet. */
  readonly state: () => RuntimeState | undefined;
  readonly live: () => LiveState;
  readonly mailServer: ServerAddress;
  /** Takes out of a server's words what is to be shown to nobody, and cuts them. */
  readonly shown: (text: string) => string;
  readonly now: () => WallTime;
}

export const instanceStatus = (source: StatusSource): InstanceStatus => {
  const { build, instance, limits, health } = source;
  const now = source.now();
  const state = source.state();
  const { mails, deadLetters, deadLettersSince, deadLettersBefore, totals, windows, smtp, waitingRecipients } =
    source.live();
  return {
    instanceId: instance.id,
    host: instance.host,
    version: build.version,
    revision: build.revision,
    startedAt: iso(instance.startedAt),
    time: iso(now),
    ageSeconds: 0,
    notAlive: health.notAlive() ?? null,
    notReady: health.notReady() ?? null,
    // Of those only held through a lost membership nobody knows whose they are: they may be on another instance's list.
    partitions: state?.partitions.flatMap((each) => (each.lastKnown ? [] : [partitionStatus(each, now)])) ?? [],
    windows: {
      open: state?.windowsOpen ?? 0,
      pending: state?.windowsPending ?? 0,
      oldestPendingAgeSeconds: age(state?.oldestPendingWindowEnd, now) ?? 0,
      top: windows.map(({ windowStart, windowEnd, deviceName = null, ...window }) => ({
        ...window,
        deviceName,
        windowStart: iso(windowStart),
        windowEnd: iso(windowEnd),
      })),
    },
    buffers: {
      alerts: state?.bufferedAlerts ?? 0,
      alertsMax: limits.bufferAlerts,
      bytes: state?.bufferedBytes ?? 0,
      bytesMax: limits.bufferBytes,
    },
    smtp: {
      busy: state?.smtp.busy ?? 0,
      idle: state?.smtp.idle ?? 0,
      max: limits.smtpConnections,
      circuitOpen: state?.smtp.circuitOpen ?? false,
      circuitSince: smtp.unreachableSince === undefined ? null : iso(smtp.unreachableSince),
      ...serverStatus(source.mailServer, state?.smtp.server, source.shown),
      lastFailure: smtp.lastFailure === undefined ? null : { ...smtp.lastFailure, at: iso(smtp.lastFailure.at) },
    },
    recipientsDatabase:
      state?.recipientsDatabaseUp === undefined
        ? null
        : { up: state.recipientsDatabaseUp, waiting: state.waitingForRecipients ?? 0 },
    routesStale: state?.routesStale ?? false,
    waitingRecipients: {
      first: waitingRecipients.first.map(({ recipient = null, since, ...one }) => {
        return { ...one, recipient, since: iso(since) };
      }),
      count: waitingRecipients.count,
    },
    mails: mails.map(({ at, windowStart, windowEnd, ...mail }) => ({
      ...mail,
      at: iso(at),
      windowStart: iso(windowStart),
      windowEnd: iso(windowEnd),
      deviceName: mail.deviceName ?? null,
      seconds: mail.seconds ?? null,
      reason: mail.reason ?? null,
      messageId: mail.messageId ?? null,
    })),
    totals,
    deadLetters: deadLetters.map(({ position, ...letter }) => ({
      ...letter,
      at: iso(letter.at),
      deviceId: letter.deviceId ?? null,
      position: position === undefined ? null : `${position.partition}/${position.offset}`,
    })),
    deadLettersSince: iso(deadLettersSince),
    deadLettersBefore,
    lastPollAgeSeconds: age(state?.lastPollAtMs, now),
    lastCommitAgeSeconds: age(state?.lastCommitAtMs, now),
    lastHeartbeatAgeSeconds: age(state?.lastHeartbeatAtMs, now),
    outOfGroup: state?.outOfGroup ?? false,
    throttledSeconds: state?.throttledSeconds ?? 0,
  };
};

const serverStatus = (
  { host, port, login }: ServerAddress,
  server: MailServerState | undefined,
  shown: (text: string) => string,
): Pick<SmtpStatus, "host" | "port" | "reachable" | "since" | "trouble"> => {
  const failure = server?.failure;
  return {
    host,
    port,
    reachable: server?.reachable ?? null,
    since: server === undefined ? null : iso(server.since),
    trouble:
      failure === undefined
        ? null
        : { kind: troubleOf(failure, login), said: shown(failure.reply || failure.detail || "") },
  };
};

const partitionStatus = (state: PartitionState, now: number): PartitionStatus => ({
  partition: state.partition,
  endOffset: state.endOffset ?? null,
  committedOffset: state.committedOffset ?? null,
  position: state.position ?? null,
  lagRecords:
    state.endOffset === undefined || state.committedOffset === undefined
      ? null
      : Math.max(0, state.endOffset - state.committedOffset),
  lagSeconds: age(state.oldestUnsettledEventTime, now) ?? 0,
  openTransaction:
    state.openTransactionSince === undefined || state.behindOpenTransaction === undefined
      ? null
      : { records: state.behindOpenTransaction, seconds: age(state.openTransactionSince, now) ?? 0 },
  checkpointBytes: state.checkpointBytes,
  paused: state.paused,
});

const iso = (time: number): string => new Date(time).toISOString();

const age = (at: number | undefined, now: number): number | null =>
  at === undefined ? null : Math.max(0, now - at) / 1000;
