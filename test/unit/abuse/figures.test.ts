import assert from "node:assert/strict";
import { test } from "node:test";
import { Figures } from "#test/abuse/figures.js";
import { planOf } from "#test/abuse/plan.js";

/** Fifteen seconds of nothing, then of a crowd; windows of five seconds, and it begins with one. */
const BEGAN = 1_000_000;
const PLAN = planOf(30, ["crowd"]);
const figures = () => new Figures(PLAN, BEGAN, 5_000);

test("an alert counts from the end of its window, in the phase in which it was made", () => {
  const all = figures();
  all.made("A1", BEGAN + 14_000);
  all.mailed("A1", BEGAN + 18_500);
  all.made("A2", BEGAN + 15_000);
  all.mailed("A2", BEGAN + 21_000);
  const [quiet, crowd] = all.phases();
  assert.deepEqual([quiet?.alerts, quiet?.delayMostMs], [1, 3_500]);
  assert.deepEqual([crowd?.alerts, crowd?.delayMostMs], [1, 1_000]);
});

test("the first mail counts, and what is in no mail is lost", () => {
  const all = figures();
  all.made("A1", BEGAN);
  all.made("A2", BEGAN);
  all.mailed("A1", BEGAN + 7_000);
  all.mailed("A1", BEGAN + 60_000);
  all.mailed("unknown", BEGAN + 60_000);
  const [quiet, crowd] = all.phases();
  assert.deepEqual([quiet?.lost, quiet?.delayMostMs, crowd?.lost], [1, 2_000, 0]);
});

test("99 of 100 are told apart from the last one", () => {
  const all = figures();
  for (let i = 0; i < 200; i++) {
    all.made(`A${i}`, BEGAN);
    all.mailed(`A${i}`, BEGAN + 5_000 + (i < 199 ? 100 : 9_000));
  }
  const [quiet] = all.phases();
  assert.deepEqual([quiet?.delayP99Ms, quiet?.delayMostMs], [100, 9_000]);
});

test("the longest wait of each port and the most memory stand in their phase; phases of one name are one row", () => {
  const all = new Figures(planOf(50, ["crowd", "mail"]), BEGAN, 5_000);
  all.livez("probe", BEGAN + 21_000, 300);
  all.livez("probe", BEGAN + 41_000, 200);
  all.livez("page", BEGAN + 41_000, 2_000);
  const [first] = planOf(50, ["crowd", "mail"]).filter(({ name }) => name === "all");
  assert.ok(first);
  all.resident(first, 100);
  all.resident(first, 90);
  const rows = all.phases();
  assert.deepEqual(
    rows.map(({ name, seconds }) => [name, seconds]),
    [
      ["quiet", 10],
      ["crowd", 10],
      ["all", 20],
      ["mail", 10],
    ],
  );
  const together = rows[2];
  assert.deepEqual([together?.probeLivezMs, together?.pageLivezMs, together?.rssBytes], [300, 2_000, 100]);
  assert.deepEqual([together?.processorShare, rows[0]?.rssBytes], [undefined, undefined]);
});

test("an instance that waited for a processor three times as long as it ran had a quarter of it", () => {
  const all = figures();
  const [quiet] = PLAN;
  assert.ok(quiet);
  all.processor(quiet, { ranMs: 100, waitedMs: 100 });
  all.processor(quiet, { ranMs: 100, waitedMs: 500 });
  assert.equal(all.phases()[0]?.processorShare, 0.25);
});
