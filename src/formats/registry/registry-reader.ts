import type { Room } from "../../core/alert-buffer.js";
import { BRACE } from "../../core/ascii.js";
import type { DecodedAlert, EncodedRecord, Preparation, RecordHeaders, SourceRecord } from "../../runtime/ports.js";
import type { AlertWords } from "../alert-words.js";
import { opened } from "../opened.js";
import { readPlainJson } from "../plain-json.js";
import { soleField } from "../record-key.js";
import { writtenText } from "../written-text.js";
import { type Frame, frameOf, type Half, type RegistryApi, type SchemaName } from "./framing.js";
import type { FramedBody, SchemaReader } from "./schema-reader.js";
import type { Known } from "./schema-store.js";

/** What a record's value is, once its frame and its schema are known. */
export type FramedValue =
  | { readonly kind: "json"; readonly body: Buffer }
  | { readonly kind: "value"; readonly value: unknown }
  | {
      readonly kind: "unreadable";
      readonly reason: "unknown-schema" | "unusable-schema" | "not-as-schema";
      readonly detail: string;
    };

type Framed = Extract<Frame, { readonly kind: "framed" }>;

/** Where the reader finds schemas: `SchemaStore` in a process. */
export interface Schemas {
  get(schema: SchemaName): Known | undefined;
  want(schema: SchemaName): Promise<void>;
}

/** Schemas of one batch that are asked for at once. */
const WANTED_MAX = 64;

/** Reads records that name a schema of a registry. Decoding is synchronous: `prepare` says which records have to wait. */
export class RegistryReader {
  readonly #schemas: Schemas;
  readonly #api: RegistryApi;
  /** Of the last value that named its schema in its first bytes: most of a topic have the same. */
  #lastId = 0;
  #lastFrame: Frame | undefined;
  /** Of that one's schema, once it is known. */
  #lastReader: SchemaReader | undefined;

  constructor(schemas: Schemas, api: RegistryApi) {
    this.#schemas = schemas;
    this.#api = api;
  }

