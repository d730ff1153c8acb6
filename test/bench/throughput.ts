/** (a) Records per second through the consumer, against bare KafkaJS on the same topic with the same settings. */

import { startProducer } from "#tools/simulator/producer.js";
import { ALERT_BYTES, createAlertSource } from "./alerts.js";
import { runChild } from "./child.js";
import type { BenchContext, PartReport } from "./report.js";
import { median, ratio } from "./stats.js";

export interface ThroughputJob {
  readonly contestant: "noop" | "parse" | "product";
  readonly brokers: string;
  readonly topic: string;
  readonly group: string;
  readonly records: number;
}

/** From the first records handed over to the last ones taken; CPU time of the whole process in between. */
export interface ThroughputResult {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** `before`: the product as another checkout builds it. */
const CONTESTANTS = ["noop", "parse", "product", "before"] as const;
type Contestant = (typeof CONTESTANTS)[number];
const DEVICES = 10_000;
const PARTITIONS = 6;
const CHUNK = 5_000;

export async function benchThroughput(context: BenchContext): Promise<PartReport> {
  const { options, signal, say } = context;
  const records = options.alerts;
  const brokers = await context.brokers();
  const topic = await context.createTopic(PARTITIONS);
  await fill(brokers, topic, records, signal, say);

  const { against } = options;
  const runs: Record<Contestant, ThroughputResult[]> = { noop: [], parse: [], product: [], before: [] };
  for (let round = 1; round <= options.rounds; round++) {
    for (const contestant of CONTESTANTS) {
      if (contestant === "before" && against === undefined) continue;
      const group = `${topic}-${contestant}-${round}`;
      const isBefore = contestant === "before";
      const job: ThroughputJob = { contestant: isBefore ? "product" : contestant, brokers, topic, group, records };
      const build = isBefore ? against : undefined;
      const result = await runChild<ThroughputJob, ThroughputResult>("throughput-child.js", job, signal, build);
      runs[contestant].push(result);
      say(`a  round ${round} ${contestant}: ${Math.round(records / result.seconds)} records/s`);
    }
  }
  const rate = (of: Contestant) => runs[of].map(({ seconds }) => records / seconds);
  const cpu = (of: Contestant) => runs[of].map(({ cpuSeconds }) => (cpuSeconds / records) * 1e6);
  return {
    part: "a",
    title: `records/s, ${records} alerts of ${ALERT_BYTES} bytes, ${DEVICES} devices, ${PARTITIONS} partitions`,
    how: "The product does everything up to a window's end, commits included; its one window is endless, so nothing is mailed while it runs.",
    rows: [
      row("KafkaJS, no-op", rate("noop"), cpu("noop")),
      row("KafkaJS + JSON.parse", rate("parse"), cpu("parse")),
      row("alert-digest", rate("product"), cpu("product")),
      ...(against === undefined ? [] : [row("alert-digest before", rate("before"), cpu("before"))]),
    ],
    ratios: [
      { name: "of KafkaJS + JSON.parse", value: ratio(rate("product"), rate("parse")), aim: { atLeast: 1.25 } },
      { name: "CPU a record, of the same", value: ratio(cpu("product"), cpu("parse")), aim: { atMost: 0.8 } },
      { name: "of KafkaJS, no-op", value: ratio(rate("product"), rate("noop")) },
      ...(against === undefined
        ? []
        : [{ name: "of alert-digest before", value: ratio(rate("product"), rate("before")) }]),
    ],
    raw: runs,
  };
}

const row = (name: string, rates: readonly number[], cpuMicros: readonly number[]) => ({
  name,
  figures: {
    "records/s": Math.round(median(rates)),
    "CPU µs a record": Number(median(cpuMicros).toFixed(2)),
  },
});

/** Devices in no order, as they come; each one's alerts are on one partition. */
async function fill(
  brokers: string,
  topic: string,
  count: number,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  say(`a  writing ${count} alerts`);
  const startMs = Date.now() - count;
  const source = createAlertSource(startMs);
  const producer = await startProducer(brokers);
  try {
    for (let from = 0; from < count; from += CHUNK) {
      signal.throwIfAborted();
      const records = Array.from({ length: Math.min(CHUNK, count - from) }, (_, index) => {
        const serial = from + index;
        const { deviceId, value } = source.alert(serial, Math.floor(Math.random() * DEVICES));
        return { key: deviceId, value, timestamp: startMs + serial };
      });
      await producer.send(topic, records);
    }
  } finally {
    await producer.close();
  }
}
