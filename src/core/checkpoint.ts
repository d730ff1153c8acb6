import { ByteReader, crc32, fixed, fromBase64, toBase64, varint } from "./bytes.js";
import { decodeDelivered, encodeDelivered } from "./checkpoint-delivered.js";
import { decodeEarly, encodeEarly } from "./checkpoint-early.js";
import { decodeEpochs, encodeEpochs } from "./checkpoint-epochs.js";
import { decodeSettled, encodeSettled } from "./checkpoint-settled.js";
import { hash53 } from "./hash.js";
import type { LogName } from "./log-name.js";
import type { PartitionStart } from "./partition.js";
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
 * The checkpoint as commit metadata: `3.<log, 8 characters>.<crc32, 8 hex digits>.<base64url>`, ASCII, at most `maxChars` characters (never more than
 * can be read again); empty where not even its head fits, and then nothing is known of it.
 *
 * The log comes first because commit metadata travels: MirrorMaker 2 copies it word for word to another cluster, beside a translated offset, and the
 * offsets in it mean other records there.
 *
 * Inside: position · mails handed over · time + 1 (0: unknown) · marks, as differences · length of the sections · sections · encoding · what is
 * settled above the position, as a bit set or as runs (gap, length, gap, length …) in Rice codes, whichever is shorter. All other numbers are
 * varints. What does not fit is left out from the top: it will be mailed again after a restart, never lost.
 *
 * A section is kind, length, content; a reader passes over kinds it does not know. Under which leaders it was read, and how far, are two, and come before
 * what is settled: without the one nobody notices that the log lost its end, and without the other merged mails are repeated. Early mails and half-delivered alerts are others, and get what room is left, in this order.
 */
export const encodeCheckpoint = (
  start: PartitionStart & Partial<Checkpoint>,
  log: LogName,
  maxChars = CHECKPOINT_MAX_CHARS,
): EncodedCheckpoint => {
  const maxBytes = Math.floor(((Math.min(maxChars, CHECKPOINT_MAX_CHARS) - charsOf(0)) * 6) / 8);
  const { out, complete } = encodeHead(start, maxBytes);
  const readTo = start.readTo === undefined ? [] : section(READ_TO, varints(start.readTo - start.position));
  // With the length of the sections, one byte while they are short, and the encoding.
  const headBytes = out.length + 2;
  const epochs = sectionUnlessEmpty(EPOCHS, encodeEpochs(start.epochs ?? [], start.position));
  const needed = [...epochs, ...readTo];
  const sections = [needed, readTo, epochs].find(({ length }) => headBytes + length <= maxBytes) ?? [];
  const cutShort = !complete || sections.length < needed.length;
  const fixedBytes = headBytes + sections.length;
  const room = maxBytes - fixedBytes;
  if (room < 0)
    return {
      metadata: "",
      overflowed: cutShort || start.settled.length > 0 || !!start.delivered?.length,
      settledChars: 0,
    };
  const best = encodeSettled(start, room);
  const left = best.complete ? room - best.bytes.length - MAX_SECTION_HEAD_BYTES : 0;
  const early = start.early === undefined ? NOTHING : encodeEarly(start.early, start.position, left);
  const spent = early.bytes.length === 0 ? 0 : early.bytes.length + MAX_SECTION_HEAD_BYTES;
  const delivered =
    start.delivered === undefined ? NOTHING : encodeDelivered(start.delivered, start.position, left - spent);
  const all = [
    ...sections,
    ...sectionUnlessEmpty(EARLY, early.bytes),
    ...sectionUnlessEmpty(DELIVERED, delivered.bytes),
  ];
  varint(out, all.length);
  return {
    metadata: textOf(log, [...out, ...all, best.encoding, ...best.bytes]),
    overflowed: cutShort || !best.complete || !early.complete || !delivered.complete,
    settledChars: charsOf(fixedBytes + best.bytes.length),
  };
};

export interface EncodedCheckpoint {
  readonly metadata: string;
  readonly overflowed: boolean;
  /** As long as it would be without early mails and half-delivered alerts. */
  readonly settledChars: number;
}

