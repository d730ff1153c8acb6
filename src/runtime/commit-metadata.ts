/** A checkpoint as the text that Kafka keeps beside a committed offset, and back; and how long that may be. */

import { crc32 } from "node:zlib";
import { type Checkpoint, checkpointBytes, checkpointOf } from "../core/checkpoint.js";
import { hash53 } from "../core/hash.js";
import type { LogName } from "../core/log-history.js";
import type { PartitionStart } from "../core/partition.js";
import type { Logger } from "./log.js";
import type { CommitRequest } from "./ports.js";

/** The broker refuses commit metadata over this many bytes, unless `offset.metadata.max.bytes` says otherwise. */
export const CHECKPOINT_MAX_CHARS = 4096;

/**
 * `3.<log, 8 characters>.<crc32, 8 hex digits>.<base64url>`, ASCII, at most `maxChars` characters (never more than can be read again); empty where not
 * even the head of the checkpoint fits, and then nothing is known of it.
 *
 * The log comes first because commit metadata travels: MirrorMaker 2 copies it word for word to another cluster, beside a translated offset, and the
 * offsets in it mean other records there.
 */
export const encodeCheckpoint = (
  start: PartitionStart & Partial<Checkpoint>,
  log: LogName,
  maxChars = CHECKPOINT_MAX_CHARS,
): CommitMetadata => {
  const maxBytes = Math.floor(((Math.min(maxChars, CHECKPOINT_MAX_CHARS) - HEAD_CHARS) * 6) / 8);
  const { bytes, overflowed, settledBytes } = checkpointBytes(start, maxBytes);
  if (bytes === undefined) return { metadata: "", overflowed, settledChars: 0 };
  const sum = crc32(bytes).toString(16).padStart(8, "0");
  return {
    metadata: `3.${tagOf(log)}.${sum}.${Buffer.from(bytes).toString("base64url")}`,
    overflowed,
    settledChars: HEAD_CHARS + Math.ceil((settledBytes * 4) / 3),
  };
};

export interface CommitMetadata {
  readonly metadata: string;
  readonly overflowed: boolean;
  /** As long as it would be without early mails, half-delivered alerts and faults. */
  readonly settledChars: number;
}

/**
 * What commit metadata comes to. Only an `own` checkpoint says what is settled; of all others nothing counts but the committed offset beside it. `claims` is
 * what one of them would have said.
 */
export type CheckpointReading =
  | { readonly kind: "own"; readonly checkpoint: Checkpoint }
  /** Metadata is empty: nothing was ever said. */
  | { readonly kind: "none" }
  /** Of a version that did not name its log yet. */
  | { readonly kind: "older"; readonly claims: Checkpoint | undefined }
  /** Made for another cluster, topic or partition; or by or for a cluster without an ID, where nobody can tell. */
  | { readonly kind: "foreign"; readonly claims: Checkpoint | undefined }
  /** For another offset: somebody moved the group and kept the metadata. */
  | { readonly kind: "moved"; readonly claims: Checkpoint }
  /** Damaged, another program's, or of a later version. */
  | { readonly kind: "unreadable" };

export const readCheckpoint = (metadata: string | null, committedOffset: number, log: LogName): CheckpointReading => {
  if (metadata === null || metadata === "") return { kind: "none" };
  if (metadata.length > CHECKPOINT_MAX_CHARS) return { kind: "unreadable" };
  const older = OLDER.exec(metadata);
  if (older !== null) return { kind: "older", claims: decodeBody(older[1] as string, older[2] as string) };
  const bound = BOUND.exec(metadata);
  if (bound === null) return { kind: "unreadable" };
  const claims = decodeBody(bound[2] as string, bound[3] as string);
  if (log === undefined || bound[1] !== tagOf(log)) return { kind: "foreign", claims };
  if (claims === undefined) return { kind: "unreadable" };
  return claims.position === committedOffset ? { kind: "own", checkpoint: claims } : { kind: "moved", claims };
};

/** Undefined for everything but an own checkpoint: then nothing is settled. */
export const decodeCheckpoint = (
  metadata: string | null,
  committedOffset: number,
  log: LogName,
): Checkpoint | undefined => {
  const reading = readCheckpoint(metadata, committedOffset, log);
  return reading.kind === "own" ? reading.checkpoint : undefined;
};

const decodeBody = (sum: string, body: string): Checkpoint | undefined => {
  const bytes = Buffer.from(body, "base64url");
  return crc32(bytes) === Number.parseInt(sum, 16) ? checkpointOf(bytes) : undefined;
};

/** 48 bits that stand for the log. */
const tagOf = (log: LogName): string => {
  if (log === undefined) return "--------";
  const tag = Buffer.alloc(6);
  tag.writeUIntBE(hash53(log) % 2 ** 48, 0, 6);
  return tag.toString("base64url");
};

const HEAD_CHARS = "3.LOGLOGLO.00000000.".length;
/** Log, checksum, body; and as it was before the log was named. */
const BOUND = /^3\.([A-Za-z0-9_-]{8})\.([0-9a-f]{8})\.([A-Za-z0-9_-]+)$/;
const OLDER = /^2\.([0-9a-f]{8})\.([A-Za-z0-9_-]+)$/;

/**
 * How many characters of metadata the broker takes beside an offset (`offset.metadata.max.bytes`). No API tells a consumer, so it is learned: a
 * refusal halves it, for as long as the process lives. One for all partitions, for the limit is the broker's.
 */
export class CheckpointRoom {
  readonly #log: Logger;
  #chars = CHECKPOINT_MAX_CHARS;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** 0: offsets are committed without a checkpoint. */
  get chars(): number {
    return this.#chars;
  }

  /** The broker refused these because of their metadata. Returns whether they would be shorter now. */
  refused(requests: readonly CommitRequest[]): boolean {
    const longest = Math.max(0, ...requests.map(({ metadata }) => metadata.length));
    const before = this.#chars;
    while (this.#chars > 0 && this.#chars >= longest) this.#chars = this.#chars / 2 < LEAST_CHARS ? 0 : this.#chars / 2;
    if (this.#chars < before && before === CHECKPOINT_MAX_CHARS)
      this.#log.warn(
        { refusedChars: longest, wantedChars: CHECKPOINT_MAX_CHARS },
        `the broker takes less commit metadata than it should: set its offset.metadata.max.bytes to ${CHECKPOINT_MAX_CHARS} and restart this process; until then more mails are repeated after a crash`,
      );
    else if (this.#chars < before)
      this.#log.info({ refusedChars: longest, chars: this.#chars }, "still too much commit metadata for the broker");
    return longest > this.#chars;
  }
}

/** Below it, the head alone, of about 50 characters, would keep a paused partition above its low mark. */
const LEAST_CHARS = 128;
