/**
 * The first line of the page: is every alert mailed on time and, if not, where does it wait? Worst first; what is only
 * a consequence of another problem comes after it. No DOM, no clock: `time` of the status is the time.
 */

import type { GroupStatus, InstanceStatus, PartitionStatus } from "../../status-shape.js";
import {
  heardInstances,
  highest,
  isHeard,
  knowsOthers,
  lagLimitSeconds,
  type RecentDeadLetters,
  recentDeadLetters,
  sum,
  unownedPartitions,
  unreadRecords,
} from "./group.js";

export type Waits = "kafka" | "transaction" | "paused" | "window" | "mail";

export type Problem =
  | { readonly kind: "not-alive"; readonly host: string; readonly reason: string }
  | {
      readonly kind: "circuit-open";
      /** It answers, and takes no mail of ours. */
      readonly refusesUs: boolean;
      readonly hosts: readonly string[];
      readonly since: string | null;
      readonly cause: string | null;
      /** A `ServerTrouble`, or what a later version knows; undefined: not known by name. */
      readonly trouble: string | undefined;
      /** `host:port`; null: not told. */
      readonly server: string | null;
    }
  | { readonly kind: "unowned"; readonly partitions: readonly number[] }
  | { readonly kind: "out-of-group"; readonly host: string; readonly seconds: number }
  | { readonly kind: "kafka-silent"; readonly host: string; readonly seconds: number }
  | {
      readonly kind: "open-transaction";
      /** Ascending. */
      readonly partitions: readonly number[];
      /** Of all of them. */
      readonly records: number;
      /** The longest wait. */
      readonly seconds: number;
    }
  | {
      readonly kind: "late";
      readonly limitSeconds: number;
      readonly seconds: number;
      readonly partition: number;
      readonly host: string;
      readonly waits: Waits;
    }
  | { readonly kind: "not-heard"; readonly hosts: readonly string[]; readonly seconds: number }
  | { readonly kind: "throttled"; readonly host: string; readonly seconds: number }
  | { readonly kind: "recipients-away"; readonly hosts: readonly string[]; readonly waiting: number }
  | { readonly kind: "recipients-cached"; readonly hosts: readonly string[] }
  | {
      readonly kind: "recipient-waits";
      /** Null: addresses are not shown. */
      readonly recipient: string | null;
      readonly since: string;
      readonly mails: number;
      readonly reply: string;
      /** Beside those that are listed. */
      readonly others: number;
    }
  | { readonly kind: "routes-stale"; readonly hosts: readonly string[] }
  | ({ readonly kind: "dead-letters" } & RecentDeadLetters)
  | { readonly kind: "not-ready"; readonly host: string; readonly reason: string }
  | { readonly kind: "sharing-failed" };

export interface Verdict {
  readonly level: "ok" | "watch" | "bad";
  readonly problems: readonly Problem[];
  /** All is well as far as this instance goes: it has so many partitions of more, and the others are not known. */
  readonly onlyOwn: number | undefined;
}

/** A partition that changes hands is nobody's for a moment; longer is a problem. */
const UNOWNED_SECONDS = 15;
const KAFKA_SILENT_SECONDS = 30;
/** A closed window whose mail has not been settled for longer waits for the mail server. */
const MAIL_WAIT_SECONDS = 5;

const RECIPIENTS_LISTED = 5;

/** Of the last minute. A quota that holds back for less delays nothing that anybody notices. */
const THROTTLED_SECONDS = 5;

/** A transaction that is open for less long is what transactional producers do all day. */
const OPEN_TRANSACTION_SECONDS = 10;

/** Behind an open transaction alerts are not late yet: once they are, that is a problem of its own. */
const WATCH_ONLY: readonly Problem["kind"][] = [
  "open-transaction",
  "throttled",
  "recipients-cached",
  "recipient-waits",
  "routes-stale",
  "dead-letters",
  "not-ready",
  "sharing-failed",
];

