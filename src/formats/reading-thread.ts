import { Worker } from "node:worker_threads";
import { MAX_VALUE_BYTES } from "../core/alert.js";
import type { AlertCodec, EncodedRecord, ValuedRecord } from "../runtime/ports.js";
import { copiedHeaders } from "../runtime/record-headers.js";
import type { Mapping } from "./mapping/compile.js";
import type { LookingOn } from "./mapping/first-records.js";
import {
  type Answered,
  type Asked,
  keepNewest,
  type PlainItem,
  type PlainKnown,
  type ReadingBy,
} from "./reading-thread-messages.js";
import type { SchemaName } from "./registry/framing.js";
import type { RegistryReader } from "./registry/registry-reader.js";
import type { Known } from "./registry/schema-store.js";
import type { RecordItem } from "./translate-record.js";

/** A record of so many bytes may hold a hundred thousand values, and each step of its reading makes them anew: half a second. One below takes 20 ms at most. */
export const LONG_BYTES = 32 * 1024;

/** By what records are read now, where that may change. */
export interface ReadingNow {
  /** Asked for each record. */
  readonly mapping: () => Mapping | undefined;
  readonly firstRecords?: LookingOn | undefined;
}

export type ClosableCodec = AlertCodec & { readonly close?: () => Promise<void> };

/** Reads long records in a thread that is started for the first of them, by the same code: what it makes of a record is the same. It keeps the process only while somebody waits for it. */
export class ReadingThread {
  readonly #by: ReadingBy;
  readonly #registry: Pick<RegistryReader, "knownOf"> | undefined;
  readonly #url: URL;
  #worker: Worker | undefined;
  /** What the thread maps by. */
  #mapping: Mapping | undefined;
  /** What the thread knows of schemas. */
  readonly #schemas = new Map<SchemaName, Known>();
  #ids = 0;
  readonly #waiting = new Map<number, (answer: Answered | undefined) => void>();
  /** By the memory in which a value lies, and where in it: the value itself is made anew whenever somebody asks for it. */
  readonly #read = new WeakMap<ArrayBufferLike, Map<number, Read>>();

  /** `registry`: what knows the schemas that records name, where they name some. `url`: of the thread. */
  constructor(
    by: ReadingBy,
    registry?: Pick<RegistryReader, "knownOf">,
    url: URL = new URL("./reading-thread-worker.js", import.meta.url),
  ) {
    this.#by = by;
    this.#registry = registry;
    this.#url = url;
  }

  /** The same codec, but that it has the long ones read. */
  beside(codec: AlertCodec, now: ReadingNow): ClosableCodec {
    return {
      ...codec,
      decode: (record, room) => this.taken(record, now)?.[0]?.decoded ?? codec.decode(record, room),
      ahead: (records) => this.ahead(records, now),
      close: () => this.close(),
    };
  }

  /** Has the long ones of them read; undefined: there are none. What the thread cannot read, because it ended, is left to who decodes it. Never rejects. */
  ahead(records: readonly ValuedRecord[], now: ReadingNow): Promise<void> | undefined {
    const long = records.filter(isLong);
    return long.length === 0 ? undefined : this.#readAll(long, now);
  }

  /** What was read of the record, once. Undefined: nothing, or by another mapping. */
  taken({ value }: EncodedRecord, { mapping, firstRecords }: ReadingNow): readonly RecordItem[] | undefined {
    if (value.length < LONG_BYTES) return undefined;
    const read = this.#forget(value);
    const by = mapping();
    if (read === undefined || read.length !== value.length || read.mapping !== by) return undefined;
    const { items, looked } = read.answer;
    const seen = by && looked && firstRecords?.seen(by);
    if (looked !== undefined && seen !== undefined) {
      for (const [number, found] of looked.seen.entries()) seen[number] = Math.max(seen[number] ?? 0, found);
      firstRecords?.mapped(looked.item);
    }
    return items.map(withBuffers);
  }

