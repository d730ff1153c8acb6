import { eventTime } from "../core/time.js";
import { TopWindows } from "../core/top-windows.js";
import { type Activity, cut, RECENT_MAX } from "./activity.js";
import type { Assignments } from "./assignments.js";
import type { Delivery } from "./delivery.js";
import { ofLane } from "./only-to.js";
import type { FillingWindow, LiveState, Mailer, MailServerState, RuntimeState } from "./ports.js";

/** The sums over all partitions, at this moment. */
export const runtimeState = (from: {
  assignments: Assignments;
  mailer: Mailer;
  delivery: Delivery;
  mailServer: MailServerState | undefined;
  connections: number;
  /** Undefined: there is none. */
  recipientsDatabaseUp: boolean | undefined;
  /** Undefined: there is no `ROUTES_FILE`. */
  routesStale: boolean | undefined;
  oldestSentRecordMs: number | undefined;
  reportOverdueMs: number | undefined;
  schemaRegistry: RuntimeState["schemaRegistry"];
  lastPollAtMs: number | undefined;
  fetchedBytes: number;
  pulse: {
    readonly lastHeartbeatAtMs: number | undefined;
    readonly outOfGroup: string | undefined;
    readonly throttledSeconds: number;
  };
}): RuntimeState => {
  const { assignments, mailer, delivery, pulse } = from;
  const outOfGroup = pulse.outOfGroup !== undefined;
  const workers = [...assignments.workers];
  const sum = (read: (worker: (typeof workers)[number]) => number): number =>
    workers.reduce((total, worker) => total + read(worker), 0);
  const pendingEnds = workers.flatMap((worker) => worker.read.oldestPendingWindowEnd ?? []);
  return {
    partitionCount: assignments.partitionCount,
    partitions: outOfGroup
      ? assignments.states().map((state) => ({ ...state, lastKnown: true }))
      : assignments.states(),
    windowsOpen: sum((worker) => worker.read.windowsOpen),
    windowsPending: sum((worker) => worker.read.windowsPending),
    windowsHeld: sum((worker) => worker.read.windowsHeld),
    bufferedAlerts: sum((worker) => worker.read.bufferedAlerts),
    bufferedBytes: sum((worker) => worker.read.bufferedBytes) + from.fetchedBytes,
    oldestPendingWindowEnd: pendingEnds.length === 0 ? undefined : eventTime(Math.min(...pendingEnds)),
    smtp: {
      ...mailer.connections(),
      max: from.connections,
      circuitOpen: delivery.circuitOpen,
      ...(from.mailServer === undefined ? {} : { server: from.mailServer }),
    },
    waitingForRecipients: delivery.routing,
    recipientsWaiting: delivery.recipientsWaiting,
    ...(from.recipientsDatabaseUp === undefined ? {} : { recipientsDatabaseUp: from.recipientsDatabaseUp }),
    ...(from.routesStale === undefined ? {} : { routesStale: from.routesStale }),
    ...(from.oldestSentRecordMs === undefined ? {} : { oldestSentRecordMs: from.oldestSentRecordMs }),
    ...(from.reportOverdueMs === undefined ? {} : { reportOverdueMs: from.reportOverdueMs }),
    ...(from.schemaRegistry === undefined ? {} : { schemaRegistry: from.schemaRegistry }),
    lastPollAtMs: from.lastPollAtMs,
    ...(pulse.lastHeartbeatAtMs === undefined ? {} : { lastHeartbeatAtMs: pulse.lastHeartbeatAtMs }),
    outOfGroup,
    throttledSeconds: pulse.throttledSeconds,
    lastCommitAtMs: assignments.lastCommitAt,
  };
};

/** For the page: costs a look at every open window. */
export const liveState = (
  assignments: Pick<Assignments, "workers">,
  activity: Activity,
  delivery: Pick<Delivery, "waitingRecipients">,
): LiveState => ({
  ...activity.snapshot(),
  windows: fillingWindows(assignments),
  waitingRecipients: waitingRecipients(delivery, activity),
});

const waitingRecipients = (
  delivery: Pick<Delivery, "waitingRecipients">,
  activity: Activity,
): LiveState["waitingRecipients"] => {
  const all = delivery.waitingRecipients();
  const first = all.slice(0, RECENT_MAX).map(({ failure, ...one }) => {
    return { ...one, reason: failure.reason, reply: activity.shown(failure.reply || failure.detail || "") };
  });
  return { first, count: all.length };
};

const fillingWindows = ({ workers }: Pick<Assignments, "workers">): FillingWindow[] => {
  const top = new TopWindows(RECENT_MAX);
  const byPartition = new Map([...workers].map((worker) => [worker.partition, worker]));
  for (const worker of byPartition.values()) if (worker.isWanted()) worker.read.offerOpen(worker.partition, top);
  return top.list.map(({ partition, alerts, windowEnd, window }) => {
    const name = byPartition.get(partition)?.lastName(window, NAMED_BYTES_MAX);
    return {
      deviceId: ofLane(window.deviceId).deviceId,
      deviceName: name === undefined ? undefined : cut(name),
      partition,
      alerts,
      critical: window.critical,
      windowStart: window.bucket.start,
      windowEnd,
    };
  });
};

/** A look at a page must not parse megabytes. */
const NAMED_BYTES_MAX = 16 * 1024;
