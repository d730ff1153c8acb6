import type { KeyNames } from "../../formats/key-names.js";
import type { StoredRecord } from "../../kafka/record-reader.js";
import { isOfRedrive, redrivesIn } from "../../kafka/redrives.js";
import type { RecordHeaders } from "../../runtime/ports.js";

/** One dead letter, as its headers tell it. Whoever may write to the topic wrote it: nothing in it is trusted. */
export interface Letter {
  readonly partition: number;
  readonly offset: number;
  /** Of its record. */
  readonly timestampMs: number;
  readonly kind: "record" | "window";
  readonly stage: string;
  readonly reason: string;
  readonly detail: string;
  readonly group: string;
  readonly failedAtMs: number;
  /** How often its alerts came back, by a header of theirs. A producer may have set it: `Journal.redrivesOf` says how much of it is true. */
  readonly toldRedrives: number;
  /** What it is about: the record, or a window's first alert. */
  readonly source: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
    readonly timestampMs: number;
  };
  /** A JSON Pointer to the one alert of its record that could not be read; undefined: it is about the whole record. */
  readonly item: string | undefined;
  readonly key: Buffer | null;
  /** Whom the key names, or what it is as text; undefined: there is none. */
  readonly device: string | undefined;
  readonly value: Buffer;
  readonly headers: ReadonlyMap<string, string>;
  /** Of a record: those that it had itself. */
  readonly ownHeaders: RecordHeaders;
}

export type ParsedLetter =
  | { readonly ok: true; readonly letter: Letter }
  | { readonly ok: false; readonly problem: string };

/** `deviceOf`: whom the key of a record names. */
export const parseLetter = (record: StoredRecord, deviceOf: KeyNames["deviceOf"] = nobody): ParsedLetter => {
  const { partition, offset, timestampMs, key, value, headers, rawHeaders } = record;
  const header = (name: string): string | undefined => headers.get(`dead-letter.${name}`);
  const number = (name: string): number => {
    const text = header(name) ?? "";
    return /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  };
  const kind = header("kind");
  if (kind === undefined) return wrong("it has no header dead-letter.kind");
  if (kind !== "record" && kind !== "window")
    return wrong(`its dead-letter.kind is ${JSON.stringify(kind)}, neither record nor window`);
  if (value === null) return wrong("it has no value");
  const source = {
    topic: header("topic") ?? "",
    partition: number("partition"),
    offset: number("offset"),
    timestampMs: number("timestamp"),
  };
  for (const name of ["partition", "offset", "timestamp"])
    if (!Number.isSafeInteger(number(name))) return wrong(`its header dead-letter.${name} is missing or no number`);
  if (source.partition < 0 || source.partition > PARTITION_MAX)
    return wrong(`its header dead-letter.partition is ${source.partition}, which no partition has`);
  if (source.offset < 0) return wrong(`its header dead-letter.offset is ${source.offset}, which no record has`);
  const failedAtMs = Date.parse(header("failed-at") ?? "");
  return {
    ok: true,
    letter: {
      partition,
      offset,
      timestampMs,
      kind,
      stage: header("stage") ?? "",
      reason: header("reason") ?? "",
      detail: header("detail") ?? "",
      group: header("group") ?? "",
      failedAtMs: Number.isNaN(failedAtMs) ? timestampMs : failedAtMs,
      toldRedrives: redrivesIn(Object.fromEntries(headers)),
      source,
      item: header("item"),
      key,
      device:
        (kind === "record" ? (header("device") ?? deviceOf({ key, headers: rawHeaders })) : undefined) ??
        key?.toString("utf8"),
      value,
      headers,
      ownHeaders: Object.fromEntries(Object.entries(rawHeaders).filter(([name]) => !isOfRedrive(name))),
    },
  };
};

/** Of the alerts that it is about. `document`: a window's, where it can be read. */
export const offsetsOf = (
  { source: { offset } }: Letter,
  document: { readonly offsets: readonly (readonly [number, number])[] } | undefined,
): readonly (readonly [number, number])[] => document?.offsets ?? [[offset, offset]];

const nobody = (): undefined => undefined;

/** Kafka counts partitions with 32 bits. */
const PARTITION_MAX = 2 ** 31 - 1;

const wrong = (problem: string): ParsedLetter => ({ ok: false, problem });

export const nameOf = ({ partition, offset }: { readonly partition: number; readonly offset: number }): string =>
  `${partition}/${offset}`;
