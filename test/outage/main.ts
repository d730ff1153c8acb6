/** `npm run outage`. */

import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { seededRandom } from "#tools/simulator/random.js";
import type { Cleanup } from "../demo/cleanup.js";
import { runCommand, say } from "../support/command.js";
import { startKafka } from "../support/kafka.js";
import { withSection } from "../support/page-section.js";
import { type OutageOptions, parseOptions, USAGE } from "./options.js";
import { type OutageResult, runOutage } from "./outage.js";
import { rowOf, table } from "./report.js";
import { chooseDevices, writeAlerts } from "./traffic.js";

const EXIT_FAILED = 1;
const PAGE = fileURLToPath(new URL("../../docs/failure-matrix.md", import.meta.url));
const PROGRESS_EVERY = 500_000;

async function run(options: OutageOptions, signal: AbortSignal, cleanup: Cleanup): Promise<number> {
  const kafka = await startKafka({ signal, heapMegabytes: 512 });
  cleanup.add("ending Kafka", () => kafka.close());
  const alerts = Math.floor(options.minutes * 60 * options.rate);
  const deviceOf = chooseDevices(alerts, options.devices, seededRandom(options.seed));
  const { brokers } = kafka;
  const newTopic = async (): Promise<string> => {
    const topic = `outage-${randomBytes(3).toString("hex")}`;
    await kafka.createTopic(topic, options.partitions);
    return topic;
  };
  let topic = await newTopic();
  const startMs = Date.now() - options.minutes * 60_000;
  if (!options.realTime) {
    say(`writing ${alerts} alerts of ${options.devices} devices`);
    let told = 0;
    const onProgress = (written: number): void => {
      if (written - told < PROGRESS_EVERY) return;
      told = written;
      say(`  ${written}`);
    };
    await writeAlerts({ brokers, topic, deviceOf, rate: options.rate, startMs, realTime: false, signal, onProgress });
  }
  const results: OutageResult[] = [];
  for (const catchUp of options.catchUps) {
    if (options.realTime && results.length > 0) topic = await newTopic();
    say(`CATCH_UP=${catchUp}: no mail server`);
    const result = await runOutage(options, { brokers, topic, catchUp, deviceOf, startMs, signal, say });
    results.push(result);
    say(`  everything mailed ${result.drainSeconds.toFixed(0)} s after the mail server came`);
    for (const line of result.missed) say(`  MISSED: ${line}`);
    say(rowOf(result));
  }
  const section = table(results);
  process.stdout.write(section);
  if (options.write) {
    const text = withSection("outage", await readFile(PAGE, "utf8"), section);
    if (text === undefined) throw new Error("docs/failure-matrix.md has no place for the results");
    await writeFile(PAGE, text);
  }
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(results, null, 2)}\n`);
  return results.some(({ missed }) => missed.length > 0) ? EXIT_FAILED : 0;
}

await runCommand({ name: "outage", usage: USAGE, parsed: parseOptions(process.argv.slice(2)), run });
