/** (j) A backlog: alerts wait in the log, the mail server is fast; how long until every one is in an accepted mail and committed. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { seededRandom } from "#tools/simulator/random.js";
import { ALERT_BYTES, chooseDevices, writeAlerts } from "../outage/traffic.js";
import { startProduct } from "../support/product.js";
import type { BenchContext, PartReport } from "./report.js";
import { median, ratio } from "./stats.js";

interface CaughtUp {
  /** From the start of the process until everything was committed. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly mails: number;
  /** Highest, as the kernel counts it. */
  readonly residentBytes: number;
}

const PARTITIONS = 12;
const RATE = 1_000;
const MINUTES = 10;
const FULL_MINUTES = 60;
const LOOK_MS = 200;
const STILL_MS = 120_000;
const HERE = fileURLToPath(new URL("../../", import.meta.url));

export async function benchBacklog(context: BenchContext): Promise<PartReport> {
  const { options, signal, say } = context;
  const { against, devices } = options;
  const minutes = options.full ? FULL_MINUTES : MINUTES;
  const alerts = minutes * 60 * RATE;
  const brokers = await context.brokers();
  const topic = await context.createTopic(PARTITIONS);
  const deadLetters = await context.createTopic(1);
  const { port } = await context.sink();
  const deviceOf = chooseDevices(alerts, devices, seededRandom(1));
  say(`j  writing ${alerts} alerts`);
  // The last window ended long ago, too: nothing waits for the clock.
  const startMs = Date.now() - (minutes + FULL_MINUTES) * 60_000;
  await writeAlerts({ brokers, topic, deviceOf, rate: RATE, startMs, realTime: false, signal, onProgress: () => {} });

  const now: CaughtUp[] = [];
  const before: CaughtUp[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    for (const [name, build, runs] of [
      ["now", HERE, now],
      ["before", against, before],
    ] as const) {
      if (build === undefined) continue;
      const env = {
        KAFKA_BROKERS: brokers,
        KAFKA_GROUP_ID: `${topic}-${name}-${round}`,
        KAFKA_ALERTS_TOPIC: topic,
        KAFKA_DEAD_LETTER_TOPIC: deadLetters,
        SMTP_URL: `smtp://127.0.0.1:${port}`,
        MAIL_FROM: "alerts@plant.example",
        MAIL_TO: "oncall@plant.example",
        LOG_LEVEL: "warn",
      };
      const caughtUp = await catchUp(join(build, "dist/cli.js"), env, alerts, signal);
      runs.push(caughtUp);
      say(`j  round ${round} ${name}: ${caughtUp.seconds.toFixed(1)} s, ${caughtUp.cpuSeconds.toFixed(1)} s of CPU`);
    }
  }
  return {
    part: "j",
    title: `a backlog of ${minutes} minutes: ${alerts} alerts of ${ALERT_BYTES} bytes, ${devices} devices, ${PARTITIONS} partitions`,
    how: "From the start of the process until the committed offsets are the ends of the logs. Every window ended over an hour ago: CATCH_UP=merge.",
    rows: [row("alert-digest", now), ...(before.length === 0 ? [] : [row("alert-digest before", before)])],
    ratios:
      before.length === 0
        ? []
        : [
            { name: "of the time before", value: ratioOf(now, before, ({ seconds }) => seconds), aim: { atMost: 0.5 } },
            { name: "of the CPU time before", value: ratioOf(now, before, ({ cpuSeconds }) => cpuSeconds) },
            { name: "of the memory before", value: ratioOf(now, before, ({ residentBytes }) => residentBytes) },
          ],
    raw: { now, before },
  };
}

const ratioOf = (now: readonly CaughtUp[], before: readonly CaughtUp[], of: (run: CaughtUp) => number): number =>
  ratio(now.map(of), before.map(of));

const row = (name: string, runs: readonly CaughtUp[]) => ({
  name,
  figures: {
    seconds: Number(median(runs.map(({ seconds }) => seconds)).toFixed(1)),
    "CPU seconds": Number(median(runs.map(({ cpuSeconds }) => cpuSeconds)).toFixed(1)),
    mails: median(runs.map(({ mails }) => mails)),
    "RSS MB": Math.round(median(runs.map(({ residentBytes }) => residentBytes)) / 2 ** 20),
  },
});

async function catchUp(
  cli: string,
  env: Readonly<Record<string, string>>,
  alerts: number,
  signal: AbortSignal,
): Promise<CaughtUp> {
  const began = performance.now();
  await using product = await startProduct({ env, cli });
  let committed = 0;
  let progressAt = began;
  for (;;) {
    await sleep(LOOK_MS, undefined, { signal });
    const page = await product.metrics().catch(() => undefined);
    const now = performance.now();
    const seen = page?.value("kafka_committed_offset") ?? 0;
    if (seen > committed) progressAt = now;
    committed = Math.max(committed, seen);
    if (page !== undefined && committed >= alerts) {
      const status = await readFile(`/proc/${product.pid}/status`, "utf8").catch(() => "");
      return {
        seconds: (now - began) / 1_000,
        cpuSeconds: page.value("process_cpu_seconds_total") ?? Number.NaN,
        mails: page.value("mails_total") ?? 0,
        residentBytes: Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1_024,
      };
    }
    if (now - progressAt > STILL_MS || !product.running())
      throw new Error(`nothing happens any more: ${committed} of ${alerts} committed\n${product.stderr()}`);
  }
}
