/** What one writes first: KafkaJS, a map of windows, an offset committed with each batch. Nothing here loads the product's Kafka, which changes the library. */

import kafkajs from "kafkajs";
import { CONSUMER_SETTINGS } from "#src/kafka/consumer-settings.js";
import type { Stopwatch } from "./stopwatch.js";
import type { ThroughputJob } from "./throughput.js";

const WINDOW_MS = 30_000;
const GRACE_MS = 2_000;

interface Alert {
  readonly deviceId: string;
}

/** Alerts by device, in windows; a window is dropped when its time is over, where a mail would be sent. A crash loses every window that is open. */
export async function consumeIntoMap(job: ThroughputJob, stopwatch: Stopwatch): Promise<void> {
  const kafka = new kafkajs.Kafka({
    brokers: job.brokers.split(","),
    clientId: "bench",
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const windows = new Map<number, Map<string, Alert[]>>();
  let streamTime = 0;
  const add = (alert: Alert, timestamp: number): void => {
    streamTime = Math.max(streamTime, timestamp);
    const start = timestamp - (timestamp % WINDOW_MS);
    let devices = windows.get(start);
    if (devices === undefined) {
      devices = new Map();
      windows.set(start, devices);
    }
    const alerts = devices.get(alert.deviceId);
    if (alerts === undefined) devices.set(alert.deviceId, [alert]);
    else alerts.push(alert);
  };
  const consumer = kafka.consumer({ groupId: job.group, ...CONSUMER_SETTINGS });
  await consumer.connect();
  await consumer.subscribe({ topics: [job.topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 1,
    eachBatch: async ({ batch, resolveOffset }) => {
      stopwatch.start();
      for (const { value, timestamp } of batch.messages)
        add(JSON.parse((value as Buffer).toString()) as Alert, Number(timestamp));
      for (const start of windows.keys()) if (start + WINDOW_MS + GRACE_MS <= streamTime) windows.delete(start);
      resolveOffset(batch.lastOffset());
      const offset = String(Number(batch.lastOffset()) + 1);
      await consumer.commitOffsets([{ topic: batch.topic, partition: batch.partition, offset }]);
      stopwatch.count(batch.messages.length);
    },
  });
}
