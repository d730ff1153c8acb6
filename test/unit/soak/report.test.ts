import assert from "node:assert/strict";
import { test } from "node:test";
import { Punctuality } from "#test/soak/punctuality.js";
import { missedGoals, report } from "#test/soak/report.js";
import type { Sample } from "#test/soak/sampler.js";
import type { SoakResult } from "#test/soak/soak.js";

const MINUTE_MS = 60_000;
const MEGABYTE = 2 ** 20;

/** Two hours of A and B; `heapOf` says megabytes at a minute. */
const resultWith = (heapOf: (minute: number) => number, changed: Partial<SoakResult> = {}): SoakResult => ({
  ...{ minutes: 120, rate: 1_000, devices: 2_000, partitions: 48, alerts: 7_200_000, writingSeconds: 7_200 },
  account: {
    ...{ mails: 480_000, merged: 12, lost: 0, repeated: 0, unknown: 0, miscounted: 0 },
    ...{ outOfOrder: 0, windowsOutOfOrder: 0, devices: 2_000 },
  },
  samples: Array.from({ length: 120 }, (_, at) => at + 1).flatMap((minute) =>
    ["A", "B"].map((instance): Sample => {
      const heap = (heapOf(minute) + (minute % 3) / 10) * MEGABYTE;
      return {
        ...{ instance, atMs: minute * MINUTE_MS, heapAfterGc: heap, heapFloor: heap, rss: 120 * MEGABYTE + heap },
        ...{ lag: 15_000, buffered: 8_000, cpuSeconds: minute * 5, consumed: minute * 30_000 },
        ...{ mails: minute * 2_000, late: 0 },
      };
    }),
  ),
  punctuality: [{ minute: 12, mails: 4_000, late: 3, p50: 2_100, p99: 2_900, most: 5_400 }],
  ...{ loads: [2], processors: 2 },
  events: [{ atMs: 10 * MINUTE_MS, what: "C joins" }],
  ...{ problems: [], ended: true },
  ...changed,
});

test("a heap that swings around the same height is no goal missed", () => {
  assert.deepEqual(missedGoals(resultWith(() => 22)), []);
});

test("a heap that grows is told, with how much and how sure that is", () => {
  const [first = "", second = ""] = missedGoals(resultWith((minute) => 22 + minute / 20));
  assert.match(first, /^the heap of A grows: \+3\.\d\d ± 0\.\d\d MB an hour$/);
  assert.match(second, /^the heap of B grows/);
});

test("a step at the outage is told as levels and not as growth", () => {
  const result = resultWith((minute) => (minute < 35 ? 22 : 30));
  assert.deepEqual(missedGoals(result), []);
  assert.match(
    report(result),
    /\| A \| [+−]0\.\d+ ± \d\.\d+ \| [+−]0\.\d+ ± \d\.\d+ \| 22\.1 → 30\.1 \| 142\.1 → 150\.1 \|/,
  );
});

test("what the books say, what the instances did and a run that did not end are missed goals", () => {
  const { account } = resultWith(() => 22);
  const bad = resultWith(() => 22, {
    account: { ...account, lost: 1, repeated: 2, outOfOrder: 3 },
    problems: ["C ended with 1 after SIGTERM"],
    ended: false,
  });
  assert.deepEqual(missedGoals(bad), [
    "the run did not come to its end",
    "lost 1",
    "repeated 2",
    "alerts out of order: 3",
    "C ended with 1 after SIGTERM",
  ]);
});

test("the report has a row for each twelfth of the run, with what happened in it", () => {
  const text = report(resultWith(() => 22));
  assert.match(
    text,
    /7,200,000 alerts in 120 minutes \(1,000 a second\), 480,000 mails: 0 lost, 0 repeated, 0 out of order/,
  );
  assert.match(
    text,
    /\| 10–20 \| C joins \| 2 \| 30,000 \| 16,000 \| 22\.1 \| 142\.1 \| 4,000 \| 3 \| 2\.1 \| 2\.9 \|/,
  );
  assert.equal(text.match(/^\| \d+–\d+ \|/gm)?.length, 12);
});

test("a sample of a minute in which nothing was collected counts for the resident memory only", () => {
  const { samples, ...rest } = resultWith((minute) => 22 + minute);
  const without = samples.map(({ heapAfterGc: _, ...sample }) => ({ ...sample, rss: 120 * MEGABYTE }));
  assert.deepEqual(missedGoals({ ...rest, samples: without }), []);
});

test("a mail counts in the minute in which it came, and as late beyond the grace and three seconds", () => {
  const punctuality = new Punctuality();
  const began = 1_000 * MINUTE_MS + 20_000;
  punctuality.take(began, began - 2_000);
  punctuality.take(began + 1_000, began - 4_000);
  punctuality.take(began + 1_000, began - 4_001);
  punctuality.take(began + MINUTE_MS, began + MINUTE_MS - 2_500);
  assert.deepEqual(punctuality.minutes(began), [
    { minute: 0, mails: 3, late: 1, p50: 5_000, p99: 5_001, most: 5_001 },
    { minute: 1, mails: 1, late: 0, p50: 2_500, p99: 2_500, most: 2_500 },
  ]);
});
