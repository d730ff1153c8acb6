/**
 * Golomb-Rice coding: a number is its quotient by 2^k in unary and its remainder in k bits. For gaps as they come between the offsets of
 * one device among many it takes about half of what varints do, and little more than their entropy.
 */

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
