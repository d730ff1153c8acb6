/** What the outside sees: metrics, health, the live page, and what other instances are told. */

import { hostname } from "node:os";
import type { Config } from "../config.js";
import type { WallTime } from "../core/time.js";
import { type GroupSource, Peers } from "../http/group-status.js";
import { shared } from "../http/probes.js";
import { createHttpServer } from "../http/server.js";
import { instanceStatus } from "../http/status.js";
import type { WebConfig } from "../http/web-config/web-config.js";
import { GroupLook } from "../kafka/group-look.js";
import { readRecentDeadLetters } from "../kafka/recent-dead-letters.js";
import { StatusTopic } from "../kafka/status-topic.js";
import { cut } from "../runtime/activity.js";
import type { Assignments } from "../runtime/assignments.js";
import type { Clock } from "../runtime/clock.js";
import type { DailyReport } from "../runtime/daily-report.js";
import type { Logger } from "../runtime/log.js";
import type { Health, RuntimeState } from "../runtime/ports.js";
import { liveState, runtimeState } from "../runtime/state.js";
import type { LoadedFile } from "../yaml-file/document.js";
import type { Build, Counting } from "./counting.js";
import type { Formats } from "./formats.js";
import type { Lifecycle } from "./lifecycle.js";
import { createListening } from "./listening.js";
import type { Mailing } from "./mailing.js";
import type { Transport } from "./transport.js";

/** This process, as the group's other instances know it. */
export interface Instance {
  readonly id: string;
  readonly host: string;
  readonly startedAt: WallTime;
}

/** `suffix`: another one after each start, so that what a killed process said last is not taken for its successor's. */
export const createInstance = (clock: Clock, suffix: string): Instance => {
  const host = hostname();
  return { id: `${host}-${suffix}`, host, startedAt: clock.now() };
};

export const createObserving = async (
  config: Config,
  deps: {
    readonly build: Build;
    readonly instance: Instance;
    readonly counting: Counting;
    readonly transport: Transport;
    readonly mailing: Mailing;
    readonly assignments: Assignments;
    readonly report: DailyReport | undefined;
    readonly formats: Pick<Formats, "registry">;
    readonly webConfig: LoadedFile<WebConfig> | undefined;
    readonly life: Lifecycle;
    readonly clock: Clock;
    readonly log: Logger;
  },
) => {
  const { build, instance, counting, transport, mailing, assignments, report, formats, webConfig, life, clock, log } =
    deps;
  const { alertsTopic: topic, groupId, deadLetterTopic, statusTopic } = config.kafka;
  const { source, adminKafka, admin, earlierLetters } = transport;
  const { page, activity, shown } = counting;
  const names = { topic, group: groupId };
  const state = (): RuntimeState =>
    runtimeState({
      fetchedBytes: transport.source.fetchedBytes,
      assignments,
      mailer: mailing.mailer,
      delivery: mailing.delivery,
      mailServer: mailing.server.state,
      connections: config.smtp.connections,
      recipientsDatabaseUp: mailing.database?.isUp,
      routesStale: mailing.routes?.isStale,
      oldestSentRecordMs: transport.sent?.oldestWaitingMs,
      reportOverdueMs: report?.overdueMs,
      schemaRegistry: formats.registry?.state(),
      lastPollAtMs: source.lastPollAtMs,
      pulse: source.pulse,
    });
  const health: Health = {
    notAlive: () => life.fatal,
    notReady: () => {
      if (life.fatal !== undefined) return life.fatal;
      switch (life.phase) {
        case "draining":
          return "stopping: mails in flight are being finished";
        case "starting":
          return "starting: connecting to Kafka";
        case "running":
          return source.pulse.outOfGroup ?? (assignments.ready ? group.complaint : "joining the consumer group");
      }
    },
  };
  // Loads zod.
  const record = statusTopic === undefined ? undefined : await import("../http/status-record.js");
  const peers = new Peers((value) => record?.decodeStatus(names, value), instance.id, clock);
  const group = new GroupLook({
    admin,
    topic,
    groupId,
    isIdle: () => assignments.ready && [...assignments.workers].length === 0,
    hasPeers: () => peers.count > 0,
    partitionCount: () => assignments.partitionCount,
    clock,
    log,
  });
  const status: GroupSource = {
    names,
    build,
    instance,
    limits: {
      bufferAlerts: config.buffer.maxAlerts,
      bufferBytes: config.buffer.maxBytes,
      smtpConnections: config.smtp.connections,
    },
    health,
    state,
    live: () => liveState(assignments, activity, mailing.delivery),
    mailServer: mailing.serverAddress,
    shown: (text) => cut(shown(text)),
    now: clock.now,
    peers,
    sharing: () => sharing?.sharing ?? "off",
    members: () => group.instances,
    window: config.window,
  };
  const sharing =
    statusTopic === undefined || record === undefined
      ? undefined
      : new StatusTopic({
          kafka: adminKafka,
          admin,
          topic: statusTopic,
          instanceId: instance.id,
          compose: () => record.encodeStatus(names, instanceStatus(status)),
          heard: (instanceId, value) => peers.hear(instanceId, value),
          clock,
          log,
        });
  const scrape = shared(page, clock);
  const http = await createListening(config.http, {
    createMain: (options) => createHttpServer({ ...status, scrape, ...options }),
    ...{ webConfig, health, scrape, clock, log },
  });

  /** Nothing waits for it. */
  const readEarlierLetters = async (): Promise<void> => {
    const isOver = (): boolean => life.isDraining;
    const fetches = earlierLetters;
    const asked = { fetches, topic: deadLetterTopic, group: groupId, clock, log, isOver };
    const read = await readRecentDeadLetters(asked, instance.startedAt);
    if (read !== undefined) activity.deadLettersRead(read);
    await earlierLetters.close();
  };

  return { state, http, group, sharing, readEarlierLetters };
};
