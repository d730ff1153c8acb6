/** What KafkaJS does by itself. Nothing here loads the product's Kafka, which changes the library. */

import kafkajs from "kafkajs";
import { CONSUMER_SETTINGS } from "#src/kafka/consumer-settings.js";
import type { Stopwatch } from "./stopwatch.js";
import type { ThroughputJob } from "./throughput.js";

/** Fetches, decodes the record batches, hands them over; `parse`: and `JSON.parse` of each value. */
export async function consumeBare(job: ThroughputJob, stopwatch: Stopwatch): Promise<void> {
  const kafka = new kafkajs.Kafka({
    brokers: job.brokers.split(","),
    clientId: "bench",
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const consumer = kafka.consumer({ groupId: job.group, ...CONSUMER_SETTINGS });
  await consumer.connect();
  await consumer.subscribe({ topics: [job.topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 1,
    eachBatch: async ({ batch, resolveOffset }) => {
      stopwatch.start();
      if (job.contestant === "parse") {
        for (const { value } of batch.messages) JSON.parse((value as Buffer).toString());
      }
      resolveOffset(batch.lastOffset());
      stopwatch.count(batch.messages.length);
    },
  });
}
