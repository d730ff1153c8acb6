/** (formats) Records per second of other formats through the consumer, against plain alerts in the same run. */

import { startProducer } from "#tools/simulator/producer.js";
import { runChild } from "./child.js";
import { FORMAT_NAMES, FORMATS, type Format, type FormatName } from "./record-formats.js";
import type { BenchContext, PartReport } from "./report.js";
import { median, ratio } from "./stats.js";
import type { ThroughputJob, ThroughputResult } from "./throughput.js";

const DEVICES = 10_000;
const PARTITIONS = 6;
const CHUNK = 5_000;

export async function benchFormats(context: BenchContext): Promise<PartReport> {
  const { options, signal, say } = context;
  const records = options.alerts;
  const brokers = await context.brokers();
  const topics = new Map<FormatName, { readonly topic: string; readonly bytes: number }>();
  for (const name of FORMAT_NAMES) {
    const topic = await context.createTopic(PARTITIONS);
    topics.set(name, { topic, bytes: await fill(context, topic, FORMATS[name]) });
  }
  const runs = Object.fromEntries(FORMAT_NAMES.map((name) => [name, [] as ThroughputResult[]])) as Record<
    FormatName,
    ThroughputResult[]
  >;
  for (let round = 1; round <= options.rounds; round++)
    for (const [format, { topic }] of topics) {
      const group = `${topic}-${round}`;
      const job: ThroughputJob = { contestant: "product", brokers, topic, group, records, format };
      const result = await runChild<ThroughputJob, ThroughputResult>("throughput-child.js", job, signal);
      runs[format].push(result);
      say(`formats  round ${round} ${format}: ${Math.round(records / result.seconds)} records/s`);
    }
  const rate = (of: FormatName) => runs[of].map(({ seconds }) => records / seconds);
  const cpu = (of: FormatName) => runs[of].map(({ cpuSeconds }) => (cpuSeconds / records) * 1e6);
  return {
    part: "formats",
    title: `records/s by format, ${records} records, ${DEVICES} devices, ${PARTITIONS} partitions`,
    how: "As a: the product does everything up to a window's end, commits included.",
    rows: FORMAT_NAMES.map((name) => ({
      name: `${FORMATS[name].name}, ${topics.get(name)?.bytes} bytes`,
      figures: {
        "records/s": Math.round(median(rate(name))),
        "CPU µs a record": Number(median(cpu(name)).toFixed(2)),
      },
    })),
    ratios: FORMAT_NAMES.filter((name) => name !== "plain").flatMap((name) => {
      const { name: shown, aim }: Format = FORMATS[name];
      const value = ratio(rate(name), rate("plain"));
      return [
        { name: `${shown}, of plain alerts`, value, ...(aim !== undefined && { aim: { atLeast: aim } }) },
        { name: `the same by CPU time`, value: ratio(cpu("plain"), cpu(name)) },
      ];
    }),
    raw: runs,
  };
}

/** Returns the bytes of a value. */
async function fill({ options, brokers, signal, say }: BenchContext, topic: string, format: Format): Promise<number> {
  const count = options.alerts;
  say(`formats  writing ${count} records: ${format.name}`);
  const startMs = Date.now() - count;
  const producer = await startProducer(await brokers());
  let bytes = 0;
  try {
    for (let from = 0; from < count; from += CHUNK) {
      signal.throwIfAborted();
      const records = Array.from({ length: Math.min(CHUNK, count - from) }, (_, index) => {
        const serial = from + index;
        const record = format.record(serial, Math.floor(Math.random() * DEVICES), startMs);
        bytes = record.value.length;
        return { ...record, timestamp: startMs + serial };
      });
      await producer.send(topic, records);
    }
  } finally {
    await producer.close();
  }
  return bytes;
}
