import { ByteReader, decodeSettled, encodeSettled, varint } from "./checkpoint-bytes.js";
import { encodeFaults } from "./checkpoint-faults.js";
import {
  DELIVERED,
  decodeSections,
  EARLY,
  EPOCHS,
  encodeDelivered,
  encodeEarly,
  encodeEpochs,
  FAULTS,
  READ_TO,
  section,
} from "./checkpoint-sections.js";
import type { PartitionStart } from "./partition.js";
import type { EventTime } from "./time.js";
import type { TimeMark } from "./watermark.js";

/** What is committed beside the offset. */
export interface Checkpoint extends PartitionStart {
  /**
   * Mails in flight at an owner that gives the partition away: the next owner waits until it has told what became of them. 0 in all
   * other commits.
   */
  readonly handingOver: number;
}

/**
 * The checkpoint as at most `maxBytes` bytes; undefined where not even its head fits. `runtime/commit-metadata` makes a text of them.
 *
 * Position · mails handed over · time + 1 (0: unknown) · marks, as differences · length of the sections · sections · encoding · what is
 * settled above the position, as a bit set or as runs (gap, length, gap, length …) in Rice codes, whichever is shorter. All other numbers are
 * varints. What does not fit is left out from the top: it will be mailed again after a restart, never lost.
 *
 * Under which leaders it was read, and how far, are two sections, and come before what is settled: without the one nobody notices that the log lost its
 * end, and without the other merged mails are repeated. Early mails, half-delivered alerts and faults are others, and get what room is left, in this order.
 */
export const checkpointBytes = (start: PartitionStart & Partial<Checkpoint>, maxBytes: number): EncodedCheckpoint => {
  const { position, epochs = [], readTo, early = [], delivered = [], faults } = start;
  const { out, complete } = encodeHead(start, maxBytes);
  // With the length of the sections, one byte while they are short, and the encoding.
  const headBytes = out.length + 2;
  const leaders = section(EPOCHS, encodeEpochs(epochs, position));
  const read = section(READ_TO, readTo === undefined ? [] : varint([], readTo - position));
  const needed = [...leaders, ...read];
  const sections = [needed, read, leaders].find(({ length }) => headBytes + length <= maxBytes) ?? [];
  const cutShort = !complete || sections.length < needed.length;
  const fixedBytes = headBytes + sections.length;
  const room = maxBytes - fixedBytes;
  if (room < 0) {
    const lost = [start.marks, start.settled, early, delivered];
    return { bytes: undefined, overflowed: cutShort || lost.some(({ length }) => length > 0), settledBytes: 0 };
  }
  const settled = encodeSettled(start, room);
  const left = settled.complete ? room - settled.bytes.length - MAX_SECTION_HEAD_BYTES : 0;
  const told = encodeEarly(early, position, left);
  const afterEarly = left - sizeOf(told.bytes);
  const halves = encodeDelivered(delivered, position, afterEarly);
  // What of it has no room costs nothing but a word in a mail: it is no overflow.
  const firing = faults === undefined ? [] : encodeFaults(faults, position, afterEarly - sizeOf(halves.bytes));
  const optional = [section(EARLY, told.bytes), section(DELIVERED, halves.bytes), section(FAULTS, firing)];
  const all = [sections, ...optional];
  varint(
    out,
    all.reduce((sum, { length }) => sum + length, 0),
  );
  return {
    bytes: joined([out, ...all, [settled.encoding], settled.bytes]),
    overflowed: cutShort || !settled.complete || !told.complete || !halves.complete,
    settledBytes: fixedBytes + settled.bytes.length,
  };
};

export interface EncodedCheckpoint {
  readonly bytes: Uint8Array | undefined;
  /** Something had no room. */
  readonly overflowed: boolean;
  /** As many as there would be without early mails, half-delivered alerts and faults. */
  readonly settledBytes: number;
}

/** Made for each commit. `Array.prototype.flat` of parts takes twice as long as everything else that a full checkpoint needs. */
const joined = (parts: readonly (readonly number[])[]): Uint8Array => {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
};

/** Of a section that others follow. */
const sizeOf = ({ length }: readonly number[]): number => (length === 0 ? 0 : length + MAX_SECTION_HEAD_BYTES);

/** Kind, length, and what the length of all sections grows by. */
const MAX_SECTION_HEAD_BYTES = 4;

/** Undefined where they are no checkpoint. */
export const checkpointOf = (bytes: Uint8Array): Checkpoint | undefined => {
  const reader = new ByteReader(bytes);
  const position = reader.varint();
  const handingOver = reader.varint();
  const timePlusOne = reader.varint();
  const marks: TimeMark[] = [];
  let offset = position;
  let time = timePlusOne === 0 ? 0 : timePlusOne - 1;
  for (let left = reader.varint(); left > 0 && !reader.overrun; left--) {
    offset += reader.varint();
    time += reader.varint();
    marks.push({ offset, time: time as EventTime });
  }
  const sections = decodeSections(reader.part(reader.varint()), position);
  const settled = decodeSettled(reader, position);
  if (settled === undefined || reader.overrun) return undefined;
  return {
    position,
    handingOver,
    time: timePlusOne === 0 ? undefined : ((timePlusOne - 1) as EventTime),
    marks,
    settled,
    ...sections,
  };
};

/**
 * Marks get a quarter of the room, which all of them fit into but where it is small. Those that do not are left out from the top: a replay then judges
 * lateness milder.
 */
const encodeHead = (
  start: PartitionStart & Partial<Checkpoint>,
  maxBytes: number,
): { readonly out: number[]; readonly complete: boolean } => {
  for (let marks = start.marks; ; marks = marks.slice(0, Math.floor(marks.length / 2))) {
    const out: number[] = [];
    varint(out, start.position);
    varint(out, start.handingOver ?? 0);
    varint(out, (start.time ?? -1) + 1);
    varint(out, marks.length);
    const withoutMarks = out.length;
    let offset = start.position;
    let time: number = start.time ?? 0;
    for (const mark of marks) {
      varint(out, mark.offset - offset);
      varint(out, Math.max(0, mark.time - time));
      offset = mark.offset;
      time = Math.max(time, mark.time);
    }
    if (out.length - withoutMarks <= maxBytes / 4 || marks.length === 0)
      return { out, complete: marks.length === start.marks.length };
  }
};
