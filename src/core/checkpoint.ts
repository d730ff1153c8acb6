import { ByteReader, crc32, fromBase64, toBase64, varint } from "./bytes.js";
import { decodeEarly, encodeEarly } from "./checkpoint-early.js";
import { decodeReached, encodeReached } from "./checkpoint-reached.js";
import type { PartitionStart } from "./partition.js";
import { BitReader, BitWriter, bestRiceParameter, riceBits } from "./rice.js";
import type { EventTime } from "./time.js";
import type { TimeMark } from "./watermark.js";

/** The broker refuses commit metadata over this many bytes, unless `offset.metadata.max.bytes` says otherwise. */
export const CHECKPOINT_MAX_CHARS = 4096;

/** What is committed beside the offset. */
export interface Checkpoint extends PartitionStart {
  /**
   * Mails in flight at an owner that gives the partition away: the next owner waits until it has told what became of them. 0 in all
   * other commits.
   */
  readonly handingOver: number;
}

/**
 * The checkpoint as commit metadata: `2.<crc32, 8 hex digits>.<base64url>`, ASCII, at most `maxChars` characters (never more than can be read again);
 * empty where not even its head fits, and then nothing is known of it.
 *
 * Inside: position · mails handed over · time + 1 (0: unknown) · marks, as differences · length of the sections · sections · encoding · what is
 * settled above the position, as runs (gap, length, gap, length …) in varints or in Rice codes, or as a bit set, whichever is shortest. All other
 * numbers are varints. What does not fit is left out from the top: it will be mailed again after a restart, never lost.
 *
 * A section is kind, length, content; a reader passes over kinds it does not know. How far was read is one, and comes before what is settled: without it
 * merged mails are repeated. Early mails and half-delivered windows are others, and get what room is left, in this order.
 */
export const encodeCheckpoint = (
  start: PartitionStart & Partial<Checkpoint>,
  maxChars = CHECKPOINT_MAX_CHARS,
): EncodedCheckpoint => {
  const maxBytes = Math.floor(((Math.min(maxChars, CHECKPOINT_MAX_CHARS) - charsOf(0)) * 6) / 8);
  const { out, complete } = encodeHead(start, maxBytes);
  const readTo = start.readTo === undefined ? [] : section(READ_TO, varints(start.readTo - start.position));
  // With the length of the sections, one byte while they are short, and the encoding.
  const headBytes = out.length + 2;
  const sections = headBytes + readTo.length <= maxBytes ? readTo : [];
  const cutShort = !complete || sections.length < readTo.length;
  const fixedBytes = headBytes + sections.length;
  const room = maxBytes - fixedBytes;
  if (room < 0)
    return {
      metadata: "",
      overflowed: cutShort || start.settled.length > 0 || !!start.reached?.length,
      settledChars: 0,
    };
  // Complete beats cut short; then the shortest, or of those cut short the one that reaches furthest.
  const candidates = [encodeRuns(start, room), encodeBits(start, room), encodeRice(start, room)];
  const best = candidates.reduce((a, b) => (isBetter(b, a) ? b : a));
  const left = best.complete ? room - best.bytes.length - MAX_SECTION_HEAD_BYTES : 0;
  const early = encodeEarly(start.early ?? [], start.position, left);
  const spent = early.bytes.length === 0 ? 0 : early.bytes.length + MAX_SECTION_HEAD_BYTES;
  const reached = encodeReached(start.reached ?? [], start.position, left - spent);
  const all = [...sections, ...sectionUnlessEmpty(EARLY, early.bytes), ...sectionUnlessEmpty(REACHED, reached.bytes)];
  varint(out, all.length);
  return {
    metadata: textOf([...out, ...all, best.encoding, ...best.bytes]),
    overflowed: cutShort || !best.complete || !early.complete || !reached.complete,
    settledChars: charsOf(fixedBytes + best.bytes.length),
  };
};

export interface EncodedCheckpoint {
  readonly metadata: string;
  readonly overflowed: boolean;
  /** As long as it would be without early mails and half-delivered windows. */
  readonly settledChars: number;
}

