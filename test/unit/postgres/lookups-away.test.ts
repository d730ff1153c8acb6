import assert from "node:assert/strict";
import { test } from "node:test";
import { LookupBench } from "./lookup-bench.js";

test("while the database is away, answers that have expired count and the rest waits, each mailed once it is back", async () => {
  const bench = new LookupBench({ cacheTtlMs: 1_000 });
  await bench.know("known");
  await bench.clock.advance(2_000);
  bench.want("known");
  bench.want("unknown");
  await bench.gathered();
  await bench.last.fail();
  bench.want("known");
  bench.want("other");
  await bench.gathered();
  assert.deepEqual(bench.answers.splice(0), ["known known@example.com", "known known@example.com"]);
  await bench.clock.advance(1_000);
  assert.deepEqual(bench.last.devices, ["unknown", "other"]);
  await bench.last.answer();
  assert.deepEqual(bench.answers, ["unknown unknown@example.com", "other other@example.com"]);
  assert.deepEqual(bench.counts, { asked: 3, stale: 2, failed: 2 });
});

test("what a notification dropped is known to be wrong and does not count while the database is away", async () => {
  const bench = new LookupBench();
  await bench.know("a", "b");
  bench.lookups.changed("a");
  bench.want("x");
  await bench.gathered();
  await bench.last.fail();
  bench.want("a");
  bench.want("b");
  await bench.gathered();
  assert.deepEqual(bench.answers, ["b b@example.com"]);
});

test("what only may have changed counts while the database is away", async () => {
  const bench = new LookupBench();
  await bench.know("a");
  bench.lookups.mayHaveChanged();
  bench.want("a");
  await bench.gathered();
  await bench.last.fail();
  assert.deepEqual(bench.answers, ["a a@example.com"]);
});

test("one probe at a time, with growing pauses of at most 5 s, however many wait", async () => {
  const bench = new LookupBench();
  for (let i = 0; i < 2_000; i++) bench.want(`d${i}`);
  await bench.gathered();
  await Promise.all(bench.queries.splice(0).map((query) => query.fail()));
  const gaps: number[] = [];
  for (let before = bench.clock.elapsed(), i = 0; i < 5; i++) {
    while (bench.queries.length === 0) await bench.clock.step();
    assert.equal(bench.queries.length, 1);
    const [probe] = bench.queries.splice(0);
    gaps.push(Math.round((probe?.at ?? 0) - before));
    await bench.clock.advance(3_000);
    assert.equal(bench.queries.length, 0, "nothing else is asked while a probe is on its way");
    await probe?.fail();
    before = bench.clock.elapsed();
  }
  assert.deepEqual(gaps, [1_000, 2_000, 4_000, 5_000, 5_000]);
  while (bench.queries.length === 0) await bench.clock.step();
  await bench.last.answer();
  assert.equal(bench.queries.length, 3, "all connections at once");
  while (bench.answers.length < 2_000) await Promise.all(bench.queries.splice(0).map((query) => query.answer()));
  assert.equal(new Set(bench.answers).size, 2_000);
  await bench.clock.advance(60_000);
  assert.equal(bench.queries.length, 0);
});

test("it is probed also when nobody waits, and expired answers are asked for again when it is back", async () => {
  const bench = new LookupBench({ cacheTtlMs: 1_000 });
  await bench.know("a");
  await bench.clock.advance(1_000);
  bench.want("a");
  await bench.gathered();
  await bench.last.fail();
  assert.equal(bench.lookups.isUp, false);
  await bench.clock.advance(1_000);
  assert.deepEqual(bench.last.devices, []);
  await bench.last.answer();
  assert.equal(bench.lookups.isUp, true);
  bench.want("a");
  await bench.gathered();
  assert.deepEqual(bench.last.devices, ["a"]);
});

test("an answer that is still on its way says that the database is back, too", async () => {
  const bench = new LookupBench();
  bench.want("a");
  await bench.gathered();
  bench.want("b");
  await bench.gathered();
  const [a, b] = bench.queries.splice(0);
  await a?.fail();
  await b?.answer();
  assert.deepEqual(bench.last.devices, ["a"]);
  await bench.last.answer();
  await bench.clock.advance(10_000);
  assert.equal(bench.queries.length, 1, "no probe comes any more");
});

test("what is still on its way is waited for before it is probed", async () => {
  const bench = new LookupBench();
  bench.want("a");
  await bench.gathered();
  bench.want("b");
  await bench.gathered();
  const [a, b] = bench.queries.splice(0);
  await a?.fail();
  await bench.clock.advance(3_000);
  assert.equal(bench.queries.length, 0);
  await b?.fail();
  await bench.clock.advance(3_000);
  assert.deepEqual(
    bench.queries.map(({ devices }) => devices),
    [["a", "b"]].map((both) => both.toReversed()),
  );
});

