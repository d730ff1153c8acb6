/** The product as its users run it: `node dist/cli.js run`, configured by environment variables only. */

import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "./free-ports.js";
import { get } from "./get.js";
import { type Exit, type Guard, type GuardedProcess, startGuard } from "./guard.js";
import { type MetricsPage, parseMetrics } from "./metrics-page.js";

const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
/** Bounds of a run in which something is broken; a busy machine is to stay far below them. */
const READY_TIMEOUT_MS = 240_000;
const STOP_TIMEOUT_MS = 180_000;
const POLL_MS = 50;
const KEPT_LINES = 50_000;

/** One JSON line of the log. */
export type LogLine = Readonly<Record<string, unknown>>;

export interface ProductOptions {
  /** Configuration; KAFKA_BROKERS, SMTP_URL, MAIL_FROM are required. HTTP_PORT is chosen unless given. */
  readonly env: Readonly<Record<string, string>>;
  /** Default `["run"]`. */
  readonly args?: readonly string[];
  readonly nodeFlags?: readonly string[];
  /** `dist/cli.js` of another build. */
  readonly cli?: string;
}

export interface Product {
  readonly pid: number;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** JSON lines of stdout so far; a line that is not JSON is `{ unparsed }`. */
  readonly logs: readonly LogLine[];
  /** Everything on stderr so far. */
  stderr(): string;
  /** Resolves when `/readyz` answers 200; fails at once, with the last log lines, when the process ends before. */
  waitReady(timeoutMs?: number): Promise<void>;
  /** Fails while HTTP is not up. */
  metrics(): Promise<MetricsPage>;
  /** Resolves with the exit; fails after `timeoutMs`. */
  exited(timeoutMs?: number): Promise<Exit>;
  running(): boolean;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM; resolves with the exit code. */
  stop(timeoutMs?: number): Promise<number | null>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Kills it if it still runs. Always call it, or use `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Only what a program needs to run: no variable of the calling shell configures the product by accident. */
const bareEnvironment = (): Record<string, string> => {
  const kept = [
    "PATH",
    "HOME",
    "TMPDIR",
    "NODE_OPTIONS",
    "NODE_EXTRA_CA_CERTS",
    "NODE_V8_COVERAGE",
    "NODE_COMPILE_CACHE",
  ];
  return Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
};

export async function startProduct(options: ProductOptions): Promise<Product> {
  const port = options.env["HTTP_PORT"] ?? String(await freePort());
  const guard = await startGuard("product");
  const output = new Output(guard);
  try {
    // Tests and figures are about a mail for each device; what folds them has its own.
    const unfolded = options.cli === undefined ? { RECIPIENT_MAX_MAILS: "0" } : {};
    const env = { ...bareEnvironment(), ...unfolded, HTTP_PORT: port, ...options.env };
    const args = [...(options.nodeFlags ?? []), options.cli ?? CLI, ...(options.args ?? ["run"])];
    const child = await guard.start(process.execPath, args, { env, cwd: guard.directory });
    return new RunningProduct(guard, child, output, `http://127.0.0.1:${port}`);
  } catch (error) {
    await guard.close();
    throw error;
  }
}

class Output {
  readonly logs: LogLine[] = [];
  stderr = "";
  readonly ended: Promise<unknown>;
  #partial = "";

  constructor(guard: Guard) {
    this.ended = Promise.all([finished(guard.stdout), finished(guard.stderr)]);
    guard.stdout.setEncoding("utf8").on("data", (text: string) => this.#take(text));
    guard.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
  }

  #take(text: string): void {
    const lines = (this.#partial + text).split("\n");
    this.#partial = lines.pop() ?? "";
    for (const line of lines) this.logs.push(parseLine(line));
    if (this.logs.length > KEPT_LINES) this.logs.splice(0, this.logs.length - KEPT_LINES);
  }

  tail(): string {
    const lines = this.logs.slice(-20).map((line) => JSON.stringify(line));
    return [...lines, this.stderr.trimEnd()].join("\n");
  }
}

const parseLine = (line: string): LogLine => {
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed === "object" && parsed !== null) return parsed as LogLine;
  } catch {
    // Not a log line.
  }
  return { unparsed: line };
};

class RunningProduct implements Product {
  readonly url: string;
  readonly #guard: Guard;
  readonly #child: GuardedProcess;
  readonly #output: Output;
  /** Of the last scrape. */
  #page: string | undefined;

  constructor(guard: Guard, child: GuardedProcess, output: Output, url: string) {
    this.#guard = guard;
    this.#child = child;
    this.#output = output;
    this.url = url;
  }

  get pid(): number {
    return this.#child.pid;
  }

  get logs(): readonly LogLine[] {
    return this.#output.logs;
  }

  stderr(): string {
    return this.#output.stderr;
  }

  running(): boolean {
    return this.#child.exit() === undefined;
  }

  async waitReady(timeoutMs = READY_TIMEOUT_MS): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    let last = "no answer";
    for (;;) {
      try {
        const response = await get(`${this.url}/readyz`, 2_000);
        last = `${response.status} ${(await response.text()).slice(0, 200)}`;
        if (response.status === 200) return;
      } catch {
        // Not listening yet.
      }
      const exit = this.#child.exit();
      if (exit) throw new Error(`the product ended, exit code ${exit.code ?? exit.signal}\n${this.#output.tail()}`);
      if (Date.now() > deadline) throw new Error(`the product is not ready: ${last}\n${this.#output.tail()}`);
      await sleep(POLL_MS);
    }
  }

  async metrics(): Promise<MetricsPage> {
    const last = this.#page;
    // The page is made once a second: the same again says nothing of what happened since. Two pages always differ, by the time the process has used.
    do {
      if (this.#page !== undefined && this.#page === last) await sleep(POLL_MS);
      const response = await get(`${this.url}/metrics`);
      if (response.status !== 200) throw new Error(`/metrics answered ${response.status}`);
      this.#page = await response.text();
    } while (this.#page === last);
    return parseMetrics(this.#page);
  }

  async exited(timeoutMs = STOP_TIMEOUT_MS): Promise<Exit> {
    const timeout = new AbortController();
    try {
      const exit = await Promise.race([
        this.#child.exited(),
        sleep(timeoutMs, undefined, { signal: timeout.signal }).then(() => {
          throw new Error(`the product still runs after ${timeoutMs} ms\n${this.#output.tail()}`);
        }),
      ]);
      // The exit and the output travel separately; with the guard gone too, every line has arrived.
      await this.#guard.close();
      await this.#output.ended;
      return exit;
    } finally {
      timeout.abort();
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.signal(name);
  }

  async stop(timeoutMs = STOP_TIMEOUT_MS): Promise<number | null> {
    this.signal("SIGTERM");
    return (await this.exited(timeoutMs)).code;
  }

  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.exited();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#guard.close();
  }
}
