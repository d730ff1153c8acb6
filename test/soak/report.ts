/** What docs/soak.md says of a soak, as Markdown, and whether its goals were reached. Pure. */

import { LASTING, steadyStretch } from "./plan.js";
import type { Sample } from "./sampler.js";
import { median, type Point, type Slope, slopeOf } from "./slope.js";
import type { SoakResult } from "./soak.js";

const MEGABYTE = 2 ** 20;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Megabytes an hour that a slope may have at least, as far as can be told: beyond it the memory grows. */
const HEAP_GROWTH = 1;
const RSS_GROWTH = 4;

export interface Memory {
  readonly instance: string;
  readonly heap: Slope | undefined;
  readonly rss: Slope | undefined;
  /** Medians over the steady minutes before the outage and after it, megabytes: heap after a full collection, and resident. */
  readonly heapMegabytes: readonly [before: number | undefined, after: number | undefined];
  readonly rssMegabytes: readonly [before: number | undefined, after: number | undefined];
}

export const memoryOf = (result: SoakResult): Memory[] =>
  LASTING.map((instance) => {
    const steady = result.samples.flatMap((sample) => {
      const group = steadyStretch(sample.atMs, result.minutes);
      return sample.instance !== instance || group === undefined ? [] : [{ sample, group }];
    });
    const points = (of: (sample: Sample) => number | undefined): Point[] =>
      steady.flatMap(({ sample, group }) => {
        const bytes = of(sample);
        return bytes === undefined ? [] : [{ hours: sample.atMs / HOUR_MS, value: bytes / MEGABYTE, group }];
      });
    const level = (of: Point[], side: string): number | undefined => {
      const own = of.filter(({ group }) => group.startsWith(`${LASTING.length} `) && group.includes(side));
      return own.length === 0 ? undefined : median(own.map(({ value }) => value));
    };
    const heap = points(({ heapAfterGc }) => heapAfterGc);
    const rss = points((sample) => sample.rss);
    return {
      instance,
      heap: slopeOf(heap),
      rss: slopeOf(rss),
      heapMegabytes: [level(heap, "before"), level(heap, "after")],
      rssMegabytes: [level(rss, "before"), level(rss, "after")],
    };
  });

export function missedGoals(result: SoakResult): string[] {
  const { account } = result;
  const goals: [boolean, string][] = [
    [!result.ended, "the run did not come to its end"],
    [account.lost > 0, `lost ${account.lost}`],
    [account.repeated > 0, `repeated ${account.repeated}`],
    [account.unknown > 0, `mailed, never produced: ${account.unknown}`],
    [account.miscounted > 0, `mails that say another number than they list: ${account.miscounted}`],
    [account.outOfOrder > 0, `alerts out of order: ${account.outOfOrder}`],
    [account.windowsOutOfOrder > 0, `mails out of order: ${account.windowsOutOfOrder}`],
  ];
  const grows = (what: string, slope: Slope | undefined, most: number): string[] =>
    slope !== undefined && slope.perHour - slope.plusMinus > most
      ? [`${what} grows: ${slopeText(slope)} MB an hour`]
      : [];
  return [
    ...goals.flatMap(([isMissed, text]) => (isMissed ? [text] : [])),
    ...memoryOf(result).flatMap(({ instance, heap, rss }) => [
      ...grows(`the heap of ${instance}`, heap, HEAP_GROWTH),
      ...grows(`the resident memory of ${instance}`, rss, RSS_GROWTH),
    ]),
    ...result.problems,
  ];
}

const whole = (value: number): string => Math.round(value).toLocaleString("en");
const slopeText = (slope: Slope | undefined): string =>
  slope === undefined ? "too few samples" : `${signed(slope.perHour)} ± ${slope.plusMinus.toFixed(2)}`;
const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
const fromTo = ([before, after]: readonly [number | undefined, number | undefined]): string =>
  [before, after].map((value) => value?.toFixed(1) ?? "–").join(" → ");

export function report(result: SoakResult): string {
  const { account, alerts, writingSeconds, loads, processors } = result;
  return [
    `${whole(alerts)} alerts in ${whole(writingSeconds / 60)} minutes (${whole(alerts / writingSeconds)} a second), ${whole(account.mails)} mails: ` +
      `${account.lost} lost, ${account.repeated} repeated, ${account.outOfOrder + account.windowsOutOfOrder} out of order.`,
    ...(loads.length === 0
      ? []
      : [`Median load of the machine: ${median(loads).toFixed(1)}, on ${processors} processors.`]),
    "",
    "| instance | heap, MB an hour | RSS, MB an hour | heap before → after the outage, MB | RSS before → after, MB |",
    "|---|--:|--:|--:|--:|",
    ...memoryOf(result).map(
      ({ instance, heap, rss, heapMegabytes, rssMegabytes }) =>
        `| ${instance} | ${slopeText(heap)} | ${slopeText(rss)} | ${fromTo(heapMegabytes)} | ${fromTo(rssMegabytes)} |`,
    ),
    "",
    "| minutes | what happened | members | most lag | most in memory | heap of A, MB | RSS of A, MB | mails | late | p50, s | p99, s |",
    "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ...spans(result),
    "",
  ].join("\n");
}

const SPANS = 12;

function spans(result: SoakResult): string[] {
  const lengthMs = Math.max(MINUTE_MS, (result.minutes * MINUTE_MS) / SPANS);
  const rows: string[] = [];
  for (let from = 0; from < result.minutes * MINUTE_MS; from += lengthMs) {
    const within = (atMs: number): boolean => atMs > from && atMs <= from + lengthMs;
    const samples = result.samples.filter(({ atMs }) => within(atMs));
    const mails = result.punctuality.filter(({ minute }) => within((minute + 0.5) * MINUTE_MS));
    const events = result.events.filter(({ atMs }) => atMs >= from && atMs < from + lengthMs).map(({ what }) => what);
    const first = samples.filter(({ instance }) => instance === LASTING[0]);
    const megabytes = (values: readonly number[]): string =>
      values.length === 0 ? "–" : (median(values) / MEGABYTE).toFixed(1);
    const most = (of: (minute: (typeof mails)[number]) => number): string =>
      mails.length === 0 ? "–" : (Math.max(...mails.map(of)) / 1_000).toFixed(1);
    const members = new Set(samples.map(({ instance }) => instance)).size;
    const cells = [
      `${Math.round(from / MINUTE_MS)}–${Math.round((from + lengthMs) / MINUTE_MS)}`,
      events.join(", "),
      members,
      whole(mostTogether(samples, ({ lag }) => lag)),
      whole(mostTogether(samples, ({ buffered }) => buffered)),
      megabytes(first.flatMap(({ heapAfterGc }) => heapAfterGc ?? [])),
      megabytes(first.map(({ rss }) => rss)),
      whole(mails.reduce((sum, minute) => sum + minute.mails, 0)),
      whole(mails.reduce((sum, minute) => sum + minute.late, 0)),
      most(({ p50 }) => p50),
      most(({ p99 }) => p99),
    ];
    rows.push(`| ${cells.join(" | ")} |`);
  }
  return rows;
}

/** The most that all instances had together in one minute. */
function mostTogether(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const sums = new Map<number, number>();
  for (const sample of samples) {
    const minute = Math.round(sample.atMs / MINUTE_MS);
    sums.set(minute, (sums.get(minute) ?? 0) + of(sample));
  }
  return Math.max(0, ...sums.values());
}
