/** The thread that reads long records: by the same codec as the process, which has the turns of its event loop meanwhile. */

import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { bytesOf, wholeOf } from "../core/partition-types.js";
import type { Decoded, EncodedRecord, RecordHeaders } from "../runtime/ports.js";
import { createAlertCodec } from "./codec.js";
import { envelopeOf } from "./envelopes/by-name.js";
import { compiledAgain, type Mapping } from "./mapping/compile.js";
import {
  type Answered,
  type Asked,
  keepNewest,
  type PlainItem,
  type PlainKnown,
  type ReadingBy,
} from "./reading-thread-messages.js";
import type { SchemaName } from "./registry/framing.js";
import type { Known } from "./registry/schema-store.js";
import { createShapedCodec, type Shape } from "./shaped-codec.js";
import type { RecordItem } from "./translate-record.js";

const readFor = async (port: MessagePort, by: ReadingBy): Promise<void> => {
  let mapping: Mapping | undefined;
  /** Of the record under way. */
  let looksOn = false;
  let seen: Uint8Array | undefined;
  let looked: Answered["looked"];
  const schemas = await schemasFor(by.registry);
  const shape: Shape = {
    registry: schemas?.reader,
    envelope: await envelopeOf(by.envelope),
    mapping: () => mapping,
    firstRecords: {
      seen: ({ sources }: Mapping) => {
        seen = looksOn ? new Uint8Array(sources.length) : undefined;
        return seen;
      },
      mapped: (item: { readonly kind: string } | undefined) => {
        if (seen !== undefined) looked = { seen, item: item && { kind: item.kind } };
      },
    },
  };
  const read = await readerFor(by, shape);
  const take = async (asked: Asked): Promise<void> => {
    if (asked.kind === "mapping") {
      mapping = asked.written === undefined ? undefined : compiledAgain(asked.written);
      return;
    }
    if (asked.kind === "schema") return schemas?.learn(asked.name, asked.known);
    const { id, key, value, headers } = asked;
    looksOn = asked.looksOn;
    looked = undefined;
    const items = read({
      key: key === null ? null : bufferOf(key),
      value: bufferOf(value),
      headers: headers && withBuffers(headers),
    });
    const answer: Answered = { id, items: items.map(plain), looked };
    port.postMessage(answer);
  };
  // One after the other: a schema takes a while, and the record behind it needs it.
  let taken = Promise.resolve();
  port.on("message", (asked: Asked) => {
    taken = taken.then(() => take(asked));
  });
};

/** What the process told of schemas. Undefined: every record is JSON. */
const schemasFor = async (registry: ReadingBy["registry"]) => {
  if (registry === undefined) return undefined;
  const { compileSchema } = await import("./registry/schema-reader.js");
  const { RegistryReader } = await import("./registry/registry-reader.js");
  const known = new Map<SchemaName, Known>();
  return {
    reader: new RegistryReader({ get: (name) => known.get(name), want: () => Promise.resolve() }, registry.api),
    async learn(name: SchemaName, told: PlainKnown): Promise<void> {
      if (told.kind !== "reader") return keepNewest(known, name, told);
      const { schema } = told;
      keepNewest(known, name, {
        kind: "reader",
        reader: await compileSchema(schema, registry.protobufMessage),
        schema,
      });
    },
  };
};

const readerFor = async (
  { as, rules }: ReadingBy,
  shape: Shape,
): Promise<(record: EncodedRecord) => readonly RecordItem[]> => {
  if (as === "items") {
    const { createItemReader } = await import("./record-items.js");
    return createItemReader(shape, rules);
  }
  const codec = as === "alert" ? createAlertCodec(rules, shape.registry) : createShapedCodec(shape, rules);
  return (record) => [{ at: "", decoded: codec.decode(record) }];
};

/** Bytes come as what they are without Node.js. */
const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

const withBuffers = (headers: RecordHeaders): RecordHeaders =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(asBuffer) : asBuffer(value),
    ]),
  );

const asBuffer = <T>(value: T): T => (value instanceof Uint8Array ? (bufferOf(value) as T) : value);

/** With bytes of their own: what is sent of bytes is all of the memory in which they lie. */
const plain = ({ at, decoded }: RecordItem): PlainItem => ({
  at,
  decoded: decoded.kind === "alert" ? plainAlert(decoded) : decoded,
});

const plainAlert = (decoded: Decoded & { readonly kind: "alert" }): PlainItem["decoded"] => {
  const { isOfThatDay: _, written: __, ...alert } = decoded;
  return {
    ...alert,
    device: wholeOf(new Uint8Array(bytesOf(decoded.device))),
    bytes: new Uint8Array(decoded.bytes) as Buffer,
  };
};

if (parentPort !== null) await readFor(parentPort, workerData as ReadingBy);
