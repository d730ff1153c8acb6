/** What an instance tells the others of itself, as the value of a record: written here, and read from whoever can write to the topic. */

import { MAIL_STEPS } from "../runtime/ports.js";
import type { InstanceStatus } from "./status.js";

export interface GroupNames {
  readonly group: string;
  readonly topic: string;
}

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
    };
  }
};

/** Undefined for what is not of this group, or no such status. What it does not know is left out. */
export const decodeStatus = (names: GroupNames, value: string): InstanceStatus | undefined => {
  try {
    const record = RECORD(JSON.parse(value));
    return record.group === names.group && record.topic === names.topic ? record.instance : undefined;
  } catch {
    return undefined;
  }
};

type Check<T> = (value: unknown) => T;

class UnfitError extends Error {
  override readonly name = "UnfitError";
}

const unfit = (): never => {
  throw new UnfitError("not a status");
};

const text =
  (maxChars: number): Check<string> =>
  (value) =>
    typeof value === "string" && value.length <= maxChars ? value : unfit();

/** Made by a program of ours, and longer than expected: the beginning will do. */
const line: Check<string> = (value) => (typeof value === "string" ? value.slice(0, 1_000) : unfit());

const number: Check<number> = (value) => (typeof value === "number" ? value : unfit());
const flag: Check<boolean> = (value) => (typeof value === "boolean" ? value : unfit());
const time: Check<string> = (value) =>
  typeof value === "string" && value.length <= 40 && !Number.isNaN(Date.parse(value)) ? value : unfit();

const oneOf =
  <T extends string>(known: readonly T[]): Check<T> =>
  (value) =>
    known.find((entry) => entry === value) ?? unfit();

const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value) =>
    value === null ? null : check(value);

/** What an earlier version does not tell must not make its instance unknown. */
const ifTold =
  <T>(check: Check<T>, otherwise: T): Check<T> =>
  (value) =>
    value === undefined ? otherwise : check(value);

const list =
  <T>(check: Check<T>, max: number): Check<readonly T[]> =>
  (value) =>
    Array.isArray(value) && value.length <= max ? value.map(check) : unfit();

const object =
  <T extends object>(fields: { readonly [K in keyof T]: Check<T[K]> }): Check<T> =>
  (value) => {
    if (typeof value !== "object" || value === null) return unfit();
    const checked = Object.entries<Check<unknown>>(fields).map(([name, check]) => [
      name,
      check((value as Record<string, unknown>)[name]),
    ]);
    return Object.fromEntries(checked) as T;
  };

const ITEMS_MAX = 20;
const PARTITIONS_MAX = 10_000;
const name = text(300);

const INSTANCE = object<InstanceStatus>({
  instanceId: name,
  host: name,
  version: name,
  revision: name,
  startedAt: time,
  time,
  ageSeconds: number,
  notAlive: orNull(line),
  notReady: orNull(line),
  partitions: list(
    object({
      partition: number,
      endOffset: orNull(number),
      committedOffset: orNull(number),
      position: orNull(number),
      lagRecords: orNull(number),
      lagSeconds: number,
      openTransaction: ifTold(orNull(object({ records: number, seconds: number })), null),
      checkpointBytes: number,
      paused: list(name, ITEMS_MAX),
    }),
    PARTITIONS_MAX,
  ),
  windows: object({
    open: number,
    pending: number,
    oldestPendingAgeSeconds: number,
    top: list(
      object({
        deviceId: name,
        deviceName: orNull(name),
        partition: number,
        alerts: number,
        critical: flag,
        windowStart: time,
        windowEnd: time,
      }),
      ITEMS_MAX,
    ),
  }),
  buffers: object({ alerts: number, alertsMax: number, bytes: number, bytesMax: number }),
  smtp: object({
    busy: number,
    idle: number,
    max: number,
    circuitOpen: flag,
    circuitSince: orNull(time),
    host: ifTold(orNull(name), null),
    port: ifTold(orNull(number), null),
    reachable: ifTold(orNull(flag), null),
    since: ifTold(orNull(time), null),
    trouble: ifTold(orNull(object({ kind: name, said: line })), null),
    lastFailure: orNull(object({ at: time, phase: name, reason: name, reply: line })),
  }),
  recipientsDatabase: ifTold(orNull(object({ up: flag, waiting: number })), null),
  routesStale: ifTold(flag, false),
  waitingRecipients: ifTold(
    object({
      first: list(
        object({
          recipient: orNull(line),
          since: time,
          mails: number,
          othersHaveIt: flag,
          reason: name,
          reply: line,
        }),
        ITEMS_MAX,
      ),
      count: number,
    }),
    { first: [], count: 0 },
  ),
  mails: list(
    object({
      at: time,
      deviceId: name,
      deviceName: orNull(name),
      partition: number,
      alerts: number,
      windowStart: time,
      windowEnd: time,
      outcome: oneOf(MAIL_STEPS),
      attempts: number,
      seconds: orNull(number),
      reason: orNull(name),
      messageId: orNull(line),
    }),
    ITEMS_MAX,
  ),
  totals: object({ mailsAccepted: number, mailsDeadLettered: number, alerts: number, deadLetters: number }),
  deadLetters: list(
    object({
      at: time,
      kind: oneOf(["record", "window"] as const),
      stage: name,
      reason: name,
      deviceId: orNull(name),
      partition: number,
      offset: number,
      detail: line,
      position: ifTold(orNull(name), null),
    }),
    ITEMS_MAX,
  ),
  deadLettersSince: ifTold(orNull(time), null),
  deadLettersBefore: ifTold(number, 0),
  lastPollAgeSeconds: orNull(number),
  lastCommitAgeSeconds: orNull(number),
  lastHeartbeatAgeSeconds: ifTold(orNull(number), null),
  outOfGroup: ifTold(flag, false),
  throttledSeconds: ifTold(number, 0),
});

const RECORD = object<GroupNames & { readonly instance: InstanceStatus }>({
  group: name,
  topic: name,
  instance: INSTANCE,
});
