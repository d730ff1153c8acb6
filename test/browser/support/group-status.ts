/** A group of three instances as its status would tell of it on a usual day. */

import type {
  DeadLetterStatus,
  GroupStatus,
  MailStatus,
  PartitionStatus,
  ShownInstance,
  WindowStatus,
} from "#src/http/status-shape.js";

export const NOW = Date.parse("2026-11-22T05:20:18.000Z");
const HOSTS = ["digest-7c9f-2xkqp", "digest-7c9f-8vd4m", "digest-7c9f-rw6zn"];
/** A device belongs to one partition, and so to one instance. */
const DEVICES: readonly (readonly [id: string, name: string | null, partition: number])[] = [
  ["srv-room-3f-temp", "3층 서버실 온도계", 0],
  ["cold-store-busan-2", "Cold store Busan 2", 4],
  ["pump-b1-04", "지하 1층 배수 펌프", 8],
  ["ups-dc1-a", "UPS DC1-A", 1],
  ["press-line-7", "Press line 7", 5],
  ["gw-incheon-115", null, 9],
  ["boiler-2", "2호 보일러", 6],
  ["freezer-0042", "Vaccine freezer 42", 2],
];

/** Boiler 2's mail waits for its next attempt. */
const DEFERRED_MAIL = 4;
const DEFERRED_PARTITION = 6;

const iso = (ms: number): string => new Date(ms).toISOString();
const deviceOf = (index: number) => DEVICES[index % DEVICES.length] ?? ["", null, 0];

export const partitionStatus = (parts: Partial<PartitionStatus> = {}): PartitionStatus => ({
  partition: 0,
  endOffset: 184_206,
  committedOffset: 184_171,
  position: 184_206,
  lagRecords: 35,
  lagSeconds: 21.4,
  openTransaction: null,
  checkpointBytes: 96,
  paused: [],
  ...parts,
});

export const windowStatus = (index: number, parts: Partial<WindowStatus> = {}): WindowStatus => ({
  deviceId: deviceOf(index)[0],
  deviceName: deviceOf(index)[1],
  partition: deviceOf(index)[2],
  alerts: 412 - 47 * (index % 8),
  critical: index % 3 === 0,
  windowStart: iso(NOW - 18_000),
  windowEnd: iso(NOW + 12_000),
  ...parts,
});

export const mailStatus = (index: number, parts: Partial<MailStatus> = {}): MailStatus => ({
  at: iso(NOW - 9_000 - index * 610),
  deviceId: deviceOf(index + 2)[0],
  deviceName: deviceOf(index + 2)[1],
  partition: deviceOf(index + 2)[2],
  alerts: 3 + ((index * 29) % 97),
  windowStart: iso(NOW - 48_000),
  windowEnd: iso(NOW - 18_000),
  outcome: "accepted",
  attempts: 1,
  seconds: 0.084 + ((index * 37) % 60) / 1_000,
  reason: null,
  messageId: `<${index}@example.com>`,
  ...parts,
});

export const deadLetterStatus = (parts: Partial<DeadLetterStatus> = {}): DeadLetterStatus => ({
  at: iso(NOW - 26 * 3_600_000),
  kind: "record",
  stage: "decode",
  reason: "not-json",
  deviceId: "gw-incheon-115",
  partition: 9,
  offset: 90_112,
  position: "3/17",
  detail: "Unexpected token 'x', \"xx\" is not valid JSON",
  ...parts,
});

export const instanceStatus = (index: number, parts: Partial<ShownInstance> = {}): ShownInstance => {
  const partitions = [0, 1, 2, 3].map((each) => index * 4 + each);
  return {
    instanceId: `${HOSTS[index] ?? `digest-${index}`}-1-5f${index}c`,
    host: HOSTS[index] ?? `digest-${index}`,
    version: "0.1.0",
    revision: "",
    startedAt: iso(NOW - 93_600_000 - index * 40_000),
    time: iso(NOW - index * 700),
    ageSeconds: index * 0.7,
    notAlive: null,
    notReady: null,
    partitions: partitions.map((partition) =>
      partitionStatus({
        partition,
        lagRecords: 480 + 7 * partition,
        // The windows that fill up began 18 s ago; the deferred mail's alerts are older.
        lagSeconds: partition === DEFERRED_PARTITION ? 28.4 : 2.4 + ((partition * 5) % 15),
      }),
    ),
    windows: {
      open: 61 + index * 8,
      pending: partitions.includes(DEFERRED_PARTITION) ? 1 : 0,
      held: 4 * index,
      oldestPendingAgeSeconds: partitions.includes(DEFERRED_PARTITION) ? 18 : 0,
      top: partitions.slice(0, 2).map((partition, place) => windowStatus(index + place * 3, { partition })),
    },
    buffers: {
      alerts: 1_204 + 333 * index,
      alertsMax: 500_000,
      bytes: 402_000 + 90_000 * index,
      bytesMax: 268_435_456,
    },
    smtp: {
      busy: 1,
      idle: 1,
      max: 8,
      circuitOpen: false,
      circuitSince: null,
      host: "mail.example.com",
      port: 587,
      reachable: true,
      since: "2026-11-22T04:02:10.000Z",
      trouble: null,
      lastFailure: null,
    },
    mails: [0, 1, 2, 3, 4, 5, 6]
      .map((each) =>
        each === DEFERRED_MAIL
          ? mailStatus(each, { outcome: "deferred", attempts: 2, seconds: 0.311, reason: "mailbox-busy" })
          : mailStatus(each),
      )
      .filter(({ partition }) => partitions.includes(partition)),
    totals: {
      mailsAccepted: 18_402 + index * 911,
      mailsDeadLettered: 0,
      alerts: 911_040 + index * 5_000,
      muted: 0,
      deadLetters: index,
    },
    repairs: [],
    mutes: [],
    deadLettersSince: iso(NOW - 97_200_000 - index * 40_000),
    deadLettersBefore: 0,
    recipientsDatabase: null,
    routesStale: false,
    waitingRecipients: { first: [], count: 0 },
    deadLetters: index === 2 ? [deadLetterStatus()] : [],
    lastPollAgeSeconds: 0.4,
    lastCommitAgeSeconds: 3.1,
    lastHeartbeatAgeSeconds: 1,
    outOfGroup: false,
    throttledSeconds: 0,
    isMember: true,
    ...parts,
  };
};

export const groupStatus = (parts: Partial<GroupStatus> = {}): GroupStatus => ({
  time: iso(NOW),
  group: "alert-digest",
  topic: "alerts",
  partitionCount: 12,
  sharing: "on",
  self: instanceStatus(0).instanceId,
  windowSeconds: 30,
  graceSeconds: 2,
  instances: [0, 1, 2].map((index) => instanceStatus(index)),
  ...parts,
});
