import type { KafkaMessage } from "kafkajs";
import type { FetchedBatch } from "#src/kafka/fetched-batch.js";
import { recordGroups } from "#src/kafka/large-batch.js";
import { productClient } from "./kafka-admin.js";
import { subscribe } from "./subscribe.js";

export interface FollowOptions {
  readonly brokers: string;
  readonly topic: string;
  /** Nobody else's. */
  readonly groupId: string;
  /** True: after a fault it goes on where it was, and not at the beginning. */
  readonly commits: boolean;
  readonly maxWaitMs: number;
  readonly onRecords: (records: readonly KafkaMessage[]) => void;
}

/** Gives every committed record of the topic from its beginning until it is closed, read as the product reads. Whatever fails is tried again. */
export async function followTopic(options: FollowOptions): Promise<{ close(): Promise<void> }> {
  const { brokers, topic, groupId, commits, maxWaitMs, onRecords } = options;
  let isClosed = false;
  const consumer = productClient(brokers).consumer({
    groupId,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: maxWaitMs,
    // One that is disconnected while it starts anew, because the broker is gone, comes back to life and keeps the process.
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 3, restartOnFailure: async () => !isClosed },
  });
  await consumer.connect();
  await subscribe(consumer, topic);
  await consumer.run({
    autoCommit: commits,
    eachBatchAutoResolve: false,
    eachBatch: async ({ batch, resolveOffset, heartbeat }) => {
      const { large, taken } = batch as typeof batch & Partial<FetchedBatch>;
      taken?.call(batch);
      onRecords(batch.messages);
      if (large === undefined) return resolveOffset(batch.lastOffset());
      for await (const { records } of recordGroups(large)) {
        onRecords(records);
        await heartbeat();
      }
      resolveOffset(String(large.head.lastOffset));
    },
  });
  return {
    close: () => {
      isClosed = true;
      return consumer.disconnect();
    },
  };
}
