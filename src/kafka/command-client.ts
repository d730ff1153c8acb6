import { randomBytes } from "node:crypto";
import type { Admin, Kafka } from "kafkajs";
import { type Logger, QUIET } from "../runtime/log.js";
import { createKafka, explain, type KafkaConnection, rootCause } from "./client.js";
import { SESSION_TIMEOUT_MS } from "./consumer-settings.js";
import { explainAfterALook } from "./diagnosis.js";
import { fetchReadableEnds, type ReadableEnds } from "./end-offsets.js";
import {
  isUncoordinated,
  isUnserved,
  LEADER_PATIENCE_MS,
  whileCoordinatorMoves,
  whileLeadersMove,
} from "./moving-leaders.js";
import { type RecordRange, readRecords, type StoredRecord } from "./record-reader.js";
import { type NoteOfWriting, type OutgoingRecord, RedriveWriter, type WriteOutcome } from "./redrive-writer.js";
import { createTopic } from "./topic-creation.js";

export type { ReadableEnds } from "./end-offsets.js";
export type { RecordRange, StoredRecord } from "./record-reader.js";
export type { NoteOfWriting, OutgoingRecord, WriteOutcome, WrittenRun } from "./redrive-writer.js";

/** What a command needs of Kafka. Everything rejects with an `Error` whose message tells an operator what to do. */
export interface CommandClient {
  /** Those of the given topics that exist and that this user may see. */
  existing(topics: readonly string[]): Promise<ReadonlySet<string>>;
  /** Of one that exists, like everything below: while its leaders move this waits for some seconds. */
  logEnds(topic: string): Promise<ReadableEnds>;
  /** By partition, the first offset with a timestamp not before `ms`; the end of the log when there is none. */
  offsetsAt(topic: string, ms: number): Promise<ReadonlyMap<number, number>>;
  createTopic(topic: string, config: Readonly<Record<string, string>>): Promise<void>;
  read(ranges: readonly RecordRange[], onRecord: (record: StoredRecord) => void): Promise<void>;
  /** From now on no other command can write: what it noted before can be read. */
  openWriter(): Promise<void>;
  write(topic: string, records: readonly OutgoingRecord[], note: NoteOfWriting): Promise<WriteOutcome>;
  close(): Promise<void>;
}

/** By partition, all that is in the log now; where `sinceMs` is given, from the first record with such a timestamp or a later one. */
export const rangesOf = async (
  client: Pick<CommandClient, "logEnds" | "offsetsAt">,
  topic: string,
  sinceMs?: number,
): Promise<RecordRange[]> => {
  const ranges = [...(await client.logEnds(topic))].map(([partition, { start, end }]) => ({
    ...{ topic, partition },
    from: start,
    to: end,
  }));
  if (sinceMs === undefined) return ranges;
  const since = await client.offsetsAt(topic, Math.max(0, sinceMs));
  return ranges.map((range) => ({ ...range, from: Math.max(range.from, since.get(range.partition) ?? range.from) }));
};

/** Connects, has the client used, and closes it, whatever comes of that. */
export const withCommandClient = async <T>(
  connection: KafkaConnection,
  names: CommandClientNames,
  use: (client: CommandClient) => Promise<T>,
): Promise<T> => {
  const client = await connectCommandClient(connection, names);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
};

export interface CommandClientNames {
  /** Begins the names of the groups that it reads as. */
  readonly groupPrefix: string;
  /** For `openWriter`. */
  readonly transactionalId?: string;
  /** Told what was done otherwise than asked for, in one line. */
  readonly warn?: (line: string) => void;
}

