/** (h) What the closing of very many windows at once does to everything else in the process: timers, and the question whether it lives. */

import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../support/free-ports.js";
import { DevicesAtOnce, GRACE_MS, nextWindow, WINDOW_MS } from "./devices-at-once.js";
import type { LoopDelay } from "./loop-probe.js";
import type { BenchContext, PartReport } from "./report.js";
import { startSmtpSink } from "./smtp-sink.js";
import { median, quantile, ratio } from "./stats.js";

/** Times the devices of (d). */
const MORE = 10;
const ASK_EVERY_MS = 20;
const PROBE = fileURLToPath(new URL("loop-probe.js", import.meta.url));

/** Of one window, in milliseconds. */
interface Closing {
  readonly loopP99: number;
  readonly loopMax: number;
  readonly livezMax: number;
  readonly acceptedP99: number;
  readonly acceptedMax: number;
}

export async function benchClosing(context: BenchContext): Promise<PartReport> {
  const { against, windows } = context.options;
  const runs: Closing[][] = [];
  for (const checkout of against === undefined ? [undefined] : [undefined, against]) {
    runs.push(await closings(context, checkout));
    context.say(`h  ${windows} windows closed${checkout === undefined ? "" : ", before"}`);
  }
  return report(context, runs);
}

async function closings(context: BenchContext, checkout: string | undefined): Promise<Closing[]> {
  const sink = await startSmtpSink();
  const port = await freePort();
  try {
    const devices = MORE * context.options.devices;
    const env = { LOOP_PROBE_PORT: String(port) };
    await using run = await DevicesAtOnce.start(context, sink, {
      devices,
      checkout,
      env,
      nodeFlags: [`--import=${PROBE}`],
    });
    const seen: Omit<Closing, "acceptedP99" | "acceptedMax">[] = [];
    for (let window = 0; window < context.options.windows; window++) {
      const start = nextWindow();
      await run.write(start);
      await sleep(Math.max(0, start + WINDOW_MS - Date.now()), undefined, { signal: context.signal });
      await loopDelay(port);
      const livezMax = await slowestWhile(run.allAccepted(), () => fetch(`${run.url}/livez`));
      const { p99, max } = await loopDelay(port);
      seen.push({ loopP99: p99, loopMax: max, livezMax });
    }
    const delays = await run.delays();
    return seen.map((one, window) => {
      const beyond = (delays[window] ?? []).map((delay) => delay - GRACE_MS);
      return { ...one, acceptedP99: quantile(beyond, 0.99), acceptedMax: quantile(beyond, 1) };
    });
  } finally {
    await sink.close();
  }
}

const loopDelay = async (port: number): Promise<LoopDelay> =>
  (await (await fetch(`http://127.0.0.1:${port}`)).json()) as LoopDelay;

/** Asks again and again until `over` resolves; milliseconds of the slowest answer. */
async function slowestWhile(over: Promise<void>, ask: () => Promise<Response>): Promise<number> {
  let slowest = 0;
  let isOver = false;
  const asking = async (): Promise<void> => {
    while (!isOver) {
      const startedAt = performance.now();
      await (await ask()).arrayBuffer();
      slowest = Math.max(slowest, performance.now() - startedAt);
      await sleep(ASK_EVERY_MS);
    }
  };
  const ended = over.finally(() => {
    isOver = true;
  });
  await Promise.all([ended, asking()]);
  return slowest;
}

function report({ options }: BenchContext, [ours = [], before]: readonly (readonly Closing[])[]): PartReport {
  const row = (name: string, of: readonly Closing[]) => {
    const ms = (what: keyof Closing) => Math.round(median(of.map((one) => one[what])));
    return {
      name,
      figures: {
        "loop p99": ms("loopP99"),
        "loop max": ms("loopMax"),
        "/livez max": ms("livezMax"),
        "accepted p99": ms("acceptedP99"),
        "accepted max": ms("acceptedMax"),
      },
    };
  };
  const of = (what: keyof Closing, name: string) =>
    before === undefined
      ? []
      : [
          {
            name,
            value: ratio(
              ours.map((one) => one[what]),
              before.map((one) => one[what]),
            ),
          },
        ];
  const mid = (what: keyof Closing) => median(ours.map((one) => one[what]));
  return {
    part: "h",
    title: `milliseconds while ${MORE * options.devices} windows close at once, median of ${options.windows} windows`,
    how: "How late a timer of 10 ms is; the slowest answer of /livez; from a window's end to its accepted mail, without the grace.",
    rows: [row("alert-digest", ours), ...(before === undefined ? [] : [row("alert-digest before", before)])],
    ratios: [
      { name: "ms: loop p99", value: mid("loopP99"), aim: { atMost: 25 } },
      { name: "ms: /livez at most", value: mid("livezMax"), aim: { atMost: 50 } },
      { name: "ms: all accepted, without the grace", value: mid("acceptedMax"), aim: { atMost: 4_000 } },
      ...of("loopP99", "loop p99, of alert-digest before"),
      ...of("livezMax", "/livez max, of alert-digest before"),
      ...of("acceptedMax", "all accepted, of alert-digest before"),
    ],
    raw: { ours, before },
  };
}