/** Call the result with each status in turn: it remembers since when partitions are nobody's. */
export const createVerdict = (): ((status: GroupStatus) => Verdict) => {
  const unownedSince = new Map<number, number>();

  const unowned = (status: GroupStatus): readonly number[] => {
    const now = Date.parse(status.time);
    const partitions = unownedPartitions(status);
    for (const known of unownedSince.keys()) if (!partitions.includes(known)) unownedSince.delete(known);
    for (const partition of partitions) if (!unownedSince.has(partition)) unownedSince.set(partition, now);
    return partitions.filter((each) => now - (unownedSince.get(each) ?? now) >= UNOWNED_SECONDS * 1_000);
  };

  return (status) => {
    const heard = heardInstances(status);
    const missing = unowned(status);
    const letters = recentDeadLetters(status);
    const problems: Problem[] = [
      ...heard.flatMap(notAlive),
      ...circuitOpen(heard),
      ...heard.flatMap(outOfGroup),
      ...(missing.length === 0 ? [] : [{ kind: "unowned", partitions: missing } as const]),
      ...heard.flatMap(kafkaSilent),
      ...openTransaction(heard),
      ...recipientsAway(heard),
      ...heard.flatMap(recipientsWait),
      ...late(heard, lagLimitSeconds(status)),
      ...notHeard(status),
      ...heard.flatMap(throttled),
      ...routesStale(heard),
      ...(letters.count === 0 ? [] : [{ kind: "dead-letters", ...letters } as const]),
      ...heard.flatMap(notReady),
      ...(status.sharing === "failed" ? [{ kind: "sharing-failed" } as const] : []),
    ];
    const own = heard[0]?.partitions.length ?? 0;
    return {
      level: problems.length === 0 ? "ok" : problems.every(({ kind }) => WATCH_ONLY.includes(kind)) ? "watch" : "bad",
      problems,
      onlyOwn: knowsOthers(status) || own >= status.partitionCount ? undefined : own,
    };
  };
};

const notAlive = ({ host, notAlive: reason }: InstanceStatus): readonly Problem[] =>
  reason === null ? [] : [{ kind: "not-alive", host, reason }];

const notReady = (instance: InstanceStatus): readonly Problem[] => {
  const { host, notAlive: dead, notReady: reason } = instance;
  return reason === null || dead !== null || isOutOfGroup(instance) ? [] : [{ kind: "not-ready", host, reason }];
};

/** One problem for all: it is one mail server. */
const circuitOpen = (heard: readonly InstanceStatus[]): readonly Problem[] => {
  const open = heard.filter(({ smtp }) => smtp.circuitOpen || smtp.reachable === false);
  if (open.length === 0) return [];
  const [since = null] = open.flatMap(({ smtp }) => sinceOf(smtp) ?? []).sort();
  const telling = open.find(({ smtp }) => smtp.trouble !== null)?.smtp;
  const failure = open.find(({ smtp }) => smtp.lastFailure !== null)?.smtp.lastFailure;
  return [
    {
      kind: "circuit-open",
      refusesUs: telling?.trouble == null && failure?.reason === "policy",
      hosts: open.map(({ host }) => host),
      since,
      cause: telling?.trouble?.said ?? (failure ? `${failure.phase}, ${failure.reason}: ${failure.reply}` : null),
      trouble: telling?.trouble?.kind,
      server: telling === undefined ? null : `${telling.host}:${telling.port}`,
    },
  ];
};

/** A probe notices before any mail does. */
const sinceOf = ({ reachable, since, circuitSince }: InstanceStatus["smtp"]): string | null =>
  reachable === false ? since : circuitSince;

/** While no mail waits, all that is asked for is in the cache: somebody may be told by what is no longer so. */
const recipientsAway = (heard: readonly InstanceStatus[]): readonly Problem[] => {
  const away = heard.filter(({ recipientsDatabase }) => recipientsDatabase?.up === false);
  if (away.length === 0) return [];
  const hosts = away.map(({ host }) => host);
  const waiting = sum(away, ({ recipientsDatabase }) => recipientsDatabase?.waiting ?? 0);
  return [waiting > 0 ? { kind: "recipients-away", hosts, waiting } : { kind: "recipients-cached", hosts }];
};

/** Others are told on time: each of these misses mails by itself. The last one listed says how many more there are. */
const recipientsWait = ({ waitingRecipients: { first, count } }: InstanceStatus): readonly Problem[] => {
  const listed = first.slice(0, RECIPIENTS_LISTED);
  return listed.map(({ recipient, since, mails, reply }, index) => {
    const others = index === listed.length - 1 ? count - listed.length : 0;
    return { kind: "recipient-waits", recipient, since, mails, reply, others };
  });
};

