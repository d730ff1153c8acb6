import { OUR_TURNS } from "../runtime/turns.js";
import { MalformedBatch } from "./record-batch.js";
import { AT_ONCE_BYTES, copyBack, type Turns, type Unpacker } from "./unpacker.js";

/** One raw block, or the framing of xerial's snappy-java that Java clients write: 16 bytes of header, then blocks with a length each. */
export const loadSnappy = async (): Promise<Unpacker> => {
  const { uncompress } = await import("snappyjs");
  return {
    whole(data, maxBytes, turns) {
      const blocks = blocksOf(data);
      const most = blocks.reduce((sum, block) => sum + claimedLength(block).length, 0);
      if (most > maxBytes) return undefined;
      if (most > AT_ONCE_BYTES) return inTurns(blocks, uncompress, most, turns);
      const [first] = blocks;
      if (blocks.length === 1 && first !== undefined) return asBuffer(uncompress(first));
      return Buffer.concat(blocks.map((block) => uncompress(block)));
    },

    *pieces(data) {
      for (const block of blocksOf(data)) yield* piecesOfBlock(block);
    },
  };
};

const inTurns = async (
  blocks: readonly Buffer[],
  uncompress: (block: Buffer) => Uint8Array,
  most: number,
  turns: Turns = OUR_TURNS,
): Promise<Buffer> => {
  const out = Buffer.allocUnsafe(most);
  let at = 0;
  for (const block of blocks) {
    const { length } = claimedLength(block);
    if (length > AT_ONCE_BYTES) for (const _ of partsInto(out, at, block)) await turns.next();
    else out.set(uncompress(block), at);
    at += length;
    await turns.next();
  }
  return out;
};

/** Unpacks it to where it belongs, which is all that its copies refer to. */
function* partsInto(out: Buffer, begin: number, block: Buffer): Generator<void> {
  const { length, end } = claimedLength(block);
  let [at, told] = [begin, begin];
  for (let from = end; from < block.length; ) {
    const element = elementAt(block, from);
    from = element.end;
    if (at + element.length > begin + length) throw new MalformedBatch("a block of snappy is longer than it says");
    if (element.back === 0) block.copy(out, at, element.end - element.length, element.end);
    else if (element.back > at - begin) throw new MalformedBatch("a block of snappy refers to what is not there");
    else copyBack(out, at, element.back, element.length);
    at += element.length;
    if (at - told < PART_BYTES) continue;
    told = at;
    yield;
  }
  if (at !== begin + length) throw new MalformedBatch("a block of snappy is shorter than it says");
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

const blocksOf = (data: Buffer): readonly Buffer[] => {
  if (!data.subarray(0, 8).equals(XERIAL_MAGIC)) return [data];
  const blocks: Buffer[] = [];
  for (let at = 16; at < data.length; ) {
    const length = data.readUInt32BE(at);
    if (at + 4 + length > data.length) throw new MalformedBatch("a block of snappy leads beyond the end");
    blocks.push(data.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return blocks;
};

/** What a block says it unpacks to, and where that ends. A length that it cannot have is not believed: room would be made for it. */
const claimedLength = (block: Buffer): { length: number; end: number } => {
  let length = 0;
  for (let at = 0; at < 5 && at < block.length; at++) {
    const byte = block[at] as number;
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte >= 0x80) continue;
    if (length > block.length * GROWTH_MAX) break;
    return { length, end: at + 1 };
  }
  throw new MalformedBatch("a block of snappy has a length that it cannot have");
};

/** Element after element (format_description.txt of Snappy, section 2), with so much kept as a copy may reach back. */
function* piecesOfBlock(block: Buffer): Generator<Uint8Array> {
  const { length, end } = claimedLength(block);
  const out = Buffer.allocUnsafe(Math.min(length, HISTORY_BYTES + PIECE_BYTES) + COPY_MAX);
  let made = 0;
  let [at, told] = [0, 0];
  for (let from = end; from < block.length; ) {
    const element = elementAt(block, from);
    from = element.end;
    made += element.length;
    if (made > length) throw new MalformedBatch("a block of snappy is longer than it says");
    for (let left = element.length; left > 0; ) {
      const isFull = at >= out.length - COPY_MAX;
      if (isFull || at - told >= PIECE_BYTES) {
        yield out.subarray(told, at);
        told = at;
      }
      if (isFull) {
        const kept = Math.min(at, HISTORY_BYTES);
        out.copyWithin(0, at - kept, at);
        at = told = kept;
      }
      const count = Math.min(left, out.length - at, told + PIECE_BYTES + COPY_MAX - at);
      if (element.back === 0) block.copy(out, at, element.end - left, element.end - left + count);
      else if (element.back > at) throw new MalformedBatch("a block of snappy refers to what is not there");
      else copyBack(out, at, element.back, count);
      at += count;
      left -= count;
    }
  }
  if (made !== length) throw new MalformedBatch("a block of snappy is shorter than it says");
  if (at > told) yield out.subarray(told, at);
}

/** `back` 0: a literal, the bytes before `end`. */
const elementAt = (block: Buffer, at: number): { back: number; length: number; end: number } => {
  const tag = block[at] as number;
  const more = (bytes: number): number => {
    if (at + 1 + bytes > block.length) throw new MalformedBatch("a block of snappy is cut off");
    return bytes === 0 ? 0 : block.readUIntLE(at + 1, bytes);
  };
  switch (tag & 3) {
    case 0: {
      const extra = Math.max(0, (tag >>> 2) - 59);
      const length = (extra === 0 ? tag >>> 2 : more(extra)) + 1;
      const end = at + 1 + extra + length;
      if (end > block.length) throw new MalformedBatch("a block of snappy is cut off");
      return { back: 0, length, end };
    }
    case 1:
      return copyOf(more(1) + ((tag >>> 5) << 8), ((tag >>> 2) & 7) + 4, at + 2);
    case 2:
      return copyOf(more(2), (tag >>> 2) + 1, at + 3);
    default:
      return copyOf(more(4), (tag >>> 2) + 1, at + 5);
  }
};

const copyOf = (back: number, length: number, end: number) => {
  if (back === 0) throw new MalformedBatch("a block of snappy refers to what is not there");
  return { back, length, end };
};

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
/** Three bytes make 64 at most. */
const GROWTH_MAX = 22;
/** Compressors look back 64 KB, those of the Go clients over a whole block. */
const HISTORY_BYTES = 32 * 1024 * 1024;
const PIECE_BYTES = 4 * 1024 * 1024;
/** Some milliseconds of it. */
const PART_BYTES = 512 * 1024;
/** Longest copy of one element. */
const COPY_MAX = 64;
