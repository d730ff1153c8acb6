import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConsumerConfig, Kafka } from "kafkajs";
import { readRecords } from "#src/kafka/record-reader.js";

test("what may pass is tried again while it reads; once it has ended nothing brings the client back to life", async () => {
  const retriable = Object.assign(new Error("the leader moves"), { retriable: true });
  const restarts: boolean[] = [];
  let restart = async (): Promise<boolean> => assert.fail("no consumer was made");
  const consumer = {
    connect: async () => undefined,
    subscribe: async () => {
      restarts.push(await restart());
      throw new Error("no right");
    },
    disconnect: async () => void restarts.push(await restart()),
  };
  const kafka = {
    consumer: ({ retry }: ConsumerConfig) => {
      restart = async () => (await retry?.restartOnFailure?.(retriable)) ?? true;
      return consumer;
    },
  } as unknown as Kafka;
  const ranges = [{ topic: "alerts.dead-letters", partition: 0, from: 0, to: 1 }];
  const reading = readRecords({
    kafka,
    groupId: "reader",
    sessionTimeoutMs: 15_000,
    ranges,
    onRecord: () => undefined,
  });
  await assert.rejects(reading, { message: "no right" });
  assert.deepEqual(restarts, [true, false]);
});
