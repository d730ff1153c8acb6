import { type ByteReader, fixed, varint } from "./bytes.js";
import { mergeReached, type Reached } from "./reached.js";

/**
 * Half-delivered windows as bytes, in groups of windows that the same recipients have: tags, then windows as differences of their first offsets and
 * fingerprints. About 6 bytes a window, 7 a recipient and group. Numbers are varints but tags (7 bytes) and fingerprints (4 bytes).
 * What does not fit into `room` is left out from the top: those windows are mailed to everybody again after a restart.
 */
export const encodeReached = (
  reached: readonly Reached[],
  position: number,
  room: number,
): { readonly bytes: readonly number[]; readonly complete: boolean } => {
  const all = mergeReached(reached, []);
  let kept = all.slice(0, Math.floor(Math.max(0, room) / LEAST_BYTES));
  for (; kept.length > 0; kept = kept.slice(0, Math.floor(kept.length * 0.9))) {
    const bytes = encodeGroups(kept, position);
    if (bytes.length <= room) return { bytes, complete: kept.length === all.length };
  }
  return { bytes: [], complete: all.length === 0 };
};

/** Undefined when it is not whole: then nobody was reached. */
export const decodeReached = (reader: ByteReader, position: number): Reached[] | undefined => {
  const reached: Reached[] = [];
  while (!reader.done) {
    const recipients: number[] = [];
    for (let left = reader.varint(); left > 0 && !reader.overrun; left--) recipients.push(reader.fixed(TAG_BYTES));
    let firstOffset = position;
    for (let left = reader.varint(); left > 0 && !reader.overrun; left--) {
      firstOffset += reader.varint();
      reached.push({ firstOffset, fingerprint: reader.fixed(FINGERPRINT_BYTES), recipients });
    }
    if (reader.overrun || ![firstOffset, ...recipients].every(Number.isSafeInteger)) return undefined;
  }
  return mergeReached(reached, []);
};

const TAG_BYTES = 7;
const FINGERPRINT_BYTES = 4;
/** Of a window: difference and fingerprint. */
const LEAST_BYTES = 1 + FINGERPRINT_BYTES;

const encodeGroups = (reached: readonly Reached[], position: number): number[] => {
  const groups = new Map<string, Reached[]>();
  for (const one of reached) {
    const key = one.recipients.join();
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  const out: number[] = [];
  for (const group of groups.values()) {
    const { recipients } = group[0] as Reached;
    varint(out, recipients.length);
    for (const tag of recipients) fixed(out, tag, TAG_BYTES);
    varint(out, group.length);
    let at = position;
    for (const { firstOffset, fingerprint } of group) {
      varint(out, firstOffset - at);
      fixed(out, fingerprint, FINGERPRINT_BYTES);
      at = firstOffset;
    }
  }
  return out;
};
