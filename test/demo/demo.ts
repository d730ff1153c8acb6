/** The main job from end to end, on this machine: Kafka, a fleet, the product as users run it, an inbox, the books. */

import { setTimeout as sleep } from "node:timers/promises";
import { planFleet } from "#tools/simulator/fleet.js";
import { startProducer } from "#tools/simulator/producer.js";
import { type SentRecords, sendPlan } from "#tools/simulator/sender.js";
import { checkKafkaRequirements, startKafka } from "../support/kafka.js";
import { type Product, startProduct } from "../support/product.js";
import { abortable } from "./abortable.js";
import { checkBooks, type Ledger } from "./books.js";
import type { Cleanup } from "./cleanup.js";
import { type Inbox, startInbox } from "./inbox.js";
import { startInboxWeb } from "./inbox-web.js";
import { createMonitor, type Monitor } from "./monitor.js";
import type { DemoOptions } from "./options.js";
import { reportLines, verdictLines } from "./report.js";
import type { Terminal } from "./terminal.js";
import {
  chooseNames,
  committedLag,
  createTopics,
  deleteTopicsAndGroup,
  type Names,
  readDeadLetters,
} from "./topics.js";

const MAIL_MAX_ALERTS = 200;
const GRACE_MS = 2_000;
const LIVE_MS = 250;
/** The last alerts leave so long before the end; one after it would open another window that all have to wait for. */
const LAST_SENDING_MS = 1_000;
/** Beyond the end of the last window and its grace, and of one more, should a busy machine have sent into it. */
const SETTLE_TIMEOUT_MS = 60_000;
const PRODUCT_STOP_TIMEOUT_MS = 15_000;
const LOG_LINES_ON_FAILURE = 40;

export interface DemoContext {
  readonly options: DemoOptions;
  /** KAFKA_BROKERS, when set. */
  readonly foreignBrokers: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  readonly cleanup: Cleanup;
  readonly signal: AbortSignal;
}

/** Resolves with the exit code; throws when something could not be started. `cleanup` is the caller's to run. */
export async function runDemo(context: DemoContext): Promise<number> {
  const { terminal, cleanup, signal, foreignBrokers } = context;
  const brokers = foreignBrokers ?? (await startBroker(context));
  const names = chooseNames(foreignBrokers !== undefined);
  if (foreignBrokers !== undefined) {
    terminal.say(`Kafka    ${brokers} (topics ${names.alerts} and ${names.deadLetters}, deleted at the end)`);
    cleanup.add("deleting topics and group", () => deleteTopicsAndGroup(brokers, names));
  }
  await abortable(signal, createTopics(brokers, names));
  const inbox = await startInbox();
  cleanup.add("closing the inbox", () => inbox.close());
  const web = await startInboxWeb(inbox.mails);
  cleanup.add("closing the inbox page", () => web.close());
  const product = await startProduct({ env: productEnvironment(context, brokers, names, inbox.port) });
  cleanup.add("ending the product", () => endProduct(product));
  // Its error brings the log with it.
  await abortable(signal, product.waitReady());
  try {
    terminal.say(`inbox    ${web.url}`);
    terminal.say(`metrics  ${product.url}/metrics   live page ${product.url}/`);
    const exitCode = await abortable(signal, playAndCheck(context, brokers, names, inbox, product));
    if (exitCode !== 0) terminal.say(logTail(product));
    return exitCode;
  } catch (error) {
    if (!signal.aborted) terminal.say(logTail(product));
    throw error;
  }
}

async function startBroker({ terminal, cleanup, signal }: DemoContext): Promise<string> {
  await checkKafkaRequirements(signal);
  terminal.say("starting Apache Kafka");
  const kafka = await startKafka({ signal });
  cleanup.add("ending Kafka", () => kafka.close());
  terminal.say(`Kafka    ${kafka.brokers}`);
  return kafka.brokers;
}

/** In order, so that it leaves its group; a member that vanished would keep the group from being deleted. */
async function endProduct(product: Product): Promise<void> {
  try {
    if (product.running()) await product.stop(PRODUCT_STOP_TIMEOUT_MS);
  } finally {
    await product[Symbol.asyncDispose]();
  }
}

/** What a user would set. Locale, time zone and log level may come from the shell. */
function productEnvironment(
  { options, environment }: DemoContext,
  brokers: string,
  names: Names,
  smtpPort: number,
): Record<string, string> {
  const handedOn = ["MAIL_LOCALE", "MAIL_TIMEZONE", "LOG_LEVEL"].flatMap((name) => {
    const value = environment[name];
    return value ? [[name, value]] : [];
  });
  return {
    KAFKA_BROKERS: brokers,
    KAFKA_GROUP_ID: names.group,
    KAFKA_ALERTS_TOPIC: names.alerts,
    KAFKA_DEAD_LETTER_TOPIC: names.deadLetters,
    SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
    MAIL_FROM: "alert-digest@demo.example",
    MAIL_TO: "operations@demo.example",
    MAIL_MAX_ALERTS: String(MAIL_MAX_ALERTS),
    WINDOW_SIZE: `${options.windowSeconds}s`,
    WINDOW_GRACE: `${GRACE_MS}ms`,
    ...Object.fromEntries(handedOn),
  };
}

