/** (g) What a recipient whose mailbox is always full costs the other one: two products side by side, which get their windows in turn. */

import { DevicesAtOnce, GRACE_MS, nextWindow, WINDOW_MS } from "./devices-at-once.js";
import { MAIL_TO } from "./product-parts.js";
import type { BenchContext, PartReport } from "./report.js";
import { DEFERRED, startSmtpSink } from "./smtp-sink.js";
import { median, quantile, ratio } from "./stats.js";

export async function benchDeferred(context: BenchContext): Promise<PartReport> {
  const sinks = await Promise.all([startSmtpSink(), startSmtpSink()]);
  try {
    await using alone = await DevicesAtOnce.start(context, sinks[0]);
    await using beside = await DevicesAtOnce.start(context, sinks[1], { mailTo: `${MAIL_TO},${DEFERRED}` });
    const { windows } = context.options;
    const start = nextWindow();
    for (let window = 0; window < windows; window++) {
      for (const [turn, run] of [alone, beside].entries()) await run.write(start + (2 * window + turn) * WINDOW_MS);
      context.say(`g  window ${window + 1} of ${windows} written for both`);
    }
    return report(context, { alone: await alone.delays(), beside: await beside.delays() });
  } finally {
    for (const sink of sinks) await sink.close();
  }
}

type Delays = Readonly<Record<"alone" | "beside", readonly (readonly number[])[]>>;

function report({ options }: BenchContext, delays: Delays): PartReport {
  const { devices, windows } = options;
  const ofEach = (of: keyof Delays, q: number, from = 0) => delays[of].map((window) => quantile(window, q) - from);
  const figures = (of: keyof Delays) => {
    const seconds = (q: number) => Number((median(ofEach(of, q)) / 1_000).toFixed(3));
    return { p50: seconds(0.5), p99: seconds(0.99), max: seconds(1) };
  };
  const against = (from: number) => ratio(ofEach("beside", 0.99, from), ofEach("alone", 0.99, from));
  return {
    part: "g",
    title: `seconds from a window's end to one recipient's mail, ${devices} devices at once, median of ${windows} windows`,
    how: `As (d), a grace of ${GRACE_MS / 1_000} s included. The other recipient is deferred at every attempt (452 4.2.2).`,
    rows: [
      { name: "one recipient", figures: figures("alone") },
      { name: "beside one that is always deferred", figures: figures("beside") },
    ],
    ratios: [
      { name: "p99 beside a deferred recipient, of p99 alone", value: against(0), aim: { atMost: 1.1 } },
      { name: "the same without the grace", value: against(GRACE_MS) },
    ],
    raw: { alone: ofEach("alone", 0.99), beside: ofEach("beside", 0.99) },
  };
}
