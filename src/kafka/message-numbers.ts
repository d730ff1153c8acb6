import { FetchedRecord } from "./record-batch.js";

/** A record, its numbers as numbers. */
export interface MessageNumbers {
  readonly offset: number;
  /** Negative when the record has none. */
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Of the leader that wrote it; -1: none. */
  readonly leaderEpoch: number;
}

/** Of a message as KafkaJS hands it over: one of an older message set has its numbers as text. */
export const numbersOf = (message: {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}): MessageNumbers => {
  const { key, value } = message;
  const leaderEpoch = batchEpochOf(message);
  if (message instanceof FetchedRecord) {
    const { offsetNumber: offset, timestampMs } = message;
    return { offset, timestampMs, key, value, leaderEpoch };
  }
  return { offset: Number(message.offset), timestampMs: Number(message.timestamp), key, value, leaderEpoch };
};

/** The leader's epoch under which a record was written, which KafkaJS keeps of its batch's head though its types leave it out; -1: none. */
export const batchEpochOf = (message: object): number =>
  (message as { batchContext?: { partitionLeaderEpoch?: number } }).batchContext?.partitionLeaderEpoch ?? -1;
