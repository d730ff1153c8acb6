/** The status of a group as the page needs it: sums, merged lists of bounded length, who owns what. No DOM. */

import type {
  DeadLetterStatus,
  GroupStatus,
  InstanceStatus,
  MailStatus,
  MuteStatus,
  PartitionStatus,
  RepairStatus,
  WindowStatus,
} from "../../status-shape.js";

/** An instance that was not heard of for longer is shown as such, and its partitions as nobody's. */
export const NOT_HEARD_SECONDS = 10;
/** Rows of one list. */
export const ROWS_MAX = 20;
const REPAIRS_SHOWN = 3;
const MUTES_SHOWN = 3;
/** Time that a mail may take beyond its window and grace. */
const MAIL_SECONDS = 10;
const HOUR_MS = 3_600_000;
/** Clocks of instances differ a little, and a start takes a while. */
const CLOCK_SLACK_MS = 60_000;

export interface Row<T> {
  /** The same row in the next status has the same key. */
  readonly key: string;
  readonly instance: InstanceStatus;
  readonly item: T;
}

export const isHeard = (instance: InstanceStatus): boolean => instance.ageSeconds <= NOT_HEARD_SECONDS;

/**
 * Those whose word counts: the serving one, and all that the group has as members. Whoever may write to the status topic can invent others: they are
 * shown, and add nothing to sums, lists and verdicts.
 */
export const countedInstances = ({ instances, self }: GroupStatus): readonly InstanceStatus[] =>
  instances.filter(({ instanceId, isMember }) => instanceId === self || isMember !== false);

export const heardInstances = (status: GroupStatus): readonly InstanceStatus[] =>
  countedInstances(status).filter(isHeard);

/** Whether others than the serving instance are known, so that a partition which nobody has is nobody's. */
export const knowsOthers = (status: GroupStatus): boolean => status.sharing === "on";

/** Partitions that no instance we hear of has, ascending; empty while others cannot be known. */
export const unownedPartitions = (status: GroupStatus): readonly number[] => {
  if (!knowsOthers(status)) return [];
  const owned = new Set(heardInstances(status).flatMap(({ partitions }) => partitions.map((each) => each.partition)));
  return Array.from({ length: status.partitionCount }, (_, partition) => partition).filter((each) => !owned.has(each));
};

/** Age in seconds above which an alert is late: window, grace, and the time a mail may take. */
export const lagLimitSeconds = ({ windowSeconds, graceSeconds }: GroupStatus): number =>
  windowSeconds + graceSeconds + MAIL_SECONDS;

/** Records not read yet; null when it is not known. */
export const unreadRecords = ({ endOffset, position }: PartitionStatus): number | null =>
  endOffset === null || position === null ? null : Math.max(0, endOffset - position);

/** Fields that were not written as documented, of all instances since their starts: the most often first. */
export const commonestRepairs = (status: GroupStatus): readonly RepairStatus[] => {
  const counts = new Map<string, number>();
  for (const { field, count } of countedInstances(status).flatMap(({ repairs }) => repairs))
    counts.set(field, (counts.get(field) ?? 0) + count);
  return [...counts]
    .map(([field, count]) => ({ field, count }))
    .sort((a, b) => b.count - a.count || compare(a.field, b.field))
    .slice(0, REPAIRS_SHOWN);
};

/** Routes that muted something, of all instances since their starts: the latest first. `all`: how many there are. */
export const latestMutes = (status: GroupStatus): { readonly shown: readonly MuteStatus[]; readonly all: number } => {
  const sums = new Map<string, MuteStatus>();
  for (const mute of countedInstances(status).flatMap(({ mutes }) => mutes)) {
    const key = `${mute.route} ${mute.name ?? ""} ${mute.how}`;
    const known = sums.get(key);
    const at = known === undefined || compare(known.at, mute.at) < 0 ? mute.at : known.at;
    sums.set(key, { ...mute, alerts: mute.alerts + (known?.alerts ?? 0), at });
  }
  const all = [...sums.values()].sort((a, b) => compare(b.at, a.at) || a.route - b.route);
  return { shown: all.slice(0, MUTES_SHOWN), all: all.length };
};