test("expired answers count also for those who waited for their turn when it went away", async () => {
  const bench = new LookupBench({ connections: 1, cacheTtlMs: 1_000 });
  await bench.know("known");
  await bench.clock.advance(1_000);
  bench.want("a");
  await bench.gathered();
  bench.want("known");
  await bench.gathered();
  await bench.last.fail();
  assert.deepEqual(bench.answers, ["known known@example.com"]);
});

test("a probe that fails on a device says that the database is back", async () => {
  const bench = new LookupBench();
  bench.want("a");
  await bench.gathered();
  await bench.last.fail();
  await bench.clock.advance(1_000);
  await bench.last.fail("data");
  assert.equal(bench.lookups.isUp, true);
});

test("an outdated answer that never came is asked for again, and that answer is kept", async () => {
  const bench = new LookupBench();
  bench.want("a");
  await bench.gathered();
  bench.lookups.changed("a");
  await bench.last.fail();
  await bench.clock.advance(1_000);
  await bench.last.answer();
  bench.want("a");
  await bench.gathered();
  assert.deepEqual([bench.answers.length, bench.queries.length], [2, 2]);
});

test("a query that fails on one device is asked without it: the others have their answer, and it waits by itself", async () => {
  const bench = new LookupBench();
  for (let i = 0; i < 8; i++) bench.want(`d${i}`);
  await bench.gathered();
  let asked = 0;
  const answerAll = async (): Promise<void> => {
    while (bench.queries.length > 0) {
      const [query] = bench.queries.splice(0, 1);
      asked++;
      await (query?.devices.includes("d5") ? query.fail("data") : query?.answer());
    }
  };
  await answerAll();
  assert.equal(bench.answers.length, 7);
  assert.equal(asked, 7, "1 of 8, 2 of 4, 2 of 2, 2 of 1");
  assert.equal(bench.lookups.isUp, true);
  bench.want("d9");
  await bench.gathered();
  await answerAll();
  assert.equal(bench.answers.at(-1), "d9 d9@example.com");
  await bench.clock.advance(1_000);
  assert.deepEqual(bench.last.devices, ["d5"]);
  await answerAll();
  await bench.clock.advance(2_000);
  await bench.last.answer();
  assert.equal(bench.answers.at(-1), "d5 d5@example.com");
});

test("a device that makes the query fail goes on with the answer it had", async () => {
  const bench = new LookupBench({ cacheTtlMs: 1_000 });
  await bench.know("a");
  await bench.clock.advance(1_000);
  bench.want("a");
  await bench.gathered();
  await bench.last.fail("data");
  assert.deepEqual(bench.answers, ["a a@example.com"]);
});

test("what took too long is asked in smaller parts, and not first the next time", async () => {
  const bench = new LookupBench({ connections: 1 });
  for (let i = 0; i < 100; i++) bench.want(`d${i}`);
  await bench.gathered();
  bench.want("late");
  await bench.last.fail("timeout");
  await bench.clock.advance(1_000);
  assert.equal(bench.last.devices.length, 50);
  assert.equal(bench.last.devices[0], "late");
});

test("a request whose answer was outdated and then failed is asked once more, together with who came since", async () => {
  const bench = new LookupBench();
  bench.want("a");
  await bench.gathered();
  bench.lookups.changed("a");
  bench.want("a");
  await bench.gathered();
  assert.equal(bench.queries.length, 2);
  await bench.queries[0]?.fail();
  await bench.queries[1]?.fail();
  await bench.clock.advance(1_000);
  assert.deepEqual(bench.last.devices, ["a"]);
  await bench.last.answer();
  assert.equal(bench.answers.length, 2);
  assert.equal(bench.queries.length, 3);
});

test("at the start a database that does not take the query is told, and one that is away is waited for", async () => {
  for (const kind of ["query", "refused"] as const) {
    const bench = new LookupBench();
    const started = bench.lookups.start();
    assert.deepEqual(bench.last.devices, []);
    await bench.last.fail(kind);
    assert.equal((await started)?.kind, kind);
    assert.equal(bench.clock.pending, 0);
  }
  const bench = new LookupBench();
  const started = bench.lookups.start();
  await bench.last.fail();
  assert.equal(await started, undefined);
  assert.equal(bench.lookups.isUp, false);
  await bench.clock.advance(1_000);
  await bench.last.answer();
  assert.equal(bench.lookups.isUp, true);
});

test("the log tells once that it is away and once that it is back, and what kind of failure it is", async () => {
  const bench = new LookupBench();
  bench.want("a");
  await bench.gathered();
  await bench.last.fail("query");
  for (let i = 0; i < 3; i++) {
    await bench.clock.advance(5_000);
    await bench.last.fail("query");
  }
  await bench.clock.advance(5_000);
  await bench.last.answer();
  assert.deepEqual(bench.lines, [
    "recipients database takes the query no more; mails of devices that are not in the cache wait query",
    "recipients database answers again",
  ]);
});
