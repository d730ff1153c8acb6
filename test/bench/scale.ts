/** (scale) One, two and four instances share the same load over 48 partitions: what more of them cost in CPU time, and how evenly they share. */

import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "#tools/simulator/random.js";
import { chooseDevices, writeAlerts } from "../outage/traffic.js";
import { type Product, startProduct } from "../support/product.js";
import type { BenchContext, PartReport } from "./report.js";
import { median } from "./stats.js";

interface Worked {
  /** From the first alert until everything was committed. */
  readonly seconds: number;
  /** Of all instances, in that time. */
  readonly cpuSeconds: number;
  readonly mails: number;
  /** Of each instance. */
  readonly records: readonly number[];
}

const INSTANCES = [1, 2, 4] as const;
const PARTITIONS = 48;
const RATE = 1_000;
const ALERTS_A_WINDOW = 5;
const WINDOW_SECONDS = 10;
const SHARE = 25;
const LOOK_MS = 1_000;
const STILL_MS = 120_000;

export async function benchScale(context: BenchContext): Promise<PartReport> {
  const { options, signal, say } = context;
  const alerts = Math.ceil(options.alerts / SHARE);
  const devices = (RATE * WINDOW_SECONDS) / ALERTS_A_WINDOW;
  const brokers = await context.brokers();
  const { port } = await context.sink();
  const runs = new Map<number, Worked[]>(INSTANCES.map((count) => [count, []]));
  for (let round = 1; round <= options.rounds; round++) {
    for (const count of INSTANCES) {
      const topic = await context.createTopic(PARTITIONS);
      const env = {
        KAFKA_BROKERS: brokers,
        KAFKA_GROUP_ID: topic,
        KAFKA_ALERTS_TOPIC: topic,
        KAFKA_DEAD_LETTER_TOPIC: await context.createTopic(1),
        SMTP_URL: `smtp://127.0.0.1:${port}`,
        MAIL_FROM: "alerts@plant.example",
        MAIL_TO: "oncall@plant.example",
        WINDOW_SIZE: `${WINDOW_SECONDS}s`,
        LOG_LEVEL: "warn",
      };
      const write = (): Promise<void> => {
        const deviceOf = chooseDevices(alerts, devices, seededRandom(1));
        return writeAlerts({
          ...{ brokers, topic, deviceOf, rate: RATE, startMs: Date.now(), realTime: true, signal },
          onProgress: () => {},
        });
      };
      const worked = await workOff({ count, env, alerts, write, signal });
      runs.get(count)?.push(worked);
      say(`scale  round ${round}, ${count} instances: ${worked.cpuSeconds.toFixed(1)} s of CPU`);
    }
  }
  const of = (count: number, figure: (worked: Worked) => number): number => median((runs.get(count) ?? []).map(figure));
  return {
    part: "scale",
    title: `1, 2 and 4 instances, ${RATE} alerts/s of ${devices} devices, windows of ${WINDOW_SECONDS} s, ${PARTITIONS} partitions`,
    how: `${alerts} alerts, from the first one until everything is committed. CPU time is that of all instances together; shares are the least and the most that one of them read.`,
    rows: INSTANCES.map((count) => ({
      name: `${count}`,
      figures: {
        seconds: Math.round(of(count, ({ seconds }) => seconds)),
        mails: of(count, ({ mails }) => mails),
        "CPU seconds": Number(of(count, ({ cpuSeconds }) => cpuSeconds).toFixed(1)),
        "alerts a CPU second": Math.round(of(count, ({ cpuSeconds }) => alerts / cpuSeconds)),
        "mails a CPU second": Math.round(of(count, ({ mails, cpuSeconds }) => mails / cpuSeconds)),
        "least share": Number(of(count, ({ records }) => Math.min(...records) / alerts).toFixed(2)),
        "most share": Number(of(count, ({ records }) => Math.max(...records) / alerts).toFixed(2)),
      },
    })),
    ratios: INSTANCES.slice(1).map((count) => ({
      name: `CPU time of ${count} instances, of that of one`,
      value: of(count, ({ cpuSeconds }) => cpuSeconds) / of(1, ({ cpuSeconds }) => cpuSeconds),
    })),
    raw: Object.fromEntries(runs),
  };
}

async function workOff(run: {
  readonly count: number;
  readonly env: Readonly<Record<string, string>>;
  readonly alerts: number;
  readonly write: () => Promise<void>;
  readonly signal: AbortSignal;
}): Promise<Worked> {
  const products: Product[] = [];
  try {
    for (let index = 0; index < run.count; index++) products.push(await startProduct({ env: run.env }));
    await Promise.all(products.map((product) => product.waitReady()));
    const sums = async (name: string): Promise<number[]> =>
      Promise.all(products.map(async (product) => (await product.metrics()).value(name) ?? 0));
    const total = async (name: string): Promise<number> => (await sums(name)).reduce((sum, value) => sum + value, 0);
    const cpuBefore = await total("process_cpu_seconds_total");
    const began = performance.now();
    await run.write();
    let committed = 0;
    let progressAt = performance.now();
    for (;;) {
      const now = performance.now();
      const seen = await total("kafka_committed_offset");
      if (seen >= run.alerts)
        return {
          seconds: (now - began) / 1_000,
          cpuSeconds: (await total("process_cpu_seconds_total")) - cpuBefore,
          mails: await total("mails_total"),
          records: await sums("kafka_records_consumed_total"),
        };
      if (seen > committed) progressAt = now;
      committed = Math.max(committed, seen);
      if (now - progressAt > STILL_MS)
        throw new Error(`nothing happens any more: ${committed} of ${run.alerts} committed`);
      await sleep(LOOK_MS, undefined, { signal: run.signal });
    }
  } finally {
    await Promise.all(products.map((product) => product[Symbol.asyncDispose]()));
  }
}
