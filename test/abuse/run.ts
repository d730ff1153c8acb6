/** One run: the phases of the plan, one after the other, and a look at everything. */

import { availableParallelism, loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Account } from "../chaos/books.js";
import type { Sink } from "../chaos/sink.js";
import type { Traffic } from "../chaos/traffic.js";
import type { Cleanup } from "../demo/cleanup.js";
import { median } from "../soak/slope.js";
import type { Product } from "../support/product.js";
import type { Thread } from "./abuser-worker.js";
import { Figures } from "./figures.js";
import type { AbuseOptions } from "./options.js";
import { startOrdinary } from "./ordinary.js";
import { type Phase, planOf, titleOf } from "./plan.js";
import { beginAnew, peakResident, processorTime } from "./process-use.js";
import type { AbuseResult } from "./table.js";
import { type AbuserThread, startAbuserThread, startProberThread } from "./threads.js";
import { startWorld, type World } from "./world.js";
import { Written } from "./written.js";

const POLL_MS = 500;
const LOAD_EVERY_MS = 5_000;
/** Nothing came for so long: nothing more comes. */
const STILL_MS = 180_000;
const SLOW_MS = 1_000;
const SLOWEST_MS = 5_000;
const SLOWEST_OF = 20;
/** So long a wait for `/livez` is told of at once. */
const TOLD_WAIT_MS = 1_000;

export interface RunDeps {
  readonly signal: AbortSignal;
  readonly cleanup: Cleanup;
  say(line: string): void;
}

/** What the phases of a run have in common. */
interface Run extends RunDeps {
  readonly options: AbuseOptions;
  readonly world: World;
  readonly threads: ReadonlyMap<Thread, AbuserThread>;
  readonly written: Written;
  /** Since the epoch. */
  readonly began: number;
  readonly figures: Figures;
  readonly loads: number[];
  /** By process, as last seen. */
  readonly processors: Map<number, { readonly ranMs: number; readonly waitedMs: number }>;
  readonly problems: string[];
}

export async function runAbuse(options: AbuseOptions, deps: RunDeps): Promise<AbuseResult> {
  const world = await startWorld(options, deps);
  const problems: string[] = [];
  const written = new Written();
  const threads = await startThreads(options, world, { ...deps, written, problems });
  const plan = planOf(options.seconds, options.abuses);
  const began = Date.now();
  const figures = new Figures(plan, began, options.windowMs);
  const measured = { figures, loads: [], processors: new Map(), problems };
  const run: Run = { ...deps, options, world, threads, written, began, ...measured };
  const ordinary = await startOrdinary(options, { ...world, figures, signal: deps.signal });
  const prober = startProber(run);
  for (const phase of plan) {
    deps.say(`${Math.round((Date.now() - began) / 1_000)} s: ${titleOf(phase.name)}`);
    await runPhase(phase, run);
  }
  deps.say("working off what is left");
  for (const thread of threads.values()) await thread.end();
  await ordinary.traffic.stop();
  await settle(() => ordinary.traffic.pending + written.books(world.sink).account().lost, run);
  await prober.end();
  await world.sink.read();
  return resultOf(run, ordinary);
}

async function startThreads(
  options: AbuseOptions,
  { setup }: World,
  run: Pick<Run, "cleanup" | "written" | "problems">,
): Promise<Map<Thread, AbuserThread>> {
  const threads = new Map<Thread, AbuserThread>();
  for (const abuse of options.abuses) {
    if (abuse === "mail") continue;
    const thread = await startAbuserThread(abuse, setup, ({ alerts, tooLarge, problem }) => {
      run.written.take(abuse, alerts, tooLarge);
      if (problem !== undefined) run.problems.push(problem);
    });
    run.cleanup.add(`ending the thread of ${abuse}`, () => thread.kill());
    threads.set(abuse, thread);
  }
  return threads;
}

function startProber({ cleanup, world, figures, began, say }: Run): { end(): Promise<void> } {
  const prober = startProberThread(world.targets, ({ kind, askedMs, waitMs }) => {
    figures.livez(kind, askedMs, waitMs);
    if (waitMs > TOLD_WAIT_MS)
      say(`  ${Math.round((askedMs - began) / 1_000)} s: ${kind} took ${Math.round(waitMs)} ms`);
  });
  cleanup.add("ending the thread that asks", () => prober.kill());
  return prober;
}

