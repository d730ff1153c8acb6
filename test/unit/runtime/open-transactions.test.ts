import assert from "node:assert/strict";
import { test } from "node:test";
import { ALONE, endsAt, runtimeBench } from "#test/support/runtime-bench.js";
import { SECOND_0, settled } from "#test/support/virtual-clock.js";

test("behind an open transaction no window closes by the clock; what it kept back comes into its own windows, none of it late", async () => {
  const { clock, assignments, read, mailed, metrics } = runtimeBench();
  await clock.advance(20_000);
  assignments.joined([0], ALONE);
  await settled();
  read(0, [["a", 20]]);
  // At 21 s a transaction begins at offset 1; five alerts come behind it, and it is open for a minute.
  for (let looked = 21_000; looked < 81_000; looked += 400) {
    await clock.advance(400);
    assignments.endOffsets(clock.now(), endsAt(7, 1));
  }
  assert.deepEqual(mailed(), []);
  // Its one record was aborted.
  assignments.records(0, [], 2);
  read(
    0,
    [20, 21, 22, 50, 51].map((seconds) => ["a", seconds] as const),
  );
  await clock.advance(100);
  assert.deepEqual(mailed(), ["a 0: 0 2 3 4"]);
  assignments.endOffsets(clock.now() + 60_000, endsAt(7));
  await clock.advance(1_000);
  assert.deepEqual(mailed(), ["a 0: 0 2 3 4", "a 30: 5 6"]);
  const late = metrics.filter((call) => JSON.stringify(call).includes("late"));
  assert.deepEqual(late, []);
});

test("the end of the log is the high watermark: lag counts what lies behind an open transaction, from when the stable offset stood still", async () => {
  const { clock, assignments, read } = runtimeBench();
  await clock.advance(20_000);
  assignments.joined([0], ALONE);
  await settled();
  read(0, [["a", 20]]);
  const state = () => assignments.states()[0];
  const waitsSince = () => [state()?.openTransactionSince, state()?.behindOpenTransaction];
  assignments.endOffsets(SECOND_0 + 20_000, endsAt(1));
  assert.deepEqual(waitsSince(), [undefined, 0]);
  assignments.endOffsets(SECOND_0 + 21_000, endsAt(2, 1));
  assignments.endOffsets(SECOND_0 + 25_000, endsAt(7, 1));
  assert.deepEqual(waitsSince(), [SECOND_0 + 21_000, 6]);
  assert.deepEqual([state()?.endOffset, state()?.position], [7, 1]);
  // One ends, and another is open behind it.
  assignments.endOffsets(SECOND_0 + 30_000, endsAt(9, 5));
  assert.deepEqual(waitsSince(), [SECOND_0 + 30_000, 4]);
  assignments.endOffsets(SECOND_0 + 31_000, endsAt(9));
  assert.deepEqual(waitsSince(), [undefined, 0]);
});

test("what waits behind an open transaction is as old as the transaction, also for whoever takes the partition over", async () => {
  const { clock, assignments } = runtimeBench();
  await clock.advance(20_000);
  assignments.endOffsets(SECOND_0 + 20_000, endsAt(6, 0));
  await clock.advance(40_000);
  assignments.joined([0], ALONE);
  await settled();
  assignments.endOffsets(SECOND_0 + 60_000, endsAt(6, 0));
  assert.equal(assignments.states()[0]?.oldestUnsettledEventTime, SECOND_0 + 20_000);
});

test("a full buffer closes the windows of a partition behind an open transaction last, and when nothing else is open", async () => {
  const { clock, assignments, read, mailed, world } = runtimeBench({ bufferMaxAlerts: 4 });
  await clock.advance(20_000);
  assignments.joined([0, 1], ALONE);
  await settled();
  read(0, [
    ["a", 10],
    ["a", 11],
  ]);
  read(1, [["b", 12]]);
  assignments.endOffsets(SECOND_0 + 20_000, endsAt(9, 2));
  read(1, [["b", 13]]);
  await clock.advance(13_000);
  assert.deepEqual(mailed(), ["b 0: 0 1"]);
  assert.deepEqual([...world.paused], [], "that made room");
  read(0, [
    ["a", 14],
    ["a", 15],
  ]);
  assignments.endOffsets(SECOND_0 + 33_000, endsAt(9, 4));
  await clock.advance(500);
  assert.deepEqual(mailed(), ["b 0: 0 1", "a 0: 0 1 2 3"], "nothing else would end the pause");
});
