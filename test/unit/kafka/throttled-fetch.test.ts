import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import type { Cluster } from "kafkajs";
import { type FetchAnswer, type FetchRequest, ReadAhead } from "#src/kafka/read-ahead.js";
import { ThrottledFetch } from "#src/kafka/throttled-fetch.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const require = createRequire(import.meta.url);
const RequestQueue = require("kafkajs/src/network/requestQueue/index.js");
const quiet = { debug: () => undefined };
const FETCHED = { responses: [{ topicName: "alerts", partitions: [] }] };

const request = (maxWaitTime: number): FetchRequest => ({ maxWaitTime, topics: [] });

/** A broker as KafkaJS makes them, with its own request queues, that answers each fetch; the clock of the queues is the real one. */
const setup = async () => {
  const clock = new VirtualClock(Date.now());
  const asked: number[] = [];
  const connection = () => ({ requestQueue: new RequestQueue({ logger: quiet }) });
  const broker = {
    nodeId: 7,
    connectionPool: { pool: [connection(), connection()] as const },
    fetch: async (_: FetchRequest): Promise<FetchAnswer> => FETCHED,
  };
  const ahead = new ReadAhead(() => true);
  const fetches = new ThrottledFetch({
    clock,
    onThrottled: (ms) => asked.push(ms),
    onAnswer: () => undefined,
    ahead,
  });
  const cluster = { findBroker: async () => broker } as unknown as Pick<Cluster, "findBroker">;
  fetches.watch(cluster);
  await cluster.findBroker({ nodeId: "7" });
  await cluster.findBroker({ nodeId: "7" });
  return { clock, asked, broker, fetches, ahead };
};

test("without a quota fetches go to the broker", async () => {
  const { broker, fetches, asked } = await setup();
  assert.equal(await broker.fetch(request(500)), FETCHED);
  assert.equal(fetches.wasHeldBack("7"), false);
  assert.deepEqual(asked, []);
});

test("while the broker wants nothing of the connection, a fetch comes back empty after its usual wait, so that KafkaJS goes round", async () => {
  const { broker, clock, fetches, asked } = await setup();
  broker.connectionPool.pool[1].requestQueue.maybeThrottle(34_000);
  broker.connectionPool.pool[1].requestQueue.maybeThrottle(0);
  broker.connectionPool.pool[1].requestQueue.maybeThrottle(undefined);
  assert.deepEqual(asked, [34_000], "told once, though the broker was found twice");
  let answer: unknown;
  const fetching = broker.fetch(request(500)).then((found) => (answer = found));
  await clock.advance(499);
  assert.equal(answer, undefined);
  await clock.advance(1);
  await fetching;
  assert.deepEqual(answer, { responses: [] });
  assert.equal(fetches.wasHeldBack("7"), true);
  assert.equal(fetches.wasHeldBack("8"), false);
});

test("once the time is over the next fetch goes to the broker", async () => {
  const { broker, clock, fetches } = await setup();
  broker.connectionPool.pool[1].requestQueue.maybeThrottle(3_000);
  const fetching = broker.fetch(request(10_000));
  await clock.advance(4_000);
  assert.deepEqual(await fetching, { responses: [] });
  assert.equal(await broker.fetch(request(500)), FETCHED);
  assert.equal(fetches.wasHeldBack("7"), false);
});

test("a wait that a broker asks of the other connection is counted, and holds back no fetch", async () => {
  const { broker, asked } = await setup();
  broker.connectionPool.pool[0].requestQueue.maybeThrottle(800);
  assert.deepEqual(asked, [800]);
  assert.equal(await broker.fetch(request(500)), FETCHED);
});

test("what was read ahead is handed over also while the broker wants nothing of the connection, and then nothing more is asked ahead", async () => {
  const { broker, ahead, fetches } = await setup();
  const topics = (at: number) => [{ topic: "alerts", partitions: [{ partition: 0, fetchOffset: String(at) }] }];
  const answerTo = (at: number): FetchAnswer =>
    ({
      responses: [
        {
          topicName: "alerts",
          partitions: [{ partition: 0, coveredTo: at + 10, lastStableOffset: "900", messages: [] }],
        },
      ],
    }) as unknown as FetchAnswer;
  const before = { request: { maxWaitTime: 500, topics: topics(0) }, answer: answerTo(0), wasExpected: true };
  const readAhead = answerTo(10);
  ahead.answered("7", before, async () => readAhead);
  broker.connectionPool.pool[1].requestQueue.maybeThrottle(34_000);
  assert.equal(await broker.fetch({ maxWaitTime: 500, topics: topics(10) }), readAhead);
  assert.equal(fetches.wasHeldBack("7"), false);
  assert.equal(ahead.take("7", { maxWaitTime: 500, topics: topics(20) }).answer, undefined);
});
