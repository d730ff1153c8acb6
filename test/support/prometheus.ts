/**
 * A real Prometheus on this machine, for tests of rules and boards.
 *
 *     await using prometheus = await startPrometheus({ config: scrapeConfig(products, { interval: "1s" }) });
 *     await prometheus.waitFor('up{job="alert-digest"} == 1', (series) => series.length === 2);
 */

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "./eventually.js";
import { freePort } from "./free-ports.js";
import { type Guard, type GuardedProcess, startGuard } from "./guard.js";
import { findPrometheusTools } from "./prometheus-tools.js";
import { readTail } from "./read-tail.js";

const READY_TIMEOUT_MS = 180_000;
const QUERY_TIMEOUT_MS = 30_000;
const START_ATTEMPTS = 3;
const POLL_MS = 100;
const LOG = "prometheus.log";

/** prometheus.yml as data; written as JSON, which is YAML too. Relative paths in it are relative to `files`. */
export type PrometheusConfig = Readonly<Record<string, unknown>>;

export interface PrometheusOptions {
  readonly config: PrometheusConfig;
  /** Text files beside prometheus.yml, by relative path: rules, targets. */
  readonly files?: Readonly<Record<string, string>>;
  /** More command-line flags. */
  readonly flags?: readonly string[];
}

/** One series of an instant query. */
export interface PromSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** Prometheus' own text as a number: NaN and infinities too. */
  readonly value: number;
}

/** One series of a range query. */
export interface PromRange {
  readonly labels: Readonly<Record<string, string>>;
  /** `[seconds, value]` */
  readonly points: readonly (readonly [number, number])[];
}

