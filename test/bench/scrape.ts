/** (f) How long `/metrics` takes: the product as its users run it, with one partition and with 48, ten thousand windows open. */

import { startProducer } from "#tools/simulator/producer.js";
import { eventually } from "../support/eventually.js";
import { type Product, startProduct } from "../support/product.js";
import { MAIL_FROM, MAIL_TO } from "./product-parts.js";
import type { BenchContext, PartReport } from "./report.js";
import { median, quantile } from "./stats.js";

const PARTITIONS = [1, 48] as const;
const DEVICES = 10_000;
const SCRAPES = 200;
const MOST_MS = 100;

export async function benchScrape(context: BenchContext): Promise<PartReport> {
  const times = new Map<number, readonly number[]>();
  const rows: PartReport["rows"][number][] = [];
  for (const partitions of PARTITIONS) {
    context.say(`scrape: ${partitions} partitions`);
    await using product = await startLoaded(context, partitions);
    const taken: number[] = [];
    let text = "";
    for (let scrape = 0; scrape < SCRAPES; scrape++) {
      context.signal.throwIfAborted();
      const startedAt = performance.now();
      const response = await fetch(`${product.url}/metrics`);
      text = await response.text();
      taken.push(performance.now() - startedAt);
    }
    times.set(partitions, taken);
    const round = (ms: number): number => Math.round(ms * 100) / 100;
    rows.push({
      name: `${partitions} ${partitions === 1 ? "partition" : "partitions"}`,
      figures: {
        "median ms": round(median(taken)),
        "p99 ms": round(quantile(taken, 0.99)),
        "most ms": round(Math.max(...taken)),
        bytes: Buffer.byteLength(text),
        series: text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length,
      },
    });
  }
  const [few, many] = PARTITIONS.map((partitions) => times.get(partitions) ?? []);
  return {
    part: "f",
    title: "a scrape of /metrics",
    how: `${SCRAPES} scrapes one after the other, ${DEVICES} windows open, over one connection that is kept. A scrape asks nobody: it is made from what is in memory.`,
    rows,
    ratios: [
      { name: "ms, the median scrape with 48 partitions", value: median(many ?? []), aim: { atMost: MOST_MS } },
      { name: "times as long with 48 partitions as with one (medians)", value: median(many ?? []) / median(few ?? []) },
    ],
    raw: Object.fromEntries(times),
  };
}

/** A product that owns all partitions and has read an alert of every device, whose windows are open. */
async function startLoaded(context: BenchContext, partitions: number): Promise<Product> {
  const brokers = await context.brokers();
  const [topic, deadLetters] = [await context.createTopic(partitions), await context.createTopic(1)];
  const producer = await startProducer(brokers);
  const at = Date.now();
  await producer.send(
    topic,
    Array.from({ length: DEVICES }, (_, device) => ({
      key: `device-${device}`,
      value: { deviceId: `device-${device}`, message: "temperature over its limit" },
      timestamp: at,
    })),
  );
  await producer.close();
  const product = await startProduct({
    env: {
      KAFKA_BROKERS: brokers,
      KAFKA_GROUP_ID: topic,
      KAFKA_ALERTS_TOPIC: topic,
      KAFKA_DEAD_LETTER_TOPIC: deadLetters,
      WINDOW_SIZE: "24h",
      SMTP_URL: `smtp://127.0.0.1:${(await context.sink()).port}`,
      MAIL_FROM,
      MAIL_TO,
    },
  });
  try {
    await product.waitReady();
    await eventually("every window is open", async () => {
      return (await product.metrics()).value("windows_open") === DEVICES;
    });
    return product;
  } catch (error) {
    await product[Symbol.asyncDispose]();
    throw error;
  }
}
