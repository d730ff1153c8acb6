import { type ByteReader, varint } from "./bytes.js";
import type { EarlyFact } from "./early-parts.js";

/**
 * Early mails as bytes, 3 or 4 each, all varints: difference of the offsets, shift, alerts (0: unknown). Where there is no room for all of them, those
 * that a replay can find out by itself are left out; only how many were told is then unknown. `complete`: it will know of every one.
 */
export const encodeEarly = (
  early: readonly EarlyFact[],
  position: number,
  room: number,
): { readonly bytes: readonly number[]; readonly complete: boolean } => {
  const needed = early.filter(({ shift }) => shift > 0);
  for (const facts of [early, needed]) {
    const bytes: number[] = [];
    let at = position;
    for (const { offset, shift, alerts = 0 } of facts) {
      varint(bytes, offset - at);
      varint(bytes, shift);
      varint(bytes, alerts);
      at = offset;
    }
    if (bytes.length <= room) return { bytes, complete: true };
  }
  return { bytes: [], complete: needed.length === 0 };
};

/** Undefined when it is not whole: then a replay finds out by itself what it can. */
export const decodeEarly = (reader: ByteReader, position: number): EarlyFact[] | undefined => {
  const early: EarlyFact[] = [];
  let offset = position;
  while (!reader.done) {
    offset += reader.varint();
    const shift = reader.varint();
    const alerts = reader.varint();
    early.push({ offset, shift, alerts: alerts === 0 ? undefined : alerts });
    if (reader.overrun || !Number.isSafeInteger(offset)) return undefined;
  }
  return early;
};
