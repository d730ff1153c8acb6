import { Worker } from "node:worker_threads";
import { MAX_VALUE_BYTES } from "../core/value-limit.js";
import type { Decoded, EncodedRecord, ValuedRecord } from "../runtime/ports.js";
import { copiedHeaders } from "../runtime/record-headers.js";
import type { Mapping } from "./mapping/compile.js";
import type { LookingOn } from "./mapping/first-records.js";
import type { Answered, Asked, PlainDecoded, ReadingBy } from "./reading-thread-messages.js";

/** A record of so many bytes may hold a hundred thousand values, and each step of its reading makes them anew: half a second. One below takes 20 ms at most. */
export const LONG_BYTES = 32 * 1024;

/** Reads long records in a thread that is started for the first of them, by the same code: what it makes of a record is the same. It does not keep the process. */
export class ReadingThread {
  readonly #by: ReadingBy;
  readonly #url: URL;
  #worker: Worker | undefined;
  /** What the thread maps by. */
  #mapping: Mapping | undefined;
  #ids = 0;
  readonly #waiting = new Map<number, (answer: Answered | undefined) => void>();
  /** By the memory in which a value lies, and where in it: the value itself is made anew whenever somebody asks for it. */
  readonly #read = new WeakMap<ArrayBufferLike, Map<number, Read>>();

  /** `url`: of the thread. */
  constructor(by: ReadingBy, url: URL = new URL("./reading-thread-worker.js", import.meta.url)) {
    this.#by = by;
    this.#url = url;
  }

  /** Has the long ones of them read; undefined: there are none. What the thread cannot read, because it ended, is left to who decodes it. Never rejects. */
  ahead(
    records: readonly ValuedRecord[],
    mapping: Mapping | undefined,
    firstRecords: LookingOn | undefined,
  ): Promise<void> | undefined {
    const long = records.filter(isLong);
    return long.length === 0 ? undefined : this.#readAll(long, mapping, firstRecords);
  }

  /** What was read of the record, once. Undefined: nothing, or by another mapping. */
  taken(
    { value }: EncodedRecord,
    mapping: Mapping | undefined,
    firstRecords: LookingOn | undefined,
  ): Decoded | undefined {
    if (value.length < LONG_BYTES) return undefined;
    const read = this.#forget(value);
    if (read === undefined || read.length !== value.length || read.mapping !== mapping) return undefined;
    const { decoded, looked } = read.answer;
    const seen = mapping && looked && firstRecords?.seen(mapping);
    if (looked !== undefined && seen !== undefined) {
      for (const [number, found] of looked.seen.entries()) seen[number] = Math.max(seen[number] ?? 0, found);
      firstRecords?.mapped(looked.item);
    }
    return withBuffers(decoded);
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  /** One after the other: a batch may have sixty megabytes of them, and what waits for the thread is a copy. */
  async #readAll(
    records: readonly ValuedRecord[],
    mapping: Mapping | undefined,
    firstRecords: LookingOn | undefined,
  ): Promise<void> {
    for (const record of records) {
      const { key, value, headers } = record;
      if (value === null) continue;
      // Another record may have lain there.
      this.#forget(value);
      const looksOn = mapping !== undefined && firstRecords?.seen(mapping) !== undefined;
      const answer = await this.#ask({ key, value, headers }, mapping, looksOn);
      if (answer !== undefined) this.#keep(value, { length: value.length, mapping, answer });
    }
  }

  #ask(
    { key, value, headers }: EncodedRecord,
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
      this.#waiting.set(asked.id, resolve);
      this.#post(worker, asked, [copy.buffer]);
    });
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

const withBuffers = (decoded: PlainDecoded): Decoded => {
  if (decoded.kind !== "alert") return decoded;
  const { bytes } = decoded;
  return { ...decoded, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) };
};

/** Three times what the worst megabyte was measured to take. */
const HEAP_MB = 192;
