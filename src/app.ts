/**
 * The composition root, in the order of dependence: what is counted (`app/counting`), Kafka (`app/transport`), mail (`app/mailing`), the partitions, and
 * what the outside sees (`app/observing`). `app/lifecycle` is the life of the process.
 */

import { randomBytes } from "node:crypto";
import { tellOfConnecting } from "./app/connecting.js";
import { type Build, type Counting, createCounting } from "./app/counting.js";
import { createDailyReport } from "./app/daily-report.js";
import { createFormats } from "./app/formats.js";
import { createLetterMail } from "./app/letter-mail.js";
import { Lifecycle } from "./app/lifecycle.js";
import { catchUpAfterOf, createMailing, type Mailing } from "./app/mailing.js";
import { createInstance, createObserving } from "./app/observing.js";
import { createTransport, type Transport } from "./app/transport.js";
import { type Config, WrongConfiguration } from "./config.js";
import type { Mapping } from "./formats/mapping/compile.js";
import type { WebConfig } from "./http/web-config/web-config.js";
import { explain } from "./kafka/client.js";
import { explainAfterALook } from "./kafka/diagnosis.js";
import { EndOffsets } from "./kafka/end-offsets.js";
import { checkTopics } from "./kafka/topics.js";
import type { LoadedRoutes } from "./routing/routes-file.js";
import { Assignments } from "./runtime/assignments.js";
import { type Clock, systemClock } from "./runtime/clock.js";
import type { LetterMail } from "./runtime/letter-mail.js";
import type { Logger } from "./runtime/log.js";
import type { AlertCodec, RuntimeState } from "./runtime/ports.js";
import { unreadLog } from "./runtime/unread-fields.js";
import type { LoadedFile } from "./yaml-file/document.js";

export interface App {
  /** Resolves when it reads; rejects with a sentence for an operator when it cannot: a `WrongConfiguration` when that is the reason. */
  start(): Promise<void>;
  /** Intake off, mails in flight finished, commits confirmed, group left: within `SHUTDOWN_TIMEOUT`. Never rejects. */
  stop(): Promise<void>;
}