const connectCommandClient = async (connection: KafkaConnection, names: CommandClientNames): Promise<CommandClient> => {
  const kafka: Kafka = createKafka(connection, QUIET, { retries: 3 });
  const admin: Admin = kafka.admin();
  const group = `${names.groupPrefix}*`;
  const { transactionalId = "" } = names;
  const log: Logger = {
    ...QUIET,
    warn: (fields, text) => names.warn?.(`${text}: ${JSON.stringify(fields)}`),
  };
  let writer: RedriveWriter | undefined;

  const explained = async <T>(topic: string, action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      throw new Error(unserved(error, topic) ?? explain(error, connection, { topic, group }), { cause: error });
    }
  };
  /** An admin keeps what it knows of the leaders for minutes; a new one asks. */
  const ofLeaders = <T>(topic: string, action: (admin: Admin) => Promise<T>): Promise<T> =>
    explained(topic, () =>
      whileLeadersMove(async (again) => {
        if (!again) return action(admin);
        const another = kafka.admin();
        try {
          await another.connect();
          return await action(another);
        } finally {
          await another.disconnect().catch(() => undefined);
        }
      }),
    );
  const writing = async <T>(topic: string, action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      const problem = writeProblem(error, topic, transactionalId) ?? unserved(error, topic);
      throw new Error(problem ?? explain(error, connection, { topic, group }), { cause: error });
    }
  };

  try {
    await admin.connect();
  } catch (error) {
    throw new Error(await explainAfterALook(error, connection, { topic: "", group }), { cause: error });
  }
  return {
    existing: (topics) =>
      explained(topics.join(", "), async () => {
        const all = new Set(await admin.listTopics());
        return new Set(topics.filter((topic) => all.has(topic)));
      }),
    logEnds: (topic) => ofLeaders(topic, (asked) => fetchReadableEnds(asked, topic)),
    offsetsAt: (topic, ms) =>
      ofLeaders(topic, async (asked) => {
        const offsets = await asked.fetchTopicOffsetsByTimestamp(topic, ms);
        return new Map(offsets.map(({ partition, offset }) => [partition, Number(offset)]));
      }),
    createTopic: async (topic, config) => {
      const plan = { topic, partitions: 1, replicationFactor: -1, config };
      try {
        await createTopic(admin, plan, { variable: "beside KAFKA_DEAD_LETTER_TOPIC", log });
      } catch (error) {
        if (!(await admin.listTopics()).includes(topic)) throw error;
      }
      await ofLeaders(topic, (asked) => fetchReadableEnds(asked, topic));
    },
    read: (ranges, onRecord) =>
      explained([...new Set(ranges.map(({ topic }) => topic))].join(" or "), () =>
        readRecords({
          kafka,
          groupId: `${names.groupPrefix}${randomBytes(6).toString("hex")}`,
          sessionTimeoutMs: connection.sessionTimeoutMs ?? SESSION_TIMEOUT_MS,
          ranges,
          onRecord,
        }),
      ),
    openWriter: () =>
      writing("", async () => {
        try {
          await whileCoordinatorMoves(async () => {
            // Another one each time: what a client knows of the brokers is out of date then.
            await writer?.close().catch(() => undefined);
            writer = new RedriveWriter({ kafka, transactionalId });
            await writer.open();
          });
        } catch (error) {
          const problem = uncoordinated(error, transactionalId);
          throw problem === undefined ? error : new Error(problem, { cause: error });
        }
      }),
    write: (topic, records, note) =>
      writing(`${topic} or ${note.topic}`, async () => {
        if (writer === undefined) throw new Error("a bug: the writer is not open");
        return writer.write(topic, records, note);
      }),
    close: async () => {
      await Promise.allSettled([writer?.close(), admin.disconnect()]);
    },
  };
};

/** A broker's bare sentence would be taken for a topic that is missing. */
const unserved = (error: unknown, topic: string): string | undefined => {
  // What is no protocol error may be about the whole cluster.
  if (!isUnserved(error) || (rootCause(error) as { type?: string }).type === undefined) return undefined;
  return (
    `topic ${topic} exists, and no broker served all of it for ${LEADER_PATIENCE_MS / 1000} s: a partition has no leader, or the topic has just been deleted. Look at the brokers ` +
    `(kafka-topics.sh --describe --unavailable-partitions), then run this again (${rootCause(error).message})`
  );
};

/** Told before anything is written. What is no protocol error may be about the whole cluster. */
const uncoordinated = (error: unknown, transactionalId: string): string | undefined => {
  if (!isUncoordinated(error) || (rootCause(error) as { type?: string }).type === undefined) return undefined;
  return (
    `no broker took care of the transactions of ${transactionalId} for ${LEADER_PATIENCE_MS / 1000} s, and nothing was written: a partition of __transaction_state has no leader, or ` +
    `an earlier transaction cannot end. Look at the brokers (kafka-topics.sh --describe --unavailable-partitions), then run this again (${rootCause(error).message})`
  );
};

const writeProblem = (error: unknown, topic: string, transactionalId: string): string | undefined => {
  const cause = rootCause(error) as Error & { type?: string };
  switch (cause.type) {
    case "TRANSACTIONAL_ID_AUTHORIZATION_FAILED":
      return `no right to use the transactional ID ${transactionalId}: grant WRITE on it (${cause.message})`;
    case "TOPIC_AUTHORIZATION_FAILED":
      return `no right to write to topic ${topic}: grant WRITE and DESCRIBE (${cause.message})`;
    case "INVALID_PRODUCER_EPOCH":
    case "PRODUCER_FENCED":
      return "another redrive for this group has begun since; this one stops";
    default:
      return undefined;
  }
};
