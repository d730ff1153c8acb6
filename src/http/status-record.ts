/** What an instance tells the others of itself, as the value of a record: written here, and read from whoever can write to the topic. */

import { z } from "zod";
import { MAIL_STEPS } from "../runtime/ports.js";
import type { GroupNames } from "./group-status.js";
import type { InstanceStatus } from "./status-shape.js";

/** Lists are cut to stay below this; partitions, of which each takes about 200 bytes, are always told. */
const SHORTEN_ABOVE_BYTES = 64 * 1024;
/** Brokers take a megabyte by default. */
const BYTES_MAX = 900_000;

/** Undefined when even without lists it is too large to be told. */
export const encodeStatus = (names: GroupNames, instance: InstanceStatus): string | undefined => {
  let told = instance;
  for (let items = ITEMS_MAX; ; items = Math.floor(items / 2)) {
    const value = JSON.stringify({ ...names, instance: told });
    const bytes = Buffer.byteLength(value);
    if (bytes <= SHORTEN_ABOVE_BYTES) return value;
    if (items === 0) return bytes <= BYTES_MAX ? value : undefined;
    const first = <T>(list: readonly T[]): readonly T[] => list.slice(0, Math.floor(items / 2));
    told = {
      ...told,
      windows: { ...told.windows, top: first(told.windows.top) },
      mails: first(told.mails),
      waitingRecipients: { ...told.waitingRecipients, first: first(told.waitingRecipients.first) },
      deadLetters: first(told.deadLetters),
      mutes: first(told.mutes),
    };
  }
};

/** Undefined for what is not of this group, or no such status. What it does not know is left out. */
export const decodeStatus = (names: GroupNames, value: string): InstanceStatus | undefined => {
  try {
    const { success, data } = RECORD.safeParse(JSON.parse(value));
    return success && data.group === names.group && data.topic === names.topic ? data.instance : undefined;
  } catch {
    return undefined;
  }
};

const ITEMS_MAX = 20;
const PARTITIONS_MAX = 10_000;
/** More than an alert has fields. */
const REPAIRS_MAX = 100;

const name = z.string().max(300);
/** Made by a program of ours, and longer than expected: the beginning will do. */
const line = z.string().transform((text) => text.slice(0, 1_000));
const number = z.number();
const flag = z.boolean();
const time = z
  .string()
  .max(40)
  .refine((text) => !Number.isNaN(Date.parse(text)));
const few = <T extends z.ZodType>(item: T) => z.array(item).max(ITEMS_MAX);

const PARTITION = z.object({
  partition: number,
  endOffset: number.nullable(),
  committedOffset: number.nullable(),
  position: number.nullable(),
  lagRecords: number.nullable(),
  lagSeconds: number,
  openTransaction: z.object({ records: number, seconds: number }).nullable().default(null),
  checkpointBytes: number,
  paused: few(name),
});

const WINDOWS = z.object({
  open: number,
  pending: number,
  held: number.default(0),
  oldestPendingAgeSeconds: number,
  top: few(
    z.object({
      deviceId: name,
      deviceName: name.nullable(),
      partition: number,
      alerts: number,
      critical: flag,
      windowStart: time,
      windowEnd: time,
    }),
  ),
});

const SMTP = z.object({
  busy: number,
  idle: number,
  max: number,
  circuitOpen: flag,
  circuitSince: time.nullable(),
  host: name.nullable().default(null),
  port: number.nullable().default(null),
  reachable: flag.nullable().default(null),
  since: time.nullable().default(null),
  trouble: z.object({ kind: name, said: line }).nullable().default(null),
  lastFailure: z.object({ at: time, phase: name, reason: name, reply: line }).nullable(),
});

const WAITING_RECIPIENTS = z.object({
  first: few(
    z.object({
      recipient: line.nullable(),
      since: time,
      mails: number,
      othersHaveIt: flag,
      reason: name,
      reply: line,
    }),
  ),
  count: number,
});

const MAIL = z.object({
  at: time,
  deviceId: name,
  deviceName: name.nullable(),
  partition: number,
  alerts: number,
  windowStart: time,
  windowEnd: time,
  outcome: z.enum(MAIL_STEPS),
  attempts: number,
  seconds: number.nullable(),
  reason: name.nullable(),
  messageId: line.nullable(),
});

const DEAD_LETTER = z.object({
  at: time,
  kind: z.enum(["record", "window"]),
  stage: name,
  reason: name,
  deviceId: name.nullable(),
  partition: number,
  offset: number,
  detail: line,
  position: name.nullable().default(null),
});

const MUTE = z.object({
  route: number,
  name: name.nullable(),
  how: z.enum(["mute", "report"]),
  alerts: number,
  at: time,
});

/** What an earlier version does not tell must not make its instance unknown: such fields have a default. */
const INSTANCE: z.ZodType<InstanceStatus> = z.object({
  instanceId: name,
  host: name,
  version: name,
  revision: name,
  startedAt: time,
  time,
  ageSeconds: number,
  notAlive: line.nullable(),
  notReady: line.nullable(),
  partitions: z.array(PARTITION).max(PARTITIONS_MAX),
  windows: WINDOWS,
  buffers: z.object({ alerts: number, alertsMax: number, bytes: number, bytesMax: number }),
  smtp: SMTP,
  recipientsDatabase: z.object({ up: flag, waiting: number }).nullable().default(null),
  routesStale: flag.default(false),
  waitingRecipients: WAITING_RECIPIENTS.default({ first: [], count: 0 }),
  mails: few(MAIL),
  totals: z.object({
    mailsAccepted: number,
    mailsDeadLettered: number,
    alerts: number,
    muted: number.default(0),
    deadLetters: number,
  }),
  repairs: z
    .array(z.object({ field: name, count: number }))
    .max(REPAIRS_MAX)
    .default([]),
  mutes: few(MUTE).default([]),
  deadLetters: few(DEAD_LETTER),
  deadLettersSince: time.nullable().default(null),
  deadLettersBefore: number.default(0),
  lastPollAgeSeconds: number.nullable(),
  lastCommitAgeSeconds: number.nullable(),
  lastHeartbeatAgeSeconds: number.nullable().default(null),
  outOfGroup: flag.default(false),
  throttledSeconds: number.default(0),
});

const RECORD = z.object({ group: name, topic: name, instance: INSTANCE });
