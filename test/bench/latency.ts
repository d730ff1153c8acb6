/** (d) From a window's end to the accepted mail, every device's window ending at the same instant; the product as its users run it. */

import { DevicesAtOnce, GRACE_MS, nextWindow, WINDOW_MS } from "./devices-at-once.js";
import type { BenchContext, PartReport } from "./report.js";
import { startSmtpSink } from "./smtp-sink.js";
import { median, quantile, ratio } from "./stats.js";

export async function benchLatency(context: BenchContext): Promise<PartReport> {
  const { against, windows } = context.options;
  const checkouts = against === undefined ? [undefined] : [undefined, against];
  const sinks = await Promise.all(checkouts.map(() => startSmtpSink()));
  const runs: DevicesAtOnce[] = [];
  try {
    for (const [at, sink] of sinks.entries())
      runs.push(await DevicesAtOnce.start(context, sink, { checkout: checkouts[at] }));
    const start = nextWindow();
    for (let window = 0; window < windows; window++) {
      for (const [turn, run] of runs.entries()) await run.write(start + (window * runs.length + turn) * WINDOW_MS);
      context.say(`d  window ${window + 1} of ${windows} written`);
    }
    const delays: (readonly (readonly number[])[])[] = [];
    for (const run of runs) delays.push(await run.delays());
    return report(context, delays);
  } finally {
    for (const run of runs) await run[Symbol.asyncDispose]();
    for (const sink of sinks) await sink.close();
  }
}

/** `delays`: of the product, and of the one before where it takes part; of each window. */
function report({ options }: BenchContext, delays: readonly (readonly (readonly number[])[])[]): PartReport {
  const { devices, windows } = options;
  const [ours = [], before] = delays;
  const ofEach = (of: readonly (readonly number[])[], q: number) => of.map((window) => quantile(window, q) - GRACE_MS);
  const row = (name: string, of: readonly (readonly number[])[]) => {
    const seconds = (q: number) => Number((median(ofEach(of, q)) / 1_000).toFixed(3));
    return { name, figures: { p50: seconds(0.5), p99: seconds(0.99), max: seconds(1) } };
  };
  const against = (q: number) => (before === undefined ? 0 : ratio(ofEach(ours, q), ofEach(before, q)));
  return {
    part: "d",
    title: `seconds from a window's end to its accepted mail, without the grace, ${devices} devices at once, median of ${windows} windows`,
    how: `\`alert-digest run\` with a grace of ${GRACE_MS / 1_000} s, which every delay has on top; the server's clock at its last reply.`,
    rows: [row("alert-digest", ours), ...(before === undefined ? [] : [row("alert-digest before", before)])],
    ratios:
      before === undefined
        ? []
        : [
            { name: "p99, of alert-digest before", value: against(0.99), aim: { atMost: 0.5 } },
            { name: "p50, of the same", value: against(0.5) },
          ],
    raw: { ours: ofEach(ours, 0.99), before: before === undefined ? undefined : ofEach(before, 0.99) },
  };
}
