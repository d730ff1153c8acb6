/** One outage: alerts pile up while no mail server is there, it comes, and everything leaves. */

import { setTimeout as sleep } from "node:timers/promises";
import { CONSUMER_SETTINGS } from "#src/kafka/consumer-settings.js";
import { type Product, startProduct } from "../support/product.js";
import { type OutageAccount, OutageBooks } from "./books.js";
import { isPaused, type Look, lookAt, PAUSE_REASONS, type Peaks, watchGauges } from "./gauges.js";
import { createMailServer } from "./mail-server.js";
import type { CatchUp, OutageOptions } from "./options.js";
import { ALERT_BYTES, writeAlerts } from "./traffic.js";

export interface OutageResult {
  readonly catchUp: CatchUp;
  readonly realTime: boolean;
  readonly minutes: number;
  readonly alerts: number;
  readonly account: OutageAccount;
  readonly peaks: Peaks;
  readonly limits: { readonly alerts: number; readonly bytes: number };
  /** Resident memory of the process with its partitions loaded and nothing read. */
  readonly idleRss: number;
  /** From the mail server's start until everything was mailed. */
  readonly drainSeconds: number;
  readonly late: number;
  /** Checkpoints that left settled offsets out: no goal, but a crash at such a moment would have repeated mails. */
  readonly overflows: number;
  /** Goals missed, one line each; empty when all is well. */
  readonly missed: readonly string[];
}

export const WINDOW_MS = 30_000;
const DEFAULT_MAX_ALERTS = 500_000;
const FETCH_ALERTS = Math.ceil(CONSUMER_SETTINGS.maxBytes / ALERT_BYTES);
/** An alert takes a little more in the buffer than in the log; each partition's last slab is not full. */
const FETCH_BUFFERED_BYTES = CONSUMER_SETTINGS.maxBytes * 1.5;
const FULL_TIMEOUT_MS = 10 * 60_000;
const STILL_MS = 180_000;
const LOOK_MS = 200;

