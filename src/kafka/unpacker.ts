/** Unpacks the records of a compressed batch, and never more of them than somebody has room for. */
export interface Unpacker {
  /** Everything at once, the fast way. Undefined: it has more than `maxBytes`, or may have; nothing much was spent on finding out. */
  whole(data: Buffer, maxBytes: number): Buffer | undefined | Promise<Buffer | undefined>;
  /** The same bytes one after the other, a few MB at most at a time. Each piece is good until the next one is asked for. */
  pieces(data: Buffer): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

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
