import { eventTime, wallTime } from "#src/core/time.js";
import type { GroupSource } from "#src/http/group-status.js";
import type { LiveState, RuntimeState } from "#src/runtime/ports.js";

export const NOTHING_LIVE: LiveState = {
  windows: [],
  mails: [],
  waitingRecipients: { first: [], count: 0 },
  deadLetters: [],
  deadLettersSince: wallTime(1_000),
  deadLettersBefore: 0,
  totals: { mailsAccepted: 0, mailsDeadLettered: 0, alerts: 0, muted: 0, deadLetters: 0 },
  repairs: [],
  mutes: [],
  smtp: { unreachableSince: undefined, lastFailure: undefined },
};

/** An instance on which nothing runs yet, ten seconds after the epoch. */
export const groupSource = (changes: Partial<GroupSource> = {}): GroupSource => ({
  names: { group: "oncall", topic: "alerts" },
  build: { version: "1.2.3", revision: "abc" },
  instance: { id: "here-1", host: "here", startedAt: wallTime(1_000) },
  limits: { bufferAlerts: 500, bufferBytes: 6_000, smtpConnections: 8 },
  health: { notAlive: () => undefined, notReady: () => undefined },
  state: () => undefined,
  live: () => NOTHING_LIVE,
  mailServer: { host: "mail.example.com", port: 587, login: "password" },
  shown: (text) => text,
  now: () => wallTime(10_000),
  peers: { list: () => [] },
  sharing: () => "off",
  members: () => undefined,
  window: { sizeMs: 30_000, graceMs: 2_500 },
  ...changes,
});

/** One partition of six, at 10 s. */
export const RUNTIME_STATE: RuntimeState = {
  partitionCount: 6,
  partitions: [
    {
      partition: 2,
      endOffset: 10,
      committedOffset: 12,
      position: undefined,
      oldestUnsettledEventTime: eventTime(9_000),
      behindOpenTransaction: 0,
      checkpointBytes: 3,
      paused: ["buffer"],
    },
  ],
  windowsOpen: 4,
  windowsPending: 1,
  bufferedAlerts: 5,
  bufferedBytes: 600,
  oldestPendingWindowEnd: eventTime(9_500),
  smtp: { busy: 1, idle: 2, max: 8, circuitOpen: false },
  lastPollAtMs: 9_900,
  lastCommitAtMs: undefined,
};
