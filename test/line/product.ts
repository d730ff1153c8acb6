/** The product's own classes in one process: a KafkaJS consumer led by hand before them, a real SMTP server behind them. */

import type { Admin, EachBatchPayload } from "kafkajs";
import { createCounting } from "#src/app/counting.js";
import { createMailing } from "#src/app/mailing.js";
import { parseConfig } from "#src/config.js";
import { createAlertCodec } from "#src/formats/codec.js";
import { KafkaAlertSource } from "#src/kafka/alert-source.js";
import { EndOffsets } from "#src/kafka/end-offsets.js";
import { type FetchedRecord, HEAD_BYTES, headAt, readRecords } from "#src/kafka/record-batch.js";
import { StartOffsets } from "#src/kafka/start-offsets.js";
import { Assignments } from "#src/runtime/assignments.js";
import { systemClock } from "#src/runtime/clock.js";
import { DeadLetterQueue } from "#src/runtime/dead-letter-queue.js";
import type { SourceListener } from "#src/runtime/ports.js";
import { FakeConsumer } from "#test/support/fake-consumer.js";
import { KNOWN } from "#test/support/known.js";
import { quietLog } from "#test/support/quiet.js";
import { encodeBatch } from "#test/support/record-batches.js";
import { startSmtpServer } from "#test/support/smtp-server.js";

const TOPIC = "alerts";
const GROUP = "group";

type EachBatch = (payload: EachBatchPayload) => Promise<void>;

const configFor = (smtpUrl: string) => {
  const result = parseConfig(
    {
      KAFKA_BROKERS: "localhost:9092",
      SMTP_URL: smtpUrl,
      MAIL_FROM: "Alerts <alerts@example.com>",
      MAIL_TO: "oncall@example.com",
      WINDOW_SIZE: "1s",
      WINDOW_GRACE: "100ms",
    },
    () => "",
    KNOWN,
  );
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.config;
};

/** Owns partition 0, whose log is empty at first. */
export const startProduct = async () => {
  const clock = systemClock;
  const log = quietLog;
  const smtp = await startSmtpServer();
  const config = configFor(smtp.url);
  const counting = createCounting(config, { build: { version: "0", revision: "0" }, clock, state: () => undefined });
  const { metrics } = counting;
  const transport = { archive: {} as never, sent: undefined };
  const { mailer, delivery } = await createMailing(config, { routes: undefined, counting, transport, clock, log });
  const consumer = new FakeConsumer(TOPIC);
  consumer.sentAt = () => clock.now();
  let end = 0;
  const ends = () => ({ ends: new Map([[0, { start: 0, end, stable: end }]]), silent: [] });
  const source = new KafkaAlertSource({
    kafka: consumer.kafka,
    admin: {} as Admin,
    offsets: { read: async () => [{ partition: 0, offset: 0, metadata: "" }] },
    start: new StartOffsets({
      startAt: { kind: "earliest" },
      times: { firstFrom: async () => new Map() },
      names: { topic: TOPIC, group: GROUP, brokers: [] },
      clock,
      log,
    }),
    logEnds: { read: async () => ends() },
    leaderEpochs: { read: async () => [] },
    topic: TOPIC,
    groupId: GROUP,
    metrics,
    clock,
    log,
    sessionTimeoutMs: 60_000,
    watchdogTimeoutMs: 60_000,
    onFatal: (error) => {
      throw error;
    },
  });
  const assignments = new Assignments({
    source,
    delivery,
    worker: {
      topic: TOPIC,
      options: {
        windowSizeMs: config.window.sizeMs,
        graceMs: config.window.graceMs,
        maxListed: config.mail.maxAlerts,
        catchUpAfterMs: 300_000,
      },
      codec: createAlertCodec(),
      delivery,
      deadLetters: new DeadLetterQueue({
        sink: { write: async () => undefined },
        metrics,
        clock,
        log,
        random: () => 0,
      }),
      metrics,
      clock,
      maxExposed: config.smtp.connections,
    },
    options: { bufferMaxAlerts: 1_000, bufferMaxBytes: 1_000_000, handoverMs: 1_500, handoverMaxMs: 60_000 },
    clock,
    log,
    random: Math.random,
  });
  const endOffsets = new EndOffsets({
    read: async () => ends(),
    topic: TOPIC,
    clock,
    log,
    listener: assignments,
  });
  await source.start(assignments satisfies SourceListener);
  consumer.sendJoin();
  consumer.joined([0]);
  consumer.heartbeat(1);
  endOffsets.start();

  /** Of the next commit with this offset, once all that it brings about has happened. */
  const committed = async (offset: number): Promise<void> => {
    await new Promise<void>((resolve) => {
      consumer.onCommit = async (request) => {
        const { topics } = request as { topics: { partitions: { offset: string }[] }[] };
        if (topics[0]?.partitions[0]?.offset === String(offset)) setImmediate(resolve);
      };
    });
    await new Promise((resolve) => setImmediate(resolve));
  };

  /** A plain alert of now, as it was fetched. */
  const fetched = (): EachBatchPayload["batch"] => {
    const offset = end++;
    const value = { deviceId: "boiler-7", message: "Too hot", severity: "critical", type: "temperature", value: 92 };
    const now = Date.now();
    const record = { offsetDelta: 0, timestampDelta: 0, key: Buffer.from("boiler-7"), headers: [] };
    const bytes = encodeBatch({
      ...{ baseOffset: offset, leaderEpoch: 0, codec: 0, appendTime: false, transactional: false, control: false },
      ...{ baseTimestamp: now, maxTimestamp: now, producerId: -1, emptied: 0 },
      records: [{ ...record, value: Buffer.from(JSON.stringify(value)) }],
    });
    const messages: FetchedRecord[] = [];
    // One record needs no other turn.
    void readRecords(headAt(bytes, 0), { bytes, at: HEAD_BYTES, end: bytes.length }, messages, async () => undefined);
    const batch = {
      topic: TOPIC,
      partition: 0,
      fetchedOffset: String(offset),
      messages,
      lastOffset: () => String(offset),
    };
    return batch as unknown as EachBatchPayload["batch"];
  };

  /** Resolves once its alert is mailed and the commit that says so is confirmed. */
  const take = async (batch: EachBatchPayload["batch"]): Promise<void> => {
    const done = committed(Number(batch.lastOffset()) + 1);
    const { eachBatch } = consumer.options["run"] as { eachBatch: EachBatch };
    await eachBatch({
      batch,
      resolveOffset: () => undefined,
      isStale: () => false,
      commitOffsetsIfNecessary: (request: unknown) => consumer.onCommit(request),
    } as unknown as EachBatchPayload);
    await done;
  };

  return {
    fetched,
    take,
    mails: () => smtp.acceptedCount,
    isReady: () => assignments.position(0) === 0,
    stop: async (): Promise<void> => {
      endOffsets.close();
      await assignments.drain();
      await assignments.commitFinally(1_000);
      await source.close();
      await mailer.close();
      await smtp.close();
    },
  };
};