/**
 * What commit metadata comes to. Only an `own` checkpoint says what is settled; of all others nothing counts but the committed offset beside it. `claims` is
 * what one of them would have said.
 */
export type CheckpointReading =
  | { readonly kind: "own"; readonly checkpoint: Checkpoint }
  /** Metadata is empty: nothing was ever said. */
  | { readonly kind: "none" }
  /** Of a version that did not name its log yet. */
  | { readonly kind: "older"; readonly claims: Checkpoint | undefined }
  /** Made for another cluster, topic or partition; or by or for a cluster without an ID, where nobody can tell. */
  | { readonly kind: "foreign"; readonly claims: Checkpoint | undefined }
  /** For another offset: somebody moved the group and kept the metadata. */
  | { readonly kind: "moved"; readonly claims: Checkpoint }
  /** Damaged, another program's, or of a later version. */
  | { readonly kind: "unreadable" };

export const readCheckpoint = (metadata: string | null, committedOffset: number, log: LogName): CheckpointReading => {
  if (metadata === null || metadata === "") return { kind: "none" };
  if (metadata.length > CHECKPOINT_MAX_CHARS) return { kind: "unreadable" };
  const older = OLDER.exec(metadata);
  if (older !== null) return { kind: "older", claims: decodeBody(older[1] as string, older[2] as string) };
  const bound = BOUND.exec(metadata);
  if (bound === null) return { kind: "unreadable" };
  const claims = decodeBody(bound[2] as string, bound[3] as string);
  if (log === undefined || bound[1] !== tagOf(log)) return { kind: "foreign", claims };
  if (claims === undefined) return { kind: "unreadable" };
  return claims.position === committedOffset ? { kind: "own", checkpoint: claims } : { kind: "moved", claims };
};

/** Undefined for everything but an own checkpoint: then nothing is settled. */
export const decodeCheckpoint = (
  metadata: string | null,
  committedOffset: number,
  log: LogName,
): Checkpoint | undefined => {
  const reading = readCheckpoint(metadata, committedOffset, log);
  return reading.kind === "own" ? reading.checkpoint : undefined;
};

const decodeBody = (sum: string, body: string): Checkpoint | undefined => {
  const bytes = fromBase64(body);
  if (crc32(bytes) !== Number.parseInt(sum, 16)) return undefined;
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

type Sections = Pick<PartitionStart, "delivered" | "early" | "readTo" | "epochs">;

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

const NOTHING: { readonly bytes: readonly number[]; readonly complete: boolean } = { bytes: [], complete: true };

const sectionUnlessEmpty = (kind: number, content: readonly number[]): readonly number[] =>
  content.length === 0 ? [] : section(kind, content);

/** A section that cannot be read says nothing, and none does where one has no end; what is settled counts all the same. */
const decodeSections = (reader: ByteReader, position: number): Sections => {
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
    } else if (kind === READ_TO) {
      const readTo = position + content.varint();
      if (!content.overrun && Number.isSafeInteger(readTo)) sections = { ...sections, readTo };
    }
  }
  return sections;
};

const textOf = (log: LogName, bytes: readonly number[]): string => {
  const body = Uint8Array.from(bytes);
  return `3.${tagOf(log)}.${crc32(body).toString(16).padStart(8, "0")}.${toBase64(body)}`;
};

/** 48 bits that stand for the log. */
const tagOf = (log: LogName): string => {
  if (log === undefined) return "--------";
  const bytes: number[] = [];
  fixed(bytes, hash53(log) % 2 ** 48, 6);
  return toBase64(Uint8Array.from(bytes));
};

const charsOf = (bytes: number): number => "3.LOGLOGLO.00000000.".length + Math.ceil((bytes * 4) / 3);

/** Log, checksum, body; and as it was before the log was named. */
const BOUND = /^3\.([A-Za-z0-9_-]{8})\.([0-9a-f]{8})\.([A-Za-z0-9_-]+)$/;
const OLDER = /^2\.([0-9a-f]{8})\.([A-Za-z0-9_-]+)$/;
/** Kinds of sections. Once, 1 told of half-delivered windows: a checkpoint that has it is read as if it had not. */
const READ_TO = 2;
const EARLY = 3;
const EPOCHS = 4;
const DELIVERED = 5;
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