  /** What it was reading is left to who decodes it. */
  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  /** One after the other: a batch may have sixty megabytes of them, and what waits for the thread is a copy. */
  async #readAll(records: readonly ValuedRecord[], now: ReadingNow): Promise<void> {
    for (const { key, value, headers } of records) {
      if (value === null) continue;
      // Another record may have lain there.
      this.#forget(value);
      const record = { key, value, headers };
      const schemas = this.#registry === undefined ? NONE : this.#registry.knownOf(record);
      // It is not decoded before one is, nor is what comes behind it.
      if (schemas === undefined) return;
      const mapping = now.mapping();
      const looksOn = mapping !== undefined && now.firstRecords?.seen(mapping) !== undefined;
      const answer = await this.#ask(record, schemas, mapping, looksOn);
      if (answer !== undefined) this.#keep(value, { length: value.length, mapping, answer });
    }
  }

  #ask(
    { key, value, headers }: EncodedRecord,
    schemas: ReadonlyMap<SchemaName, Known>,
    mapping: Mapping | undefined,
    looksOn: boolean,
  ): Promise<Answered | undefined> {
    const copy = new Uint8Array(value);
    const asked: Asked = {
      kind: "record",
      id: this.#ids++,
      key: key && new Uint8Array(key),
      value: copy,
      headers: headers && copiedHeaders(headers),
      looksOn,
    };
    return new Promise((resolve) => {
      const worker = this.#started();
      if (mapping !== this.#mapping) {
        this.#mapping = mapping;
        this.#post(worker, { kind: "mapping", written: mapping?.asWritten });
      }
      for (const [name, known] of schemas) this.#tell(worker, name, known);
      this.#waiting.set(asked.id, resolve);
      // A process does not end while somebody waits for it.
      worker.ref();
      this.#post(worker, asked, [copy.buffer]);
    });
  }

  #tell(worker: Worker, name: SchemaName, known: Known): void {
    if (this.#schemas.get(name) === known) return;
    keepNewest(this.#schemas, name, known);
    this.#post(worker, { kind: "schema", name, known: plainKnown(known) });
  }

  #post(worker: Worker, asked: Asked, moved: ArrayBuffer[] = []): void {
    worker.postMessage(asked, moved);
  }

  #started(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(this.#url, {
      name: "long records",
      workerData: this.#by,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    worker.unref();
    worker.on("message", (answer: Answered) => this.#answered(answer.id, answer));
    // The next record starts another one.
    const ended = (): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#mapping = undefined;
      this.#schemas.clear();
      for (const id of [...this.#waiting.keys()]) this.#answered(id, undefined);
    };
    worker.on("error", ended);
    worker.on("exit", ended);
    this.#worker = worker;
    return worker;
  }

  #answered(id: number, answer: Answered | undefined): void {
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#worker?.unref();
  }

  #keep({ buffer, byteOffset }: Buffer, read: Read): void {
    const there = this.#read.get(buffer) ?? new Map<number, Read>();
    this.#read.set(buffer, there.set(byteOffset, read));
  }

  #forget({ buffer, byteOffset }: Buffer): Read | undefined {
    const there = this.#read.get(buffer);
    const read = there?.get(byteOffset);
    there?.delete(byteOffset);
    return read;
  }
}

interface Read {
  /** Of the value. */
  readonly length: number;
  readonly mapping: Mapping | undefined;
  readonly answer: Answered;
}

/** One that is longer than is read at all needs no reading. */
const isLong = ({ value, valueBytes = value?.length ?? 0 }: ValuedRecord): boolean =>
  valueBytes >= LONG_BYTES && valueBytes <= MAX_VALUE_BYTES;

const withBuffers = ({ at, decoded }: PlainItem): RecordItem => {
  if (decoded.kind !== "alert") return { at, decoded };
  const { bytes } = decoded;
  return { at, decoded: { ...decoded, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) } };
};

const plainKnown = (known: Known): PlainKnown =>
  known.kind === "reader" ? { kind: "reader", schema: known.schema } : known;

const NONE: ReadonlyMap<SchemaName, Known> = new Map();

/** Three times what the worst megabyte was measured to take. */
const HEAP_MB = 192;
