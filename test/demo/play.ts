/** The play: devices send, mails come, and at the end the books are checked. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Language } from "#tools/simulator/catalog.js";
import { planFleet } from "#tools/simulator/fleet.js";
import type { AlertProducer } from "#tools/simulator/producer.js";
import { type SentRecords, sendPlan } from "#tools/simulator/sender.js";
import type { MetricsPage } from "../support/metrics-page.js";
import { checkBooks, type Ledger } from "./books.js";
import type { Cleanup } from "./cleanup.js";
import type { Inbox } from "./inbox.js";
import type { Instances } from "./instances.js";
import { createMonitor, type Monitor } from "./monitor.js";
import type { DemoOptions } from "./options.js";
import { reportLines, verdictLines } from "./report.js";
import { comingMails, type Terminal } from "./terminal.js";
import type { DemoTexts } from "./texts.js";
import { committedLag, type Names, readDeadLetters } from "./topics.js";

export const MAIL_MAX_ALERTS = 200;
export const GRACE_MS = 2_000;
const LIVE_MS = 250;
/** The last alerts leave so long before the end; one after it would open another window that all have to wait for. */
const LAST_SENDING_MS = 1_000;
/** Beyond the end of the last window and its grace, and of one more, should a busy machine have sent into it. */
const SETTLE_TIMEOUT_MS = 60_000;

/** All that takes part. */
export interface Stage {
  readonly options: DemoOptions;
  readonly texts: DemoTexts;
  readonly language: Language;
  readonly terminal: Terminal;
  readonly cleanup: Cleanup;
  readonly signal: AbortSignal;
  readonly brokers: string;
  /** Somebody else's. */
  readonly foreign: boolean;
  readonly names: Names;
  readonly inbox: Inbox;
  readonly inboxUrl: string;
  readonly instances: Instances;
  readonly producer: AlertProducer;
}

export interface Played {
  readonly sent: SentRecords;
  readonly metrics: MetricsPage;
}

/** Resolves once every alert that was sent is in a mail and committed, or that has taken too long: then the books say so. */
export async function play(stage: Stage): Promise<Played> {
  const { options, language, cleanup, signal, brokers, names, instances, producer } = stage;
  const windowMs = options.windowSeconds * 1_000;
  const startMs = Date.now();
  // Up to the end of a window, so that the last one is as whole as the others.
  const endMs = Math.ceil((startMs + options.seconds * 1_000) / windowMs) * windowMs;
  const durationMs = endMs - startMs - Math.min(LAST_SENDING_MS, windowMs / 5);
  const plan = planFleet({ ...options, language, durationMs });
  const sent: SentRecords = { alerts: [], badRecords: [], tombstones: 0 };
  const monitor = createMonitor(instances.metrics, () => committedLag(brokers, names));
  cleanup.add("ending the monitor", () => monitor.stop());

  const done = new AbortController();
  const showing = showLive(stage, monitor, sent, { startMs, endMs, windowMs }, done.signal);
  try {
    await sendPlan(plan, startMs, names.alerts, producer, sent, signal);
    await waitUntilSettled(monitor, endMs + windowMs + GRACE_MS, signal);
  } finally {
    done.abort();
    await showing;
    await monitor.stop();
  }
  return { sent, metrics: await instances.metrics() };
}

/** Says what came of it; resolves with whether the books are right. `exitCodes`: of instances that have stopped. */
export async function checkPlay(
  { texts, terminal, brokers, names, inbox }: Stage,
  { sent, metrics }: Played,
  exitCodes: readonly (number | null)[],
): Promise<boolean> {
  const ledger: Ledger = {
    alerts: sent.alerts,
    badRecords: sent.badRecords,
    mails: [...inbox.mails],
    deadLetters: await readDeadLetters(brokers, names),
    mailMaxAlerts: MAIL_MAX_ALERTS,
  };
  const finalLag = await committedLag(brokers, names);
  const problems = [...checkBooks(ledger), ...inbox.strange];
  if (finalLag !== 0) problems.push(`the committed offsets are ${finalLag} records behind`);
  for (const code of exitCodes) if (code !== 0) problems.push(`an instance ended with exit code ${code}`);
  const sending = { outcome: "accepted" };
  const outcome = {
    ledger,
    mails: [...inbox.mails],
    tombstones: sent.tombstones,
    finalLag,
    sendP50: metrics.quantile("mail_send_duration_seconds", 0.5, sending),
    sendP99: metrics.quantile("mail_send_duration_seconds", 0.99, sending),
  };
  const lines = ["", ...reportLines(outcome, texts), "", ...verdictLines(problems, ledger, texts)];
  for (const line of lines) terminal.say(line);
  return problems.length === 0;
}

/** Until Kafka says that everything is committed, which it is only after the last mail was accepted. */
async function waitUntilSettled(monitor: Monitor, fromMs: number, signal: AbortSignal): Promise<void> {
  const deadline = fromMs + SETTLE_TIMEOUT_MS;
  // A lag that was read while alerts were still being produced says nothing.
  const sentAtMs = Date.now();
  while (Date.now() < deadline) {
    const { lag, readAtMs } = monitor.latest();
    if (lag === 0 && readAtMs > sentAtMs) return;
    await sleep(LIVE_MS, undefined, { signal });
  }
}

async function showLive(
  { terminal, inbox }: Stage,
  monitor: Monitor,
  sent: SentRecords,
  times: { readonly startMs: number; readonly endMs: number; readonly windowMs: number },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const { windowsOpen, oldestSeconds } = monitor.latest();
    const mails = inbox.mails.length;
    const coming = comingMails({ ...times, graceMs: GRACE_MS, nowMs: Date.now(), mails });
    terminal.live({ alerts: sent.alerts.length, windowsOpen, oldestSeconds, mails, coming });
    await sleep(LIVE_MS, undefined, { signal }).catch(() => {});
  }
  terminal.endLive();
}
