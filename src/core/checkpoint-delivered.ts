import { type ByteReader, fixed, varint } from "./bytes.js";
import { decodeSettled, encodeSettled } from "./checkpoint-settled.js";
import { type Delivered, mergeDelivered, within } from "./delivered.js";

/**
 * Half-delivered alerts as bytes, a group for each set of recipients: the number of tags, tags of 7 bytes, the length of the runs, the runs as what is
 * settled is written. One full mailbox takes a dozen bytes, however many devices wait for it.
 * What does not fit into `room` is left out from the top of a group: those alerts are mailed to everybody again after a restart.
 */
export const encodeDelivered = (
  delivered: readonly Delivered[],
  position: number,
  room: number,
): { readonly bytes: readonly number[]; readonly complete: boolean } => {
  const bytes: number[] = [];
  let complete = true;
  for (const { recipients, runs } of mergeDelivered(within(delivered, position), [])) {
    const head: number[] = [];
    varint(head, recipients.length);
    for (const tag of recipients) fixed(head, tag, TAG_BYTES);
    const left = room - bytes.length - head.length - MAX_LENGTH_BYTES - ENCODING_BYTES;
    const best = left < 0 ? undefined : encodeSettled({ position, settled: runs }, left);
    complete &&= best?.complete === true;
    if (best === undefined || best.upTo === position) continue;
    bytes.push(...head);
    varint(bytes, ENCODING_BYTES + best.bytes.length);
    bytes.push(best.encoding, ...best.bytes);
  }
  return { bytes, complete };
};

/** Undefined when it is not whole: then nobody has anything. */
export const decodeDelivered = (reader: ByteReader, position: number): Delivered[] | undefined => {
  const delivered: Delivered[] = [];
  while (!reader.done) {
    const recipients: number[] = [];
    for (let left = reader.varint(); left > 0 && !reader.overrun; left--) recipients.push(reader.fixed(TAG_BYTES));
    const part = reader.part(reader.varint());
    if (reader.overrun) return undefined;
    const runs = decodeSettled(part, position);
    if (runs === undefined || part.overrun) return undefined;
    if (![...recipients, ...runs.flat()].every(Number.isSafeInteger)) return undefined;
    delivered.push({ recipients, runs });
  }
  return mergeDelivered(delivered, []);
};

const TAG_BYTES = 7;
const ENCODING_BYTES = 1;
/** Of what fits into a checkpoint. */
const MAX_LENGTH_BYTES = 2;
