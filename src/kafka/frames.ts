/**
 * What a broker sends, cut into its answers: four bytes with a length, then as many bytes. KafkaJS joins what came piece by piece; here an answer has
 * its own memory at once. The socket reads right into it while much of it is missing, and else into memory that is used again.
 */
export class Frames {
  readonly #shared = Buffer.allocUnsafeSlow(SHARED_BYTES);
  readonly #head = Buffer.alloc(LENGTH_BYTES);
  #headBytes = 0;
  #frame: Buffer | undefined;
  #filled = 0;
  /** So many bytes are handed on as they come. */
  #passing = 0;

  /** Where the next bytes are to be read into. Tell `came` how many have come before asking again. */
  room(): Buffer {
    const frame = this.#frame;
    return frame !== undefined && this.#isReadInPlace(frame) ? frame.subarray(this.#filled) : this.#shared;
  }

  /** `give` gets whole answers with their lengths; of one that is very long, or that is none, the pieces. */
  came(length: number, give: (answer: Buffer) => void): void {
    const frame = this.#frame;
    if (frame !== undefined && this.#isReadInPlace(frame)) this.#grow(frame, length, give);
    else this.#take(this.#shared.subarray(0, length), give);
  }

  /** With little missing, a read would bring little: the next answer's beginning may come with it. */
  #isReadInPlace(frame: Buffer): boolean {
    return frame.length - this.#filled >= IN_PLACE_FROM_BYTES;
  }

  #take(bytes: Buffer, give: (answer: Buffer) => void): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#passing > 0) at += this.#pass(bytes, at, give);
      else if (this.#frame === undefined) at += this.#begin(bytes, at, give);
      else at += this.#grow(this.#frame, bytes.copy(this.#frame, this.#filled, at), give);
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

  /** So many bytes more are there. */
  #grow(frame: Buffer, bytes: number, give: (answer: Buffer) => void): number {
    this.#filled += bytes;
    if (this.#filled === frame.length) {
      this.#frame = undefined;
      give(frame);
    }
    return bytes;
  }

  #pass(bytes: Buffer, at: number, give: (answer: Buffer) => void): number {
    const piece = Buffer.from(bytes.subarray(at, at + Math.min(this.#passing, bytes.length - at)));
    this.#passing -= piece.length;
    give(piece);
    return piece.length;
  }
}

const LENGTH_BYTES = 4;
const SHARED_BYTES = 256 * 1024;
const IN_PLACE_FROM_BYTES = 64 * 1024;
/** An answer that says it is longer gets no memory before its bytes are there. */
const WHOLE_MAX_BYTES = 16 * 1024 * 1024;
