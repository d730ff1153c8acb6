import { MalformedBatch } from "./record-batch.js";
import { AT_ONCE_BYTES, copyBack, gathered, type Unpacker } from "./unpacker.js";

/**
 * LZ4 frames (lz4_Frame_format.md), one after the other. In messages of format 0 Kafka made the checksum of a frame's head of too many bytes (KAFKA-3160):
 * it is not looked at, because the CRC of message or batch holds for the head, too.
 */
export const loadLz4 = async (): Promise<Unpacker> => {
  const { default: lz4 } = await import("lz4-napi");
  return {
    whole(data, maxBytes, turns) {
      const { most, frames } = lookedThrough(data);
      if (most > maxBytes) return undefined;
      // It goes no further than the end of a frame.
      if (frames > 1) return gathered(piecesOf(data), most, turns);
      const unpack = async (): Promise<Buffer> =>
        most > AT_ONCE_BYTES ? lz4.decompressFrame(data) : lz4.decompressFrameSync(data);
      return unpack().catch((error: unknown) => {
        if (!/HeaderChecksum/.test(String(error))) throw error;
        return gathered(piecesOf(data), most, turns);
      });
    },

    pieces: piecesOf,
  };
};

function* piecesOf(data: Buffer): Generator<Uint8Array> {
  let out: Uint8Array | undefined;
  let kept = 0;
  let frame: Block["frame"] | undefined;
  for (const block of blocksOf(data)) {
    if (block.frame !== frame) {
      frame = block.frame;
      kept = 0;
      out = Buffer.allocUnsafe(HISTORY_BYTES + frame.blockMaxBytes);
    }
    if (out === undefined) return;
    const end = unpackBlock(data, block, out, kept);
    yield out.subarray(kept, end);
    const history = frame.isIndependent ? 0 : Math.min(end, HISTORY_BYTES);
    out.copyWithin(0, end - history, end);
    kept = history;
  }
}

interface Block {
  readonly frame: { readonly blockMaxBytes: number; readonly isIndependent: boolean };
  readonly from: number;
  readonly to: number;
  readonly isPacked: boolean;
}

function* blocksOf(data: Buffer): Generator<Block> {
  for (let at = 0; at < data.length; ) {
    need(data, at, 7);
    const magic = data.readUInt32LE(at);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      need(data, at, 8);
      at += 8 + data.readUInt32LE(at + 4);
      continue;
    }
    if (magic !== MAGIC) throw new MalformedBatch("it does not begin as LZ4 does");
    const flags = data[at + 4] as number;
    const size = ((data[at + 5] as number) >>> 4) & 7;
    if (size < 4) throw new MalformedBatch("a frame of LZ4 has a size of blocks that is not known");
    const frame = { blockMaxBytes: 2 ** (8 + 2 * size), isIndependent: (flags & 0x20) !== 0 };
    at += 7 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4);
    need(data, at, 0);
    // Also one with nothing in it is told of.
    yield { frame, from: at, to: at, isPacked: false };
    // Some leave the mark of the end out.
    while (at + 4 <= data.length) {
      const head = data.readUInt32LE(at);
      at += 4;
      if (head === 0) break;
      const to = at + (head & 0x7fffffff);
      need(data, to, 0);
      yield { frame, from: at, to, isPacked: head < 0x80000000 };
      at = to + ((flags & 0x10) === 0 ? 0 : 4);
    }
    at += (flags & 0x04) === 0 ? 0 : 4;
  }
}

const need = (data: Buffer, at: number, bytes: number): void => {
  if (at + bytes > data.length) throw new MalformedBatch("a frame of LZ4 is cut off");
};

/** `most`: what it unpacks to, at most: a byte of a block makes 255 at most. */
const lookedThrough = (data: Buffer): { readonly most: number; readonly frames: number } => {
  let most = 0;
  const frames = new Set<Block["frame"]>();
  for (const { frame, from, to, isPacked } of blocksOf(data)) {
    frames.add(frame);
    most += isPacked ? Math.min(frame.blockMaxBytes, (to - from) * 255) : to - from;
  }
  return { most, frames: frames.size };
};

/** Writes it into `out` from `at` on, after what it may refer to. Returns where it ends (lz4_Block_format.md). */
const unpackBlock = (data: Buffer, block: Block, out: Uint8Array, at: number): number => {
  const room = at + block.frame.blockMaxBytes;
  let { from } = block;
  const { to } = block;
  const take = (bytes: number): void => {
    if (from + bytes > to || at + bytes > room) throw new MalformedBatch("a block of LZ4 is longer than it may be");
    data.copy(out, at, from, from + bytes);
    from += bytes;
    at += bytes;
  };
  const lengthFrom = (first: number): number => {
    let length = first;
    if (first < 15) return length;
    for (let more = 255; more === 255; length += more) {
      if (from >= to) throw new MalformedBatch("a block of LZ4 is cut off");
      more = data[from++] as number;
    }
    return length;
  };
  if (!block.isPacked) {
    take(to - from);
    return at;
  }
  while (from < to) {
    const token = data[from++] as number;
    take(lengthFrom(token >>> 4));
    // The last sequence has literals only.
    if (from >= to) break;
    if (from + 2 > to) throw new MalformedBatch("a block of LZ4 is cut off");
    const back = data.readUInt16LE(from);
    from += 2;
    const length = lengthFrom(token & 15) + 4;
    if (back === 0 || back > at) throw new MalformedBatch("a block of LZ4 refers to what is not there");
    if (at + length > room) throw new MalformedBatch("a block of LZ4 is longer than it may be");
    copyBack(out, at, back, length);
    at += length;
  }
  return at;
};

const MAGIC = 0x184d2204;
const SKIPPABLE = 0x184d2a50;
const HISTORY_BYTES = 64 * 1024;
