/** Numbers in and out of bytes, as a checkpoint needs them. */

/** Appends a number of at most 53 bits, seven bits a byte, the lowest first. Returns `out`. */
export const varint = (out: number[], value: number): number[] => {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128);
  out.push(rest);
  return out;
};

/** Appends `size` bytes, the highest first. */
export const fixed = (out: number[], value: number, size: number): void => {
  for (let scale = 256 ** (size - 1); scale >= 1; scale /= 256) out.push(Math.floor(value / scale) % 256);
};

/** Reads on with zeros where the bytes are at their end, and says so. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  overrun = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) this.overrun = true;
    return byte ?? 0;
  }

  fixed(size: number): number {
    let value = 0;
    for (let left = size; left > 0; left--) value = value * 256 + this.byte();
    return value;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) break;
    }
    if (value > Number.MAX_SAFE_INTEGER) this.overrun = true;
    return this.overrun ? 0 : value;
  }

  /** The next `size` bytes, to be read apart. */
  part(size: number): ByteReader {
    const part = this.#bytes.subarray(this.#at, this.#at + size);
    this.#at += size;
    if (part.length < size) this.overrun = true;
    return new ByteReader(part);
  }
}
