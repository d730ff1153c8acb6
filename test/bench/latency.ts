/** (d) From a window's end to the accepted mail, every device's window ending at the same instant; the product as its users run it. */

import { DevicesAtOnce, GRACE_MS, nextWindow, WINDOW_MS } from "./devices-at-once.js";
import type { BenchContext, PartReport } from "./report.js";
import { quantile } from "./stats.js";

export async function benchLatency(context: BenchContext): Promise<PartReport> {
  const { devices, windows } = context.options;
  await using run = await DevicesAtOnce.start(context, await context.sink());
  const start = nextWindow();
  for (let window = 0; window < windows; window++) {
    await run.write(start + window * WINDOW_MS);
    context.say(`d  window ${window + 1} of ${windows} written`);
  }
  const delays = (await run.delays()).flat();
  const seconds = (q: number, from = 0) => Number(((quantile(delays, q) - from) / 1_000).toFixed(3));
  return {
    part: "d",
    title: `seconds from a window's end to its accepted mail, ${devices} devices at once, ${windows} windows`,
    how: `\`alert-digest run\` with a grace of ${GRACE_MS / 1_000} s, which is the first part of every delay; the server's clock at its last reply.`,
    rows: [
      { name: "with grace", figures: { p50: seconds(0.5), p99: seconds(0.99), max: seconds(1) } },
      {
        name: "without",
        figures: { p50: seconds(0.5, GRACE_MS), p99: seconds(0.99, GRACE_MS), max: seconds(1, GRACE_MS) },
      },
    ],
    ratios: [],
    raw: { p50: seconds(0.5), p90: seconds(0.9), p99: seconds(0.99), max: seconds(1), graceSeconds: GRACE_MS / 1_000 },
  };
}
