import assert from "node:assert/strict";
import { test } from "node:test";
import { LASTING, planOf, steadyStretch } from "#test/soak/plan.js";

const MINUTE_MS = 60_000;
const at = (minute: number): string | undefined => steadyStretch(minute * MINUTE_MS, 120);

test("the plan of a soak is in the order of time, and whoever joins leaves again", () => {
  const plan = planOf(120);
  assert.deepEqual(
    plan.map(({ atMs }) => atMs),
    plan.map(({ atMs }) => atMs).toSorted((a, b) => a - b),
  );
  const running = new Set<string>(LASTING);
  for (const event of plan) {
    if (event.kind === "join") {
      assert.ok(!running.has(event.instance));
      running.add(event.instance);
    } else if (event.kind === "leave") assert.ok(running.delete(event.instance));
  }
  assert.deepEqual([...running], [...LASTING]);
});

test("a shorter soak has the same plan in less time", () => {
  assert.deepEqual(
    planOf(60).map(({ atMs }) => atMs * 2),
    planOf(120).map(({ atMs }) => atMs),
  );
});

test("a stretch is named after its members and the side of the outage", () => {
  assert.equal(at(15), "3 members, before the outage");
  assert.equal(at(25), "2 members, before the outage");
  assert.equal(at(48), "2 members, after the outage");
  assert.equal(at(75), "4 members, after the outage");
  assert.equal(at(119), "2 members, after the outage");
});

test("warming up, the minutes after a change, the outage and what follows it belong to no stretch", () => {
  for (const minute of [0, 9.9, 10, 12, 20.1, 30, 35, 39.9, 40, 44.9, 50, 70, 120, 130]) {
    assert.equal(at(minute), undefined, `minute ${minute}`);
  }
});
