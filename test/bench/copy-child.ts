/** Copies a topic with KafkaJS alone: a transaction for each batch, with the offset in it. Reports how long it took from the first batch to the last one committed. */

import kafkajs from "kafkajs";
import { CONSUMER_SETTINGS } from "#src/kafka/consumer-settings.js";
import { reportToParent } from "./child.js";
import { createStopwatch } from "./stopwatch.js";
import type { ThroughputResult } from "./throughput.js";
import type { CopyJob } from "./translate.js";

await reportToParent(async ({ brokers, from, to, group, records }: CopyJob): Promise<ThroughputResult> => {
  const stopwatch = createStopwatch(records);
  const kafka = new kafkajs.Kafka({
    brokers: brokers.split(","),
    clientId: "bench",
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const producer = kafka.producer({
    transactionalId: group,
    maxInFlightRequests: 1,
    idempotent: true,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  const consumer = kafka.consumer({ groupId: group, ...CONSUMER_SETTINGS });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topics: [from], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 1,
    eachBatch: async ({ batch, resolveOffset }) => {
      stopwatch.start();
      const { topic, partition } = batch;
      const transaction = await producer.transaction();
      const messages = batch.messages.map(({ key, value, headers = {}, timestamp }) => ({
        key,
        value,
        headers,
        timestamp,
      }));
      await transaction.send({ topic: to, messages, acks: -1 });
      const offset = String(Number(batch.lastOffset()) + 1);
      const topics = [{ topic, partitions: [{ partition, offset }] }];
      await transaction.sendOffsets({ consumerGroupId: group, topics });
      await transaction.commit();
      resolveOffset(batch.lastOffset());
      stopwatch.count(batch.messages.length);
    },
  });
  return stopwatch.finished;
});
