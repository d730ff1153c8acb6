/** `npm run bench`: figures against the plain way to do the same, on the same machine, in turn. See docs/benchmarks.md. */

import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { arch, cpus, platform } from "node:os";
import { createCleanup } from "../demo/cleanup.js";
import { MissingRequirement } from "../support/java.js";
import { startKafka } from "../support/kafka.js";
import { createTopic, withAdmin } from "../support/kafka-admin.js";
import { benchBacklog } from "./backlog.js";
import { benchCheckpoint } from "./checkpoint.js";
import { benchClosing } from "./closing.js";
import { benchConnections } from "./connections.js";
import { benchDeferred } from "./deferred.js";
import { benchDevices } from "./devices.js";
import { benchFormats } from "./formats.js";
import { benchLatency } from "./latency.js";
import { benchMail } from "./mail.js";
import { benchMemory } from "./memory.js";
import { PARTS, parseOptions, USAGE } from "./options.js";
import { type BenchContext, formatReport, type PartReport } from "./report.js";
import { benchScale } from "./scale.js";
import { benchScrape } from "./scrape.js";
import { type SmtpSink, startSmtpSink } from "./smtp-sink.js";
import { benchStart } from "./start.js";
import { benchThroughput } from "./throughput.js";
import { benchTranslate } from "./translate.js";

const EXIT_USAGE = 64;
const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const BROKER_HEAP_MEGABYTES = 512;

const parsed = parseOptions(process.argv.slice(2));
if (parsed.kind === "help") {
  process.stdout.write(USAGE);
  process.exit(0);
}
if (parsed.kind === "wrong") {
  process.stderr.write(`bench: ${parsed.message}\n\n${USAGE}`);
  process.exit(EXIT_USAGE);
}
const { options } = parsed;

const interrupted = new AbortController();
let signalled: keyof typeof SIGNAL_EXIT_CODES | undefined;
for (const signal of Object.keys(SIGNAL_EXIT_CODES) as (keyof typeof SIGNAL_EXIT_CODES)[]) {
  process.on(signal, () => {
    signalled ??= signal;
    interrupted.abort(new Error(`interrupted by ${signal}`));
  });
}

const { signal } = interrupted;
const cleanup = createCleanup();
const say = (line: string): void => void process.stderr.write(`${line}\n`);
let broker: Promise<string> | undefined;
let sink: Promise<SmtpSink> | undefined;

const context: BenchContext = {
  options,
  signal,
  say,
  brokers: () => (broker ??= findBroker()),
  sink: () => (sink ??= openSink()),
  async createTopic(partitions) {
    const brokers = await context.brokers();
    const topic = `alert-digest-bench-${randomBytes(6).toString("hex")}`;
    await createTopic(brokers, topic, partitions);
    if (process.env["KAFKA_BROKERS"]) {
      cleanup.add(`topic ${topic}`, () => withAdmin(brokers, (admin) => admin.deleteTopics({ topics: [topic] })));
    }
    return topic;
  },
};

async function findBroker(): Promise<string> {
  const given = process.env["KAFKA_BROKERS"];
  if (given) return given;
  say("starting Kafka");
  const kafka = await startKafka({ signal, heapMegabytes: BROKER_HEAP_MEGABYTES });
  cleanup.add("Kafka", () => kafka.close());
  return kafka.brokers;
}

async function openSink(): Promise<SmtpSink> {
  const opened = await startSmtpSink();
  cleanup.add("SMTP sink", () => opened.close());
  return opened;
}

const MEASURE = {
  a: [benchThroughput],
  b: [benchMemory],
  c: [benchMail],
  d: [benchLatency],
  e: [benchCheckpoint],
  f: [benchScrape],
  g: [benchConnections, benchDeferred],
  h: [benchClosing],
  i: [benchDevices],
  j: [benchBacklog],
  k: [benchStart],
  scale: [benchScale],
  formats: [benchFormats],
  translate: [benchTranslate],
};

let exitCode = 1;
try {
  const reports: PartReport[] = [];
  for (const part of PARTS) {
    if (!options.only.has(part)) continue;
    for (const measure of MEASURE[part]) {
      const report = await measure(context);
      reports.push(report);
      process.stdout.write(`\n${formatReport(report)}\n`);
    }
  }
  const machine = { node: process.version, platform: platform(), arch: arch(), cpus: cpus().length };
  const { only, out, ...sizes } = options;
  await writeFile(
    out,
    `${JSON.stringify({ at: new Date(), machine, options: sizes, parts: reports }, undefined, 2)}\n`,
  );
  say(`written: ${out}`);
  exitCode = 0;
} catch (error) {
  if (signalled) say(`stopping (${signalled})`);
  else if (error instanceof MissingRequirement) say(`bench: ${error.message}`);
  else say(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
} finally {
  for (const failure of await cleanup.run()) {
    say(`bench: ${failure}`);
    exitCode = 1;
  }
}
process.exit(signalled ? SIGNAL_EXIT_CODES[signalled] : exitCode);
