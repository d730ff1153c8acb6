import { randomBytes } from "node:crypto";
import { quietClient } from "./kafka-admin.js";
import { subscribe } from "./subscribe.js";

export interface ReceivedDeadLetter {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Names without `dead-letter.`. */
  readonly headers: Readonly<Record<string, string>>;
  /** All header names, as they are on the wire. */
  readonly headerNames: readonly string[];
}

export interface DeadLetterReader {
  readonly letters: readonly ReceivedDeadLetter[];
  close(): Promise<void>;
}

/** Reads the topic from its beginning until closed. */
export async function readDeadLetters(brokers: string, topic: string): Promise<DeadLetterReader> {
  const letters: ReceivedDeadLetter[] = [];
  let isClosed = false;
  const consumer = quietClient(brokers).consumer({
    groupId: `dead-letter-reader-${randomBytes(6).toString("hex")}`,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: 200,
    // One that is disconnected while it starts anew, because the broker is gone, comes back to life and keeps the process.
    retry: { restartOnFailure: async () => !isClosed },
  });
  await consumer.connect();
  await subscribe(consumer, topic);
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message: { key, value, headers = {} } }) => {
      const names = Object.keys(headers);
      const entries = names.map((name) => [name.replace("dead-letter.", ""), String(headers[name])] as const);
      letters.push({ key, value, headers: Object.fromEntries(entries), headerNames: names });
    },
  });
  return {
    letters,
    close: () => {
      isClosed = true;
      return consumer.disconnect();
    },
  };
}
