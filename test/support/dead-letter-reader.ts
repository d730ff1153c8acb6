import { randomBytes } from "node:crypto";
import type { KafkaMessage } from "kafkajs";
import { followTopic } from "./follow-topic.js";

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
  const groupId = `dead-letter-reader-${randomBytes(6).toString("hex")}`;
  const { close } = await followTopic({
    ...{ brokers, topic, groupId, commits: false, maxWaitMs: 200 },
    onRecords: (records) => letters.push(...records.map(received)),
  });
  return { letters, close };
}

const received = ({ key, value, headers = {} }: KafkaMessage): ReceivedDeadLetter => {
  const names = Object.keys(headers);
  const entries = names.map((name) => [name.replace("dead-letter.", ""), String(headers[name])] as const);
  // Copies: the buffers are slices of a whole fetch.
  return {
    key: key && Buffer.from(key),
    value: value && Buffer.from(value),
    headers: Object.fromEntries(entries),
    headerNames: names,
  };
};
