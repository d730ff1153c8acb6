/** (k) How long a start takes: from the process to the first batch, beside another build; CPU time of `--version`. */

import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startProducer } from "#tools/simulator/producer.js";
import { startProduct } from "../support/product.js";
import type { BenchContext, PartReport } from "./report.js";
import { median, ratio } from "./stats.js";

interface Start {
  /** Until a record of the first batch, which is no alert, was a dead letter. */
  readonly seconds: number;
  /** Of the process until then. */
  readonly cpuSeconds: number;
  /** Of `--version`, from its beginning to its end. */
  readonly versionCpuSeconds: number;
}

const PARTITIONS = 6;
const LOOK_MS = 5;
const TIMEOUT_MS = 90_000;
const HERE = fileURLToPath(new URL("../../", import.meta.url));

export async function benchStart(context: BenchContext): Promise<PartReport> {
  const { options, signal, say } = context;
  const { against } = options;
  const brokers = await context.brokers();
  const topic = await context.createTopic(PARTITIONS);
  const deadLetters = await context.createTopic(1);
  const { port } = await context.sink();
  const producer = await startProducer(brokers);
  await producer.send(
    topic,
    Array.from({ length: PARTITIONS * 20 }, (_, n) => ({
      key: `device-${n}`,
      value: "no alert",
      timestamp: Date.now(),
    })),
  );
  await producer.close();

  const now: Start[] = [];
  const before: Start[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    for (const [name, build, runs] of [
      ["now", HERE, now],
      ["before", against, before],
    ] as const) {
      if (build === undefined) continue;
      signal.throwIfAborted();
      const cli = join(build, "dist/cli.js");
      const env = {
        KAFKA_BROKERS: brokers,
        KAFKA_GROUP_ID: `${topic}-${name}-${round}`,
        KAFKA_ALERTS_TOPIC: topic,
        KAFKA_DEAD_LETTER_TOPIC: deadLetters,
        SMTP_URL: `smtp://127.0.0.1:${port}`,
        MAIL_FROM: "alerts@plant.example",
        MAIL_TO: "oncall@plant.example",
      };
      const start = { ...(await firstBatch(cli, env, signal)), versionCpuSeconds: await versionCpu(cli) };
      runs.push(start);
      say(`k  round ${round} ${name}: ${Math.round(start.seconds * 1_000)} ms`);
    }
  }
  const against_ = (of: (start: Start) => number): number => ratio(now.map(of), before.map(of));
  return {
    part: "k",
    title: `start, ${PARTITIONS} partitions, a group that is new`,
    how: "Until the log says that a record of the first batch is a dead letter; it is looked at every 5 ms. --version: user and system time, Node's own start included.",
    rows: [row("alert-digest", now), ...(before.length === 0 ? [] : [row("alert-digest before", before)])],
    ratios:
      before.length === 0
        ? []
        : [
            { name: "of the time before", value: against_(({ seconds }) => seconds), aim: { atMost: 0.8 } },
            { name: "of the CPU time before", value: against_(({ cpuSeconds }) => cpuSeconds) },
            {
              name: "of the CPU time of --version before",
              value: against_(({ versionCpuSeconds }) => versionCpuSeconds),
              aim: { atMost: 0.8 },
            },
          ],
    raw: { now, before },
  };
}

const milliseconds = (starts: readonly Start[], of: (start: Start) => number): number =>
  Math.round(median(starts.map(of)) * 1_000);

const row = (name: string, starts: readonly Start[]) => ({
  name,
  figures: {
    "first batch, ms": milliseconds(starts, ({ seconds }) => seconds),
    "CPU until then, ms": milliseconds(starts, ({ cpuSeconds }) => cpuSeconds),
    "CPU of --version, ms": milliseconds(starts, ({ versionCpuSeconds }) => versionCpuSeconds),
  },
});

async function firstBatch(
  cli: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Pick<Start, "seconds" | "cpuSeconds">> {
  const began = performance.now();
  await using product = await startProduct({ env, cli });
  for (;;) {
    signal.throwIfAborted();
    // Neither /metrics nor /api/status, which are made once a second.
    const seconds = (performance.now() - began) / 1_000;
    if (product.logs.some(({ msg }) => msg === "dead letter written"))
      return { seconds, cpuSeconds: (await product.metrics()).value("process_cpu_seconds_total") ?? Number.NaN };
    if (seconds * 1_000 > TIMEOUT_MS || !product.running())
      throw new Error(`no first batch after ${seconds} s\n${product.stderr()}`);
    await sleep(LOOK_MS, undefined, { signal });
  }
}

/** `times` of a shell tells what its children took. */
async function versionCpu(cli: string): Promise<number> {
  const { stdout } = await promisify(execFile)("sh", [
    "-c",
    '"$0" "$1" --version >/dev/null && times',
    process.execPath,
    cli,
  ]);
  const children = stdout.trim().split("\n").at(-1) ?? "";
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + Number(m) * 60 + Number(s), 0);
}
