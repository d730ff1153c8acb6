import type { Consumer, EachBatchPayload, IHeaders, Kafka, KafkaMessage } from "kafkajs";
import type { RecordHeaders } from "../runtime/ports.js";
import { copiedHeaders } from "../runtime/record-headers.js";
import { rootCause } from "./client.js";
import { consumerSettings } from "./consumer-settings.js";
import type { FetchedBatch } from "./fetched-batch.js";
import { recordGroups } from "./large-batch.js";
import { whileLeadersMove } from "./moving-leaders.js";
import { UnkeptRecord } from "./record-cursor.js";

/** A record with copies of its bytes. */
export interface StoredRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** As UTF-8; of a header that is there several times, the last one. */
  readonly headers: ReadonlyMap<string, string>;
  /** As they are, with bytes of their own. */
  readonly rawHeaders: RecordHeaders;
}

/** Offsets from `from` to before `to`. Both must lie within the log as it is now. */
export interface RecordRange {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Reads these offsets, commits nothing, ends. Rejects with the error of KafkaJS, or when the broker gives nothing for `STALL_MS`; an
 * exception of `onRecord` ends it too.
 *
 * KafkaJS fetches only as a member of a group: `groupId` must be nobody else's. Without commits nothing of it stays behind.
 */
export const readRecords = async (deps: {
  kafka: Kafka;
  groupId: string;
  /** `KAFKA_SESSION_TIMEOUT`. */
  sessionTimeoutMs: number;
  ranges: readonly RecordRange[];
  onRecord: (record: StoredRecord) => void;
}): Promise<void> => {
  const cursors = cursorsOf(deps.ranges);
  if (cursors.size === 0) return;
  let hasEnded = false;
  const consumer = deps.kafka.consumer({
    groupId: deps.groupId,
    ...consumerSettings(deps.sessionTimeoutMs),
    maxWaitTimeInMs: 100,
    // What may pass (a coordinator that loads, a leader that moves) is tried again until it stalls; a missing right is said at once.
    retry: {
      initialRetryTime: 200,
      maxRetryTime: 1_000,
      retries: 5,
      // One that is disconnected while it starts anew comes back to life (tulios/kafkajs#1462).
      restartOnFailure: async (error) => !hasEnded && mayPass(error),
    },
  });
  try {
    await consumer.connect();
    const topics = [...new Set(deps.ranges.map(({ topic }) => topic))];
    await whileLeadersMove(() => consumer.subscribe({ topics, fromBeginning: true }));
    await readAll(consumer, cursors, deps.onRecord);
  } finally {
    hasEnded = true;
    await consumer.disconnect().catch(() => undefined);
  }
};

const STALL_MS = 20_000;

/** Where the next range begins further on, reading goes on there; nearer than this, what lies between is read and dropped. */
const JUMP_OVER = 2_000;

const mayPass = (error: unknown): boolean => (rootCause(error) as { retriable?: boolean }).retriable === true;

/** What is to be read of one partition: `ranges` ascending and apart, `ranges[at]` under way, everything below `next` seen. */
interface Cursor {
  readonly topic: string;
  readonly partition: number;
  readonly ranges: { from: number; to: number }[];
  at: number;
  next: number;
}

const cursorsOf = (ranges: readonly RecordRange[]): Map<string, Cursor> => {
  const cursors = new Map<string, Cursor>();
  for (const range of [...ranges].sort((a, b) => a.from - b.from)) {
    if (range.from >= range.to) continue;
    const { topic, partition, from, to } = range;
    const cursor = cursors.get(name(topic, partition));
    const last = cursor?.ranges.at(-1);
    if (cursor === undefined || last === undefined)
      cursors.set(name(topic, partition), { topic, partition, ranges: [{ from, to }], at: 0, next: from });
    else if (from <= last.to) last.to = Math.max(last.to, to);
    else cursor.ranges.push({ from, to });
  }
  return cursors;
};

const name = (topic: string, partition: number): string => `${topic}/${partition}`;

/** The range that contains `offset` or is the next one; undefined behind the last. Offsets come in ascending order. */
const rangeAt = (cursor: Cursor, offset: number): { from: number; to: number } | undefined => {
  while (cursor.at < cursor.ranges.length && (cursor.ranges[cursor.at] as { to: number }).to <= offset) cursor.at++;
  return cursor.ranges[cursor.at];
};

const readAll = (
  consumer: Consumer,
  cursors: Map<string, Cursor>,
  onRecord: (record: StoredRecord) => void,
): Promise<void> =>
  new Promise((resolve, reject) => {
    let stall: NodeJS.Timeout | undefined;
    const end = (error?: unknown): void => {
      clearTimeout(stall);
      if (error === undefined) resolve();
      else reject(error);
    };
    let lastCrash: Error | undefined;
    const progress = (): void => {
      clearTimeout(stall);
      lastCrash = undefined;
      stall = setTimeout(() => {
        if (lastCrash !== undefined) return end(lastCrash);
        const where = [...cursors.values()].map((cursor) => `${name(cursor.topic, cursor.partition)}/${cursor.next}`);
        end(
          new Error(`the broker gave no records for ${STALL_MS / 1000} s; next were ${where.slice(0, 5).join(", ")}`),
        );
      }, STALL_MS);
    };

    /** Everything below `position` has been seen. */
    const moveTo = (cursor: Cursor, position: number): void => {
      progress();
      const current = rangeAt(cursor, position);
      if (current === undefined) {
        cursors.delete(name(cursor.topic, cursor.partition));
        consumer.pause([{ topic: cursor.topic, partitions: [cursor.partition] }]);
        if (cursors.size === 0) end();
        return;
      }
      const jump = current.from - position > JUMP_OVER;
      cursor.next = jump ? current.from : position;
      if (jump) seek(cursor);
    };
    const seek = ({ topic, partition, next }: Cursor): void =>
      consumer.seek({ topic, partition, offset: String(next) });

    const eachBatch = async ({ batch, resolveOffset, heartbeat, isStale }: EachBatchPayload): Promise<void> => {
      const cursor = cursors.get(name(batch.topic, batch.partition));
      if (cursor === undefined || isStale()) return;
      const take = (messages: readonly KafkaMessage[]): void => {
        for (const message of messages) {
          const offset = Number(message.offset);
          if (offset < cursor.next) continue;
          if (offset >= (rangeAt(cursor, offset)?.from ?? Number.POSITIVE_INFINITY))
            onRecord(stored(batch.topic, batch.partition, message));
        }
      };
      const { large } = batch as typeof batch & Partial<FetchedBatch>;
      (batch as typeof batch & Partial<FetchedBatch>).taken?.();
      let lastOffset = batch.lastOffset();
      try {
        take(batch.messages);
        if (large !== undefined) {
          for await (const { records } of recordGroups(large)) {
            take(records);
            progress();
            await heartbeat();
          }
          lastOffset = String(large.head.lastOffset);
        }
      } catch (error) {
        end(error);
        return;
      }
      resolveOffset(lastOffset);
      moveTo(cursor, Number(lastOffset) + 1);
    };

    const { events } = consumer;
    consumer.on(events.GROUP_JOIN, ({ payload }) => {
      progress();
      for (const [topic, partitions] of Object.entries(payload.memberAssignment)) {
        for (const partition of partitions) {
          const cursor = cursors.get(name(topic, partition));
          if (cursor === undefined) consumer.pause([{ topic, partitions: [partition] }]);
          else seek(cursor);
        }
      }
    });
    // A batch of nothing but control records never reaches `eachBatch`.
    consumer.on(events.END_BATCH_PROCESS, ({ payload }) => {
      const cursor = cursors.get(name(payload.topic, payload.partition));
      const position = Number(payload.lastOffset) + 1;
      if (payload.batchSize === 0 && cursor !== undefined && position > cursor.next) moveTo(cursor, position);
    });
    consumer.on(events.CRASH, ({ payload }) => {
      lastCrash = rootCause(payload.error);
      if (!payload.restart) end(lastCrash);
    });
    progress();
    consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch }).catch(end);
  });

const stored = (topic: string, partition: number, message: KafkaMessage): StoredRecord => {
  if (message instanceof UnkeptRecord)
    throw new Error(
      `the record at ${name(topic, partition)}/${message.offset} is too large to be read: ${message.unkeptBytes} bytes`,
    );
  return storedCopy(topic, partition, message);
};

const storedCopy = (topic: string, partition: number, message: KafkaMessage): StoredRecord => ({
  topic,
  partition,
  offset: Number(message.offset),
  timestampMs: Number(message.timestamp),
  // Copies: the buffers are slices of a whole fetch.
  key: message.key && Buffer.from(message.key),
  value: message.value && Buffer.from(message.value),
  headers: textHeaders(message.headers ?? {}),
  rawHeaders: copiedHeaders(message.headers ?? {}),
});

const textHeaders = (headers: IHeaders): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(headers).map(([header, value]) => [
      header,
      String((Array.isArray(value) ? value.at(-1) : value) ?? ""),
    ]),
  );
