import type { Checkpoint } from "#src/core/checkpoint.js";
import { logName } from "#src/core/log-history.js";
import type { PartitionStart } from "#src/core/partition.js";
import {
  type CommitMetadata,
  decodeCheckpoint as decode,
  encodeCheckpoint as encode,
  readCheckpoint,
} from "#src/runtime/commit-metadata.js";

/** The log of tests that know only one. */
export const TEST_LOG = logName("test-cluster", "alerts", 0);

export const encodeCheckpoint = (start: PartitionStart & Partial<Checkpoint>, maxChars?: number): CommitMetadata =>
  encode(start, TEST_LOG, maxChars);

export const decodeCheckpoint = (metadata: string | null, committedOffset: number): Checkpoint | undefined =>
  decode(metadata, committedOffset, TEST_LOG);

/** What a checkpoint says, whichever log and offset it is for. */
export const claimsOf = (metadata: string | null): Checkpoint | undefined => {
  const reading = readCheckpoint(metadata, 0, undefined);
  return reading.kind === "foreign" ? reading.claims : undefined;
};

/** What a checkpoint beside this offset says, whichever log it is for. */
export const checkpointOfAnyLog = (metadata: string | null, committedOffset: number): Checkpoint | undefined => {
  const claims = claimsOf(metadata);
  return claims?.position === committedOffset ? claims : undefined;
};

/** What stands before the checksum of a checkpoint of the test log. */
export const CHECKPOINT_HEAD = encodeCheckpoint({ position: 0, time: undefined, marks: [], settled: [] })
  .metadata.split(".")
  .slice(0, 2)
  .join(".");
