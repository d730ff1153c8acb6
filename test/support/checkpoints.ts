import {
  type Checkpoint,
  decodeCheckpoint as decode,
  type EncodedCheckpoint,
  encodeCheckpoint as encode,
  readCheckpoint,
} from "#src/core/checkpoint.js";
import { logName } from "#src/core/log-name.js";
import type { PartitionStart } from "#src/core/partition.js";

/** The log of tests that know only one. */
export const TEST_LOG = logName("test-cluster", "alerts", 0);

export const encodeCheckpoint = (start: PartitionStart & Partial<Checkpoint>, maxChars?: number): EncodedCheckpoint =>
  encode(start, TEST_LOG, maxChars);

export const decodeCheckpoint = (metadata: string | null, committedOffset: number): Checkpoint | undefined =>
  decode(metadata, committedOffset, TEST_LOG);

/** What a checkpoint beside this offset says, whichever log it is for. */
export const checkpointOfAnyLog = (metadata: string | null, committedOffset: number): Checkpoint | undefined => {
  const reading = readCheckpoint(metadata, committedOffset, undefined);
  return reading.kind === "foreign" && reading.claims?.position === committedOffset ? reading.claims : undefined;
};

/** What stands before the checksum of a checkpoint of the test log. */
export const CHECKPOINT_HEAD = encodeCheckpoint({ position: 0, time: undefined, marks: [], settled: [] })
  .metadata.split(".")
  .slice(0, 2)
  .join(".");
