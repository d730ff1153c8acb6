/** `npm run chaos`. */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { seededRandom } from "#tools/simulator/random.js";
import type { Cleanup } from "../demo/cleanup.js";
import { runCommand, say } from "../support/command.js";
import { withSection } from "../support/page-section.js";
import { startCluster } from "./cluster.js";
import { FAULTS, type Fault, KAFKA_FAULTS } from "./faults.js";
import { matrix, translationMatrix } from "./matrix.js";
import { type ChaosOptions, parseOptions, TRANSLATE, USAGE } from "./options.js";
import { type PhaseResult, runPhase } from "./phase.js";
import { startSink } from "./sink.js";
import { runTranslation, type TranslationResult } from "./translation.js";

const EXIT_FAILED = 1;
const PAGE = fileURLToPath(new URL("../../docs/failure-matrix.md", import.meta.url));

async function run(options: ChaosOptions, signal: AbortSignal, cleanup: Cleanup): Promise<number> {
  const chosen = FAULTS.filter(({ name }) => options.faults.includes(name));
  const translated = KAFKA_FAULTS.filter(({ name }) => options.faults.includes(`${TRANSLATE}${name}`));
  const budgetMs = (options.minutes * 60_000) / ((chosen.length + translated.length) * options.seeds);
  const results: PhaseResult[] = [];
  const translations: TranslationResult[] = [];
  const sink = await startSink(seededRandom(options.seed));
  cleanup.add("closing the mail server", () => sink.close());
  for (const brokers of [1, 3] as const) {
    const faults = chosen.filter((fault) => fault.brokers === brokers);
    const ofTranslate = translated.filter((fault) => fault.brokers === brokers);
    if (faults.length + ofTranslate.length === 0) continue;
    const cluster = await startCluster(brokers, signal);
    cleanup.add("ending Kafka", () => cluster.close());
    for (const fault of faults) {
      for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
        say(`${fault.name}, seed ${seed}`);
        const { devices, rate } = options;
        const result = await runPhase({ cluster, sink, fault, seed, budgetMs, devices, rate, signal, say });
        results.push(result);
        await tell(result, options, fault);
      }
    }
    for (const fault of ofTranslate) {
      for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
        say(`${TRANSLATE}${fault.name}, seed ${seed}`);
        const { devices, rate } = options;
        const result = await runTranslation({ cluster, fault, seed, budgetMs, devices, rate, signal, say });
        translations.push(result);
        await tellTranslation(result, options);
      }
    }
    await cluster.close();
  }
  const titles = new Map(FAULTS.map(({ name, title }) => [name, title]));
  const sections = [
    ...(results.length > 0 ? [["chaos", matrix(results, titles)] as const] : []),
    ...(translations.length > 0 ? [["translation", translationMatrix(translations, titles)] as const] : []),
  ];
  for (const [, section] of sections) process.stdout.write(section);
  if (options.write) {
    for (const [name, section] of sections) {
      const text = withSection(name, await readFile(PAGE, "utf8"), section);
      if (text === undefined) throw new Error(`docs/failure-matrix.md has no place for ${name}`);
      await writeFile(PAGE, text);
    }
  }
  if (options.json !== undefined) {
    const plain = [...results, ...translations].map(({ logs: _, ...rest }) => rest);
    await writeFile(options.json, `${JSON.stringify(plain, null, 2)}\n`);
  }
  return [...results, ...translations].some(({ missed }) => missed.length > 0) ? EXIT_FAILED : 0;
}

async function tell(result: PhaseResult, options: ChaosOptions, fault: Fault): Promise<void> {
  const { alerts, mails, lost, repeated, repeatedMails, repeatedSameId, outOfOrder, recoverySeconds, missed } = result;
  say(
    `  ${alerts} alerts in ${mails} mails: lost ${lost.length}, repeated ${repeated.length} in ${repeatedMails} mails (${repeatedSameId} under the same Message-ID), ` +
      `out of order ${outOfOrder.length}, usual again after ${recoverySeconds.toFixed(1)} s`,
  );
  if (result.revived > 0) say(`  instances that ended by themselves and were started again: ${result.revived}`);
  for (const line of missed) say(`  MISSED: ${line}`);
  if (missed.length > 0) say(`  again: npm run chaos -- --only ${fault.name} --seed ${result.seed}`);
  await writeLogs(options, `${fault.name}-${result.seed}`, result.logs);
}

async function tellTranslation(result: TranslationResult, options: ChaosOptions): Promise<void> {
  const { fault, seed, alerts, lost, repeated, outOfOrder, recoverySeconds, revived, missed, logs } = result;
  say(
    `  ${alerts} alerts: lost ${lost.length}, repeated ${repeated.length}, out of order ${outOfOrder.length}, usual again after ${recoverySeconds.toFixed(1)} s`,
  );
  if (revived > 0) say(`  instances that ended by themselves and were started again: ${revived}`);
  for (const line of missed) say(`  MISSED: ${line}`);
  if (missed.length > 0) say(`  again: npm run chaos -- --only ${TRANSLATE}${fault} --seed ${seed}`);
  await writeLogs(options, `${TRANSLATE}${fault}-${seed}`, logs);
}

async function writeLogs(options: ChaosOptions, run: string, logs: PhaseResult["logs"]): Promise<void> {
  if (options.logs === undefined) return;
  const directory = join(options.logs, run);
  await mkdir(directory, { recursive: true });
  for (const [name, lines] of logs) {
    await writeFile(join(directory, `${name}.log`), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }
}

await runCommand({ name: "chaos", usage: USAGE, parsed: parseOptions(process.argv.slice(2)), run });
