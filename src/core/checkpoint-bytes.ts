/** Numbers, and runs of offsets, in and out of the bytes of a checkpoint. */

import type { PartitionStart } from "./partition-types.js";

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

// Golomb-Rice coding: a number is its quotient by 2^k in unary and its remainder in k bits. For gaps as they come between the offsets of
// one device among many it takes about half of what varints do, and little more than their entropy.

/** The k in 0…40 with which `values`, going by a sample of them, take the fewest bits. */
export const bestRiceParameter = (values: readonly number[]): number => {
  const step = Math.ceil(values.length / SAMPLE);
  let best = 0;
  let fewest = Number.POSITIVE_INFINITY;
  for (let k = 0; k <= 40; k++) {
    const unit = 2 ** k;
    let bits = 0;
    // Every commit asks: what is no better than the best so far is not counted to its end.
    for (let at = 0; at < values.length && bits < fewest; at += step)
      bits += bitsOf(Math.floor((values[at] as number) / unit), k);
    if (bits < fewest) {
      best = k;
      fewest = bits;
    }
  }
  return best;
};

const SAMPLE = 512;

/** A quotient this long is written as such, and the value in full after it: one far gap must not cost thousands of bits. */
const ESCAPE = 40;
const FULL_BITS = 53;

export const riceBits = (value: number, k: number): number => bitsOf(Math.floor(value / 2 ** k), k);

const bitsOf = (quotient: number, k: number): number => (quotient >= ESCAPE ? ESCAPE + FULL_BITS : quotient + 1 + k);

export class BitWriter {
  readonly bytes: number[] = [];
  #bits = 0;

  rice(value: number, k: number): void {
    const quotient = Math.floor(value / 2 ** k);
    const escaped = quotient >= ESCAPE;
    for (let ones = escaped ? ESCAPE : quotient; ones > 0; ones--) this.#bit(1);
    if (!escaped) this.#bit(0);
    this.#number(escaped ? value : value % 2 ** k, escaped ? FULL_BITS : k);
  }