export interface PromAlert {
  readonly name: string;
  readonly state: "pending" | "firing";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Prometheus {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly pid: number;
  /** Holds prometheus.yml, `files`, the data and prometheus.log until the end. */
  readonly directory: string;
  /** Series of an instant query, now or at `time` (Unix seconds); a scalar is one series without labels. Throws what the server says is wrong. */
  query(expr: string, time?: number): Promise<readonly PromSeries[]>;
  /** Times and step in seconds. */
  queryRange(expr: string, range: { start: number; end: number; step: number }): Promise<readonly PromRange[]>;
  /** Asks again until `accept` (default: any series) says yes; resolves with the series. */
  waitFor(
    expr: string,
    accept?: (series: readonly PromSeries[]) => boolean,
    timeoutMs?: number,
  ): Promise<readonly PromSeries[]>;
  /** Pending and firing alerts. */
  alerts(): Promise<readonly PromAlert[]>;
  /** `data` of any `/api/v1/…` answer. Throws what the server says is wrong. */
  api(path: string, parameters?: Readonly<Record<string, string>>): Promise<unknown>;
  /** SIGTERM; resolves when it is gone, and its files with it. Safe to call twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ScrapeOptions {
  /** Of scrapes and rules, at least `1s`; default `1s`. */
  readonly interval?: string;
  /** Label `job`; default `alert-digest`. */
  readonly job?: string;
  /** Paths of rule files, relative to `files`. */
  readonly ruleFiles?: readonly string[];
}

/** A configuration that scrapes `/metrics` of what has these addresses (a Product will do). */
export function scrapeConfig(targets: readonly { readonly url: string }[], options: ScrapeOptions = {}) {
  const { interval = "1s", job = "alert-digest", ruleFiles = [] } = options;
  return {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: ruleFiles,
    scrape_configs: [
      { job_name: job, static_configs: [{ targets: targets.map(({ url }) => url.replace("http://", "")) }] },
    ],
  } satisfies PrometheusConfig;
}

/** Resolves when it answers. Throws MissingRequirement where there is no Prometheus, and with its log where it does not start. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const { prometheus } = await findPrometheusTools();
  for (let attempt = 1; ; attempt++) {
    const guard = await startGuard("prometheus");
    try {
      return await start(prometheus, guard, options);
    } catch (error) {
      await guard.close();
      const portTaken = error instanceof Error && error.message.includes("address already in use");
      if (!portTaken || attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function start(program: string, guard: Guard, options: PrometheusOptions): Promise<Prometheus> {
  for (const [name, text] of Object.entries(options.files ?? {})) {
    const file = join(guard.directory, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  const config = join(guard.directory, "prometheus.yml");
  await writeFile(config, JSON.stringify(options.config));
  const address = `127.0.0.1:${await freePort()}`;
  const data = `--storage.tsdb.path=${join(guard.directory, "data")}`;
  const args = [`--config.file=${config}`, data, `--web.listen-address=${address}`, ...(options.flags ?? [])];
  const log = join(guard.directory, LOG);
  const child = await guard.start(program, args, { cwd: guard.directory, logFile: log });
  const server = new RunningPrometheus(`http://${address}`, guard, child);
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!(await server.ready())) {
    const problem = child.exit() ? "ended while it started" : Date.now() > deadline ? "is not ready" : undefined;
    if (problem) throw new Error(`Prometheus ${problem}\n${await readTail(log, 10)}`);
    await sleep(POLL_MS);
  }
  return server;
}

interface Answer {
  readonly status: "success" | "error";
  readonly data?: unknown;
  readonly error?: string;
}

interface VectorEntry {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

interface MatrixEntry {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

const numberOf = (text: string): number =>
  text === "+Inf" ? Number.POSITIVE_INFINITY : text === "-Inf" ? Number.NEGATIVE_INFINITY : Number(text);

class RunningPrometheus implements Prometheus {
  readonly url: string;
  readonly pid: number;
  readonly directory: string;
  readonly #guard: Guard;
  readonly #child: GuardedProcess;

  constructor(url: string, guard: Guard, child: GuardedProcess) {
    this.url = url;
    this.pid = child.pid;
    this.directory = guard.directory;
    this.#guard = guard;
    this.#child = child;
  }

  async ready(): Promise<boolean> {
    try {
      const { status } = await fetch(`${this.url}/-/ready`, { signal: AbortSignal.timeout(QUERY_TIMEOUT_MS) });
      return status === 200;
    } catch {
      return false;
    }
  }

  async api(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const address = `${this.url}/api/v1/${path}?${new URLSearchParams(parameters)}`;
    const response = await fetch(address, { signal: AbortSignal.timeout(QUERY_TIMEOUT_MS) });
    const answer = (await response.json()) as Answer;
    if (answer.status === "success") return answer.data;
    throw new Error(`Prometheus: ${answer.error ?? response.status}: ${JSON.stringify(parameters)}`);
  }

  async query(expr: string, time?: number): Promise<readonly PromSeries[]> {
    const data = await this.api("query", { query: expr, ...(time === undefined ? {} : { time: String(time) }) });
    const { resultType, result } = data as { resultType: string; result: unknown };
    if (resultType === "scalar") return [{ labels: {}, value: numberOf((result as [number, string])[1]) }];
    return (result as VectorEntry[]).map(({ metric, value }) => ({ labels: metric, value: numberOf(value[1]) }));
  }

  async queryRange(expr: string, range: { start: number; end: number; step: number }): Promise<readonly PromRange[]> {
    const times = { start: String(range.start), end: String(range.end), step: String(range.step) };
    const data = (await this.api("query_range", { query: expr, ...times })) as { result: readonly MatrixEntry[] };
    return data.result.map(({ metric, values }) => ({
      labels: metric,
      points: values.map(([at, text]) => [at, numberOf(text)] as const),
    }));
  }

  async waitFor(
    expr: string,
    accept: (series: readonly PromSeries[]) => boolean = (series) => series.length > 0,
    timeoutMs?: number,
  ): Promise<readonly PromSeries[]> {
    let seen: readonly PromSeries[] = [];
    const ask = async () => {
      seen = await this.query(expr);
      return accept(seen) ? seen : undefined;
    };
    return eventually(expr, ask, { seen: () => seen, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  }

  async alerts(): Promise<readonly PromAlert[]> {
    const { alerts } = (await this.api("alerts")) as { alerts: readonly Omit<PromAlert, "name">[] };
    return alerts.map(({ state, labels, annotations }) => ({
      name: labels["alertname"] ?? "",
      state,
      labels,
      annotations,
    }));
  }

  async close(): Promise<void> {
    this.#child.signal("SIGTERM");
    // Its data goes with it, so nothing is lost when it is not waited for.
    await this.#guard.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