  /** Undefined: all of them can be decoded now. Otherwise it asks for what is missing. */
  prepare(records: readonly Pick<SourceRecord, "key" | "value" | "headers">[]): Preparation | undefined {
    const wanted = new Set<SchemaName>();
    const first: SchemaName[] = [];
    let decodable = records.length;
    const note = (name: SchemaName | undefined, index: number): void => {
      if (name === undefined) return;
      decodable = Math.min(decodable, index);
      if (decodable === index) first.push(name);
      wanted.add(name);
    };
    for (let index = 0; index < records.length && wanted.size < WANTED_MAX; index++) {
      const { key, value, headers } = records[index] as SourceRecord;
      note(this.#unknownSchema(key, headers, "key"), index);
      note(this.#unknownSchema(value, headers, "value"), index);
    }
    if (wanted.size === 0) return undefined;
    for (const name of wanted) void this.#schemas.want(name);
    // What later records need may take longer: only the next one is waited for.
    const ready = Promise.all(first.map((name) => this.#schemas.want(name))).then(() => undefined);
    return { decodable, ready };
  }

  /** What is known of the schemas that a record names. Undefined: of one nothing is yet. */
  knownOf({ key, value, headers }: EncodedRecord): ReadonlyMap<SchemaName, Known> | undefined {
    const known = new Map<SchemaName, Known>();
    for (const [half, bytes] of [
      ["key", key],
      ["value", value],
    ] as const) {
      const frame = bytes !== null && mayBeFramed(bytes, headers, half) && frameOf(bytes, headers, this.#api, half);
      if (frame === false || frame.kind !== "framed") continue;
      const one = this.#schemas.get(frame.schema);
      if (one === undefined) return undefined;
      known.set(frame.schema, one);
    }
    return known;
  }

  /** Undefined: it names no schema. */
  read({ value, headers }: EncodedRecord): FramedValue | undefined {
    const frame = this.#frameOf(value, headers, "value");
    if (frame.kind === "plain") return undefined;
    const read = this.#read(value, frame);
    // Kafka Connect writes so what its source had as text or bytes.
    return read.kind === "value" && typeof read.value === "string"
      ? { ...read, value: opened(read.value) ?? read.value }
      : read;
  }

  /** The alert of one that names a schema whose fields are an alert's. Undefined: it has to be `read`. `key`: null where it is not to be compared. */
  short(
    { value, headers }: EncodedRecord,
    key: Buffer | null,
    words: AlertWords,
    room?: Room,
  ): DecodedAlert | undefined {
    const frame = this.#frameOf(value, headers, "value");
    if (frame.kind !== "framed") return undefined;
    const reader = this.#readerOf(frame);
    if (reader?.kind !== "values") return undefined;
    return reader.short?.(value, frame, key, words, room);
  }

  /** The key as text, where a serializer has framed that too. Debezium's and Connect's keys are records: one with one field names the device by it. */
  key({ key, headers }: Pick<EncodedRecord, "key" | "headers">): Buffer | null {
    if (key === null || !mayBeFramed(key, headers, "key")) return key;
    const frame = frameOf(key, headers, this.#api, "key");
    if (frame.kind !== "framed") return key;
    const read = this.#read(key, frame);
    if (read.kind === "unreadable") return key;
    return read.kind === "json" ? jsonKey(read.body) : keyBytes(read.value);
  }

  #unknownSchema(bytes: Buffer | null, headers: RecordHeaders | undefined, half: Half): SchemaName | undefined {
    if (bytes === null || !mayBeFramed(bytes, headers, half)) return undefined;
    const frame = this.#frameOf(bytes, headers, half);
    if (frame.kind !== "framed" || this.#readerOf(frame) !== undefined) return undefined;
    return this.#schemas.get(frame.schema) === undefined ? frame.schema : undefined;
  }

  /** Undefined: nothing is known of the schema, or it cannot be used. A reader that was found once is right for good. */
  #readerOf(frame: Framed): SchemaReader | undefined {
    const isLast = frame === this.#lastFrame;
    if (isLast && this.#lastReader !== undefined) return this.#lastReader;
    const known = this.#schemas.get(frame.schema);
    const reader = known?.kind === "reader" ? known.reader : undefined;
    if (isLast) this.#lastReader = reader;
    return reader;
  }

  #frameOf(bytes: Buffer, headers: RecordHeaders | undefined, half: Half): Frame {
    if (headers !== undefined || bytes[0] !== 0 || bytes.length < FRAME_BYTES)
      return frameOf(bytes, headers, this.#api, half);
    const id = bytes.readUInt32BE(1);
    // ID 0 has another frame.
    if (id !== this.#lastId || this.#lastFrame === undefined || id === 0) {
      this.#lastFrame = frameOf(bytes, headers, this.#api, half);
      this.#lastId = id;
      this.#lastReader = undefined;
    }
    return this.#lastFrame;
  }

  #read(bytes: Buffer, frame: Exclude<Frame, { readonly kind: "plain" }>): FramedValue {
    if (frame.kind === "bad") return unreadable("unknown-schema", frame.detail);
    const reader = this.#readerOf(frame);
    if (reader === undefined) {
      const known = this.#schemas.get(frame.schema) as Exclude<Known, { readonly kind: "reader" }> | undefined;
      if (known === undefined) return unreadable("unknown-schema", `the schema ${frame.schema} was never asked for`);
      return unreadable(known.kind === "missing" ? "unknown-schema" : "unusable-schema", known.detail);
    }
    if (reader.kind === "json") return { kind: "json", body: bytes.subarray(frame.at) };
    const { at, mark, indexes, message } = frame;
    const body: FramedBody = { bytes, at, mark, indexes, message };
    const reading = reader.read(body);
    return reading.ok
      ? { kind: "value", value: reading.value }
      : unreadable("not-as-schema", `schema ${frame.schema}: ${reading.detail}`);
  }
}

/** Null: a key that says that there is none. What names no device by itself is shown as JSON. */
const keyBytes = (content: unknown): Buffer | null => {
  const named = soleField(content);
  return named === null || named === undefined ? null : Buffer.from(writtenText(named));
};

const jsonKey = (body: Buffer): Buffer | null => {
  if (body[0] !== BRACE) return body;
  const json = readPlainJson(body);
  return json.ok ? keyBytes(json.value) : body;
};

/** A zero byte and the ID. */
const FRAME_BYTES = 5;

/** Most keys are plain text and most records have no headers. */
const mayBeFramed = (bytes: Buffer, headers: RecordHeaders | undefined, half: Half): boolean =>
  bytes[0] === 0 || (headers !== undefined && Object.keys(headers).some((name) => IN_HEADERS[half].has(name)));

const IN_HEADERS: Readonly<Record<Half, ReadonlySet<string>>> = {
  key: new Set(["__key_schema_id", "apicurio.key.contentId", "apicurio.key.globalId"]),
  value: new Set(["__value_schema_id", "apicurio.value.contentId", "apicurio.value.globalId"]),
};

const unreadable = (reason: (FramedValue & { kind: "unreadable" })["reason"], detail: string): FramedValue => ({
  kind: "unreadable",
  reason,
  detail,
});
