import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { actionOf, PartitionPair, SIZE_MS } from "#test/support/partition-pair.js";
import { checkProperty } from "#test/support/property.js";

const rerun = "npm run test:volume -- core/partition.property";

test("whatever happens in whatever order, windows, mails, frontier and settled offsets are those of the slow oracle", () => {
  const options = fc.record({
    windowSizeMs: fc.constant(SIZE_MS),
    graceMs: fc.constantFrom(0, 100, 1500),
    maxListed: fc.constantFrom(1, 2, 5, 200),
    catchUpAfterMs: fc.constantFrom(0, 2000, Number.POSITIVE_INFINITY),
    firingForgetMs: fc.constantFrom(2000, 3_600_000),
    // 0: whatever is settled, the buffer is compacted, with windows open that go on.
    compactAboveBytes: fc.constantFrom(0, undefined),
  });
  const actions = fc.array(actionOf({ restarts: false, future: true, urgent: true }), {
    minLength: 1,
    maxLength: 120,
    size: "max",
  });
  checkProperty(
    fc.property(options, actions, (of, all) => {
      const pair = new PartitionPair(of);
      for (const action of all) pair.run(action);
      pair.finish();
      for (const [offset, times] of pair.mailed) assert.equal(times, 1, `alert ${offset} is in ${times} mails`);
    }),
    { runs: 120, rerun },
  );
});

/**
 * Exact within these limits, which no checkpoint can lift:
 * - an alert whose timestamp lies in the future counts as of the moment it is read, and a replay reads it at another moment;
 * - of the wall clock's closings above the frontier the last 32 are kept (see `checkpoint.test.ts` for what becomes of older ones).
 */
test("a restart from any checkpoint mails nothing settled again, loses nothing, comes to the same windows and merges what was merged", () => {
  const options = fc.record({
    windowSizeMs: fc.constant(SIZE_MS),
    graceMs: fc.constantFrom(0, 100, 1500),
    maxListed: fc.constantFrom(2, 200),
    catchUpAfterMs: fc.constantFrom(0, 2000, Number.POSITIVE_INFINITY),
    firingForgetMs: fc.constantFrom(2000, 3_600_000),
    // 0: whatever is settled, the buffer is compacted, with windows open that go on.
    compactAboveBytes: fc.constantFrom(0, undefined),
  });
  const actions = fc.array(actionOf({ restarts: true, future: false, urgent: true }), {
    minLength: 1,
    maxLength: 100,
    size: "max",
  });
  checkProperty(
    fc.property(options, actions, (of, all) => {
      const pair = new PartitionPair(of);
      for (const action of all) pair.run(action);
      pair.finish();
    }),
    { runs: 120, rerun },
  );
});

test("with REPEAT_INTERVALS, which windows are held, and which leave with which, is as the slow oracle says; each alert is counted in one mail", () => {
  const options = fc.record({
    windowSizeMs: fc.constant(SIZE_MS),
    graceMs: fc.constantFrom(0, 100, 1500),
    maxListed: fc.constantFrom(1, 3, 200),
    catchUpAfterMs: fc.constantFrom(0, 2000, 5000),
    firingForgetMs: fc.constant(3_600_000),
    repeatIntervalsMs: fc.constantFrom([2000], [3000, 7000], [1000, 1000, 2500, 20_000]),
    compactAboveBytes: fc.constantFrom(0, undefined),
  });
  const actions = fc.array(actionOf({ restarts: false, future: true, urgent: true, repeats: true }), {
    minLength: 1,
    maxLength: 120,
    size: "max",
  });
  checkProperty(
    fc.property(options, actions, (of, all) => {
      const pair = new PartitionPair(of);
      for (const action of all) pair.run(action);
      pair.finish();
      for (const [offset, times] of pair.mailed) assert.equal(times, 1, `alert ${offset} is in ${times} mails`);
    }),
    { runs: 120, rerun },
  );
});

test("with REPEAT_INTERVALS, a restart mails nothing settled again, loses nothing, and what was held leaves as one mail of its device, early at worst", () => {
  const options = fc.record({
    windowSizeMs: fc.constant(SIZE_MS),
    graceMs: fc.constantFrom(0, 100, 1500),
    maxListed: fc.constantFrom(2, 200),
    catchUpAfterMs: fc.constantFrom(0, 2000, 100_000),
    firingForgetMs: fc.constant(3_600_000),
    repeatIntervalsMs: fc.constantFrom([2000], [3000, 7000], [1000, 1000, 2500, 20_000]),
    compactAboveBytes: fc.constantFrom(0, undefined),
  });
  const actions = fc.array(actionOf({ restarts: true, future: false, urgent: true, repeats: true }), {
    minLength: 1,
    maxLength: 100,
    size: "max",
  });
  checkProperty(
    fc.property(options, actions, (of, all) => {
      const pair = new PartitionPair(of);
      for (const action of all) pair.run(action);
      pair.finish();
    }),
    { runs: 120, rerun },
  );
});
