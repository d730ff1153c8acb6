/** KafkaJS's own account of a group, whose brokers answer a fetch with nothing. */

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { type TestContext, test } from "node:test";
import { endPausedFetches } from "#src/kafka/paused-fetch.js";

const HOUR_MS = 3_600_000;
const TOPIC = "alerts";

interface Group {
  maxWaitTime: number;
  readonly subscriptionState: { assign(partitions: readonly object[]): void };
  fetch(nodeId: string): Promise<readonly unknown[]>;
  pause(partitions: readonly object[]): void;
  resume(partitions: readonly object[]): void;
}

const setup = (maxWaitTimeInMs: number) => {
  endPausedFetches();
  endPausedFetches();
  const require = createRequire(import.meta.url);
  const ConsumerGroup = require("kafkajs/src/consumer/consumerGroup.js");
  const waits: number[] = [];
  let refreshed = (): void => undefined;
  const cluster = {
    refreshMetadataIfNecessary: async () => refreshed(),
    findTopicPartitionMetadata: () => [0, 1].map((partitionId) => ({ partitionId, leader: 1, replicas: [1] })),
    findBroker: async () => ({
      fetch: async ({ maxWaitTime }: { maxWaitTime: number }) => {
        waits.push(maxWaitTime);
        return { responses: [] };
      },
    }),
  };
  const group = new ConsumerGroup({
    retry: { retries: 0 },
    cluster,
    groupId: "group",
    topics: [TOPIC],
    assigners: [],
    maxWaitTimeInMs,
    logger: { namespace: () => ({ info: () => undefined, debug: () => undefined }) },
    instrumentationEmitter: { emit: () => undefined },
  });
  group.offsetManager = {
    resolveOffsets: async () => undefined,
    committedOffsets: () => ({ [TOPIC]: { 0: "0", 1: "0" } }),
    nextOffset: () => 0,
  };
  (group as Group).subscriptionState.assign([{ topic: TOPIC, partitions: [0, 1] }]);
  return {
    group: group as Group,
    /** Of each request to a broker. */
    waits,
    /** Before anything of a fetch is done. */
    onRefresh: (listener: () => void): void => {
      refreshed = listener;
    },
  };
};

/** Where all partitions are paused. */
const paused = (maxWaitTimeInMs: number) => {
  const all = setup(maxWaitTimeInMs);
  all.group.pause([{ topic: TOPIC, partitions: [0, 1] }]);
  return all;
};

/** A fetch that waits for an hour fails the test, and does not hold it. */
const soon = async <T>(t: TestContext, promise: Promise<T>): Promise<T> => {
  const stopped = new Promise<never>((_, reject) =>
    t.signal.addEventListener("abort", () => reject(new Error("it still waits"))),
  );
  return Promise.race([promise, stopped]);
};

test("a fetch that waits because every partition is paused ends when one is resumed", {
  timeout: 60_000,
}, async (t) => {
  const { group, waits } = paused(HOUR_MS);
  const fetches = [group.fetch("1"), group.fetch("2")];
  group.resume([{ topic: TOPIC, partitions: [1] }]);
  assert.deepEqual(await soon(t, Promise.all(fetches)), [[], []]);
  waits.length = 0;
  await group.fetch("1");
  assert.deepEqual(waits, [HOUR_MS], "the next one waits at the broker, as long as ever");
});

test("one that is resumed while the fetch begins is asked for at once, without a wait", {
  timeout: 60_000,
}, async (t) => {
  const { group, waits, onRefresh } = paused(HOUR_MS);
  onRefresh(() => group.resume([{ topic: TOPIC, partitions: [0] }]));
  assert.deepEqual(await soon(t, group.fetch("1")), []);
  assert.deepEqual(waits, [0]);
  assert.equal(group.maxWaitTime, HOUR_MS);
});

test("without a resume it ends after the usual wait, and asks nobody", async () => {
  const { group, waits } = paused(5);
  assert.deepEqual(await Promise.all([group.fetch("1"), group.fetch("2")]), [[], []]);
  assert.deepEqual(waits, []);
  assert.equal(group.maxWaitTime, 5);
});

test("a fetch that fails leaves the usual wait as it was", async () => {
  const { group, onRefresh } = paused(HOUR_MS);
  onRefresh(() => {
    throw new Error("refused");
  });
  await assert.rejects(group.fetch("1"), /refused/);
  assert.equal(group.maxWaitTime, HOUR_MS);
});
