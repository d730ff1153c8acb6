/** Everything the product does with a record until its window closes, commits included. */

import { KafkaAlertSource } from "#src/kafka/alert-source.js";
import { createKafka, type KafkaConnection } from "#src/kafka/client.js";
import { SESSION_TIMEOUT_MS } from "#src/kafka/consumer-settings.js";
import { EndOffsets } from "#src/kafka/end-offsets.js";
import { GroupOffsets } from "#src/kafka/group-offsets.js";
import { LeaderEpochReader } from "#src/kafka/leader-epochs.js";
import { clusterOf, LogEndsReader } from "#src/kafka/log-ends.js";
import { RecordTimes } from "#src/kafka/record-times.js";
import { StartOffsets } from "#src/kafka/start-offsets.js";
import { Assignments } from "#src/runtime/assignments.js";
import { systemClock } from "#src/runtime/clock.js";
import type { SourceListener } from "#src/runtime/ports.js";
import { ENDLESS_WINDOW_MS, nullMailer, productParts } from "./product-parts.js";
import { FORMATS } from "./record-formats.js";
import type { Stopwatch } from "./stopwatch.js";
import type { ThroughputJob } from "./throughput.js";

function connection(job: ThroughputJob): KafkaConnection {
  return { brokers: job.brokers.split(","), clientId: "bench", ssl: undefined, sasl: undefined };
}

export async function consumeAsProduct(job: ThroughputJob, stopwatch: Stopwatch): Promise<void> {
  const { topic, group } = job;
  const {
    log,
    metrics,
    delivery,
    worker: parts,
  } = productParts({
    topic,
    windowSizeMs: ENDLESS_WINDOW_MS,
    connections: 8,
    mailer: nullMailer,
  });
  const worker = job.format === undefined ? parts : { ...parts, codec: await FORMATS[job.format].codec() };
  const adminKafka = createKafka(connection(job), log);
  const admin = adminKafka.admin();
  await admin.connect();
  const cluster = clusterOf(adminKafka);
  const logEnds = new LogEndsReader({ cluster, topic, clock: systemClock });
  const onFatal = (error: Error): never => {
    throw error;
  };
  const kafka = createKafka(connection(job), log);
  const source = new KafkaAlertSource({
    kafka,
    admin,
    logEnds,
    leaderEpochs: new LeaderEpochReader({ cluster, topic, clock: systemClock, log }),
    offsets: new GroupOffsets({ cluster: clusterOf(adminKafka), groupId: group, topic }),
    start: new StartOffsets({
      startAt: { kind: "earliest" },
      times: new RecordTimes({ cluster: () => clusterOf(adminKafka), topic }),
      names: { topic, group, brokers: [] },
      clock: systemClock,
      log,
    }),
    topic,
    groupId: group,
    metrics,
    clock: systemClock,
    log,
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
    watchdogTimeoutMs: 120_000,
    onFatal,
  });
  const assignments = new Assignments({
    source,
    delivery,
    worker,
    options: {
      bufferMaxAlerts: Number.POSITIVE_INFINITY,
      bufferMaxBytes: Number.POSITIVE_INFINITY,
      handoverMs: 1_500,
      handoverMaxMs: 61_500,
    },
    clock: systemClock,
    log,
    random: Math.random,
  });
  const timed: SourceListener = {
    joining: () => assignments.joining(),
    joined: (partitions, how) => assignments.joined(partitions, how),
    held: () => [],
    left: () => assignments.left(),
    position: (partition) => assignments.position(partition),
    mayTake: (partition, epoch) => assignments.mayTake(partition, epoch),
    takeable(partition, records) {
      stopwatch.start();
      return assignments.takeable(partition, records);
    },
    outOfRange: (partition) => assignments.outOfRange(partition),
    endOffsets: (at, ends) => assignments.endOffsets(at, ends),
    records(partition, records, nextOffset) {
      stopwatch.start();
      assignments.records(partition, records, nextOffset);
      stopwatch.count(records.length);
    },
  };
  await source.start(timed);
  new EndOffsets({
    read: () => logEnds.read(),
    topic,
    clock: systemClock,
    log,
    listener: assignments,
  }).start();
}
