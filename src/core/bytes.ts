/** Bytes in and out of a text, as a checkpoint needs them. Written out: the core imports nothing. */

/** Appends a number of at most 53 bits, seven bits a byte, the lowest first. */
export const varint = (out: number[], value: number): void => {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128);
  out.push(rest);
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

/** RFC 4648 section 5, without padding. */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

export const toBase64 = (bytes: Uint8Array): string => {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let digit = 0; digit < Math.min(left, 3) + 1; digit++) text += ALPHABET[(word >>> (18 - 6 * digit)) & 63];
  }
  return text;
};

export const fromBase64 = (text: string): Uint8Array => {
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8));
  let word = 0;
  let bits = 0;
  let at = 0;
  for (const letter of text) {
    word = ((word << 6) | ALPHABET.indexOf(letter)) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (word >>> bits) & 255;
    }
  }
  return bytes;
};

/** IEEE 802.3, as zlib's. */
export const crc32 = (bytes: Uint8Array): number => {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return (crc ^ 0xffffffff) >>> 0;
};
