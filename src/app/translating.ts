/** `alert-digest translate` put together: for each input topic a membership of a group of its own and a translator, and the probes. */

import type { App } from "../app.js";
import type { TranslateConfig } from "../config.js";
import type { Mappings } from "../formats/mapping/mapping-file.js";
import { createTranslation } from "../formats/translate-record.js";
import { createProbeServer, shared } from "../http/probes.js";
import type { WebConfig } from "../http/web-config/web-config.js";
import { KafkaAlertSource } from "../kafka/alert-source.js";
import { createKafka, explain } from "../kafka/client.js";
import { explainAfterALook } from "../kafka/diagnosis.js";
import { EndOffsets } from "../kafka/end-offsets.js";
import { GroupOffsets } from "../kafka/group-offsets.js";
import { LeaderEpochReader } from "../kafka/leader-epochs.js";
import { clusterOf, LogEndsReader } from "../kafka/log-ends.js";
import { RecordTimes } from "../kafka/record-times.js";
import { translationGroup } from "../kafka/redrives.js";
import { StartOffsets } from "../kafka/start-offsets.js";
import { checkTopics } from "../kafka/topics.js";
import { KafkaTransactionWriter } from "../kafka/transaction-writer.js";
import { createTranslationPage, type TranslationPage } from "../metrics/translation.js";
import { type Clock, systemClock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import { Translator } from "../runtime/translator.js";
import type { LoadedFile } from "../yaml-file/document.js";
import { tellOfConnecting } from "./connecting.js";
import type { Build } from "./counting.js";
import { Lifecycle } from "./lifecycle.js";
import { createListening } from "./listening.js";
import { createTranslationFormats, type TranslationFormats } from "./translation-formats.js";

export const createTranslating = async (deps: {
  config: TranslateConfig;
  /** What `MAPPING_FILE` holds; undefined: it is not set. */
  mappings: LoadedFile<Mappings> | undefined;
  /** What `HTTP_WEB_CONFIG_FILE` holds; undefined: it is not set. */
  webConfig?: LoadedFile<WebConfig> | undefined;
  log: Logger;
  build: Build;
  onFatal: (reason: string) => void;
  clock?: Clock;
}): Promise<App> => {
  const { config, log, build, onFatal } = deps;
  const { kafka: connection, from } = config;
  const clock = deps.clock ?? systemClock;
  const names = { topic: from.join(","), group: `${connection.groupId}.translate` };
  const life = new Lifecycle({
    clock,
    log,
    shutdownTimeoutMs: config.shutdownTimeoutMs,
    explain: (error) => explain(error, connection, names),
    explainAfterALook: (error) => explainAfterALook(error, connection, names),
    onFatal,
  });
  const page: TranslationPage = createTranslationPage({
    build,
    state: () => inputs.map((input) => input.state()),
    registry: () => formats.registry?.state(),
    now: clock.now,
    processMetrics: true,
  });
  const formats = await createTranslationFormats(config, { mappings: deps.mappings, metrics: page, clock, log });
  const onGivenUp = (error: unknown): void => life.fail(error);
  const inputs = from.map((topic) => createInput(config, { topic, formats, page, clock, log, onFatal: onGivenUp }));
  const [adminKafka, health] = [createKafka(connection, log), healthOf(life, inputs)];
  const admin = adminKafka.admin();
  const probing = { health, scrape: shared(page, clock), clock, log };
  const http = await createListening(config.http, {
    createMain: (options) => createProbeServer({ ...probing, ...options }),
    ...{ webConfig: deps.webConfig, ...probing },
  });
  let cancelTelling: () => void = () => undefined;
  life.oversee(overseen(inputs), {
    finishMails: () => {
      cancelTelling();
      formats.mappings?.close();
      formats.registry?.close();
      return Promise.all(inputs.map(({ translator }) => translator.drain()));
    },
    finishDeadLetters: () => Promise.resolve(),
    commit: () => Promise.resolve(),
    leaveGroup: () => Promise.all(inputs.map(({ source }) => source.close())),
    closeConnections: () =>
      Promise.all([...inputs.map((input) => input.close()), formats.close(), admin.disconnect(), http.close()]),
  });
  return {
    async start() {
      await http.start();
      cancelTelling = tellOfConnecting({ connection, clock, log, isOver: () => life.isPastConnecting });
      try {
        await admin.connect();
        await checkTopics(admin, connection.alertsTopic, connection.deadLetterTopic, log);
        await checkInputs(new Set(await admin.listTopics()), from);
        for (const input of inputs) if (!life.isDraining) await input.start();
      } catch (error) {
        if (life.isDraining) return;
        throw new Error(await explainAfterALook(error, connection, names), { cause: error });
      }
      life.running();
      formats.mappings?.start();
    },
    stop: () => life.stop(),
  };
};

const checkInputs = async (topics: ReadonlySet<string>, from: readonly string[]): Promise<void> => {
  const missing = from.filter((topic) => !topics.has(topic));
  if (missing.length > 0)
    throw new Error(
      `TRANSLATE_FROM names ${missing.join(", ")}, which does not exist, or this user may not see it: create it, or grant DESCRIBE and READ on it`,
    );
};

/** One input topic: who reads it, and what becomes of its records. */
const createInput = (
  config: TranslateConfig,
  deps: {
    readonly topic: string;
    readonly formats: TranslationFormats;
    readonly page: TranslationPage;
    readonly clock: Clock;
    readonly log: Logger;
    readonly onFatal: (error: unknown) => void;
  },
) => {
  const { kafka: connection } = config;
  const { topic, formats, page, clock, log, onFatal } = deps;
  const { alertsTopic, deadLetterTopic, sessionTimeoutMs, rack, startAt, brokers } = connection;
  const groupId = translationGroup(connection.groupId, topic);
  const metrics = page.of(topic, groupId);
  const [kafka, adminKafka] = [createKafka(connection, log), createKafka(connection, log)];
  const endsCluster = clusterOf(adminKafka);
  const logEnds = new LogEndsReader({ cluster: endsCluster, topic, clock });
  const offsets = new GroupOffsets({ cluster: clusterOf(adminKafka), groupId, topic });
  const times = new RecordTimes({ cluster: () => clusterOf(adminKafka), topic });
  const groups = adminKafka.admin();
  const [codec, reader] = [formats.codec, formats.readerOf(topic)];
  const source = new KafkaAlertSource({
    kafka,
    admin: groups,
    logEnds,
    leaderEpochs: new LeaderEpochReader({ cluster: endsCluster, topic, clock, log }),
    offsets,
    start: new StartOffsets({ startAt, times, names: { topic, group: groupId, brokers }, clock, log }),
    topic,
    groupId,
    sessionTimeoutMs,
    rack,
    metrics,
    clock,
    log,
    watchdogTimeoutMs: config.watchdogTimeoutMs,
    onFatal,
  });
  const translator = new Translator({
    source,
    createWriter: (partition) =>
      new KafkaTransactionWriter({ kafka: adminKafka, groupId, topic, partition, alertsTopic, deadLetterTopic, clock }),
    topic,
    codec: { ...codec, ahead: reader.ahead },
    createTranslation: (partition) => createTranslation({ topic, partition, readItems: reader.items, codec }),
    metrics,
    clock,
    log,
    random: Math.random,
  });
  const ends = new EndOffsets({
    read: () => logEnds.read(),
    topic,
    clock,
    log,
    listener: translator,
  });
  return {
    topic,
    source,
    translator,
    async start() {
      await groups.connect();
      await source.start(translator);
      ends.start();
    },
    state: () => ({
      topic,
      group: groupId,
      partitionCount: translator.partitionCount,
      partitions: translator.partitions,
      lastPollAtMs: source.lastPollAtMs,
      lastHeartbeatAtMs: source.pulse.lastHeartbeatAtMs,
    }),
    async close() {
      ends.close();
      await Promise.all([translator.close(), groups.disconnect(), logEnds.close(), offsets.close()]);
    },
  };
};

type Input = ReturnType<typeof createInput>;

/** All inputs as one: it is as well as the worst of them. */
const overseen = (inputs: readonly Input[]) => ({
  get lastPollAtMs(): number | undefined {
    const polls = inputs.map(({ source }) => source.lastPollAtMs);
    return polls.some((at) => at === undefined) ? undefined : Math.min(...(polls as number[]));
  },
  complaint(): string | undefined {
    return inputs.map(({ source }) => source.complaint()).find((complaint) => complaint !== undefined);
  },
});

const healthOf = (life: Lifecycle, inputs: readonly Input[]) => ({
  notAlive: () => life.fatal,
  notReady: () => {
    if (life.fatal !== undefined) return life.fatal;
    switch (life.phase) {
      case "draining":
        return "stopping: transactions under way are being finished";
      case "starting":
        return "starting: connecting to Kafka";
      case "running": {
        const out = inputs.map(({ source }) => source.pulse.outOfGroup).find((reason) => reason !== undefined);
        const waiting = inputs.filter(({ translator }) => !translator.ready).map(({ topic }) => topic);
        return out ?? (waiting.length === 0 ? undefined : `not translating yet: ${waiting.join(", ")}`);
      }
    }
  },
});
