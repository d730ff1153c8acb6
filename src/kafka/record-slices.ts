/** What is taken of many records at once: the event loop has its turn between two slices. */

interface Valued {
  readonly value: Uint8Array | null;
  /** Known before the value is made; negative: it has none. */
  readonly valueBytes?: number;
}

/** Where the slice that begins at `from` ends. It has a record at least. */
export const sliceEnd = (records: readonly Valued[], from: number): number => {
  let bytes = 0;
  let to = from;
  for (; to < records.length; to++) {
    bytes += RECORD_BYTES + bytesOf(records[to] as Valued);
    if (bytes > SLICE_BYTES && to > from) break;
  }
  return to;
};

/** Whether they are one slice. `bytes`: what they take. */
export const areOneSlice = (records: number, bytes: number): boolean =>
  records * RECORD_BYTES <= SLICE_BYTES && bytes <= SLICE_BYTES;

const bytesOf = (record: Valued): number => Math.max(0, record.valueBytes ?? record.value?.length ?? 0);

/** The largest alert, or thousands of usual ones, which are some 20 ms of work. */
const SLICE_BYTES = 1024 * 1024;
/** What a record counts for beside its value: one without a value is some work as well. */
const RECORD_BYTES = 512;