async function playAndCheck(
  context: DemoContext,
  brokers: string,
  names: Names,
  inbox: Inbox,
  product: Product,
): Promise<number> {
  const { options, terminal, cleanup, signal } = context;
  const windowMs = options.windowSeconds * 1_000;
  const startMs = Date.now();
  // Up to the end of a window, so that the last one is as whole as the others.
  const endMs = Math.ceil((startMs + options.seconds * 1_000) / windowMs) * windowMs;
  const durationMs = endMs - startMs - Math.min(LAST_SENDING_MS, windowMs / 5);
  const plan = planFleet({ ...options, durationMs });
  const sent: SentRecords = { alerts: [], badRecords: [], tombstones: 0 };
  const producer = await startProducer(brokers, { idempotent: true });
  cleanup.add("closing the producer", () => producer.close());
  const monitor = createMonitor(product, () => committedLag(brokers, names));
  cleanup.add("ending the monitor", () => monitor.stop());

  const done = new AbortController();
  const showing = showLive(terminal, monitor, sent, inbox, endMs, done.signal);
  try {
    await Promise.race([
      sendPlan(plan, startMs, names.alerts, producer, sent, signal),
      failWhenEnded(product, done.signal),
    ]);
    await waitUntilSettled(monitor, product, endMs + windowMs + GRACE_MS, signal);
  } finally {
    done.abort();
    await showing;
  }
  const metrics = await product.metrics();
  const sending = { outcome: "accepted" };
  const exitCode = await product.stop();
  const ledger: Ledger = {
    alerts: sent.alerts,
    badRecords: sent.badRecords,
    mails: inbox.mails,
    deadLetters: await readDeadLetters(brokers, names),
    mailMaxAlerts: MAIL_MAX_ALERTS,
  };
  const finalLag = await committedLag(brokers, names);
  const problems = [...checkBooks(ledger), ...inbox.strange];
  if (finalLag !== 0) problems.push(`the committed offsets are ${finalLag} records behind`);
  if (exitCode !== 0) problems.push(`the product ended with exit code ${exitCode}`);
  const outcome = {
    ledger,
    mails: inbox.mails,
    tombstones: sent.tombstones,
    finalLag,
    sendP50: metrics.quantile("mail_send_duration_seconds", 0.5, sending),
    sendP99: metrics.quantile("mail_send_duration_seconds", 0.99, sending),
    exitCode,
  };
  for (const line of ["", ...reportLines(outcome), "", ...verdictLines(problems, ledger)]) terminal.say(line);
  return problems.length === 0 ? 0 : 1;
}

async function failWhenEnded(product: Product, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (!product.running()) await throwEnded(product);
    await sleep(LIVE_MS, undefined, { signal }).catch(() => {});
  }
}

async function throwEnded(product: Product): Promise<never> {
  const { code, signal } = await product.exited();
  throw new Error(`the product ended while it was needed, exit code ${code ?? signal}`);
}

/** Until Kafka says that everything is committed, which it is only after the last mail was accepted. */
async function waitUntilSettled(
  monitor: Monitor,
  product: Product,
  fromMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = fromMs + SETTLE_TIMEOUT_MS;
  // A lag that was read while alerts were still being produced says nothing.
  const sentAtMs = Date.now();
  while (Date.now() < deadline) {
    const { lag, readAtMs } = monitor.latest();
    if (lag === 0 && readAtMs > sentAtMs) return;
    if (!product.running()) await throwEnded(product);
    await sleep(LIVE_MS, undefined, { signal });
  }
}

async function showLive(
  terminal: Terminal,
  monitor: Monitor,
  sent: SentRecords,
  inbox: Inbox,
  endMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const { windowsOpen, lag } = monitor.latest();
    const leftMs = endMs - Date.now();
    const secondsLeft = leftMs > 0 ? Math.ceil(leftMs / 1_000) : undefined;
    terminal.live({ alertsIn: sent.alerts.length, windowsOpen, mails: inbox.mails.length, lag, secondsLeft });
    await sleep(LIVE_MS, undefined, { signal }).catch(() => {});
  }
  terminal.endLive();
}

function logTail(product: Product): string {
  const lines = product.logs.slice(-LOG_LINES_ON_FAILURE).map((line) => JSON.stringify(line));
  return ["the product's last log lines:", ...lines, product.stderr().trimEnd()].join("\n");
}