export async function runOutage(
  options: OutageOptions,
  deps: {
    readonly brokers: string;
    readonly topic: string;
    readonly catchUp: CatchUp;
    readonly deviceOf: Uint16Array;
    /** Timestamp of the first alert; in real time: when it is written. */
    readonly startMs: number;
    readonly signal: AbortSignal;
    say(line: string): void;
  },
): Promise<OutageResult> {
  const { deviceOf, catchUp, signal, say } = deps;
  const total = deviceOf.length;
  const books = new OutageBooks(deviceOf, WINDOW_MS);
  const mailServer = await createMailServer((mail) => books.take(mail));
  const wait = (ms: number) => sleep(ms, undefined, { signal });
  let product: Product | undefined;
  try {
    product = await startProduct({
      env: {
        KAFKA_BROKERS: deps.brokers,
        KAFKA_GROUP_ID: `${deps.topic}.${catchUp}`,
        KAFKA_ALERTS_TOPIC: deps.topic,
        SMTP_URL: `smtp://127.0.0.1:${mailServer.port}`,
        MAIL_FROM: "alerts@plant.example",
        MAIL_TO: "oncall@plant.example",
        MAIL_LOCALE: "en",
        // The books need every alert by name, also in a mail of many windows.
        MAIL_MAX_ALERTS: "10000",
        CATCH_UP: catchUp,
        LOG_LEVEL: "warn",
        ...(options.bufferMaxAlerts === undefined ? {} : { BUFFER_MAX_ALERTS: String(options.bufferMaxAlerts) }),
      },
    });
    await product.waitReady(120_000);
    const first = await product.metrics();
    const idleRss = lookAt(first).rss;
    const limits = {
      alerts: options.bufferMaxAlerts ?? DEFAULT_MAX_ALERTS,
      bytes: first.value("buffer_limit_bytes") ?? 0,
    };

    let now = lookAt(first);
    let away = true;
    const missed = new Set<string>();
    const onLook = (look: Look): void => {
      if (away && look.committed > 0) missed.add("an offset was committed past an alert that is in no mail");
      if (away && look.alerts < now.alerts) missed.add("alerts left the buffer with no mail server");
      if (away && isPaused(now) && !isPaused(look)) missed.add("reading began again with no mail server");
      now = look;
    };
    const watch = watchGauges(product, onLook);
    const began = performance.now();
    const writing = options.realTime
      ? writeAlerts({ ...options, ...deps, startMs: Date.now(), onProgress: () => {} })
      : undefined;
    writing?.catch(() => {});
    const isFull = (): boolean => PAUSE_REASONS.some((reason) => now.paused[reason] === options.partitions);
    while (!isFull()) {
      if (!product.running()) throw new Error(`the product ended\n${product.stderr()}`);
      if (performance.now() - began > FULL_TIMEOUT_MS + (options.realTime ? options.minutes * 60_000 : 0)) break;
      await wait(LOOK_MS);
    }
    const fullAt = performance.now();
    if (!isFull()) missed.add("the buffer was never full: more alerts are needed");
    say(`  full after ${((fullAt - began) / 1000).toFixed(0)} s with ${now.alerts} alerts: ${pausedText(now)}`);
    if (writing === undefined) await wait(options.holdSeconds * 1_000);
    else await writing;
    if (now.paused.buffer !== options.partitions) missed.add(`paused for the buffer: ${now.paused.buffer} partitions`);
    if (now.paused.smtp !== options.partitions) missed.add(`paused for SMTP: ${now.paused.smtp} partitions`);

    away = false;
    const mailedFrom = performance.now();
    await mailServer.start();
    let lastSettled = 0;
    let lastProgress = performance.now();
    let told = performance.now();
    while (books.settled < total || now.committed < total) {
      if (!product.running()) throw new Error(`the product ended\n${product.stderr()}`);
      await wait(LOOK_MS);
      const at = performance.now();
      if (books.settled + now.committed > lastSettled) lastProgress = at;
      lastSettled = books.settled + now.committed;
      if (at - lastProgress > STILL_MS) {
        missed.add(`nothing happens any more: ${books.settled} alerts mailed, ${now.committed} committed of ${total}`);
        break;
      }
      if (at - told < 15_000) continue;
      told = at;
      say(`  ${books.settled} alerts in ${books.mails} mails; ${now.alerts} in memory, ${pausedText(now)}`);
    }
    const drainSeconds = (performance.now() - mailedFrom) / 1_000;
    // A repeat would come now.
    await wait(3_000);
    if (isPaused(now)) missed.add(`still paused in the end: ${pausedText(now)}`);
    if (now.alerts !== 0) missed.add(`${now.alerts} alerts are still in memory`);
    const peaks = await watch.stop();
    const code = await product.stop();
    if (code !== 0) missed.add(`the product ended with ${code}`);
    const account = books.account();
    return {
      catchUp,
      realTime: options.realTime,
      minutes: options.minutes,
      alerts: total,
      account,
      peaks,
      limits,
      idleRss,
      drainSeconds,
      late: now.late,
      overflows: now.overflows,
      missed: [...missed, ...missedGoals({ account, peaks, limits, last: now, catchUp })],
    };
  } finally {
    await product?.[Symbol.asyncDispose]();
    await mailServer.close();
  }
}

const pausedText = ({ paused }: Look): string => PAUSE_REASONS.map((reason) => `${reason} ${paused[reason]}`).join(" ");

export function missedGoals(seen: {
  readonly account: OutageAccount;
  readonly peaks: Peaks;
  readonly limits: { readonly alerts: number; readonly bytes: number };
  readonly last: Look;
  readonly catchUp: CatchUp;
}): string[] {
  const { account, peaks, limits, last } = seen;
  const goals: [boolean, string][] = [
    [account.lost > 0, `lost ${account.lost}`],
    [account.repeated > 0, `repeated ${account.repeated}`],
    [account.unknown > 0, `mailed, never produced: ${account.unknown}`],
    [account.miscounted > 0, `mails that say another number than they list: ${account.miscounted}`],
    [account.outOfOrder > 0, `alerts out of order: ${account.outOfOrder}`],
    [account.windowsOutOfOrder > 0, `mails out of order: ${account.windowsOutOfOrder}`],
    [seen.catchUp === "separate" && account.merged > 0, `mails of several windows: ${account.merged}`],
    [last.late > 0, `late: ${last.late} alerts, though all came in the order of their time`],
    [last.deadLettered > 0, `dead letters: ${last.deadLettered}`],
    [peaks.alerts > limits.alerts + FETCH_ALERTS, `${peaks.alerts} alerts in memory, the limit is ${limits.alerts}`],
    [peaks.bytes > limits.bytes + FETCH_BUFFERED_BYTES, `${peaks.bytes} bytes, the limit is ${limits.bytes}`],
  ];
  return goals.flatMap(([isMissed, text]) => (isMissed ? [text] : []));
}