async function runPhase(phase: Phase, run: Run): Promise<void> {
  const { began, world, signal } = run;
  const turn = (to: "on" | "off"): void => {
    for (const abuse of phase.abuses) {
      if (abuse === "mail") slowDown(world.sink, to === "on");
      else run.threads.get(abuse)?.turn(to);
    }
  };
  for (const { pid } of world.instances) await beginAnew(pid);
  turn("on");
  let isOn = true;
  let loadAt = 0;
  for (let since = Date.now() - began; since < phase.toMs; since = Date.now() - began) {
    if (isOn && since >= phase.calmMs) {
      turn("off");
      isOn = false;
    }
    if (performance.now() >= loadAt) {
      run.loads.push(loadavg()[0] ?? 0);
      loadAt = performance.now() + LOAD_EVERY_MS;
    }
    if (world.instances.some((product) => !product.running())) throw new Error("an instance ended by itself");
    await lookAtInstances(phase, run);
    await sleep(POLL_MS, undefined, { signal });
  }
  if (isOn) turn("off");
}

async function lookAtInstances(phase: Phase, { world, figures, processors }: Run): Promise<void> {
  for (const { pid } of world.instances) {
    const bytes = await peakResident(pid);
    if (bytes !== undefined) figures.resident(phase, bytes);
    const now = await processorTime(pid);
    const before = processors.get(pid);
    if (now === undefined) continue;
    processors.set(pid, now);
    if (before === undefined) continue;
    figures.processor(phase, { ranMs: now.ranMs - before.ranMs, waitedMs: now.waitedMs - before.waitedMs });
  }
}

function slowDown(sink: Sink, isSlow: boolean): void {
  let mails = 0;
  const onMail = async (): Promise<undefined> => {
    await sleep(++mails % SLOWEST_OF === 0 ? SLOWEST_MS : SLOW_MS);
  };
  sink.behave({ onMail: isSlow ? onMail : undefined });
}

/** Until nothing is missing, or nothing more comes. */
async function settle(missing: () => number, { problems, signal }: Run): Promise<void> {
  let last = Number.POSITIVE_INFINITY;
  let progressAt = performance.now();
  for (let left = missing(); left > 0; left = missing()) {
    if (left < last) progressAt = performance.now();
    last = left;
    if (performance.now() - progressAt > STILL_MS) {
      problems.push(`nothing happens any more: ${left} alerts are in no mail`);
      return;
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

async function resultOf(
  { options, world, written, figures, loads, problems }: Run,
  ordinary: { readonly traffic: Traffic; readonly account: (sink: Sink) => Account },
): Promise<AbuseResult> {
  const { sink, instances } = world;
  const deadLetters = await deadLettersOf(instances);
  const codes = await Promise.all(instances.map((product) => product.stop()));
  const { mails, repeated, outOfOrder, unknown } = ordinary.account(sink);
  const goals: [boolean, string][] = [
    ...codes.map((code): [boolean, string] => [code !== 0, `an instance ended with ${code} after SIGTERM`]),
    [outOfOrder.length > 0, `out of order at ${outOfOrder.length} devices`],
    [unknown.length > 0, `mailed, never produced: ${unknown.length}`],
  ];
  return {
    ...{ seconds: options.seconds, windowSeconds: options.windowMs / 1_000 },
    ...{ processors: availableParallelism(), load: median(loads) },
    phases: figures.phases(),
    ...{ mails, repeated: repeated.length },
    counted: written.books(sink).account(),
    ...{ tooLarge: written.tooLarge, deadLetters },
    problems: [...problems, ...goals.flatMap(([missed, text]) => (missed ? [text] : []))],
    lines: linesOf(instances),
  };
}

async function deadLettersOf(instances: readonly Product[]): Promise<number> {
  const pages = await Promise.all(instances.map((product) => product.metrics()));
  return pages.reduce((sum, page) => sum + (page.value("dead_letters_total") ?? 0), 0);
}

function linesOf(instances: readonly Product[]): Record<string, number> {
  const lines: Record<string, number> = {};
  for (const { logs } of instances)
    for (const { level, msg } of logs) lines[`${level}: ${msg}`] = (lines[`${level}: ${msg}`] ?? 0) + 1;
  return lines;
}
