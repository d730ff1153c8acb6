import assert from "node:assert/strict";
import { test } from "node:test";
import { ABUSES, type Abuse, phaseAt, planOf, titleOf } from "#test/abuse/plan.js";

const EVERY = Object.keys(ABUSES) as readonly Abuse[];

test("nothing first, then each abuse alone and all at once after it", () => {
  const names = planOf(3_600, EVERY).map(({ name }) => name);
  assert.deepEqual(names, ["quiet", ...EVERY.flatMap((abuse) => [abuse, "all"])]);
  assert.deepEqual(
    planOf(3_600, ["crowd"]).map(({ name }) => name),
    ["quiet", "crowd"],
  );
});

test("phases follow each other without a gap, each with a calm end, and together they are the whole run", () => {
  const plan = planOf(60, EVERY);
  let end = 0;
  for (const { fromMs, calmMs, toMs } of plan) {
    assert.equal(fromMs, end);
    assert.ok(fromMs < calmMs && calmMs < toMs);
    end = toMs;
  }
  assert.equal(Math.round(end), 60_000);
});

test("all at once is every abuse that was chosen", () => {
  const all = planOf(60, ["flood", "mail"]).filter(({ name }) => name === "all");
  assert.deepEqual(
    all.map(({ abuses }) => abuses),
    [
      ["flood", "mail"],
      ["flood", "mail"],
    ],
  );
});

test("a moment belongs to one phase, and what comes after the end to the last one", () => {
  const plan = planOf(30, ["crowd"]);
  const at = (ms: number) => phaseAt(plan, ms)?.name;
  assert.deepEqual([at(-5), at(0), at(14_999), at(15_000), at(99_000)], ["quiet", "quiet", "quiet", "crowd", "crowd"]);
});

test("each phase has a title", () => {
  assert.equal(titleOf("quiet"), "nothing");
  assert.equal(titleOf("all"), "**all of these at once**");
  assert.equal(titleOf("labels"), ABUSES.labels);
});
