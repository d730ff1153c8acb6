import type { Admin } from "kafkajs";
import type { Logger } from "../runtime/log.js";

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
  const { topics: described } = await admin.fetchTopicMetadata({ topics: [alertsTopic] });
  const numPartitions = described[0]?.partitions.length ?? 1;
  try {
    await admin.createTopics({
      // Asked at once, a broker may not know the topic yet, which would be taken for a refusal; dead letters are tried until they are written.
      waitForLeaders: false,
      topics: [
        {
          topic: deadLetterTopic,
          numPartitions,
          replicationFactor: -1,
          // A record as large as the alerts topic takes, and the headers that say what was wrong with it.
          configEntries: [{ name: "max.message.bytes", value: String(DEAD_LETTER_MAX_BYTES) }],
        },
      ],
    });
    log.info({ topic: deadLetterTopic, partitions: numPartitions }, "dead-letter topic created: it did not exist");
  } catch (error) {
    if (new Set(await admin.listTopics()).has(deadLetterTopic)) return;
    throw new Error(
      `topic ${deadLetterTopic} (KAFKA_DEAD_LETTER_TOPIC) does not exist and cannot be created (${(error as Error).message}): ` +
        "create it, or grant CREATE; without it a record that cannot be read would hold its partition for ever",
      { cause: error },
    );
  }
};

const DEAD_LETTER_MAX_BYTES = 16 * 1024 * 1024;

/**
 * The topic in which instances tell of themselves (`KAFKA_STATUS_TOPIC`), unless it exists. What is told is worth nothing a minute later: short segments,
 * and keys of instances that were killed go by age. Rejects when it cannot be created.
 */
export const createStatusTopic = async (admin: Admin, topic: string, log: Logger): Promise<void> => {
  if (new Set(await admin.listTopics()).has(topic)) return;
  const config = {
    "cleanup.policy": "compact,delete",
    "segment.ms": "600000",
    "segment.bytes": String(16 * 1024 * 1024),
    "retention.ms": "3600000",
    "delete.retention.ms": "60000",
  };
  const created = await createMissing(admin, topic, {
    variable: "KAFKA_STATUS_TOPIC",
    numPartitions: 1,
    config,
    advice: "create it with one partition",
  });
  if (created) log.info({ topic }, "status topic created: it did not exist");
};

/** The topic of sent mails (`KAFKA_SENT_TOPIC`), unless it exists: as many partitions as the alerts have. Rejects when it cannot be created. */
export const createSentTopic = async (admin: Admin, topic: string, alertsTopic: string, log: Logger): Promise<void> => {
  if (new Set(await admin.listTopics()).has(topic)) return;
  const { topics: described } = await admin.fetchTopicMetadata({ topics: [alertsTopic] });
  const numPartitions = described[0]?.partitions.length ?? 1;
  const created = await createMissing(admin, topic, {
    variable: "KAFKA_SENT_TOPIC",
    numPartitions,
    config: { "cleanup.policy": "delete", "retention.ms": String(SENT_RETENTION_MS) },
    advice: "create it",
  });
  if (created) log.info({ topic, partitions: numPartitions }, "topic of sent mails created: it did not exist");
};

const SENT_RETENTION_MS = 30 * 86_400_000;

/** Whether it was created here; another instance may have been quicker. */
const createMissing = async (
  admin: Admin,
  topic: string,
  how: {
    readonly variable: string;
    readonly numPartitions: number;
    readonly config: Readonly<Record<string, string>>;
    readonly advice: string;
  },
): Promise<boolean> => {
  const configEntries = Object.entries(how.config).map(([name, value]) => ({ name, value }));
  return admin
    .createTopics({
      waitForLeaders: false,
      topics: [{ topic, numPartitions: how.numPartitions, replicationFactor: -1, configEntries }],
    })
    .catch((error: unknown) => {
      const [first] = (error as { errors?: { type?: string; message: string }[] }).errors ?? [];
      if (first?.type === "TOPIC_ALREADY_EXISTS") return false;
      throw new Error(
        `topic ${topic} (${how.variable}) does not exist and cannot be created (${first?.message ?? (error as Error).message}): ` +
          `${how.advice}, or grant CREATE`,
      );
    });
};
