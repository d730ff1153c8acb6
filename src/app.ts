/** The composition root: everything is made here, wired here, started and stopped here. */

import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { tellOfConnecting } from "./app/connecting.js";
import { createDailyReport } from "./app/daily-report.js";
import { createConfiguredMailer, serverAddressOf } from "./app/mailer.js";
import { createRecipientsDatabase } from "./app/recipients-database.js";
import { createConfiguredRenderer, FLEET_LISTED } from "./app/renderer.js";
import { createReloadedRoutes } from "./app/routes.js";
import { type Config, secretsOf, WrongConfiguration, withoutSecrets } from "./config.js";
import { type GroupSource, Peers } from "./http/group-status.js";
import { createHttpServer, type HttpServer } from "./http/server.js";
import { instanceStatus } from "./http/status.js";
import { encodeStatus } from "./http/status-record.js";
import { KafkaAlertSource } from "./kafka/alert-source.js";
import { createKafka, explain } from "./kafka/client.js";
import { KafkaDeadLetters } from "./kafka/dead-letters.js";
import { alertCodec } from "./kafka/decode.js";
import { explainAfterALook } from "./kafka/diagnosis.js";
import { EndOffsets } from "./kafka/end-offsets.js";
import { GroupOffsets } from "./kafka/group-offsets.js";
import { LeaderEpochReader } from "./kafka/leader-epochs.js";
import { clusterOf, LogEndsReader } from "./kafka/log-ends.js";
import { PartitionOwners } from "./kafka/partition-owners.js";
import { PlainFetch } from "./kafka/plain-fetch.js";
import { readRecentDeadLetters } from "./kafka/recent-dead-letters.js";
import { RecordTimes } from "./kafka/record-times.js";
import { SentTopic } from "./kafka/sent-topic.js";
import { SentWriter } from "./kafka/sent-writer.js";
import { StartOffsets } from "./kafka/start-offsets.js";
import { StatusTopic } from "./kafka/status-topic.js";
import { checkTopics } from "./kafka/topics.js";
import { KafkaWindowArchive } from "./kafka/window-archive.js";
import { hidingRecipients } from "./mail/hide-recipients.js";
import { createTemplateReport } from "./mail/template-report.js";
import { MAIL_LOCALES } from "./mail/texts/index.js";
import { createMetrics } from "./metrics.js";
import type { LoadedRoutes } from "./routing/routes-file.js";
import { createRouting } from "./routing/routing.js";
import { Activity, cut } from "./runtime/activity.js";
import { Assignments } from "./runtime/assignments.js";
import { type Clock, systemClock } from "./runtime/clock.js";
import { DeadLetterQueue } from "./runtime/dead-letter-queue.js";
import { Delivery } from "./runtime/delivery.js";
import { FleetGathering } from "./runtime/fleet.js";
import type { Logger } from "./runtime/log.js";
import { MailServer } from "./runtime/mail-server.js";
import type { Health, RuntimeState } from "./runtime/ports.js";
import { createRecipientView } from "./runtime/recipient-view.js";
import { ServerProbe } from "./runtime/server-probe.js";
import { runShutdown, type StopParts, stopSteps } from "./runtime/shutdown.js";
import { liveState, runtimeState } from "./runtime/state.js";
import { createWholeWindow } from "./runtime/whole-window.js";

type Phase = "starting" | "running" | "draining";

export interface App {
  /** Resolves when it reads; rejects with a sentence for an operator when it cannot: a `WrongConfiguration` when that is the reason. */
  start(): Promise<void>;
  /** Intake off, mails in flight finished, commits confirmed, group left: within `SHUTDOWN_TIMEOUT`. Never rejects. */
  stop(): Promise<void>;
}

