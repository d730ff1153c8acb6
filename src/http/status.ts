import type { WallTime } from "../core/time.js";
import type { Health, LiveState, MailServerState, PartitionState, RuntimeState } from "../runtime/ports.js";
import { type ServerAddress, troubleOf } from "../runtime/server-trouble.js";
import type { InstanceStatus, PartitionStatus, SmtpStatus } from "./status-shape.js";

export interface Build {
  readonly version: string;
  readonly revision: string;
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
  const {
    mails,
    deadLetters,
    deadLettersSince,
    deadLettersBefore,
    totals,
    repairs,
    mutes,
    windows,
    smtp,
    waitingRecipients,
  } = source.live();
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
      pending: (state?.windowsPending ?? 0) - (state?.windowsHeld ?? 0),
      held: state?.windowsHeld ?? 0,
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
    repairs,
    mutes: mutes.map(({ route, how, alerts, at }) => ({
      ...{ route: route.number, name: route.name ?? null, how, alerts },
      at: iso(at),
    })),
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
