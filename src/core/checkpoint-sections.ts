/** What a checkpoint says beside what is settled, in sections: kind, length, content. A reader passes over kinds it does not know. */

import { type ByteReader, decodeSettled, encodeSettled, fixed, varint } from "./checkpoint-bytes.js";
import { decodeFaults } from "./checkpoint-faults.js";
import { type Delivered, mergeDelivered, within } from "./delivered.js";
import type { EarlyFact } from "./early-parts.js";
import type { EpochStart } from "./log-history.js";
import type { PartitionStart } from "./partition-types.js";

/** Once, 1 told of half-delivered windows: a checkpoint that has it is read as if it had not. */
export const READ_TO = 2;
export const EARLY = 3;
export const EPOCHS = 4;
export const DELIVERED = 5;
export const FAULTS = 6;

/** One that says nothing is left out. */
export const section = (kind: number, content: readonly number[]): readonly number[] =>
  content.length === 0 ? [] : [kind, ...varint([], content.length), ...content];

/** Bytes of a section that fits, or of none, and whether they say everything. */
export interface SectionContent {
  readonly bytes: readonly number[];
  readonly complete: boolean;
}

const NOTHING: SectionContent = { bytes: [], complete: true };

type Sections = Pick<PartitionStart, "delivered" | "early" | "readTo" | "epochs" | "faults">;

/** A section that cannot be read says nothing, and none does where one has no end; what is settled counts all the same. */
export const decodeSections = (reader: ByteReader, position: number): Sections => {
  let sections: Sections = {};
  while (!reader.done) {
    const kind = reader.varint();
    const content = reader.part(reader.varint());
    if (reader.overrun) return {};
    if (kind === DELIVERED) {
      const delivered = decodeDelivered(content, position) ?? [];
      if (delivered.length > 0) sections = { ...sections, delivered };
    } else if (kind === EARLY) {
      const early = decodeEarly(content, position) ?? [];
      if (early.length > 0) sections = { ...sections, early };
    } else if (kind === EPOCHS) {
      const epochs = decodeEpochs(content, position);
      if (epochs !== undefined) sections = { ...sections, epochs };
    } else if (kind === FAULTS) {
      const faults = decodeFaults(content, position);
      if (faults !== undefined) sections = { ...sections, faults };
    } else if (kind === READ_TO) {
      const readTo = position + content.varint();
      if (!content.overrun && Number.isSafeInteger(readTo)) sections = { ...sections, readTo };
    }
  }
  return sections;
};

/** How far the first one lies below the position, and above it (one of them is 0), and its epoch; then differences of offsets and epochs. */
export const encodeEpochs = (starts: readonly EpochStart[], position: number): number[] => {
  const out: number[] = [];
  const [first, ...others] = starts;
  if (first === undefined) return out;
  varint(out, Math.max(0, position - first.offset));
  varint(out, Math.max(0, first.offset - position));
  varint(out, first.epoch);
  let before = first;
  for (const start of others) {
    varint(out, start.offset - before.offset);
    varint(out, start.epoch - before.epoch);
    before = start;
  }
  return out;
};

/** Undefined where it cannot be read. */
export const decodeEpochs = (reader: ByteReader, position: number): EpochStart[] | undefined => {
  let offset = position - reader.varint() + reader.varint();
  let epoch = reader.varint();
  const starts: EpochStart[] = [{ epoch, offset }];
  while (!reader.done && !reader.overrun) {
    const [offsets, epochs] = [reader.varint(), reader.varint()];
    offset += offsets;
    epoch += epochs;
    if (epochs === 0) return undefined;
    starts.push({ epoch, offset });
  }
  const isWhole = !reader.overrun && Number.isSafeInteger(offset) && epoch <= EPOCH_MAX;
  return isWhole && (starts[0] as EpochStart).offset >= 0 ? starts : undefined;
};

/** An int32. */
const EPOCH_MAX = 0x7fffffff;

/**
 * Early mails as bytes, 3 or 4 each, all varints: difference of the offsets, shift, alerts (0: unknown). Where there is no room for all of them, those
 * that a replay can find out by itself are left out; only how many were told is then unknown. `complete`: it will know of every one.
 */
export const encodeEarly = (early: readonly EarlyFact[], position: number, room: number): SectionContent => {
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
const decodeEarly = (reader: ByteReader, position: number): EarlyFact[] | undefined => {
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

/**
 * Half-delivered alerts as bytes, a group for each set of recipients: the number of tags, tags of 7 bytes, the length of the runs, the runs as what is
 * settled is written. One full mailbox takes a dozen bytes, however many devices wait for it.
 * What does not fit into `room` is left out from the top of a group: those alerts are mailed to everybody again after a restart.
 */
export const encodeDelivered = (delivered: readonly Delivered[], position: number, room: number): SectionContent => {
  // Nearly always, and at each commit.
  if (delivered.length === 0) return NOTHING;
  const bytes: number[] = [];
  let complete = true;
  for (const { recipients, runs } of mergeDelivered(within(delivered, position), [])) {
    const head: number[] = [];
    varint(head, recipients.length);
    for (const tag of recipients) fixed(head, tag, TAG_BYTES);
    const left = room - bytes.length - head.length - MAX_LENGTH_BYTES - ENCODING_BYTES;
    const best = encodeSettled({ position, settled: runs }, Math.max(0, left));
    complete &&= best.complete;
    if (best.upTo === position) continue;
    bytes.push(...head);
    varint(bytes, ENCODING_BYTES + best.bytes.length);
    bytes.push(best.encoding, ...best.bytes);
  }
  return { bytes, complete };
};

/** Undefined when it is not whole: then nobody has anything. */
const decodeDelivered = (reader: ByteReader, position: number): Delivered[] | undefined => {
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
