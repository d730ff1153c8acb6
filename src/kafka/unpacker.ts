import { type EventLoopTurns, OUR_TURNS } from "../runtime/turns.js";

/** Unpacks the records of a compressed batch, and never more of them than somebody has room for. */
export interface Unpacker {
  /**
   * Everything at once, the fast way; of much of it in turns, or in a thread. Undefined: it has more than `maxBytes`, or may have; nothing much was spent on
   * finding out.
   */
  whole(data: Buffer, maxBytes: number, turns?: Turns): Buffer | undefined | Promise<Buffer | undefined>;
  /** The same bytes one after the other, a few MB at most at a time. Each piece is good until the next one is asked for. */
  pieces(data: Buffer): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export type Turns = Pick<EventLoopTurns, "next">;

/** So much is unpacked in one go: the slowest codec takes some 20 ms for it. */
export const AT_ONCE_BYTES = 4 * 1024 * 1024;

/** `most`: they have no more bytes together. */
export const gathered = async (
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  most: number,
  turns: Turns = OUR_TURNS,
): Promise<Buffer> => {
  const out = Buffer.allocUnsafe(most);
  let at = 0;
  for await (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
    await turns.next();
  }
  return out.subarray(0, at);
};

/** Appends `length` bytes that lie `offset` back, at `at`; they may overlap what they make. */
export const copyBack = (out: Uint8Array, at: number, offset: number, length: number): void => {
  let copied = Math.min(offset, length);
  out.copyWithin(at, at - offset, at - offset + copied);
  while (copied < length) {
    const more = Math.min(copied, length - copied);
    out.copyWithin(at + copied, at, at + more);
    copied += more;
  }
};
