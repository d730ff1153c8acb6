/**
 * What a broker sends, cut into its answers: four bytes with a length, then as many bytes. KafkaJS joins what came piece by piece; here an answer is put
 * into its own memory at once, and the memory that the socket reads into is used again.
 */
export class Frames {
  readonly #head = Buffer.alloc(LENGTH_BYTES);
  #headBytes = 0;
  #frame: Buffer | undefined;
  #filled = 0;
  /** So many bytes are handed on as they come. */
  #passing = 0;

  /** `bytes` are of use during the call only. `give` gets whole answers with their lengths; of one that is very long, or that is none, the pieces. */
  take(bytes: Buffer, give: (answer: Buffer) => void): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#passing > 0) at += this.#pass(bytes, at, give);
      else if (this.#frame === undefined) at += this.#begin(bytes, at, give);
      else at += this.#fill(this.#frame, bytes, at, give);
    }
  }

  #begin(bytes: Buffer, at: number, give: (answer: Buffer) => void): number {
    const copied = bytes.copy(this.#head, this.#headBytes, at);
    this.#headBytes += copied;
    if (this.#headBytes < LENGTH_BYTES) return copied;
    this.#headBytes = 0;
    const length = this.#head.readInt32BE(0);
    if (length > 0 && length <= WHOLE_MAX_BYTES) {
      this.#frame = Buffer.allocUnsafe(LENGTH_BYTES + length);
      this.#filled = this.#head.copy(this.#frame);
      return copied;
    }
    // Whoever asked decides what that is. A broker sends no length below zero, and after one nothing is known.
    this.#passing = length < 0 ? Number.POSITIVE_INFINITY : length;
    give(Buffer.from(this.#head));
    return copied;
  }

  #fill(frame: Buffer, bytes: Buffer, at: number, give: (answer: Buffer) => void): number {
    const copied = bytes.copy(frame, this.#filled, at);
    this.#filled += copied;
    if (this.#filled === frame.length) {
      this.#frame = undefined;
      give(frame);
    }
    return copied;
  }

  #pass(bytes: Buffer, at: number, give: (answer: Buffer) => void): number {
    const piece = Buffer.from(bytes.subarray(at, at + Math.min(this.#passing, bytes.length - at)));
    this.#passing -= piece.length;
    give(piece);
    return piece.length;
  }
}

const LENGTH_BYTES = 4;
/** An answer that says it is longer gets no memory before its bytes are there. */
const WHOLE_MAX_BYTES = 16 * 1024 * 1024;
