/** (translate) Records per second that `alert-digest translate` writes, against a program that copies with KafkaJS alone, one transaction a batch. */

import { setTimeout as sleep } from "node:timers/promises";
import { startProducer } from "#tools/simulator/producer.js";
import { startProduct } from "../support/product.js";
import { createAlertSource } from "./alerts.js";
import { runChild } from "./child.js";
import type { BenchContext, PartReport } from "./report.js";
import { median, ratio } from "./stats.js";
import type { ThroughputResult } from "./throughput.js";

export interface CopyJob {
  readonly brokers: string;
  readonly from: string;
  readonly to: string;
  readonly group: string;
  readonly records: number;
}

const PARTITIONS = 6;
const DEVICES = 10_000;
const CHUNK = 5_000;
const LOOK_MS = 20;
const TIMEOUT_MS = 300_000;

export async function benchTranslate(context: BenchContext): Promise<PartReport> {
  const { options, signal, say } = context;
  const records = options.alerts;
  const brokers = await context.brokers();
  const from = await context.createTopic(PARTITIONS);
  const deadLetters = await context.createTopic(1);
  await fill(context, from);
  const [copied, translated]: [ThroughputResult[], ThroughputResult[]] = [[], []];
  for (let round = 1; round <= options.rounds; round++) {
    const job = { brokers, from, to: await context.createTopic(PARTITIONS), group: `${from}-copy-${round}`, records };
    copied.push(await runChild<CopyJob, ThroughputResult>("copy-child.js", job, signal));
    const to = await context.createTopic(PARTITIONS);
    translated.push(await translate(context, { ...job, to, group: `${from}-${round}` }, deadLetters));
    const [bare, own] = [copied, translated].map((of) => Math.round(records / (of.at(-1)?.seconds ?? Number.NaN)));
    say(`translate  round ${round}: ${own} records/s, copied: ${bare}`);
  }
  const rate = (of: readonly ThroughputResult[]) => of.map(({ seconds }) => records / seconds);
  const cpu = (of: readonly ThroughputResult[]) => of.map(({ cpuSeconds }) => (cpuSeconds / records) * 1e6);
  const row = (name: string, of: readonly ThroughputResult[]) => ({
    name,
    figures: { "records/s": Math.round(median(rate(of))), "CPU µs a record": Number(median(cpu(of)).toFixed(2)) },
  });
  return {
    part: "translate",
    title: `records/s from topic to topic, ${records} alerts, ${PARTITIONS} partitions`,
    how: "From the first record that is counted to the last one that is committed; of the copy, from its first batch on.",
    rows: [row("KafkaJS, a transaction a batch", copied), row("alert-digest translate", translated)],
    ratios: [
      { name: "of the copy", value: ratio(rate(translated), rate(copied)), aim: { atLeast: 0.5 } },
      { name: "the same by CPU time", value: ratio(cpu(copied), cpu(translated)) },
    ],
    raw: { copied, translated },
  };
}

/** The process as its users run it, asked by its metrics. */
async function translate({ signal }: BenchContext, job: CopyJob, deadLetters: string): Promise<ThroughputResult> {
  const env = {
    KAFKA_BROKERS: job.brokers,
    KAFKA_GROUP_ID: job.group,
    KAFKA_ALERTS_TOPIC: job.to,
    KAFKA_DEAD_LETTER_TOPIC: deadLetters,
    TRANSLATE_FROM: job.from,
  };
  await using product = await startProduct({ env, args: ["translate"] });
  const began = performance.now();
  let first: { readonly at: number; readonly done: number; readonly cpu: number } | undefined;
  for (;;) {
    signal.throwIfAborted();
    const page = await product.metrics().catch(() => undefined);
    const done = page?.value("translated_total", { outcome: "alert" }) ?? 0;
    const seen = { at: performance.now(), done, cpu: page?.value("process_cpu_seconds_total") ?? Number.NaN };
    if (done > 0) first ??= seen;
    if (first !== undefined && done === job.records) {
      // What was done before the first look is not in the time: the rate is of the rest.
      const share = job.records / (done - first.done);
      return { seconds: ((seen.at - first.at) / 1_000) * share, cpuSeconds: (seen.cpu - first.cpu) * share };
    }
    if (seen.at - began > TIMEOUT_MS || !product.running())
      throw new Error(`${done} of ${job.records} were translated\n${product.stderr()}`);
    await sleep(LOOK_MS, undefined, { signal });
  }
}

/** Keyed as by a gateway: not by the device. */
async function fill({ options, brokers, signal, say }: BenchContext, topic: string): Promise<void> {
  const count = options.alerts;
  say(`translate  writing ${count} alerts`);
  const startMs = Date.now() - count;
  const source = createAlertSource(startMs);
  const producer = await startProducer(await brokers());
  try {
    for (let from = 0; from < count; from += CHUNK) {
      signal.throwIfAborted();
      const records = Array.from({ length: Math.min(CHUNK, count - from) }, (_, index) => {
        const serial = from + index;
        const { value } = source.alert(serial, Math.floor(Math.random() * DEVICES));
        return { key: `gateway-${serial % 97}`, value, timestamp: startMs + serial };
      });
      await producer.send(topic, records);
    }
  } finally {
    await producer.close();
  }
}
