/** Topics, a sink that writes dead letters as the product does, and the commands as an operator gives them. Ends with the test. */

import type { TestContext } from "node:test";
import { eventTime } from "#src/core/time.js";
import { createKafka } from "#src/kafka/client.js";
import { KafkaDeadLetters } from "#src/kafka/dead-letters.js";
import { fetchReadableEnds } from "#src/kafka/end-offsets.js";
import { readRecords, type StoredRecord } from "#src/kafka/record-reader.js";
import type { Clock } from "#src/runtime/clock.js";
import type { RecordDeadLetter, WindowDeadLetter } from "#src/runtime/ports.js";
import { type AlertProducer, startProducer } from "#tools/simulator/producer.js";
import { eventually } from "./eventually.js";
import { foldedAlerts } from "./folded-alerts.js";
import { quietClient, withAdmin } from "./kafka-admin.js";
import { type CliResult, runCli } from "./run-cli.js";
import { sharedKafka } from "./shared-kafka.js";

export interface Desk {
  readonly alerts: string;
  readonly deadLetters: string;
  readonly group: string;
  /** What the commands need; nothing about mail. */
  readonly env: Readonly<Record<string, string>>;
  readonly producer: AlertProducer;
  /** Writes it as if it had failed at `failedAt` (ms; now when absent). */
  bury(letter: RecordDeadLetter | WindowDeadLetter, failedAt?: number): Promise<void>;
  /** `alert-digest dead-letters …` */
  command(...args: string[]): Promise<CliResult>;
  /**
   * Everything a topic has, by partition and offset. `least`: it is to have so many, and is asked until it does: what a transaction wrote can be read a
   * moment after the transaction was committed.
   */
  read(topic: string, least?: number): Promise<StoredRecord[]>;
}

export async function startDesk(
  t: TestContext,
  partitions = 2,
  alertsConfig: Readonly<Record<string, string>> = {},
): Promise<Desk> {
  const shared = await sharedKafka();
  const { brokers } = shared;
  const alerts = await shared.createTopic("alerts", partitions, alertsConfig);
  const deadLetters = await shared.createTopic("dead-letters", partitions);
  const group = shared.uniqueName("group");
  const producer = await startProducer(brokers, { idempotent: true });
  let now: number | undefined;
  const clock = { now: () => now ?? Date.now() } as Clock;
  const connection = { brokers: brokers.split(","), clientId: "desk", ssl: undefined, sasl: undefined };
  const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const sink = new KafkaDeadLetters({
    kafka: createKafka(connection, quiet),
    topic: deadLetters,
    groupId: group,
    clock,
  });
  t.after(() => Promise.all([producer.close(), sink.close()]));
  const env = {
    KAFKA_BROKERS: brokers,
    KAFKA_GROUP_ID: group,
    KAFKA_ALERTS_TOPIC: alerts,
    KAFKA_DEAD_LETTER_TOPIC: deadLetters,
  };
  const readOnce = async (topic: string): Promise<StoredRecord[]> => {
    const ends = await withAdmin(brokers, (admin) => fetchReadableEnds(admin, topic));
    const records: StoredRecord[] = [];
    await readRecords({
      kafka: quietClient(brokers),
      groupId: shared.uniqueName("reader"),
      sessionTimeoutMs: 15_000,
      ranges: [...ends].map(([partition, { start, end }]) => ({ topic, partition, from: start, to: end })),
      onRecord: (record) => records.push(record),
    });
    return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
  };
  return {
    ...{ alerts, deadLetters, group, env, producer },
    async bury(letter, failedAt) {
      now = failedAt;
      await sink.write(letter);
    },
    command: (...args) => runCli(["dead-letters", ...args], env),
    read: (topic, least = 0) =>
      eventually("the topic has what was written", async () => {
        const records = await readOnce(topic);
        return records.length >= least && records;
      }),
  };
}

/** A record that could not be read. */
export const badRecord = (topic: string, more: Partial<RecordDeadLetter> = {}): RecordDeadLetter => ({
  kind: "record",
  stage: "decode",
  reason: "not-json",
  detail: "Unexpected token",
  topic,
  partition: 0,
  offset: 5,
  timestampMs: Date.UTC(2026, 10, 21, 8),
  key: Buffer.from("boiler"),
  value: Buffer.from("no alert"),
  ...more,
});

export interface WindowInput {
  readonly device: string;
  readonly partition?: number;
  readonly firstOffset: number;
  /** Alerts of the window, at consecutive offsets. */
  readonly count: number;
  /** How many the letter lists; the others are folded. Default: all. */
  readonly listed?: number;
  readonly redrives?: number;
}

export const WINDOW_START = Date.UTC(2026, 10, 21, 8);

/** A window whose mail was refused; its alerts come a second apart. */
export const refusedWindow = (topic: string, input: WindowInput): WindowDeadLetter => {
  const { device, partition = 0, firstOffset, count, listed = count, redrives = 0 } = input;
  return {
    kind: "window",
    stage: "smtp",
    reason: "recipient-refused",
    detail: "550 5.1.1 no such user",
    attempts: 1,
    messageId: "<1@example.com>",
    recipients: [],
    failure: { phase: "rcpt", reason: "recipient-refused", reply: "550 5.1.1 no such user", code: 550 },
    offsetRuns: [[firstOffset, firstOffset + count - 1]],
    redrives,
    digest: {
      topic,
      partition,
      deviceId: device,
      deviceName: undefined,
      windowStart: eventTime(WINDOW_START),
      windowEnd: eventTime(WINDOW_START + 30_000),
      windowCount: 1,
      idOffset: firstOffset,
      firstOffset,
      lastOffset: firstOffset + count - 1,
      count,
      listed: Array.from({ length: listed }, (_, index) => ({
        offset: firstOffset + index,
        eventTime: eventTime(WINDOW_START + index * 1_000),
        late: false,
        alert: { deviceId: device, message: `alert ${index}`, severity: "warning", status: "firing" },
      })),
      folded:
        listed === count
          ? undefined
          : foldedAlerts({ count: count - listed, bySeverity: { info: 0, warning: count - listed, critical: 0 } }),
    },
  };
};
