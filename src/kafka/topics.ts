import type { Admin } from "kafkajs";
import type { Logger } from "../runtime/log.js";
import { whileLeadersMove } from "./moving-leaders.js";
import { createTopic } from "./topic-creation.js";

/**
 * Looks whether both topics exist before anything is read: a missing alerts topic is a mistake in the configuration; a missing dead-letter
 * topic would be noticed by the first bad record, at night. Creates the latter like the former. Throws an `Error` with what to do.
 */
export const checkTopics = async (
  admin: Admin,
  alertsTopic: string,
  deadLetterTopic: string,
  log: Logger,
): Promise<void> => {
  const topics = new Set(await admin.listTopics());
  if (!topics.has(alertsTopic)) {
    throw new Error(
      `topic ${alertsTopic} (KAFKA_ALERTS_TOPIC) does not exist, or this user may not see it: create it with as many partitions as ` +
        "instances may ever run, or grant DESCRIBE on it",
    );
  }
  if (topics.has(deadLetterTopic)) return;
  const partitions = await partitionCount(admin, alertsTopic);
  try {
    const created = await createTopic(
      admin,
      { topic: deadLetterTopic, partitions, replicationFactor: -1, config: DEAD_LETTER_CONFIG },
      {
        variable: "KAFKA_DEAD_LETTER_TOPIC",
        log,
        otherwise: "without it a record that cannot be read would hold its partition for ever",
      },
    );
    if (created !== undefined)
      log.info({ topic: deadLetterTopic, partitions }, "dead-letter topic created: it did not exist");
  } catch (error) {
    if (!new Set(await admin.listTopics()).has(deadLetterTopic)) throw error;
  }
};

/**
 * A record as large as the alerts topic takes, and the headers that say what was wrong with it. Kept for a month: time to look and to redrive, and a bound on how
 * long addresses and bytes of others lie there.
 */
export const DEAD_LETTER_CONFIG: Readonly<Record<string, string>> = {
  "max.message.bytes": String(16 * 1024 * 1024),
  "retention.ms": String(30 * 86_400_000),
};

/** What is told is worth nothing a minute later: short segments, and keys of instances that were killed go by age. */
export const STATUS_CONFIG: Readonly<Record<string, string>> = {
  "cleanup.policy": "compact,delete",
  "segment.ms": "600000",
  "segment.bytes": String(16 * 1024 * 1024),
  "retention.ms": "3600000",
  "delete.retention.ms": "60000",
};

export const SENT_CONFIG: Readonly<Record<string, string>> = {
  "cleanup.policy": "delete",
  "retention.ms": String(30 * 86_400_000),
};

/** The topic in which instances tell of themselves (`KAFKA_STATUS_TOPIC`), unless it exists. Rejects when it cannot be created. */
export const createStatusTopic = async (admin: Admin, topic: string, log: Logger): Promise<void> => {
  if (new Set(await admin.listTopics()).has(topic)) return;
  const plan = { topic, partitions: 1, replicationFactor: -1, config: STATUS_CONFIG };
  const created = await createTopic(admin, plan, { variable: "KAFKA_STATUS_TOPIC", log });
  if (created !== undefined) log.info({ topic }, "status topic created: it did not exist");
};

/** The topic of sent mails (`KAFKA_SENT_TOPIC`), unless it exists: as many partitions as the alerts have. Rejects when it cannot be created. */
export const createSentTopic = async (admin: Admin, topic: string, alertsTopic: string, log: Logger): Promise<void> => {
  if (new Set(await admin.listTopics()).has(topic)) return;
  const partitions = await partitionCount(admin, alertsTopic);
  const plan = { topic, partitions, replicationFactor: -1, config: SENT_CONFIG };
  const created = await createTopic(admin, plan, { variable: "KAFKA_SENT_TOPIC", log });
  if (created !== undefined) log.info({ topic, partitions }, "topic of sent mails created: it did not exist");
};

/** Of a topic that exists. */
const partitionCount = async (admin: Admin, topic: string): Promise<number> => {
  const { topics } = await whileLeadersMove(() => admin.fetchTopicMetadata({ topics: [topic] }));
  return topics[0]?.partitions.length ?? 1;
};
