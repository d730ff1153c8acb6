/** The short form of `npm run chaos`: the faults of an ordinary week in one phase, with one set of books. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { startCluster } from "#test/chaos/cluster.js";
import type { Fault } from "#test/chaos/faults.js";
import { runPhase } from "#test/chaos/phase.js";
import { startSink } from "#test/chaos/sink.js";
import { seededRandom } from "#tools/simulator/random.js";

const WEEK: Fault = {
  name: "week",
  title: "a rolling restart, a join, a leave, then a kill -9 and a broker kill at once",
  brokers: 1,
  instances: 2,
  repeats: "in-flight",
  run: async ({ instances, cluster, sink, signal }) => {
    for (const slot of [0, 1]) {
      await instances.stop(slot);
      await instances.start(slot);
    }
    await instances.start(2);
    await sink.nextMail(signal);
    await instances.stop(0);
    await sink.nextMail(signal);
    // Both at once: the broker comes back to a group with a dead member, which it waits for.
    await instances.kill(1);
    await cluster.kafka.kill();
    await cluster.kafka.restart();
    await instances.launch(1);
  },
};

test("restarts, a join, a leave, a kill -9 and a broker kill lose nothing, and repeat at most the mails in flight", async (t) => {
  const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 1e6));
  t.diagnostic(`SEED=${seed}`);
  const stop = new AbortController();
  t.signal.addEventListener("abort", () => stop.abort());
  const sink = await startSink(seededRandom(seed));
  t.after(() => sink.close());
  const cluster = await startCluster(1, stop.signal);
  t.after(() => cluster.close());
  const result = await runPhase({
    cluster,
    sink,
    fault: WEEK,
    seed,
    budgetMs: 0,
    // This is not about speed, and other tests run beside it.
    slackMs: 7_500,
    devices: 20,
    rate: 150,
    signal: stop.signal,
    say: (line) => t.diagnostic(line),
  });
  t.diagnostic(`${result.alerts} alerts, ${result.mails} mails, ${result.repeatedMails} repeated`);
  assert.deepEqual(result.missed, []);
  assert.ok(result.alerts > 1_000 && result.mails > 100, "there was something to lose");
});
