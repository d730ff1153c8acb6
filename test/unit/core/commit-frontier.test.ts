import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CommitFrontier, type HoldId } from "#src/core/commit-frontier.js";
import { eventTime } from "#src/core/time.js";
import { runsOf } from "#test/support/partition-oracle.js";
import { checkProperty } from "#test/support/property.js";

const hold = (frontier: CommitFrontier, offset: number): HoldId => frontier.hold(offset, eventTime(offset), offset - 1);

test("the frontier is the first offset of the oldest unsettled hold, else the position", () => {
  const frontier = new CommitFrontier(10);
  assert.equal(frontier.frontier, 10);
  const a = hold(frontier, 10);
  const b = hold(frontier, 11);
  frontier.extend(a, 12);
  frontier.extend(b, 13);
  frontier.skip(14);
  frontier.extend(a, 15);
  assert.equal(frontier.frontier, 10);
  assert.equal(frontier.settle(b), false);
  assert.equal(frontier.frontier, 10);
  assert.deepEqual(frontier.runs().settled, [
    [11, 11],
    [13, 14],
  ]);
  assert.deepEqual(frontier.runsOf(new Set([a]), 10, 15), [
    [10, 10],
    [12, 12],
    [15, 15],
  ]);
  assert.equal(frontier.settle(a), true);
  assert.equal(frontier.frontier, 16);
  assert.equal(frontier.holds, 0);
});

test("offsets jumped over need nothing, however many", () => {
  const frontier = new CommitFrontier(0);
  const a = hold(frontier, 5);
  frontier.skip(99_999);
  assert.equal(frontier.frontier, 5);
  assert.deepEqual(frontier.runs().settled, [[6, 99_999]]);
  frontier.settle(a);
  assert.equal(frontier.frontier, 100_000);
});

test("what a restart needs to know is that of the oldest hold", () => {
  const frontier = new CommitFrontier(0);
  const a = frontier.hold(0, eventTime(500), Number.NEGATIVE_INFINITY);
  frontier.hold(1, eventTime(700), 500);
  assert.deepEqual([frontier.timeBeforeFrontier, frontier.oldestEventTime], [undefined, 500]);
  frontier.settle(a);
  assert.deepEqual([frontier.timeBeforeFrontier, frontier.oldestEventTime], [500, 700]);
});

test("a pinned hold is settled, and still the frontier does not pass it before it is settled in full", () => {
  const frontier = new CommitFrontier(0);
  const ids = Array.from({ length: 4 }, (_, offset) => hold(frontier, offset));
  const [a, b, c] = ids as [HoldId, HoldId, HoldId, HoldId];
  frontier.pin(b);
  assert.deepEqual([frontier.frontier, frontier.runs().settled, frontier.oldestEventTime], [0, [[1, 1]], 0]);
  frontier.settle(a);
  frontier.settle(c);
  assert.deepEqual([frontier.frontier, frontier.runs().settled], [1, [[1, 2]]]);
  assert.deepEqual([frontier.timeBeforeFrontier, frontier.oldestEventTime], [0, 3]);
  frontier.settle(b);
  assert.deepEqual([frontier.frontier, frontier.runs().settled], [3, []]);
  assert.throws(() => frontier.pin(b), /settled twice/);
  const d = ids[3] as HoldId;
  frontier.pin(d);
  assert.throws(() => frontier.pin(d), /settled twice/);
});

test("with nothing but pinned holds left, nothing waits", () => {
  const frontier = new CommitFrontier(0);
  const ids = Array.from({ length: 3000 }, (_, offset) => hold(frontier, offset));
  for (const id of ids.slice(1)) frontier.pin(id);
  frontier.settle(ids[0] as HoldId);
  assert.deepEqual([frontier.frontier, frontier.oldestEventTime, frontier.holds], [1, undefined, 2999]);
  for (const id of ids.slice(1, -1)) frontier.settle(id);
  assert.deepEqual([frontier.frontier, frontier.oldestEventTime, frontier.holds], [2999, undefined, 1]);
  hold(frontier, 3000);
  assert.equal(frontier.oldestEventTime, 3000);
});

test("settling a hold twice is an error, not a step", () => {
  const frontier = new CommitFrontier(0);
  const a = hold(frontier, 0);
  const b = hold(frontier, 1);
  frontier.settle(b);
  assert.throws(() => frontier.settle(b), /settled twice/);
  frontier.settle(a);
  assert.throws(() => frontier.settle(a), /settled twice/);
  assert.throws(() => frontier.settle((b + 1) as HoldId), /not open/, "one that was never opened");
  assert.equal(frontier.frontier, 2);
});

test("offsets are counted only where something is held, however far apart", () => {
  const frontier = new CommitFrontier(4094);
  const a = hold(frontier, 4094);
  const b = hold(frontier, 4095);
  frontier.skip(19_999);
  frontier.extend(a, 20_000);
  assert.deepEqual(frontier.runs().settled, [[4096, 19_999]]);
  assert.deepEqual(frontier.runsOf(new Set([a]), 4094, 20_000), [
    [4094, 4094],
    [20_000, 20_000],
  ]);
  frontier.settle(b);
  assert.deepEqual(frontier.runs().settled, [[4095, 19_999]]);
  assert.equal(frontier.bytes, 2 * 4096 * 4 + 2 * 25, "two chunks of offsets, two holds");
});

