import assert from "node:assert/strict";
import { test } from "node:test";
import { AnswerCache } from "#src/postgres/answer-cache.js";

const bench = (max = 3) => {
  const time = { now: 0 };
  return { time, cache: new AnswerCache<string>({ max, ttlMs: 100, elapsed: () => time.now }) };
};

test("an answer is fresh until its time is over, and is still known then", () => {
  const { cache, time } = bench();
  cache.put("k", "boiler", "a");
  time.now = 99;
  assert.equal(cache.fresh("k"), "a");
  time.now = 100;
  assert.equal(cache.fresh("k"), undefined);
  assert.equal(cache.last("k"), "a");
  cache.put("k", "boiler", "b");
  assert.equal(cache.fresh("k"), "b");
});

test("the answer that was not used for longest is forgotten first, expired or not", () => {
  const { cache } = bench();
  for (const key of ["a", "b", "c"]) cache.put(key, key, key);
  cache.fresh("a");
  cache.last("b");
  cache.put("d", "d", "d");
  assert.deepEqual(
    ["a", "b", "c", "d"].map((key) => cache.last(key)),
    ["a", "b", undefined, "d"],
  );
  assert.equal(cache.size, 3);
});

test("a device's answers are dropped together, also those with other labels, and nobody else's", () => {
  const { cache } = bench();
  cache.put("boiler 1", "boiler", "a");
  cache.put("boiler 2", "boiler", "b");
  cache.put("pump", "pump", "c");
  cache.drop("boiler");
  assert.deepEqual(
    ["boiler 1", "boiler 2", "pump"].map((key) => cache.last(key)),
    [undefined, undefined, "c"],
  );
  cache.drop("nobody");
  cache.drop();
  assert.equal(cache.last("pump"), undefined);
  assert.equal(cache.size, 0);
});

test("a device can be dropped again after its answers were replaced and evicted", () => {
  const { cache } = bench(2);
  cache.put("boiler 1", "boiler", "a");
  cache.put("boiler 1", "boiler", "b");
  cache.put("pump", "pump", "c");
  cache.put("fan", "fan", "d");
  assert.equal(cache.last("boiler 1"), undefined);
  cache.put("boiler 1", "boiler", "e");
  cache.drop("boiler");
  assert.equal(cache.last("boiler 1"), undefined);
});

test("everything can be made to expire at once", () => {
  const { cache } = bench();
  cache.put("a", "a", "a");
  cache.expireAll();
  assert.equal(cache.fresh("a"), undefined);
  assert.equal(cache.last("a"), "a");
});