/** Undefined for anything that is not whole, not ours, from a newer version or for another offset: then nothing is settled. */
export const decodeCheckpoint = (metadata: string | null, committedOffset: number): Checkpoint | undefined => {
  const match = /^2\.([0-9a-f]{8})\.([A-Za-z0-9_-]+)$/.exec(metadata ?? "");
  if (match === null || (metadata as string).length > CHECKPOINT_MAX_CHARS) return undefined;
  const bytes = fromBase64(match[2] as string);
  if (crc32(bytes) !== Number.parseInt(match[1] as string, 16)) return undefined;
  const reader = new ByteReader(bytes);
  const position = reader.varint();
  if (position !== committedOffset) return undefined;
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
  const encoding = reader.varint();
  const settled: [number, number][] = [];
  let at = position;
  if (encoding === RUNS) {
    while (!reader.done) {
      const first = at + reader.varint();
      const last = first + reader.varint();
      settled.push([first, last]);
      at = last + 1;
    }
  } else if (encoding === BITS) {
    for (; !reader.done; at += 8) {
      const byte = reader.byte();
      for (let bit = 0; bit < 8; bit++) {
        if ((byte & (1 << bit)) === 0) continue;
        const run = settled.at(-1);
        if (run !== undefined && run[1] === at + bit - 1) run[1] = at + bit;
        else settled.push([at + bit, at + bit]);
      }
    }
  } else if (encoding === RICE) {
    const [gapK, lengthK] = [reader.byte(), reader.byte()];
    let left = reader.varint();
    const bits = new BitReader(() => reader.byte());
    for (; left > 0 && !reader.overrun; left--) {
      const first = at + bits.rice(gapK);
      const last = first + bits.rice(lengthK);
      settled.push([first, last]);
      at = last + 1;
    }
    if (gapK > 40 || lengthK > 40 || !Number.isSafeInteger(at) || reader.overrun) return undefined;
  } else {
    return undefined;
  }
  if (reader.overrun) return undefined;
  return {
    position,
    handingOver,
    time: timePlusOne === 0 ? undefined : ((timePlusOne - 1) as EventTime),
    marks,
    settled,
    ...sections,
  };
};

type Sections = Pick<PartitionStart, "reached" | "early" | "readTo">;

const varints = (value: number): number[] => {
  const out: number[] = [];
  varint(out, value);
  return out;
};

const section = (kind: number, content: readonly number[]): readonly number[] => [
  kind,
  ...varints(content.length),
  ...content,
];

const sectionUnlessEmpty = (kind: number, content: readonly number[]): readonly number[] =>
  content.length === 0 ? [] : section(kind, content);

/** A section that cannot be read says nothing, and none does where one has no end; what is settled counts all the same. */
const decodeSections = (reader: ByteReader, position: number): Sections => {
  let sections: Sections = {};
  while (!reader.done) {
    const kind = reader.varint();
    const content = reader.part(reader.varint());
    if (reader.overrun) return {};
    if (kind === REACHED) {
      const reached = decodeReached(content, position) ?? [];
      if (reached.length > 0) sections = { ...sections, reached };
    } else if (kind === EARLY) {
      const early = decodeEarly(content, position) ?? [];
      if (early.length > 0) sections = { ...sections, early };
    } else if (kind === READ_TO) {
      const readTo = position + content.varint();
      if (!content.overrun && Number.isSafeInteger(readTo)) sections = { ...sections, readTo };
    }
  }
  return sections;
};

const textOf = (bytes: readonly number[]): string => {
  const body = Uint8Array.from(bytes);
  return `${VERSION}.${crc32(body).toString(16).padStart(8, "0")}.${toBase64(body)}`;
};

const charsOf = (bytes: number): number => "2.00000000.".length + Math.ceil((bytes * 4) / 3);

const VERSION = "2";
const RUNS = 0;
const BITS = 1;
const RICE = 2;
/** Kinds of sections. */
const REACHED = 1;
const READ_TO = 2;
const EARLY = 3;
/** Kind, length, and what the length of all sections grows by. */
const MAX_SECTION_HEAD_BYTES = 4;

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
    varint(out, start.time === undefined ? 0 : start.time + 1);
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

interface Encoded {
  readonly encoding: number;
  readonly bytes: readonly number[];
  readonly complete: boolean;
  /** Settled offsets below this one are in it. */
  readonly upTo: number;
}

const encodeRuns = (start: PartitionStart, room: number): Encoded => {
  const bytes: number[] = [];
  let at = start.position;
  for (const [first, last] of start.settled) {
    const before = bytes.length;
    varint(bytes, first - at);
    varint(bytes, last - first);
    if (bytes.length > room) return { encoding: RUNS, bytes: bytes.slice(0, before), complete: false, upTo: at };
    at = last + 1;
  }
  return { encoding: RUNS, bytes, complete: true, upTo: at };
};

const encodeBits = (start: PartitionStart, room: number): Encoded => {
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

/** Runs again, in bits: the parameters, the number of runs, then gap and length − 1 of each. */
const encodeRice = (start: PartitionStart, room: number): Encoded => {
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
  const roomBits = (room - 2 - MAX_COUNT_BYTES) * 8;
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

const MAX_COUNT_BYTES = 3;

const isBetter = (a: Encoded, b: Encoded): boolean => {
  if (a.complete !== b.complete) return a.complete;
  return a.complete ? a.bytes.length < b.bytes.length : a.upTo > b.upTo;
};
