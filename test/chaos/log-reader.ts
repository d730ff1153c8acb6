/** Whole topics, read for the books. */

import { randomUUID } from "node:crypto";
import { quietClient, withAdmin } from "../support/kafka-admin.js";
import { subscribe } from "../support/subscribe.js";
import type { AlertInLog, Ledger } from "./books.js";
import { ALERT_ID, BAD_HEADER } from "./traffic.js";

interface LogRecord {
  readonly partition: number;
  readonly offset: number;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

const READ_TIMEOUT_MS = 60_000;

export async function readTopic(brokers: string, topic: string): Promise<LogRecord[]> {
  const ends = await withAdmin(brokers, (admin) => admin.fetchTopicOffsets(topic));
  const missing = new Map(ends.filter(({ high, low }) => high !== low).map((end) => [end.partition, Number(end.high)]));
  const records: LogRecord[] = [];
  if (missing.size === 0) return records;
  const consumer = quietClient(brokers).consumer({ groupId: `books-${randomUUID()}`, maxWaitTimeInMs: 200 });
  try {
    await consumer.connect();
    await subscribe(consumer, topic);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`topic ${topic} could not be read`)), READ_TIMEOUT_MS);
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      consumer
        .run({
          autoCommit: false,
          eachBatch: async ({ batch }) => {
            for (const { offset, value, headers } of batch.messages) {
              const texts = Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)] as const);
              records.push({
                partition: batch.partition,
                offset: Number(offset),
                value,
                headers: Object.fromEntries(texts),
              });
            }
            if (Number(batch.lastOffset()) + 1 >= (missing.get(batch.partition) ?? 0)) missing.delete(batch.partition);
            if (missing.size === 0) done();
          },
        })
        .catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  const places = new Map(records.map((record) => [`${record.partition}/${record.offset}`, record]));
  return [...places.values()];
}

export async function readLog(brokers: string, topic: string): Promise<Pick<Ledger, "alerts" | "badRecords">> {
  const alerts: AlertInLog[] = [];
  const badRecords: string[] = [];
  for (const { partition, offset, value, headers } of await readTopic(brokers, topic)) {
    if (headers[BAD_HEADER] !== undefined) badRecords.push(`${partition}/${offset}`);
    else if (value !== null) {
      const { alertId, deviceId } = JSON.parse(value.toString()) as { alertId: string; deviceId: string };
      alerts.push({ alertId, deviceId, partition, offset });
    }
  }
  return { alerts, badRecords };
}

export async function readDeadLetters(
  brokers: string,
  topic: string,
): Promise<Pick<Ledger, "deadLetterAlerts" | "deadLetterRecords">> {
  const deadLetterAlerts: string[] = [];
  const deadLetterRecords: string[] = [];
  for (const { value, headers } of await readTopic(brokers, topic)) {
    if (headers["dead-letter.kind"] === "record") {
      deadLetterRecords.push(`${headers["dead-letter.partition"]}/${headers["dead-letter.offset"]}`);
    } else deadLetterAlerts.push(...new Set(String(value).match(ALERT_ID) ?? []));
  }
  return { deadLetterAlerts, deadLetterRecords };
}
