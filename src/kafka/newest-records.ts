import type { EncodedRecord } from "../runtime/ports.js";
import { copiedHeaders } from "../runtime/record-headers.js";
import { type FetchCluster, PlainFetch, type PlainRecord } from "./plain-fetch.js";

/** A record with bytes of its own. */
export interface NewestRecord extends Omit<EncodedRecord, "value"> {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  /** Null: a tombstone. */
  readonly value: Buffer | null;
}

/**
 * About so many of a topic, the newest of each partition; newest last. Fetched without a group: nothing is consumed, nothing is committed. Rejects with
 * the error of KafkaJS.
 */
export const newestRecords = async (
  cluster: FetchCluster,
  topic: string,
  wanted: number,
): Promise<readonly NewestRecord[]> => {
  const fetch = new PlainFetch(cluster, topic);
  await fetch.locate();
  const partitions = fetch.partitions().slice(0, PARTITIONS_MAX);
  const share = Math.max(1, Math.ceil(wanted / Math.max(1, partitions.length)));
  const found: NewestRecord[] = [];
  for (const partition of partitions) found.push(...(await newestOf(fetch, partition, share)));
  return found.sort((a, b) => a.timestampMs - b.timestampMs).slice(-wanted);
};

const newestOf = async (fetch: PlainFetch, partition: number, count: number): Promise<readonly NewestRecord[]> => {
  const [start, end] = [await fetch.start(partition), await fetch.end(partition)];
  let newest: NewestRecord[] = [];
  // Compaction and transactions leave offsets without a record.
  let position = Math.max(start, end - count * OFFSETS_A_RECORD);
  for (let fetches = 0; position < end && fetches < FETCHES_MAX; fetches++) {
    const { records, next } = await fetch.fetch(partition, position, { maxBytes: FETCH_BYTES, waitMs: 0 });
    newest = [...newest, ...records.slice(-count).map((record) => copyOf(partition, record))].slice(-count);
    if (next <= position) break;
    position = next;
  }
  return newest;
};

/** The buffers are slices of a whole fetch. */
const copyOf = (partition: number, { offset, timestampMs, key, value, headers }: PlainRecord): NewestRecord => ({
  ...{ partition, offset, timestampMs },
  key: key && Buffer.from(key),
  value: value && Buffer.from(value),
  headers: copiedHeaders(headers),
});

const PARTITIONS_MAX = 100;
const OFFSETS_A_RECORD = 4;
const FETCHES_MAX = 50;
const FETCH_BYTES = 1024 * 1024;
