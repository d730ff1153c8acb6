/**
 * The whole line of one test: a topic of its own, an SMTP server, any number of products started as users start them, and
 * books over every alert. Everything ends with the test.
 *
 *     const line = await startLine(t);
 *     await line.produce([{ device: "boiler-1", at: windowStart }]);
 *     await line.start();
 *     await line.allMailed();
 *     line.assertBooks(await line.mails());
 */

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Admin } from "kafkajs";
import { type AlertProducer, type ProducedRecord, startProducer } from "#tools/simulator/producer.js";
import { type BookResult, checkAlertBooks, type ProducedAlert } from "./alert-books.js";
import { type DeadLetterReader, type ReceivedDeadLetter, readDeadLetters } from "./dead-letter-reader.js";
import { eventually } from "./eventually.js";
import { createTopic, quietClient } from "./kafka-admin.js";
import { type MailFacts, mailFacts } from "./mail-facts.js";
import { type Product, startProduct } from "./product.js";
import { sharedKafka } from "./shared-kafka.js";
import { type ReceivedMessage, type SmtpServerOptions, type SmtpTestServer, startSmtpServer } from "./smtp-server.js";

export interface LineOptions {
  /** Default: the shared one. */
  readonly brokers?: string;
  /** Of the alerts topic; default 3. */
  readonly partitions?: number;
  /** The brokers that have the alerts topic, of which the first leads; default: as the cluster has it. */
  readonly replicas?: readonly number[];
  readonly topicConfig?: Readonly<Record<string, string>>;
  /** Of the dead-letter topic; undefined: the product creates it. */
  readonly deadLetterConfig?: Readonly<Record<string, string>>;
  readonly smtp?: SmtpServerOptions;
  /** On top of the short windows below. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What a test says of an alert; the rest is filled in. */
export interface AlertInput {
  readonly device: string;
  /** Record timestamp; now when absent. */
  readonly at?: number;
  readonly partition?: number;
  /** Kept out of the record when false. */
  readonly key?: boolean;
  /** More fields of the record; `message` keeps its ordinal. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface Line {
  readonly brokers: string;
  readonly topic: string;
  readonly deadLetterTopic: string;
  readonly group: string;
  readonly smtp: SmtpTestServer;
  readonly producer: AlertProducer;
  readonly admin: Admin;
  readonly produced: readonly ProducedAlert[];
  /** The environment a product gets. */
  readonly env: Readonly<Record<string, string>>;
  /** Starts a product and waits until it is ready. */
  start(env?: Readonly<Record<string, string>>): Promise<Product>;
  /** Starts a product without waiting. */
  launch(env?: Readonly<Record<string, string>>): Promise<Product>;
  /** Resolves with the alerts as they are in the books. */
  produce(alerts: readonly AlertInput[]): Promise<readonly ProducedAlert[]>;
  /** Records that are no business of the books. */
  produceRaw(records: readonly ProducedRecord[]): ReturnType<AlertProducer["send"]>;
  /** Enters alerts that were produced by other means. */
  enter(alerts: readonly ProducedAlert[]): void;
  /** All accepted mails, in the order they were accepted. */
  mails(): Promise<readonly MailFacts[]>;
  books(elsewhere?: ReadonlySet<number>): Promise<BookResult>;
  /** Resolves when every alert in the books but those is in a mail. */
  allMailed(elsewhere?: ReadonlySet<number>): Promise<void>;
  /** Every alert in exactly one mail, mails and alerts of a device in order. */
  assertBooks(elsewhere?: ReadonlySet<number>): Promise<void>;
  /** Committed offset by partition; undefined where nothing is. */
  committed(): Promise<Map<number, number | undefined>>;
  /** Resolves when the group has committed the end of every partition. */
  allCommitted(): Promise<void>;
  deadLetters(): Promise<readonly ReceivedDeadLetter[]>;
  /** Resolves with all letters once there are that many. */
  waitForDeadLetters(count: number): Promise<readonly ReceivedDeadLetter[]>;
}

export const WINDOW_MS = 2_000;
export const GRACE_MS = 300;

/** The start of a window that ended `ago` windows before the present one began. */
export const pastWindow = (ago: number): number =>
  Math.floor(Date.now() / WINDOW_MS) * WINDOW_MS - (ago + 1) * WINDOW_MS;

export async function startLine(t: TestContext, options: LineOptions = {}): Promise<Line> {
  const shared = await sharedKafka();
  const brokers = options.brokers ?? shared.brokers;
  const topic = shared.uniqueName("alerts");
  const deadLetterTopic = `${topic}.dead-letters`;
  const group = shared.uniqueName("group");
  await createTopic(brokers, topic, options.partitions ?? 3, options.topicConfig, options.replicas);
  if (options.deadLetterConfig) await createTopic(brokers, deadLetterTopic, 1, options.deadLetterConfig);
  const smtp = await startSmtpServer(options.smtp);
  // Hooks run in the order they were added: the products end before what they talk to.
  const products: Product[] = [];
  let reader: Promise<DeadLetterReader> | undefined;
  t.after(async () => {
    await Promise.all(products.map((product) => product[Symbol.asyncDispose]()));
    await (await reader?.catch(() => undefined))?.close();
    await smtp.close();
    await producer.close();
    await admin.disconnect();
  });
  const producer = await startProducer(brokers, { idempotent: true });
  const admin = quietClient(brokers).admin();
  await admin.connect();

  const env: Record<string, string> = {
    KAFKA_BROKERS: brokers,
    KAFKA_GROUP_ID: group,
    KAFKA_ALERTS_TOPIC: topic,
    KAFKA_DEAD_LETTER_TOPIC: deadLetterTopic,
    WINDOW_SIZE: `${WINDOW_MS}ms`,
    WINDOW_GRACE: `${GRACE_MS}ms`,
    SMTP_URL: smtp.url,
    SMTP_RETRY_INITIAL: "50ms",
    SMTP_RETRY_MAX: "500ms",
    MAIL_FROM: "Alerts <alerts@example.com>",
    MAIL_TO: "operators@example.com",
    MAIL_LOCALE: "en",
    MAIL_TIMEZONE: "UTC",
    ...options.env,
  };

  const produced: ProducedAlert[] = [];
  let ordinals = 0;
  const facts = new Map<ReceivedMessage, Promise<MailFacts>>();

  const line: Line = {
    brokers,
    topic,
    deadLetterTopic,
    group,
    smtp,
    producer,
    admin,
    produced,
    env,
    async launch(more = {}) {
      const product = await startProduct({ env: { ...env, ...more } });
      products.push(product);
      return product;
    },
    async start(more) {
      const product = await line.launch(more);
      await product.waitReady();
      return product;
    },
    async produce(alerts) {
      const entries = alerts.map((alert) => {
        const ordinal = ++ordinals;
        const { message = "temperature over its limit", ...fields } = alert.fields ?? {};
        const record: ProducedRecord = {
          key: alert.key === false ? null : alert.device,
          value: { deviceId: alert.device, message: `#${ordinal}# ${message}`, ...fields },
          timestamp: alert.at ?? Date.now(),
          ...(alert.partition === undefined ? {} : { partition: alert.partition }),
        };
        return { ordinal, device: alert.device, record };
      });
      const positions = await producer.send(
        topic,
        entries.map(({ record }) => record),
      );
      const entered = entries.map(({ ordinal, device, record }, index): ProducedAlert => {
        const { partition = -1, offset = -1 } = positions[index] ?? {};
        return { ordinal, device, partition, offset, timestamp: record.timestamp ?? 0 };
      });
      produced.push(...entered);
      return entered;
    },
    produceRaw: (records) => producer.send(topic, records),
    enter(alerts) {
      produced.push(...alerts);
      ordinals = Math.max(ordinals, ...alerts.map(({ ordinal }) => ordinal));
    },
    mails: () =>
      Promise.all(
        smtp.messages.map((message) => {
          const known = facts.get(message) ?? mailFacts(message);
          facts.set(message, known);
          return known;
        }),
      ),
    books: async (elsewhere) => checkAlertBooks(produced, await line.mails(), elsewhere),
    async allMailed(elsewhere) {
      let result: BookResult | undefined;
      const lastLogs = () => products.flatMap((product) => product.logs.slice(-8));
      await eventually(
        "every alert is in a mail",
        async () => {
          result = await line.books(elsewhere);
          return result.missing.length === 0;
        },
        { seen: () => ({ missing: result?.missing.slice(0, 20), count: result?.missing.length, logs: lastLogs() }) },
      );
    },
    async assertBooks(elsewhere) {
      assert.deepEqual(await line.books(elsewhere), { missing: [], repeated: [], problems: [] });
    },
    async committed() {
      const [found] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
      return new Map(
        found?.partitions.map(({ partition, offset }) => [partition, offset === "-1" ? undefined : Number(offset)]),
      );
    },
    async allCommitted() {
      let seen: unknown;
      await eventually(
        "the group has committed every partition's end",
        async () => {
          const [ends, committed] = await Promise.all([admin.fetchTopicOffsets(topic), line.committed()]);
          seen = ends.map(({ partition, high }) => [partition, committed.get(partition), Number(high)]);
          return ends.every(({ partition, high }) => (committed.get(partition) ?? 0) === Number(high));
        },
        { seen: () => seen },
      );
    },
    async deadLetters() {
      reader ??= readDeadLetters(brokers, deadLetterTopic);
      return (await reader).letters;
    },
    async waitForDeadLetters(count) {
      const letters = await line.deadLetters();
      await eventually(`${count} dead letters`, () => letters.length >= count, { seen: () => letters.length });
      return letters;
    },
  };
  return line;
}
