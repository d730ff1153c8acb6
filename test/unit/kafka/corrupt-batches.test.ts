import assert from "node:assert/strict";
import { test } from "node:test";
import { CorruptBatches } from "#src/kafka/corrupt-batches.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const desk = () => {
  const clock = new VirtualClock();
  const lines: string[] = [];
  const line =
    (level: string) =>
    (about: object): void =>
      void lines.push(`${level} ${(about as { times?: number }).times ?? ""}`.trim());
  const log = {
    debug: line("debug"),
    info: line("info"),
    warn: line("warn"),
    error: line("error"),
    fatal: line("fatal"),
  };
  let changes = 0;
  const corrupt = new CorruptBatches({ clock, log, onChanged: () => changes++ });
  return { clock, lines, corrupt, changes: () => changes };
};

const BROKEN = { offset: 7, problem: "its checksum is wrong" };

test("the partition waits, is fetched again soon, and then at growing distances; the second time it is an error", async () => {
  const { clock, lines, corrupt } = desk();
  const waits: number[] = [];
  for (let times = 0; times < 9; times++) {
    corrupt.found(3, BROKEN);
    assert.deepEqual([...corrupt.held], [3]);
    const from = clock.elapsed();
    while (corrupt.held.size > 0) await clock.step();
    waits.push(clock.elapsed() - from);
  }
  assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  assert.deepEqual(lines.slice(0, 3), ["warn 1", "error 2", "error 3"]);
});

test("one that is only too large is an error at once, and waits like the others", () => {
  const { lines, corrupt } = desk();
  corrupt.found(3, { ...BROKEN, isTooLarge: true });
  assert.deepEqual([lines, [...corrupt.held]], [["error 1"], [3]]);
});

test("what is sound before it counts for nothing; once it is read itself, all is well", async () => {
  const { clock, lines, corrupt } = desk();
  corrupt.found(3, BROKEN);
  corrupt.read(3, 7);
  assert.deepEqual([...corrupt.held], [3]);
  await clock.advance(500);
  corrupt.read(3, 8);
  assert.deepEqual(lines, ["warn 1", "info"]);
  corrupt.found(3, BROKEN);
  assert.equal(lines.at(-1), "warn 1", "counted anew");
});

test("another batch of the partition counts from the beginning; other partitions have counts of their own", async () => {
  const { clock, lines, corrupt } = desk();
  corrupt.found(3, BROKEN);
  await clock.advance(500);
  corrupt.found(3, { ...BROKEN, offset: 90 });
  corrupt.found(4, BROKEN);
  assert.deepEqual(lines, ["warn 1", "warn 1", "warn 1"]);
  assert.deepEqual([...corrupt.held], [3, 4]);
});

test("with the membership what was held is forgotten, and no timer is left", () => {
  const { clock, corrupt } = desk();
  corrupt.found(3, BROKEN);
  corrupt.forget();
  assert.deepEqual([corrupt.held.size, clock.pending], [0, 0]);
});
