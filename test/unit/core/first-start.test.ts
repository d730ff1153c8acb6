import assert from "node:assert/strict";
import { test } from "node:test";
import {
  planStart,
  type StartAt,
  type StartingPartition,
  startOffset,
  startText,
  summarizeStart,
} from "#src/core/first-start.js";

const log = (partition: number, offset?: number): StartingPartition => ({
  partition,
  offset,
  logStart: 10,
  logEnd: 50,
  logStable: 40,
});
const EARLIEST: StartAt = { kind: "earliest" };
const LATEST: StartAt = { kind: "latest" };
const SPAN: StartAt = { kind: "span", spanMs: 1_000 };

const plan = (how: Partial<Parameters<typeof planStart>[0]>) => {
  const found = planStart({
    startAt: LATEST,
    partitions: [log(0), log(1), log(2)],
    own: new Set([0, 1]),
    ownsFirst: true,
    hasBegun: false,
    mustWaitForOthers: false,
    ...how,
  });
  return found === undefined
    ? "waits"
    : `${found.begin.map(({ partition }) => partition).join(" ")}: ${found.at.kind}${found.besideOthers ? ", beside others" : ""}`;
};

test("a group that never read the topic begins where it is told to; for latest and a span one member decides for all partitions, and the others wait", () => {
  assert.equal(plan({}), "0 1 2: latest");
  assert.equal(plan({ startAt: SPAN }), "0 1 2: span");
  assert.equal(plan({ own: new Set([2]), ownsFirst: false }), "waits");
  assert.equal(plan({ startAt: EARLIEST }), "0 1: earliest");
  assert.equal(plan({ startAt: EARLIEST, own: new Set([2]), ownsFirst: false }), "2: earliest");
});

test("beside partitions with a commit, or after one, a partition without begins where its log does, whatever is asked for", () => {
  for (const startAt of [EARLIEST, LATEST, SPAN]) {
    const partitions = [log(0, 12), log(1), log(2)];
    assert.equal(plan({ startAt, partitions }), "1: earliest, beside others");
    assert.equal(plan({ startAt, partitions, own: new Set([2]), ownsFirst: false }), "2: earliest, beside others");
    assert.equal(plan({ startAt, hasBegun: true }), "0 1: earliest, beside others");
  }
});

test("who decides for all waits for partitions of which nothing is known, but not where everything begins at the start anyway", () => {
  assert.equal(plan({ mustWaitForOthers: true }), "waits");
  assert.equal(plan({ startAt: EARLIEST, mustWaitForOthers: true }), "0 1: earliest");
  assert.equal(plan({ partitions: [log(0, 12), log(1)], mustWaitForOthers: true }), "1: earliest, beside others");
});

test("latest is the last stable offset, a span its first record, and both lie within the log", () => {
  assert.equal(startOffset(EARLIEST, log(0), undefined), 10);
  assert.equal(startOffset(LATEST, log(0), { offset: 20, timestampMs: 0 }), 40);
  assert.equal(startOffset(SPAN, log(0), { offset: 20, timestampMs: 0 }), 20);
  assert.equal(startOffset(SPAN, log(0), undefined), 40);
  assert.equal(startOffset(SPAN, log(0), { offset: 3, timestampMs: 0 }), 10);
  assert.equal(startOffset(SPAN, log(0), { offset: 60, timestampMs: 0 }), 50);
});

test("what is told: how many records will be mailed, since when, how many are skipped", () => {
  assert.deepEqual(
    summarizeStart([
      { log: log(0), offset: 10, first: { offset: 10, timestampMs: 700 } },
      { log: log(1), offset: 45, first: { offset: 45, timestampMs: 500 } },
      { log: log(2), offset: 50, first: { offset: 10, timestampMs: 100 } },
    ]),
    { records: 45, sinceMs: 500, skipped: 75 },
  );
  assert.deepEqual(summarizeStart([{ log: log(0), offset: 10, first: undefined }]), {
    records: 40,
    sinceMs: undefined,
    skipped: 0,
  });
  assert.deepEqual(summarizeStart([]), { records: 0, sinceMs: undefined, skipped: 0 });
});

test("where a start begins is told as the variable takes it", () => {
  const span = (spanMs: number): StartAt => ({ kind: "span", spanMs });
  assert.deepEqual(
    [span(7_200_000), span(5_400_000), span(61_000), span(1_500), { kind: "latest" } as const].map(startText),
    ["2h", "90m", "61s", "1500ms", "latest"],
  );
});