/** The fullest open windows of all instances, most alerts first. */
export const fullestWindows = (status: GroupStatus): readonly Row<WindowStatus>[] =>
  rows(heardInstances(status), ({ windows }) => windows.top, windowKey)
    .sort((a, b) => b.item.alerts - a.item.alerts || compare(a.key, b.key))
    .slice(0, ROWS_MAX);

/** The last mails of all instances, newest first. */
export const lastMails = (status: GroupStatus): readonly Row<MailStatus>[] =>
  newestFirst(rows(countedInstances(status), ({ mails }) => mails, mailKey));

export const lastDeadLetters = (status: GroupStatus): readonly Row<DeadLetterStatus>[] =>
  newestFirst(onlyOnce(rows(countedInstances(status), ({ deadLetters }) => deadLetters, deadLetterKey)));

/** What two instances know of, each from before its start, is one letter. */
const onlyOnce = (letters: readonly Row<DeadLetterStatus>[]): Row<DeadLetterStatus>[] => {
  const seen = new Set<string>();
  return letters.filter(({ item: { position } }) => {
    if (position === null) return true;
    const isNew = !seen.has(position);
    seen.add(position);
    return isNew;
  });
};

/** From when on every instance knows its dead letters, and those from before its start. */
export const deadLettersKnownSince = (status: GroupStatus): string =>
  countedInstances(status)
    .map(({ deadLettersSince, startedAt }) => deadLettersSince ?? startedAt)
    .sort(compare)
    .at(-1) ?? "";

export interface RecentDeadLetters {
  readonly count: number;
  /** An instance's list of them is cut off within the hour. */
  readonly atLeast: boolean;
  /** Null: the whole last hour is known. */
  readonly since: string | null;
}

/** Dead letters of the last hour. */
export const recentDeadLetters = (status: GroupStatus): RecentDeadLetters => {
  const hourAgo = Date.parse(status.time) - HOUR_MS;
  const isRecent = ({ at }: DeadLetterStatus): boolean => Date.parse(at) >= hourAgo;
  const letters = onlyOnce(
    rows(countedInstances(status), ({ deadLetters }) => deadLetters.filter(isRecent), deadLetterKey),
  );
  const atLeast = countedInstances(status).some(({ deadLetters, deadLettersBefore, totals }) => {
    const recent = deadLetters.filter(isRecent).length;
    return recent > 0 && recent === deadLetters.length && totals.deadLetters + deadLettersBefore > recent;
  });
  const since = deadLettersKnownSince(status);
  return { count: letters.length, atLeast, since: Date.parse(since) > hourAgo + CLOCK_SLACK_MS ? since : null };
};

export const sum = <T>(items: readonly T[], read: (item: T) => number): number =>
  items.reduce((total, item) => total + read(item), 0);

export const highest = <T>(items: readonly T[], read: (item: T) => number): number =>
  items.reduce((most, item) => Math.max(most, read(item)), 0);

const windowKey = (item: WindowStatus): string => `${item.partition} ${item.windowStart} ${item.deviceId}`;
const mailKey = (item: MailStatus): string =>
  `${item.partition} ${item.windowStart} ${item.messageId ?? item.deviceId}`;
const deadLetterKey = (item: DeadLetterStatus): string => `${item.partition} ${item.offset} ${item.at} ${item.kind}`;

/** Keys are unique, also when an instance tells the same thing twice. */
const rows = <T>(
  instances: readonly InstanceStatus[],
  read: (instance: InstanceStatus) => readonly T[],
  keyOf: (item: T) => string,
): Row<T>[] => {
  const seen = new Map<string, number>();
  return instances.flatMap((instance) =>
    read(instance).map((item) => {
      const base = `${instance.instanceId} ${keyOf(item)}`;
      const times = seen.get(base) ?? 0;
      seen.set(base, times + 1);
      return { key: times === 0 ? base : `${base} #${times}`, instance, item };
    }),
  );
};

const newestFirst = <T extends { readonly at: string }>(all: Row<T>[]): readonly Row<T>[] =>
  all.sort((a, b) => compare(b.item.at, a.item.at) || compare(a.key, b.key)).slice(0, ROWS_MAX);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