  #number(value: number, bits: number): void {
    for (let at = bits - 1; at >= 0; at--) this.#bit(Math.floor(value / 2 ** at) % 2);
  }

  #bit(bit: number): void {
    if (this.#bits % 8 === 0) this.bytes.push(0);
    const last = this.bytes.length - 1;
    this.bytes[last] = (this.bytes[last] as number) | (bit << (7 - (this.#bits % 8)));
    this.#bits++;
  }
}

export class BitReader {
  readonly #next: () => number;
  #byte = 0;
  #left = 0;

  /** `next` gives a byte. */
  constructor(next: () => number) {
    this.#next = next;
  }

  rice(k: number): number {
    let quotient = 0;
    while (quotient < ESCAPE && this.#bit() === 1) quotient++;
    if (quotient === ESCAPE) return this.#number(FULL_BITS);
    return quotient * 2 ** k + this.#number(k);
  }

  #number(bits: number): number {
    let value = 0;
    for (let left = bits; left > 0; left--) value = value * 2 + this.#bit();
    return value;
  }

  #bit(): number {
    if (this.#left === 0) {
      this.#byte = this.#next();
      this.#left = 8;
    }
    this.#left--;
    return (this.#byte >>> this.#left) & 1;
  }
}

type Settled = Pick<PartitionStart, "position" | "settled">;

/** On the wire. 0 was runs in varints: never better than Rice codes by more than three bytes. */
const BITS = 1;
const RICE = 2;

/**
 * What is settled above the position as bytes: as a bit set, or its runs in Rice codes. Complete beats cut short; then the shorter, or of those cut
 * short the one that reaches further.
 */
export const encodeSettled = (start: Settled, room: number): EncodedSettled => {
  if (start.settled.length === 0) return { encoding: BITS, bytes: [], complete: true, upTo: start.position };
  const [bits, rice] = [encodeBits(start, room), encodeRice(start, room)];
  return isBetter(rice, bits) ? rice : bits;
};

/** The encoding, and the rest of the bytes. Undefined when they are in none. */
export const decodeSettled = (reader: ByteReader, position: number): [number, number][] | undefined => {
  const encoding = reader.varint();
  if (encoding === BITS) return decodeBits(reader, position);
  if (encoding === RICE) return decodeRice(reader, position);
  return undefined;
};

const decodeBits = (reader: ByteReader, position: number): [number, number][] => {
  const settled: [number, number][] = [];
  for (let at = position; !reader.done; at += 8) {
    const byte = reader.byte();
    for (let bit = 0; bit < 8; bit++) {
      if ((byte & (1 << bit)) === 0) continue;
      const run = settled.at(-1);
      if (run !== undefined && run[1] === at + bit - 1) run[1] = at + bit;
      else settled.push([at + bit, at + bit]);
    }
  }
  return settled;
};

const decodeRice = (reader: ByteReader, position: number): [number, number][] | undefined => {
  const settled: [number, number][] = [];
  let at = position;
  const [gapK, lengthK] = [reader.byte(), reader.byte()];
  let left = reader.varint();
  const bits = new BitReader(() => reader.byte());
  for (; left > 0 && !reader.overrun; left--) {
    const first = at + bits.rice(gapK);
    const last = first + bits.rice(lengthK);
    settled.push([first, last]);
    at = last + 1;
  }
  return gapK > 40 || lengthK > 40 || !Number.isSafeInteger(at) || reader.overrun ? undefined : settled;
};

interface EncodedSettled {
  readonly encoding: number;
  readonly bytes: readonly number[];
  readonly complete: boolean;
  /** Settled offsets below this one are in it. */
  readonly upTo: number;
}

const encodeBits = (start: Settled, room: number): EncodedSettled => {
  const end = (start.settled.at(-1)?.[1] ?? start.position - 1) + 1;
  const size = Math.min(room, Math.ceil((end - start.position) / 8));
  const bytes = new Array<number>(size).fill(0);
  const limit = start.position + size * 8;
  for (const [first, last] of start.settled) {
    for (let offset = first; offset <= last && offset < limit; offset++) {
      const bit = offset - start.position;
      bytes[bit >>> 3] = (bytes[bit >>> 3] as number) | (1 << (bit & 7));
    }
  }
  return { encoding: BITS, bytes, complete: end <= limit, upTo: Math.min(end, limit) };
};

/** The parameters, the number of runs, then gap and length − 1 of each. */
const encodeRice = (start: Settled, room: number): EncodedSettled => {
  const gaps: number[] = [];
  const lengths: number[] = [];
  let at = start.position;
  for (const [first, last] of start.settled) {
    // More cannot fit, at two bits a run.
    if (gaps.length === room * 4) break;
    gaps.push(first - at);
    lengths.push(last - first);
    at = last + 1;
  }
  const gapK = bestRiceParameter(gaps);
  const lengthK = bestRiceParameter(lengths);
  const countBytes: number[] = [];
  varint(countBytes, gaps.length);
  const roomBits = (room - 2 - countBytes.length) * 8;
  let bits = 0;
  let count = 0;
  at = start.position;
  for (; count < gaps.length; count++) {
    bits += riceBits(gaps[count] as number, gapK) + riceBits(lengths[count] as number, lengthK);
    if (bits > roomBits) break;
    at = (start.settled[count] as readonly [number, number])[1] + 1;
  }
  const bytes = [gapK, lengthK];
  varint(bytes, count);
  const writer = new BitWriter();
  for (let run = 0; run < count; run++) {
    writer.rice(gaps[run] as number, gapK);
    writer.rice(lengths[run] as number, lengthK);
  }
  return { encoding: RICE, bytes: [...bytes, ...writer.bytes], complete: count === start.settled.length, upTo: at };
};

const isBetter = (a: EncodedSettled, b: EncodedSettled): boolean => {
  if (a.complete !== b.complete) return a.complete;
  return a.complete ? a.bytes.length < b.bytes.length : a.upTo > b.upTo;
};
