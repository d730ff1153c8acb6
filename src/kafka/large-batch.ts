import { MAX_VALUE_BYTES } from "../core/alert.js";
import { OUR_TURNS } from "../runtime/turns.js";
import { type BatchHead, type FetchedRecord, MalformedBatch } from "./record-batch.js";
import { FRONT_BYTES, LENGTH_BYTES_MAX, RecordCursor } from "./record-cursor.js";
import { unpackerOf } from "./unpackers.js";

/** A batch that there is no room to unpack at once: its records are had one group after the other. */
export interface LargeBatch {
  readonly head: BatchHead;
  readonly codec: number;
  /** Its records, compressed. */
  readonly data: Buffer;
}

/** Some of its records, which no other group has. */
export interface RecordGroup {
  readonly records: readonly FetchedRecord[];
  /** Next offset after them; after the last group, that after the batch. */
  readonly next: number;
}

/**
 * Unpacks it piece by piece: of what it holds there are never more than a few MB in memory. A record that is too large to be read as an alert is passed
 * over as it comes, and is an `UnkeptRecord`. Groups may be empty: each is a place to do something else, and where it takes long the event loop has its turn
 * before it. Throws a `MalformedBatch`, or the error of the codec, where it is not what its head says.
 */
export async function* recordGroups({ head, codec, data }: LargeBatch): AsyncGenerator<RecordGroup> {
  const parts = new RecordParts(head);
  const unpacker = await unpackerOf(codec);
  for await (const piece of unpacker.pieces(data)) {
    if (!parts.add(piece)) continue;
    await OUR_TURNS.next();
    yield parts.take();
    if (parts.areAll) return;
  }
  // What the last pieces brought; or all of them passed over what is not kept.
  const last = parts.take();
  if (!parts.areAll) throw new MalformedBatch(`it ends before the last of its ${head.count} records`);
  yield last;
}

/** Puts records together of the pieces that come. */
class RecordParts {
  readonly #head: BatchHead;
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** Before so many are there, looking is of no use. */
  #needed = GROUP_BYTES;
  /** Of a record that is not kept: still to come, and of no interest. */
  #skip = 0;
  /** So much of it came since something was taken. */
  #skipped = 0;
  #left: number;
  #next: number;

  constructor(head: BatchHead) {
    this.#head = head;
    this.#left = head.count;
    this.#next = head.baseOffset;
  }

  /** All records were taken. */
  get areAll(): boolean {
    return this.#left <= 0;
  }

  /** Copies it. True: there may be something to take. */
  add(piece: Uint8Array): boolean {
    const skipped = Math.min(this.#skip, piece.length);
    this.#skip -= skipped;
    this.#skipped += skipped;
    if (skipped < piece.length) {
      this.#pieces.push(Buffer.from(piece.subarray(skipped)));
      this.#bytes += piece.length - skipped;
    }
    return this.#bytes >= this.#needed || this.#skipped >= GROUP_BYTES;
  }

  /** The records that are whole, and those that are not kept. */
  take(): RecordGroup {
    const bytes = this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces);
    const cursor = new RecordCursor(this.#head, bytes);
    const records: FetchedRecord[] = [];
    this.#needed = GROUP_BYTES;
    this.#skipped = 0;
    let begin = 0;
    for (; this.#left > 0; begin = cursor.at) {
      const length = cursor.length();
      if (length === undefined) break;
      const isLarge = length > MAX_VALUE_BYTES && cursor.isLarge(length);
      if (isLarge === undefined || (!isLarge && cursor.rest < length)) {
        this.#needed = Math.max(GROUP_BYTES, LENGTH_BYTES_MAX + (isLarge === undefined ? FRONT_BYTES : length));
        break;
      }
      records.push(isLarge ? cursor.unkept(length) : cursor.record(length));
      this.#left--;
    }
    this.#skip += Math.max(0, begin - bytes.length);
    // A copy: what is left of a group would keep the whole of it.
    this.#pieces = begin < bytes.length ? [Buffer.from(bytes.subarray(begin))] : [];
    this.#bytes = Math.max(0, bytes.length - begin);
    this.#next = this.areAll ? this.#head.lastOffset + 1 : (records.at(-1)?.offsetNumber ?? this.#next - 1) + 1;
    return { records, next: this.#next };
  }
}

/** Records are taken once there are so many bytes of them: each time costs something. */
const GROUP_BYTES = 1024 * 1024;