test("a chunk of offsets that the frontier has come to is still added to", () => {
  const frontier = new CommitFrontier(4094);
  const a = hold(frontier, 4094);
  const b = hold(frontier, 4096);
  frontier.settle(a);
  const c = hold(frontier, 4097);
  assert.deepEqual(frontier.runsOf(new Set([b, c]), 4094, 4097), [[4096, 4097]]);
});

test("settled holds are forgotten, at the latest when there are 1,024 and as many as wait behind them", () => {
  for (const [all, before, enough] of [
    [2048, 1023, 1024],
    [4096, 2047, 2048],
  ] as const) {
    const frontier = new CommitFrontier(0);
    const ids = Array.from({ length: all }, (_, offset) => hold(frontier, offset));
    for (const id of ids.slice(0, before)) frontier.settle(id);
    assert.equal(frontier.bytes, 4096 * 4 + all * 25);
    frontier.settle(ids[before] as HoldId);
    assert.equal(frontier.bytes, 4096 * 4 + (all - enough) * 25);
    assert.deepEqual(
      [frontier.frontier, frontier.oldestEventTime, frontier.timeBeforeFrontier, frontier.holds],
      [enough, enough, enough - 1, all - enough],
    );
  }
});

test("memory follows what is unsettled also above a hold that stays so for long", () => {
  const frontier = new CommitFrontier(0);
  hold(frontier, 0);
  for (let offset = 1; offset < 40_000; offset += 100) frontier.settle(hold(frontier, offset));
  const before = frontier.bytes;
  assert.deepEqual(frontier.runs().settled, [[1, 39_901]]);
  assert.equal(frontier.bytes, before - 8 * 4096 * 4, "the first of ten chunks is needed, and the last goes on");
  assert.deepEqual(frontier.runs().settled, [[1, 39_901]]);
});

test("memory follows what is unsettled: 200,000 settled windows and a million offsets leave next to nothing", () => {
  const frontier = new CommitFrontier(0);
  let previous = hold(frontier, 0);
  for (let offset = 1; offset < 1_000_000; offset++) {
    if (offset % 5 !== 0) frontier.extend(previous, offset);
    else {
      const next = hold(frontier, offset);
      frontier.settle(previous);
      previous = next;
    }
  }
  frontier.settle(previous);
  assert.equal(frontier.frontier, 1_000_000);
  assert.ok(frontier.bytes < 100_000, `${frontier.bytes} bytes`);
});

test("with nothing held nothing has an age, and the next hold has its own, however many came before", () => {
  const frontier = new CommitFrontier(0);
  for (let offset = 0; offset < 100; offset++) {
    assert.deepEqual([frontier.oldestEventTime, frontier.timeBeforeFrontier], [undefined, undefined]);
    const one = hold(frontier, offset);
    assert.deepEqual([frontier.oldestEventTime, frontier.timeBeforeFrontier], [offset, offset - 1]);
    frontier.settle(one);
  }
});

test("any order of settling gives the frontier, the runs and the offsets of the plain way to say it", () => {
  const action = fc.record({
    act: fc.constantFrom("hold", "extend", "extend", "skip", "settle", "settle", "pin", "pass"),
    pick: fc.nat(30),
    jump: fc.oneof({ weight: 30, arbitrary: fc.constantFrom(0, 0, 1) }, { weight: 1, arbitrary: fc.constant(4095) }),
  });
  checkProperty(
    fc.property(fc.array(action, { maxLength: 200, size: "max" }), (actions) => {
      const frontier = new CommitFrontier(4090);
      let position = 4090;
      const held = new Map<HoldId, { state: "open" | "pinned" | "passed"; readonly offsets: number[] }>();
      for (const { act, pick, jump } of actions) {
        const [id, one] = [...held][pick % Math.max(1, held.size)] ?? [];
        if (act === "settle" || act === "pin" || act === "pass") {
          if (id === undefined || one === undefined) continue;
          if (act === "settle") held.delete(id);
          else if (one.state !== "open") continue;
          else one.state = act === "pin" ? "pinned" : "passed";
          frontier[act](id);
        } else {
          position += jump;
          if (act === "hold") held.set(hold(frontier, position), { state: "open", offsets: [position] });
          else if (act === "extend" && id !== undefined && one?.state === "open") {
            frontier.extend(id, position);
            one.offsets.push(position);
          } else frontier.skip(position);
          position++;
        }
        const all = [...held.values()];
        const firstOf = (some: typeof all): number => Math.min(position, ...some.flatMap(({ offsets }) => offsets));
        const lowest = firstOf(all);
        const open = all.filter(({ state }) => state === "open");
        assert.deepEqual(
          [frontier.position, frontier.frontier, frontier.holds === 0],
          [position, lowest, held.size === 0],
        );
        assert.equal(frontier.timeBeforeFrontier, held.size === 0 ? undefined : lowest - 1);
        assert.equal(frontier.oldestEventTime, open.length === 0 ? undefined : firstOf(open));
        const unsettled = new Set(all.filter(({ state }) => state !== "pinned").flatMap(({ offsets }) => offsets));
        const settled: number[] = [];
        for (let offset = lowest; offset < position; offset++) if (!unsettled.has(offset)) settled.push(offset);
        assert.deepEqual(frontier.runs().settled, runsOf(settled));
        for (const [hold, { state, offsets }] of position % 8 === 0 ? held : []) {
          if (state === "pinned") continue;
          assert.equal(frontier.firstOffset(hold), offsets[0]);
          assert.deepEqual(frontier.runsOf(new Set([hold]), lowest, position), runsOf(offsets));
        }
      }
    }),
    { runs: 15, rerun: "npm run test:unit -- core/commit-frontier" },
  );
});
