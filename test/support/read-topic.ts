import { randomBytes } from "node:crypto";
import { fetchReadableEnds } from "#src/kafka/end-offsets.js";
import { readRecords, type StoredRecord } from "#src/kafka/record-reader.js";
import { productClient, withAdmin } from "./kafka-admin.js";

/** Everything a topic has now for readers of committed records, by partition and offset; nothing while it does not exist. Read as the product reads. */
export async function readTopic(brokers: string, topic: string): Promise<StoredRecord[]> {
  const ends = await withAdmin(brokers, async (admin) =>
    (await admin.listTopics()).includes(topic) ? fetchReadableEnds(admin, topic) : new Map<number, never>(),
  );
  const records: StoredRecord[] = [];
  await readRecords({
    kafka: productClient(brokers),
    groupId: `reader-${randomBytes(6).toString("hex")}`,
    sessionTimeoutMs: 15_000,
    ranges: [...ends].map(([partition, { start, end }]) => ({ topic, partition, from: start, to: end })),
    onRecord: (record) => records.push(record),
  });
  return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}
