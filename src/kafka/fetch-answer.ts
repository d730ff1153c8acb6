import { crc32c } from "@node-rs/crc32";
import type { LargeBatch } from "./large-batch.js";
import {
  type BatchHead,
  baseOffsetAt,
  batchEnd,
  CODEC,
  checkedBytes,
  checksumOf,
  compareChecksums,
  type FetchedRecord,
  HEAD_BYTES,
  headAt,
  MAGIC,
  MalformedBatch,
  magicAt,
  readRecords,
} from "./record-batch.js";

/** A batch that is not as its producer, or its broker, made it. */
export interface CorruptBatch {
  /** Its first offset. */
  readonly offset: number;
  readonly problem: string;
  /** It is as it was written, and there is no room for it. */
  readonly isTooLarge?: true;
}

/** The records of one partition in the answer to a fetch. */
export interface RecordSet {
  /** With control records and those of aborted transactions, and with what lies before the offset that was asked for. */
  readonly messages: readonly FetchedRecord[];
  /** Next offset after the last whole batch, also where compaction has left nothing of it; undefined: there is none. */
  readonly coveredTo: number | undefined;
  /** The batch after those, for which there is no room. */
  readonly large: LargeBatch | undefined;
  /** The batch after those, which is not believed. */
  readonly corrupt: CorruptBatch | undefined;
}

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

export interface Unpacking {
  /** Unpacks a batch's records; `codec` is one of the protocol's, not 0. Undefined: there is no room for them. */
  readonly decompress: (codec: number, data: Buffer) => Promise<Buffer | undefined>;
  /** Called before each batch: others may have their turn. */
  readonly turn: () => Promise<void>;
}

/**
 * The whole batches in `bytes`. What a limit of the fetch has cut off at the end is passed over: the next fetch brings it. A batch whose checksum is
 * wrong, or that holds something else than it says, is `corrupt`, and with it all that follows: nothing is skipped. After one that is `large` the next
 * fetch brings what follows.
 */
export const readRecordSet = async (bytes: Buffer, { decompress, turn }: Unpacking): Promise<RecordSet> => {
  const messages: FetchedRecord[] = [];
  let coveredTo: number | undefined;
  for (let at = 0; bytes.length - at >= HEAD_BYTES; ) {
    const end = batchEnd(bytes, at);
    if (end > bytes.length) break;
    // The older format, in a log that changes over to the new one: the next fetch begins with it.
    if (magicAt(bytes, at) !== MAGIC) break;
    await turn();
    const before = messages.length;
    try {
      if (end - at < HEAD_BYTES) throw new MalformedBatch(`it says that it has ${end - at} bytes`);
      compareChecksums(checksumOf(bytes, at), crc32c(checkedBytes(bytes, at, end)));
      const head = headAt(bytes, at);
      if (!(await readBatch(head, { bytes, at, end }, { decompress, turn }, messages))) {
        const large = { head, codec: head.attributes & CODEC, data: bytes.subarray(at + HEAD_BYTES, end) };
        return { messages, coveredTo, large, corrupt: undefined };
      }
      coveredTo = head.lastOffset + 1;
    } catch (error) {
      messages.length = before;
      const problem = (error as Error).message;
      return { messages, coveredTo, large: undefined, corrupt: { offset: baseOffsetAt(bytes, at), problem } };
    }
    at = end;
  }
  return { messages, coveredTo, large: undefined, corrupt: undefined };
};

/** False: there is no room for it. */
const readBatch = async (
  head: BatchHead,
  { bytes, at, end }: { readonly bytes: Buffer; readonly at: number; readonly end: number },
  { decompress, turn }: Unpacking,
  to: FetchedRecord[],
): Promise<boolean> => {
  const codec = head.attributes & CODEC;
  if (head.count === 0) return true;
  if (codec === 0) {
    await readRecords(head, { bytes, at: at + HEAD_BYTES, end }, to, turn);
    return true;
  }
  const unpacked = await decompress(codec, bytes.subarray(at + HEAD_BYTES, end));
  if (unpacked === undefined) return false;
  await readRecords(head, { bytes: unpacked, at: 0, end: unpacked.length }, to, turn);
  return true;
};

/**
 * The records that a reader of committed records gets of these. `aborted`: as the broker names them; a transaction is over at its producer's
 * next control record, whichever it is.
 */
export const visibleRecords = (
  messages: readonly FetchedRecord[],
  aborted: readonly AbortedTransaction[],
): readonly FetchedRecord[] => {
  if (aborted.length === 0 && !messages.some(isControl)) return messages;
  const coming = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  const under = new Set<bigint>();
  let next = 0;
  return messages.filter((message) => {
    const { producerId, inTransaction, isControlBatch } = message.batchContext;
    while (next < coming.length && (coming[next] as AbortedTransaction).firstOffset <= message.offsetNumber)
      under.add((coming[next++] as AbortedTransaction).producerId);
    if (!isControlBatch) return !(inTransaction && under.has(producerId));
    under.delete(producerId);
    return false;
  });
};

const isControl = ({ batchContext }: FetchedRecord): boolean => batchContext.isControlBatch;
