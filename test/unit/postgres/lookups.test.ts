import assert from "node:assert/strict";
import { test } from "node:test";
import { LookupBench } from "./lookup-bench.js";

test("windows that close in one moment are asked about in one query, each device once", async () => {
  const bench = new LookupBench();
  for (const device of ["a", "b", "a"]) bench.want(device);
  await bench.clock.advance(1);
  bench.want("c");
  await bench.gathered();
  assert.deepEqual(
    bench.queries.map(({ devices }) => devices),
    [["a", "b", "c"]],
  );
  await bench.last.answer();
  assert.deepEqual(bench.answers.toSorted(), [
    "a a@example.com",
    "a a@example.com",
    "b b@example.com",
    "c c@example.com",
  ]);
  assert.deepEqual(bench.counts, { asked: 4 });
});

test("a query has at most 500 devices, and no more queries run at once than there are connections", async () => {
  const bench = new LookupBench({ connections: 2 });
  for (let i = 0; i < 1_700; i++) bench.want(`d${i}`);
  await bench.gathered();
  assert.deepEqual(
    bench.queries.map(({ devices }) => devices.length),
    [500, 500],
  );
  await bench.queries[1]?.answer();
  assert.equal(bench.queries.length, 3);
  await bench.queries[0]?.answer();
  await bench.queries[2]?.answer();
  assert.deepEqual(
    bench.queries.map(({ devices }) => devices.length),
    [500, 500, 500, 200],
  );
  await bench.last.answer();
  assert.equal(bench.answers.length, 1_700);
});

test("a query carries a bounded amount of labels", async () => {
  const bench = new LookupBench({ connections: 100 });
  for (let i = 0; i < 5; i++) bench.want(`d${i}`, { note: "x".repeat(400_000) });
  await bench.gathered();
  assert.deepEqual(
    bench.queries.map(({ devices }) => devices.length),
    [2, 2, 1],
  );
});

test("who asks what is being asked already waits for that answer", async () => {
  const bench = new LookupBench();
  bench.want("a");
  await bench.gathered();
  bench.want("a");
  await bench.gathered();
  assert.equal(bench.queries.length, 1);
  await bench.last.answer();
  assert.equal(bench.answers.length, 2);
});

test("an answer counts for its time and is asked for again after it", async () => {
  const bench = new LookupBench({ cacheTtlMs: 1_000 });
  await bench.know("a");
  bench.want("a");
  await bench.clock.advance(900);
  assert.deepEqual([bench.answers.length, bench.queries.length], [1, 1]);
  await bench.clock.advance(100);
  bench.want("a");
  await bench.gathered();
  assert.equal(bench.queries.length, 2);
  await bench.last.answer();
  assert.deepEqual(bench.counts, { asked: 2, cached: 1 });
});

test("labels of all alerts are asked with, the later alert's where two differ, and their order makes no difference", async () => {
  const bench = new LookupBench();
  bench.want("a", { site: "busan-1", line: "1" }, undefined, { site: "busan-2" });
  bench.want("a", { line: "1", site: "busan-2" });
  await bench.gathered();
  assert.deepEqual(bench.last.requests, [{ deviceId: "a", labels: '{"line":"1","site":"busan-2"}' }]);
  await bench.last.answer();
  bench.want("a", { line: "2" });
  await bench.gathered();
  assert.equal(bench.queries.length, 2, "other labels, another answer");
});

test("labels are no question of a query that does not read them", async () => {
  const bench = new LookupBench({ usesLabels: false });
  bench.want("a", { trace: "1" });
  bench.want("a", { trace: "2" });
  await bench.gathered();
  assert.deepEqual(bench.last.requests, [{ deviceId: "a", labels: "{}" }]);
});

test("what PostgreSQL cannot store in a text does not reach it", async () => {
  const bench = new LookupBench();
  bench.want("a\0b\uD800c\u{1F600}", { "x\0": "\uDC00", ["__proto__"]: "y" });
  await bench.gathered();
  const labels = '{"__proto__":"y","x\uFFFD":"\uFFFD"}';
  assert.deepEqual(bench.last.requests, [{ deviceId: "a\uFFFDb\uFFFDc\u{1F600}", labels }]);
});

test("a change of a device is asked for, and nobody else is", async () => {
  const bench = new LookupBench();
  await bench.know("a", "b");
  bench.lookups.changed("a");
  bench.want("a");
  bench.want("b");
  await bench.gathered();
  assert.deepEqual(bench.last.devices, ["a"]);
  assert.deepEqual(bench.answers, ["b b@example.com"]);
  bench.lookups.changed();
  bench.want("b");
  await bench.gathered();
  assert.deepEqual(bench.last.devices, ["b"]);
});

test("an answer that was on its way when the change came is not kept, and not given to who asks after the change", async () => {
  const bench = new LookupBench();
  bench.want("a");
  bench.want("b");
  await bench.gathered();
  bench.lookups.changed("a");
  bench.want("a");
  await bench.gathered();
  assert.deepEqual(bench.last.devices, ["a"]);
  await bench.queries[0]?.answer("old.example");
  assert.deepEqual(bench.answers.splice(0), ["a a@old.example", "b b@old.example"]);
  await bench.queries[1]?.answer("new.example");
  bench.want("a");
  bench.want("b");
  await bench.gathered();
  assert.deepEqual(bench.answers, ["a a@new.example", "a a@new.example", "b b@old.example"]);
  assert.equal(bench.queries.length, 2);
});

test("the old answer does not replace the newer one when it comes last", async () => {
  const bench = new LookupBench();
  bench.want("a");
  await bench.gathered();
  bench.lookups.changed("a");
  bench.want("a");
  await bench.gathered();
  await bench.queries[1]?.answer("new.example");
  await bench.queries[0]?.answer("old.example");
  bench.want("a");
  await bench.gathered();
  assert.equal(bench.answers.at(-1), "a a@new.example");
});

test("an outdated answer does not end the sharing of the newer one", async () => {
  const bench = new LookupBench();
  bench.want("a");
  await bench.gathered();
  bench.lookups.changed("a");
  bench.want("a");
  await bench.gathered();
  await bench.queries[0]?.answer("old.example");
  bench.want("a");
  await bench.gathered();
  assert.equal(bench.queries.length, 2);
});

test("a change while a request only waits to be asked does not make it be asked twice", async () => {
  const bench = new LookupBench();
  bench.want("a");
  bench.lookups.changed("a");
  await bench.gathered();
  await bench.last.answer();
  bench.want("a");
  await bench.gathered();
  assert.equal(bench.queries.length, 1);
});

test("when changes may have been missed, everything is asked again, also what is on its way", async () => {
  const bench = new LookupBench();
  await bench.know("a");
  bench.want("b");
  await bench.gathered();
  bench.lookups.mayHaveChanged();
  await bench.last.answer();
  bench.want("a");
  bench.want("b");
  await bench.gathered();
  assert.deepEqual(bench.last.devices, ["a", "b"]);
});

test("after the end nothing is asked and no timer is left", async () => {
  const bench = new LookupBench();
  bench.want("a");
  bench.lookups.close();
  assert.equal(bench.clock.pending, 0);
  await bench.gathered();
  assert.equal(bench.queries.length, 0);
});
