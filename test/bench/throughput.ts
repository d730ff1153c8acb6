/** (a) Records per second through the consumer, against bare KafkaJS on the same topic with the same settings. */

import { startProducer } from "#tools/simulator/producer.js";
import { MissingRequirement } from "../support/java.js";
import { ALERT_BYTES, createAlertSource } from "./alerts.js";
import { runChild } from "./child.js";
import type { FormatName } from "./record-formats.js";
import type { BenchContext, PartReport } from "./report.js";
import { median, ratio } from "./stats.js";
import { createStreamsPeer, type StreamsPeer } from "./streams.js";

export interface ThroughputJob {
  readonly contestant: "noop" | "parse" | "windows" | "product";
  readonly brokers: string;
  readonly topic: string;
  readonly group: string;
  readonly records: number;
  /** How its records are written; absent: as alerts. */
  readonly format?: FormatName;
}

/** From the first records handed over to the last ones taken; CPU time of the whole process in between. */
export interface ThroughputResult {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** `before`: the product as another checkout builds it. `windows`, `streams`: peers. */
const CONTESTANTS = ["noop", "parse", "product", "before", "windows", "streams"] as const;
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

  const { against, peers } = options;
  const streams = peers ? await findStreams(context) : undefined;
  const takesPart: Partial<Record<Contestant, boolean>> = {
    before: against !== undefined,
    windows: peers,
    streams: streams !== undefined,
  };
  const runs = Object.fromEntries(CONTESTANTS.map((name) => [name, []])) as unknown as Record<
    Contestant,
    ThroughputResult[]
  >;
  try {
    for (let round = 1; round <= options.rounds; round++) {
      for (const contestant of CONTESTANTS) {
        if (takesPart[contestant] === false) continue;
        const job = { brokers, topic, group: `${topic}-${contestant}-${round}`, records };
        const result = await runContestant(contestant, job, { against, streams, signal });
        runs[contestant].push(result);
        say(`a  round ${round} ${contestant}: ${Math.round(records / result.seconds)} records/s`);
      }
    }
  } finally {
    await streams?.close();
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
      ...(peers ? [row("KafkaJS, map of windows", rate("windows"), cpu("windows"))] : []),
      ...(streams === undefined ? [] : [row("Kafka Streams", rate("streams"), cpu("streams"))]),
    ],
    ratios: [
      { name: "of KafkaJS + JSON.parse", value: ratio(rate("product"), rate("parse")), aim: { atLeast: 1.25 } },
      { name: "CPU a record, of the same", value: ratio(cpu("product"), cpu("parse")), aim: { atMost: 0.8 } },
      { name: "of KafkaJS, no-op", value: ratio(rate("product"), rate("noop")) },
      ...(against === undefined
        ? []
        : [{ name: "of alert-digest before", value: ratio(rate("product"), rate("before")) }]),
      ...(peers
        ? [{ name: "of a map of windows behind KafkaJS", value: ratio(rate("product"), rate("windows")) }]
        : []),
      ...(streams === undefined
        ? []
        : [
            { name: "of Kafka Streams", value: ratio(rate("product"), rate("streams")) },
            { name: "CPU a record, of Kafka Streams", value: ratio(cpu("product"), cpu("streams")) },
          ]),
    ],
    raw: runs,
  };
}

/** Undefined where it cannot be had: the run says why, and goes on without it. */
async function findStreams({ signal, say }: BenchContext): Promise<StreamsPeer | undefined> {
  try {
    return await createStreamsPeer(signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof MissingRequirement)) throw error;
    say(`a  without Kafka Streams: ${error.message}`);
    return undefined;
  }
}

function runContestant(
  contestant: Contestant,
  job: Omit<ThroughputJob, "contestant">,
  beside: {
    readonly against: string | undefined;
    readonly streams: StreamsPeer | undefined;
    readonly signal: AbortSignal;
  },
): Promise<ThroughputResult> {
  const { against, streams, signal } = beside;
  if (contestant === "streams" && streams !== undefined) return streams.run(job);
  const isBefore = contestant === "before";
  const own = { ...job, contestant: isBefore || contestant === "streams" ? "product" : contestant } as const;
  return runChild<ThroughputJob, ThroughputResult>("throughput-child.js", own, signal, isBefore ? against : undefined);
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
