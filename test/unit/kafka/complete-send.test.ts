import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import type { PartitionerArgs, RecordMetadata } from "kafkajs";
import { CompleteSend } from "#src/kafka/complete-send.js";

const LEADERS = [
  { 1: [0], 2: [1] },
  // Partition 1 has moved to the broker that has answered.
  { 1: [0, 1] },
];

/** KafkaJS's own sending, beside brokers that are played. */
const sendWhileALeaderMoves = async (
  partitioner: (args: PartitionerArgs) => number,
  partitions = [0, 1],
): Promise<RecordMetadata[]> => {
  const require = createRequire(import.meta.url);
  const kafkajs = require.resolve("kafkajs");
  const createSend = require(kafkajs.replace(/index\.js$/, "src/producer/sendMessages.js"));
  const createRetry = require(kafkajs.replace(/index\.js$/, "src/retry/index.js"));
  let attempt = 0;
  const answer = (partitions: readonly number[]) => ({
    topics: [
      {
        topicName: "t",
        partitions: partitions.map((partition) => ({ partition, errorCode: 0, baseOffset: "0", logAppendTime: "-1" })),
      },
    ],
  });
  const brokers = new Map(
    [1, 2].map((nodeId) => [
      nodeId,
      {
        nodeId,
        async produce({ topicData }: { topicData: { partitions: { partition: number }[] }[] }) {
          if (nodeId === 2)
            throw Object.assign(new Error("moved"), { type: "NOT_LEADER_FOR_PARTITION", retriable: true });
          return answer(topicData.flatMap(({ partitions }) => partitions.map(({ partition }) => partition)));
        },
      },
    ]),
  );
  const send = createSend({
    logger: { debug: () => undefined, error: () => undefined },
    cluster: {
      targetTopics: new Set(["t"]),
      isConnected: () => true,
      refreshMetadataIfNecessary: async () => undefined,
      refreshMetadata: async () => attempt++,
      addMultipleTargetTopics: async () => undefined,
      findTopicPartitionMetadata: () => [{ partitionId: 0 }, { partitionId: 1 }],
      findLeaderForPartitions: () => (partitions.length === 1 ? { 1: partitions } : LEADERS[attempt]),
      findBroker: async ({ nodeId }: { nodeId: string }) => brokers.get(Number(nodeId)),
      removeBroker: () => undefined,
    },
    partitioner,
    eosManager: {
      isTransactional: () => false,
      acquireBrokerLock: async () => undefined,
      releaseBrokerLock: async () => undefined,
      getSequence: () => 0,
      updateSequence: () => undefined,
      getProducerId: () => -1,
      getProducerEpoch: () => 0,
    },
    retrier: createRetry({ retries: 3, initialRetryTime: 1 }),
  });
  const messages = partitions.map((partition) => ({ partition, key: null, value: "x" }));
  return send({ acks: -1, timeout: 1, topicMessages: [{ topic: "t", messages }] });
};

test("a send that KafkaJS calls done, and that left out a partition whose leader moved meanwhile, rejects", async () => {
  const written = await sendWhileALeaderMoves(({ message }) => message.partition ?? 0);
  assert.deepEqual(
    written.map(({ partition }) => partition),
    [0],
    "KafkaJS has changed: look whether the check is still needed",
  );

  const complete = new CompleteSend();
  const partitioner = complete.createPartitioner();
  await assert.rejects(
    complete.of(() => sendWhileALeaderMoves(partitioner)),
    /KafkaJS sent nothing to partitions 1 of the topic/,
  );
  const whole = await complete.of(() => sendWhileALeaderMoves(partitioner, [0]));
  assert.deepEqual(
    whole.map(({ partition }) => partition),
    [0],
    "and what an earlier send chose is not asked of this one",
  );
});