const routesStale = (heard: readonly InstanceStatus[]): readonly Problem[] => {
  const hosts = heard.flatMap(({ host, routesStale: isStale }) => (isStale ? [host] : []));
  return hosts.length === 0 ? [] : [{ kind: "routes-stale", hosts }];
};

const outOfGroup = (instance: InstanceStatus): readonly Problem[] =>
  isOutOfGroup(instance)
    ? [{ kind: "out-of-group", host: instance.host, seconds: instance.lastHeartbeatAgeSeconds ?? 0 }]
    : [];

/** One that is about to leave says why. */
const isOutOfGroup = ({ notAlive: dead, outOfGroup: out }: InstanceStatus): boolean => out && dead === null;

/** A client whose partitions are all paused has nothing to fetch; one that a quota holds back may not. */
const kafkaSilent = (instance: InstanceStatus): readonly Problem[] => {
  const { host, partitions, lastPollAgeSeconds: seconds, throttledSeconds } = instance;
  return seconds !== null &&
    seconds > KAFKA_SILENT_SECONDS &&
    throttledSeconds < THROTTLED_SECONDS &&
    partitions.some(({ paused }) => paused.length === 0)
    ? [{ kind: "kafka-silent", host, seconds }]
    : [];
};

const throttled = ({ host, throttledSeconds: seconds }: InstanceStatus): readonly Problem[] =>
  seconds < THROTTLED_SECONDS ? [] : [{ kind: "throttled", host, seconds }];

/** One problem for all: a transaction mostly writes to several partitions. */
const openTransaction = (heard: readonly InstanceStatus[]): readonly Problem[] => {
  const standing = heard
    .flatMap(({ partitions }) => partitions)
    .flatMap(({ partition, openTransaction: open }) =>
      open !== null && open.seconds > OPEN_TRANSACTION_SECONDS ? { partition, ...open } : [],
    );
  if (standing.length === 0) return [];
  return [
    {
      kind: "open-transaction",
      partitions: [...new Set(standing.map(({ partition }) => partition))].sort((a, b) => a - b),
      records: sum(standing, ({ records }) => records),
      seconds: highest(standing, ({ seconds }) => seconds),
    },
  ];
};

const late = (heard: readonly InstanceStatus[], limitSeconds: number): readonly Problem[] => {
  const [worst] = heard
    .flatMap((instance) => instance.partitions.map((partition) => ({ instance, partition })))
    .filter(({ partition }) => partition.lagSeconds > limitSeconds)
    .sort((a, b) => b.partition.lagSeconds - a.partition.lagSeconds);
  if (worst === undefined) return [];
  const { instance, partition } = worst;
  return [
    {
      kind: "late",
      limitSeconds,
      seconds: partition.lagSeconds,
      partition: partition.partition,
      host: instance.host,
      waits: waitsIn(instance, partition, limitSeconds),
    },
  ];
};

/** Pending windows are those of the whole instance: one that ended long after this partition's oldest alert is not what that waits in. */
const waitsIn = ({ windows }: InstanceStatus, partition: PartitionStatus, limitSeconds: number): Waits => {
  const isPending = windows.pending > 0 && windows.oldestPendingAgeSeconds > MAIL_WAIT_SECONDS;
  if (isPending && partition.lagSeconds <= windows.oldestPendingAgeSeconds + limitSeconds) return "mail";
  if (partition.paused.length > 0) return "paused";
  const unread = unreadRecords(partition) ?? 0;
  if (unread > 0) return unread <= (partition.openTransaction?.records ?? 0) ? "transaction" : "kafka";
  return isPending ? "mail" : "window";
};

const notHeard = ({ instances }: GroupStatus): readonly Problem[] => {
  const gone = instances.filter((instance) => !isHeard(instance));
  if (gone.length === 0) return [];
  const seconds = Math.min(...gone.map(({ ageSeconds }) => ageSeconds));
  return [{ kind: "not-heard", hosts: gone.map(({ host }) => host), seconds }];
};
