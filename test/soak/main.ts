/** `npm run soak`. */

import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { seededRandom } from "#tools/simulator/random.js";
import type { Cleanup } from "../demo/cleanup.js";
import { chooseDevices } from "../outage/traffic.js";
import { runCommand, say } from "../support/command.js";
import { startKafka } from "../support/kafka.js";
import { withSection } from "../support/page-section.js";
import { parseOptions, type SoakOptions, USAGE } from "./options.js";
import { missedGoals, report } from "./report.js";
import { runSoak, type SoakResult } from "./soak.js";

const EXIT_FAILED = 1;
const PAGE = fileURLToPath(new URL("../../docs/soak.md", import.meta.url));

async function soak(options: SoakOptions, signal: AbortSignal, cleanup: Cleanup): Promise<SoakResult> {
  const kafka = await startKafka({ signal, heapMegabytes: 512 });
  cleanup.add("ending Kafka", () => kafka.close());
  const { json } = options;
  const topic = `soak-${randomBytes(3).toString("hex")}`;
  await kafka.createTopic(topic, options.partitions);
  await kafka.createTopic("alerts.dead-letters", 1);
  const alerts = Math.floor(options.minutes * 60 * options.rate);
  const deviceOf = chooseDevices(alerts, options.devices, seededRandom(options.seed));
  const onResult = async (result: SoakResult): Promise<void> => {
    if (json !== undefined) await writeFile(json, `${JSON.stringify(result)}\n`);
  };
  return runSoak(options, { brokers: kafka.brokers, topic, deviceOf, signal, cleanup, say, onResult });
}

async function run(options: SoakOptions, signal: AbortSignal, cleanup: Cleanup): Promise<number> {
  const { from } = options;
  const result =
    from === undefined
      ? await soak(options, signal, cleanup)
      : (JSON.parse(await readFile(from, "utf8")) as SoakResult);
  const section = report(result);
  process.stdout.write(section);
  const missed = missedGoals(result);
  for (const line of missed) say(`MISSED: ${line}`);
  if (options.write) {
    const text = withSection("soak", await readFile(PAGE, "utf8"), section);
    if (text === undefined) throw new Error("docs/soak.md has no place for the report");
    await writeFile(PAGE, text);
  }
  return missed.length > 0 ? EXIT_FAILED : 0;
}

await runCommand({ name: "soak", usage: USAGE, parsed: parseOptions(process.argv.slice(2)), run });
