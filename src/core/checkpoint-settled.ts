import { type ByteReader, varint } from "./bytes.js";
import type { PartitionStart } from "./partition-types.js";
import { BitReader, BitWriter, bestRiceParameter, riceBits } from "./rice.js";

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

export interface EncodedSettled {
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
