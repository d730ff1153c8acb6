/** Two instances of the product, in one group. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Exit } from "../support/guard.js";
import { type MetricsPage, parseMetrics } from "../support/metrics-page.js";
import { type Product, startProduct } from "../support/product.js";
import type { DemoTexts } from "./texts.js";

const INSTANCES = 2;
const POLL_MS = 250;
const STOP_TIMEOUT_MS = 15_000;
const LOG_LINES_ON_FAILURE = 40;

export interface Instances {
  readonly all: readonly Product[];
  /** Those of all that run, as one page. */
  metrics(): Promise<MetricsPage>;
  /** Rejects as soon as one of them has ended, or `signal` aborts. */
  failWhenEnded(signal: AbortSignal): Promise<never>;
  /** In order, so that they leave their group; a member that vanished would keep the group from being deleted. */
  stop(): Promise<(number | null)[]>;
  logTail(texts: DemoTexts): string;
}

/** `own`: told of each before it is ready, so that it is ended however the start goes on. */
export async function startInstances(
  env: Readonly<Record<string, string>>,
  own: (end: () => Promise<unknown>) => void,
): Promise<Instances> {
  const all: Product[] = [];
  own(() => Promise.all(all.map(end)));
  for (let number = 1; number <= INSTANCES; number++) all.push(await startProduct({ env }));
  return {
    all,
    async metrics() {
      const pages = await Promise.all(all.filter((one) => one.running()).map((one) => one.metrics()));
      return parseMetrics(pages.map(({ text }) => text).join("\n"));
    },
    async failWhenEnded(signal) {
      for (;;) {
        const ended = all.find((one) => !one.running());
        if (ended !== undefined)
          throw new Error(`an instance ended while it was needed: ${howOf(await ended.exited())}`);
        await sleep(POLL_MS, undefined, { signal });
      }
    },
    stop: () => Promise.all(all.map((one) => (one.running() ? one.stop() : one.exited().then(({ code }) => code)))),
    logTail: (texts) => all.map((one, index) => tailOf(one, texts.lastLines(index + 1))).join("\n"),
  };
}

export const howOf = ({ code, signal }: Exit): string => (signal === null ? `exit code ${code}` : signal);

async function end(product: Product): Promise<void> {
  try {
    if (product.running()) await product.stop(STOP_TIMEOUT_MS);
  } finally {
    await product[Symbol.asyncDispose]();
  }
}

function tailOf(product: Product, title: string): string {
  const lines = product.logs.slice(-LOG_LINES_ON_FAILURE).map((line) => JSON.stringify(line));
  return [title, ...lines, product.stderr().trimEnd()].join("\n");
}
