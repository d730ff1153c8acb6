/** Everything that talks to Kafka. */

import type { Config } from "../config.js";
import { KafkaAlertSource } from "../kafka/alert-source.js";
import { createKafka } from "../kafka/client.js";
import { KafkaDeadLetters } from "../kafka/dead-letters.js";
import { GroupOffsets } from "../kafka/group-offsets.js";
import { LeaderEpochReader } from "../kafka/leader-epochs.js";
import { clusterOf, LogEndsReader } from "../kafka/log-ends.js";
import { PlainFetch } from "../kafka/plain-fetch.js";
import { RecordTimes } from "../kafka/record-times.js";
import { SentTopic } from "../kafka/sent-topic.js";
import { SentWriter } from "../kafka/sent-writer.js";
import { StartOffsets } from "../kafka/start-offsets.js";
import { KafkaWindowArchive } from "../kafka/window-archive.js";
import type { Clock } from "../runtime/clock.js";
import { type DeadLetter, DeadLetterQueue } from "../runtime/dead-letter-queue.js";
import type { Logger } from "../runtime/log.js";
import type { AlertCodec, LetterPosition } from "../runtime/ports.js";
import type { Counting } from "./counting.js";

export const createTransport = (
  config: Config,
  deps: {
    readonly counting: Counting;
    readonly codec: AlertCodec;
    /** Of this process, on record with what it sends. */
    readonly instanceId: string;
    /** Told of every letter that the topic has; must not throw. */
    readonly onLetter: (letter: DeadLetter, position: LetterPosition | undefined) => void;
    readonly clock: Clock;
    readonly log: Logger;
    /** The client gave up. */
    readonly onFatal: (error: unknown) => void;
  },
) => {
  const { counting, codec, instanceId, onLetter, clock, log, onFatal } = deps;
  const { metrics, activity } = counting;
  const { alertsTopic: topic, groupId, deadLetterTopic, sentTopic } = config.kafka;
  // Two clients: consumer and admin would clear each other's offset map in one.
  const kafka = createKafka(config.kafka, log);
  const adminKafka = createKafka(config.kafka, log);
  const admin = adminKafka.admin();
  const endsCluster = clusterOf(adminKafka);
  const logEnds = new LogEndsReader({ cluster: endsCluster, topic, clock });
  const groupOffsets = new GroupOffsets({ cluster: clusterOf(adminKafka), groupId, topic });
  const sink = new KafkaDeadLetters({ kafka: adminKafka, topic: deadLetterTopic, groupId, clock });
  const archive = new KafkaWindowArchive({
    fetches: new PlainFetch(clusterOf(adminKafka), topic),
    codec,
    clock,
    log,
  });
  const earlierLetters = new PlainFetch(clusterOf(adminKafka), deadLetterTopic);
  const source = new KafkaAlertSource({
    kafka,
    admin,
    logEnds,
    leaderEpochs: new LeaderEpochReader({ cluster: endsCluster, topic, clock, log }),
    offsets: groupOffsets,
    start: new StartOffsets({
      startAt: config.kafka.startAt,
      times: new RecordTimes({ cluster: () => clusterOf(adminKafka), topic }),
      names: { topic, group: groupId, brokers: config.kafka.brokers },
      clock,
      log,
    }),
    topic,
    groupId,
    instance: instanceId,
    sessionTimeoutMs: config.kafka.sessionTimeoutMs,
    rack: config.kafka.rack,
    metrics,
    clock,
    log,
    watchdogTimeoutMs: config.watchdogTimeoutMs,
    onFatal,
  });
  return {
    adminKafka,
    admin,
    logEnds,
    archive,
    earlierLetters,
    source,
    deadLetters: new DeadLetterQueue({
      sink,
      metrics,
      clock,
      log,
      recipients: config.log.recipients,
      random: Math.random,
      onWritten: (letter, position) => {
        activity.deadLetterWritten(letter, position);
        onLetter(letter, position);
      },
    }),
    /** Undefined without `KAFKA_SENT_TOPIC`. */
    sent:
      sentTopic === undefined
        ? undefined
        : new SentTopic({
            writer: new SentWriter({ kafka: adminKafka, admin, topic: sentTopic, alertsTopic: topic, log }),
            topic: sentTopic,
            source: { group: groupId, instance: instanceId },
            metrics,
            clock,
            log,
            random: Math.random,
          }),
    /** What partitions are loaded with is asked on connections of its own. The group takes its time: they are open by then. Never rejects. */
    warmUp: () => Promise.allSettled([logEnds.read(), groupOffsets.read([])]),
    /** Everything but the consumer, which leaves the group before. */
    close: () =>
      Promise.all([
        sink.close(),
        admin.disconnect(),
        logEnds.close(),
        groupOffsets.close(),
        archive.close(),
        earlierLetters.close(),
      ]),
  };
};

export type Transport = ReturnType<typeof createTransport>;