export const createApp = async (deps: {
  config: Config;
  log: Logger;
  build: Build;
  /** What `ROUTES_FILE` holds; undefined: it is not set. */
  routes?: LoadedRoutes | undefined;
  /** What `MAPPING_FILE` holds; undefined: it is not set. */
  mapping?: LoadedFile<Mapping> | undefined;
  /** What `HTTP_WEB_CONFIG_FILE` holds; undefined: it is not set. */
  webConfig?: LoadedFile<WebConfig> | undefined;
  /** Called once when it cannot go on: the process should end with 1. */
  onFatal: (reason: string) => void;
  clock?: Clock;
}): Promise<App> => {
  const { config, log, build, onFatal } = deps;
  const clock = deps.clock ?? systemClock;
  const { alertsTopic: topic, groupId, deadLetterTopic } = config.kafka;
  const names = { topic, group: groupId };
  const life = new Lifecycle({
    clock,
    log,
    shutdownTimeoutMs: config.shutdownTimeoutMs,
    explain: (error) => explain(error, config.kafka, names),
    explainAfterALook: (error) => explainAfterALook(error, config.kafka, names),
    onFatal,
  });
  const instance = createInstance(clock, randomBytes(3).toString("hex"));
  let state: (() => RuntimeState) | undefined;
  const counting = createCounting(config, { build, clock, state: () => state?.() });
  const { metrics } = counting;
  const onGivenUp = (error: unknown): void => life.fail(error);
  const formats = await createFormats(config, { mapping: deps.mapping, metrics, clock, log });
  const { codec } = formats;
  const instanceId = instance.id;
  let letterMail: LetterMail | undefined;
  const onLetter: LetterMail["note"] = (letter, position) => letterMail?.note(letter, position);
  const transport = createTransport(config, { counting, codec, instanceId, onLetter, clock, log, onFatal: onGivenUp });
  const { source, admin, sent, deadLetters, logEnds } = transport;
  const mailing = await createMailing(config, { routes: deps.routes, counting, transport, clock, log });
  const { mailer, database, routes } = mailing;
  letterMail = createLetterMail(config, { mailer, instance: instanceId, metrics, clock, log });
  const assignments = createAssignments(config, { transport, mailing, codec, counting, clock, log });
  const report = await createDailyReport(config, {
    ...{ sent, mailer, metrics, clock, log },
    repairs: () => counting.activity.repairs,
    // Partitions always begin with 0, and one member of the group owns it.
    isOurs: () =>
      assignments.ready && source.hasLease && [...assignments.workers].some(({ partition }) => partition === 0),
  });
  const { webConfig } = deps;
  const seen = {
    build,
    instance,
    counting,
    transport,
    mailing,
    assignments,
    report,
    formats,
    webConfig,
    life,
    clock,
    log,
  };
  const observing = await createObserving(config, seen);
  const { http, group, sharing } = observing;
  state = observing.state;
  const ends = new EndOffsets({
    read: () => logEnds.read(),
    topic,
    clock,
    log,
    listener: assignments,
    windows: config.window,
  });
  let cancelTelling: () => void = () => undefined;

  life.oversee(source, {
    finishMails: () => {
      cancelTelling();
      mailing.probe.close();
      routes?.close();
      formats.mapping?.close();
      return Promise.all([assignments.drain(), report?.drain()]);
    },
    finishDeadLetters: () => deadLetters.drain(),
    commit: (withinMs) => assignments.commitFinally(withinMs),
    // Nothing waits for what is told of dead letters: the commit is through.
    leaveGroup: () => Promise.all([source.close(), letterMail?.drain()]),
    ...(sent && { finishRecords: (withinMs: number) => sent.drain(Math.min(SENT_DRAIN_MS, withinMs)) }),
    closeConnections: () => {
      ends.close();
      group.close();
      formats.registry?.close();
      const farewell = sharing?.close();
      const read = formats.codec.close?.();
      return Promise.all([mailer.close(), database?.close(), farewell, transport.close(), http.close(), read]);
    },
  });

  return {
    async start() {
      await http.start();
      mailing.probe.start();
      const problem = await database?.start();
      if (problem !== undefined) throw new WrongConfiguration([problem]);
      if (life.isDraining) return;
      const isOver = (): boolean => life.isPastConnecting;
      cancelTelling = tellOfConnecting({ connection: config.kafka, clock, log, isOver });
      try {
        await admin.connect();
        await checkTopics(admin, topic, deadLetterTopic, log);
        if (life.isDraining) return;
        void observing.readEarlierLetters();
        sharing?.start();
        void sent?.start();
        void transport.warmUp();
        await source.start(assignments);
      } catch (error) {
        if (life.isDraining) return;
        throw new Error(await explainAfterALook(error, config.kafka, names), { cause: error });
      }
      if (life.isDraining) return;
      life.running();
      routes?.start();
      formats.mapping?.start();
      ends.start();
      group.start();
      report?.start();
    },

    stop() {
      const [commonest] = counting.activity.repairs;
      if (commonest !== undefined)
        log.info({ commonest: commonest.field, repairs: counting.activity.repairs }, REPAIRED);
      return life.stop();
    },
  };
};

const REPAIRED = "fields of alerts were not written as documented: docs/alert-record.md says how each is read";

const createAssignments = (
  config: Config,
  deps: {
    readonly transport: Transport;
    readonly mailing: Mailing;
    readonly codec: AlertCodec;
    readonly counting: Counting;
    readonly clock: Clock;
    readonly log: Logger;
  },
): Assignments => {
  const { transport, mailing, codec, clock, log } = deps;
  const { metrics, activity } = deps.counting;
  const { delivery } = mailing;
  return new Assignments({
    source: transport.source,
    delivery,
    worker: {
      topic: config.kafka.alertsTopic,
      options: {
        windowSizeMs: config.window.sizeMs,
        graceMs: config.window.graceMs,
        maxListed: config.mail.maxAlerts,
        catchUpAfterMs: catchUpAfterOf(config),
        firingForgetMs: config.digest.firingForgetMs,
        repeatIntervalsMs: config.digest.repeatIntervalsMs,
      },
      urgentSeverity: config.digest.urgentSeverity,
      codec,
      mutes: mailing.mutes,
      mutedLog: transport.sent,
      onMuted: (muted) => activity.muted(muted),
      onUnread: unreadLog(log),
      delivery,
      deadLetters: transport.deadLetters,
      metrics,
      clock,
      maxExposed: config.smtp.connections,
    },
    options: {
      bufferMaxAlerts: config.buffer.maxAlerts,
      bufferMaxBytes: config.buffer.maxBytes,
      handoverMs: HANDOVER_MS,
      // Not the reply's own deadline: a partition that stands still for ten minutes is worse than one mail again, under the Message-ID it had.
      handoverMaxMs: config.smtp.timeoutMs + HANDOVER_MS,
    },
    clock,
    log,
    random: Math.random,
  });
};

/** A new owner gives the previous one this long to commit what it had in flight. Windows are far longer: nobody notices. */
const HANDOVER_MS = 1_500;
/** Longer than a topic that works takes; one that does not is not waited for until the end of the stop. */
const SENT_DRAIN_MS = 3_000;
