import zlib from "node:zlib";
import { MalformedBatch } from "./record-batch.js";
import { AT_ONCE_BYTES, gathered, type Unpacker } from "./unpacker.js";

/** Zstandard frames (RFC 8878), one after the other. */
export const loadZstd = async (): Promise<Unpacker> => {
  const { Decompress, decompress } = await import("fzstd");
  const { createZstdDecompress } = native;
  // Node.js has it since 22.15; fzstd moves a whole window for each block of it.
  const pieces = (data: Buffer): Iterable<Uint8Array> | AsyncIterable<Uint8Array> =>
    createZstdDecompress === undefined ? blockByBlock(data, Decompress) : streamed(data, createZstdDecompress);
  return {
    whole(data, maxBytes, turns) {
      const most = mostOf(data);
      if (most > maxBytes) return undefined;
      if (most > AT_ONCE_BYTES) return gathered(pieces(data), most, turns);
      const unpacked = decompress(data);
      return Buffer.from(unpacked.buffer, unpacked.byteOffset, unpacked.length);
    },

    pieces,
  };
};

/** Node.js goes no further than the end of a frame. */
async function* streamed(data: Buffer, createStream: CreateStream): AsyncGenerator<Uint8Array> {
  for (const { from, to } of [...framesOf(data)]) {
    const stream = createStream({ chunkSize: PIECE_BYTES });
    stream.end(data.subarray(from, to));
    yield* stream;
  }
}

type CreateStream = (options: { chunkSize: number }) => AsyncIterable<Uint8Array> & { end(data: Buffer): void };
const native = zlib as { readonly createZstdDecompress?: CreateStream };

/** Without Node.js's own: fed with one block after the other, each of which makes 128 KB at most. */
export function* blockByBlock(data: Buffer, Decompress: typeof import("fzstd").Decompress): Generator<Uint8Array> {
  const made: Uint8Array[] = [];
  const stream = new Decompress((piece) => void made.push(piece));
  let from = 0;
  for (const { to } of partsOf(data)) {
    stream.push(data.subarray(from, to), to === data.length);
    from = to;
    yield* made.splice(0);
  }
}

/** What it unpacks to, at most. Throws where it asks for more memory than is given to anyone. */
const mostOf = (data: Buffer): number => {
  let bytes = 0;
  for (const { most } of partsOf(data)) bytes += most;
  return bytes;
};

/** All but those to be passed over. */
function* framesOf(data: Buffer): Generator<{ readonly from: number; readonly to: number }> {
  let [from, to] = [0, 0];
  for (const part of partsOf(data)) {
    if (part.isFirst) {
      if (to > from) yield { from, to };
      from = to;
    }
    to = part.to;
    if (part.isSkipped) from = to;
  }
  if (to > from) yield { from, to };
}

interface Part {
  /** Of a frame, or of one to be passed over. */
  readonly isFirst: boolean;
  readonly isSkipped: boolean;
  /** Where it ends; it begins where the one before it ended. */
  readonly to: number;
  /** Bytes that come of it, at most. */
  readonly most: number;
}

/** The heads of frames, their blocks and checksums. */
function* partsOf(data: Buffer): Generator<Part> {
  for (let at = 0; at < data.length; ) {
    need(data, at, 6);
    const magic = data.readUInt32LE(at);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      need(data, at, 8);
      at += 8 + data.readUInt32LE(at + 4);
      need(data, at, 0);
      yield { to: at, most: 0, isFirst: true, isSkipped: true };
      continue;
    }
    if (magic !== MAGIC) throw new MalformedBatch("it does not begin as Zstandard does");
    const frame = frameAt(data, at);
    if (frame.windowBytes > WINDOW_MAX_BYTES)
      throw new MalformedBatch(
        `it asks for a window of ${frame.windowBytes} bytes, at most ${WINDOW_MAX_BYTES} are given`,
      );
    at = frame.end;
    yield { to: at, most: frame.contentBytes ?? 0, isFirst: true, isSkipped: false };
    for (let isLast = false; !isLast; ) {
      need(data, at, 3);
      const head = data.readUIntLE(at, 3);
      isLast = (head & 1) !== 0;
      const [kind, bytes] = [(head >>> 1) & 3, head >>> 3];
      at += 3 + (kind === REPEATED ? 1 : bytes);
      need(data, at, 0);
      const most = frame.contentBytes !== undefined ? 0 : kind === PACKED ? BLOCK_MAX_BYTES : bytes;
      if (isLast && frame.hasChecksum) at += 4;
      yield { to: Math.min(at, data.length), most, isFirst: false, isSkipped: false };
    }
  }
}

/** `contentBytes`: undefined where it does not say. */
const frameAt = (data: Buffer, start: number) => {
  const flags = data[start + 4] as number;
  const isSingleSegment = (flags & 0x20) !== 0;
  let at = start + (isSingleSegment ? 5 : 6) + ([0, 1, 2, 4][flags & 3] as number);
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][flags >>> 6] as number;
  need(data, at, sizeBytes);
  let contentBytes: number | undefined;
  if (sizeBytes === 8) contentBytes = Number(data.readBigUInt64LE(at));
  else if (sizeBytes > 0) contentBytes = data.readUIntLE(at, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
  at += sizeBytes;
  const descriptor = data[start + 5] as number;
  const base = 2 ** (10 + (descriptor >>> 3));
  const windowBytes = isSingleSegment ? (contentBytes ?? 0) : base + (base / 8) * (descriptor & 7);
  return { end: at, contentBytes, windowBytes, hasChecksum: (flags & 0x04) !== 0 };
};

const need = (data: Buffer, at: number, bytes: number): void => {
  if (at + bytes > data.length) throw new MalformedBatch("a frame of Zstandard is cut off");
};

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const REPEATED = 1;
const PACKED = 2;
const BLOCK_MAX_BYTES = 128 * 1024;
/** What Kafka's own consumer gives, and zstd's own tool unless it is told otherwise. */
const WINDOW_MAX_BYTES = 128 * 1024 * 1024;
const PIECE_BYTES = 128 * 1024;