/** What not every configuration needs (routes, a recipients database, templates, the daily report) is loaded here, so that others start without. */
export const createApp = async (deps: {
  config: Config;
  log: Logger;
  build: { version: string; revision: string };
  /** What `ROUTES_FILE` holds; undefined: it is not set. */
  routes?: LoadedRoutes | undefined;
  /** Called once when it cannot go on: the process should end with 1. */
  onFatal: (reason: string) => void;
  clock?: Clock;
}): Promise<App> => {
  const { config, log, build } = deps;
  const clock = deps.clock ?? systemClock;
  const { alertsTopic: topic, groupId, deadLetterTopic } = config.kafka;
  const names = { topic, group: groupId };

  let fatal: string | undefined;
  let phase: Phase = "starting";
  const isDraining = (): boolean => phase === "draining";
  const fail = (error: unknown): void => {
    if (fatal !== undefined || isDraining()) return;
    fatal = explain(error, config.kafka, names);
    // One that was in has no wrong settings, and should be replaced soon.
    if (source.lastPollAtMs !== undefined) deps.onFatal(fatal);
    else
      void explainAfterALook(error, config.kafka, names).then((reason) => {
        fatal = reason;
        deps.onFatal(reason);
      });
  };

  const mailServer = new MailServer(clock);
  const mailer = mailServer.watching(
    createConfiguredMailer(config, { onOffersLogin: () => log.warn({}, LOGIN_OFFERED) }),
  );
  const serverAddress = serverAddressOf(config.smtp);

  const page = createMetrics({
    topic,
    group: groupId,
    build,
    limits: { bufferBytes: config.buffer.maxBytes, smtpConnections: config.smtp.connections },
    state: () => state(),
    now: clock.now,
  });
  const redact = withoutSecrets(secretsOf(config));
  const view = createRecipientView(config.log.recipients);
  const shown = (text: string): string => view.text(redact(text));
  const activity = new Activity(clock, shown);
  const metrics = activity.counting(page.metrics);
  const { mail } = config;
  const renderer = await createConfiguredRenderer({
    mail,
    clock,
    onAttachment: (outcome) => metrics.attachment(outcome),
    onTemplateFailure: createTemplateReport({ metrics, log, clock }),
  });

  // Two clients: consumer and admin would clear each other's offset map in one.
  const kafka = createKafka(config.kafka, log);
  const adminKafka = createKafka(config.kafka, log);
  const admin = adminKafka.admin();
  const endsCluster = clusterOf(adminKafka);
  const logEnds = new LogEndsReader({ cluster: endsCluster, topic, clock });
  const leaderEpochs = new LeaderEpochReader({ cluster: endsCluster, topic, clock });
  const groupOffsets = new GroupOffsets({ cluster: clusterOf(adminKafka), groupId, topic });
  const sink = new KafkaDeadLetters({ kafka: adminKafka, topic: deadLetterTopic, groupId, clock });
  const host = hostname();
  // Another one after each start: what a process that was killed said last is not taken for its successor's.
  const instance = { id: `${host}-${randomBytes(3).toString("hex")}`, host, startedAt: clock.now() };
  const { recipients } = config.log;
  const deadLetters = new DeadLetterQueue({
    sink,
    metrics,
    clock,
    log,
    recipients,
    random: Math.random,
    onWritten: (letter, position) => activity.deadLetterWritten(letter, position),
  });
  const locales = MAIL_LOCALES;
  const routes = await createReloadedRoutes(deps.routes, { locales, clean: view.text, metrics, clock, log });
  const database = await createRecipientsDatabase({ config, locales, redact, view, metrics, clock, log });
  const { from, replyTo, locale, timezone } = mail;
  const router = createRouting({
    routes: () => routes?.current ?? [],
    everybody: mail.to,
    defaults: { locale, timezone, from, ...(replyTo === undefined ? {} : { replyTo }) },
    source: database,
  });
  const { by, recipientMaxMails: maxMails } = config.digest;
  const gathering =
    by === "device" && maxMails === undefined
      ? undefined
      : new FleetGathering(
          { by, maxMails, gatherMs: GATHER_MS, listed: FLEET_LISTED },
          {
            clock,
            onFolded: (mails) => metrics.mailsFolded(mails),
            onSettled: (outcome) => metrics.mailSettled(outcome),
          },
        );
  const archive = new KafkaWindowArchive({
    fetches: new PlainFetch(clusterOf(adminKafka), topic),
    codec: alertCodec,
    clock,
    log,
  });
  const earlierLetters = new PlainFetch(clusterOf(adminKafka), deadLetterTopic);
  const { sentTopic } = config.kafka;
  const sent =
    sentTopic === undefined
      ? undefined
      : new SentTopic({
          writer: new SentWriter({ kafka: adminKafka, admin, topic: sentTopic, alertsTopic: topic, log }),
          topic: sentTopic,
          source: { group: groupId, instance: instance.id },
          metrics,
          clock,
          log,
          random: Math.random,
        });
  const delivery = new Delivery({
    mailer,
    renderer,
    router: mail.hideRecipients ? hidingRecipients(router) : router,
    metrics,
    clock,
    log,
    recipients,
    server: serverAddress,
    random: Math.random,
    options: {
      ...config.smtp,
      maxRecipients: mail.maxRecipients,
      catchUpAfterMs: catchUpAfterOf(config),
      waitingMaxAlerts: config.buffer.maxAlerts * WAITING_SHARE,
      waitingMaxBytes: config.buffer.maxBytes * WAITING_SHARE,
    },
    ...(gathering && { gathering }),
    onAttempt: (attempt) => activity.mailAttempted(attempt),
    attach: createWholeWindow(archive, { mode: config.mail.csv, maxBytes: config.mail.maxBytes }),
    ...(sent && { sent }),
  });
  const serverProbe = new ServerProbe({
    server: mailServer,
    probe: () => delivery.probe(),
    clock,
  });
  const source = new KafkaAlertSource({
    kafka,
    admin,
    logEnds,
    leaderEpochs,
    offsets: groupOffsets,
    start: new StartOffsets({
      startAt: config.kafka.startAt,
      times: new RecordTimes({ cluster: () => clusterOf(adminKafka), topic }),
      names: { ...names, brokers: config.kafka.brokers },
      clock,
      log,
    }),
    topic,
    groupId,
    sessionTimeoutMs: config.kafka.sessionTimeoutMs,
    rack: config.kafka.rack,
    metrics,
    clock,
    log,
    watchdogTimeoutMs: config.watchdogTimeoutMs,
    onFatal: fail,
  });
  const assignments = new Assignments({
    source,
    delivery,
    worker: {
      topic,
      options: {
        windowSizeMs: config.window.sizeMs,
        graceMs: config.window.graceMs,
        maxListed: config.mail.maxAlerts,
        catchUpAfterMs: catchUpAfterOf(config),
      },
      urgentSeverity: config.digest.urgentSeverity,
      codec: alertCodec,
      delivery,
      deadLetters,
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
  const report = await createDailyReport(config, {
    ...{ sent, mailer, metrics, clock, log },
    // Partitions always begin with 0, and one member of the group owns it.
    isOurs: () =>
      assignments.ready && source.hasLease && [...assignments.workers].some(({ partition }) => partition === 0),
  });
  const ends = new EndOffsets({
    read: () => logEnds.read(),
    topic,
    clock,
    log,
    listener: (at, known) => assignments.endOffsets(at, known),
  });

  const owners = new PartitionOwners({
    admin,
    topic,
    groupId,
    isIdle: () => assignments.ready && [...assignments.workers].length === 0,
    partitionCount: () => assignments.partitionCount,
    clock,
    log,
  });

  const state = (): RuntimeState =>
    runtimeState({
      assignments,
      mailer,
      delivery,
      mailServer: mailServer.state,
      connections: config.smtp.connections,
      recipientsDatabaseUp: database?.isUp,
      routesStale: routes?.isStale,
      oldestSentRecordMs: sent?.oldestWaitingMs,
      reportOverdueMs: report?.overdueMs,
      lastPollAtMs: source.lastPollAtMs,
      pulse: source.pulse,
    });
  const health: Health = {
    notAlive: () => fatal,
    notReady: () => {
      if (fatal !== undefined) return fatal;
      if (isDraining()) return "stopping: mails in flight are being finished";
      if (phase === "starting") return "starting: connecting to Kafka";
      return source.pulse.outOfGroup ?? (assignments.ready ? owners.complaint : "joining the consumer group");
    },
  };

  const { statusTopic } = config.kafka;
  const peers = new Peers(names, instance.id, clock);
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
    live: () => liveState(assignments, activity, delivery),
    mailServer: serverAddress,
    shown: (text) => cut(shown(text)),
    now: clock.now,
    peers,
    sharing: () => sharing?.sharing ?? "off",
    window: config.window,
  };
  const sharing =
    statusTopic === undefined
      ? undefined
      : new StatusTopic({
          kafka: adminKafka,
          admin,
          topic: statusTopic,
          instanceId: instance.id,
          compose: () => encodeStatus(names, instanceStatus(status)),
          heard: (instanceId, value) => peers.hear(instanceId, value),
          clock,
          log,
        });
  const http: HttpServer = createHttpServer({ ...status, scrape: page, log });

  /** Nothing waits for it. */
  const readEarlierLetters = async (): Promise<void> => {
    const isOver = (): boolean => isDraining();
    const deps = { fetches: earlierLetters, topic: deadLetterTopic, group: groupId, clock, log, isOver };
    const read = await readRecentDeadLetters(deps, instance.startedAt);
    if (read !== undefined) activity.deadLettersRead(read);
    await earlierLetters.close();
  };

  let cancelTelling: () => void = () => undefined;
  let cancelWatchdog: () => void = () => undefined;
  const watch = (): void => {
    cancelWatchdog = clock.after(WATCH_EVERY_MS, watch);
    const complaint = source.complaint();
    if (complaint !== undefined) giveUp(complaint);
  };
  /**
   * A watchdog fired. `/livez` says so at once; what can still be finished and committed is, as in any stop, and then the process leaves: within
   * `SHUTDOWN_TIMEOUT`, whatever hangs.
   */
  const giveUp = (complaint: string): void => {
    if (fatal !== undefined || isDraining()) return;
    fatal = complaint;
    log.error({ reason: complaint }, "a watchdog fired: leaving, for the supervisor to start a new process");
    const leave = (): void => deps.onFatal(complaint);
    const cancel = clock.after(config.shutdownTimeoutMs, leave);
    void app.stop().finally(() => {
      cancel();
      // The reason is to be the last line: lines on their way out go first.
      clock.after(LAST_LINES_MS, leave);
    });
  };
  let stopped: Promise<void> | undefined;

  const app: App = {
    async start() {
      const at = await http.start(config.http.host, config.http.port);
      log.info({ host: at.host, port: at.port }, "HTTP server listens");
      serverProbe.start();
      const problem = await database?.start();
      if (problem !== undefined) throw new WrongConfiguration([problem]);
      if (isDraining()) return;
      const isOver = (): boolean => source.lastPollAtMs !== undefined || fatal !== undefined || isDraining();
      cancelTelling = tellOfConnecting({ connection: config.kafka, clock, log, isOver });
      try {
        await admin.connect();
        await checkTopics(admin, topic, deadLetterTopic, log);
        if (isDraining()) return;
        void readEarlierLetters();
        sharing?.start();
        void sent?.start();
        await source.start(assignments);
      } catch (error) {
        if (isDraining()) return;
        throw new Error(await explainAfterALook(error, config.kafka, names), { cause: error });
      }
      if (isDraining()) return;
      phase = "running";
      routes?.start();
      ends.start();
      owners.start();
      report?.start();
      cancelWatchdog = clock.after(WATCH_EVERY_MS, watch);
    },

    stop: () => (stopped ??= stop()),
  };
  const stop = async (): Promise<void> => {
    phase = "draining";
    cancelTelling();
    cancelWatchdog();
    serverProbe.stop();
    routes?.stop();
    const parts: StopParts = {
      finishMails: () => Promise.all([assignments.drain(), report?.stop()]),
      finishDeadLetters: () => deadLetters.drain(),
      commit: (withinMs) => assignments.commitFinally(withinMs),
      leaveGroup: () => source.stop(),
      ...(sent && { finishRecords: (withinMs: number) => sent.stop(Math.min(SENT_DRAIN_MS, withinMs)) }),
      closeConnections: () => {
        ends.stop();
        owners.stop();
        const farewell = sharing?.stop();
        return Promise.all([
          mailer.close(),
          database?.close(),
          sink.close(),
          farewell,
          admin.disconnect(),
          logEnds.close(),
          groupOffsets.close(),
          archive.close(),
          earlierLetters.close(),
          http.stop(),
        ]);
      },
    };
    await runShutdown(stopSteps(parts, config.shutdownTimeoutMs), { clock, log });
  };
  return app;
};

const catchUpAfterOf = ({ catchUp }: Config): number =>
  catchUp.mode === "merge" ? catchUp.afterMs : Number.POSITIVE_INFINITY;

/** A new owner gives the previous one this long to commit what it had in flight. Windows are far longer: nobody notices. */
const HANDOVER_MS = 1_500;
/** Of the buffer, at most so much is kept for recipients whose mail others have. */
const WAITING_SHARE = 0.25;
/** So long mails of one window wait for each other, where they may leave as one: partitions close it nearly at once. */
const GATHER_MS = 300;
/** Longer than a topic that works takes; one that does not is not waited for until the end of the stop. */
const SENT_DRAIN_MS = 3_000;
const WATCH_EVERY_MS = 5_000;
const LAST_LINES_MS = 100;
const LOGIN_OFFERED =
  "the SMTP server offers a login and SMTP_URL has none: many such servers refuse mails to others from clients without one";
