/**
 * Where a record names its schema: in a header, or in the first bytes of its value. Headers come first, because a value without a frame may begin with
 * any byte. https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
 */

import type { RecordHeaders } from "../../runtime/ports.js";

/** What the registry is asked for. `id` is Confluent's number, `content` and `global` are Apicurio's. */
export type SchemaKind = "id" | "guid" | "content" | "global";

/** Names a schema in one word, such as `id:7`: the key of the cache. */
export type SchemaName = `${SchemaKind}:${string}`;

/** How a Protobuf value says which of the schema's messages it is. */
export type MessageMark = "indexes" | "reference" | "none";

export type Frame =
  | {
      readonly kind: "framed";
      readonly schema: SchemaName;
      /** Where the value begins behind the frame. */
      readonly at: number;
      readonly mark: MessageMark;
      /** Of a header that has the message's indexes; they stand where `mark` says otherwise. */
      readonly indexes?: Buffer;
      /** Of a header that has the message's name, without its package. */
      readonly message?: string;
    }
  /** It names no schema: JSON. */
  | { readonly kind: "plain" }
  /** It names one in a way that no registry can answer. */
  | { readonly kind: "bad"; readonly detail: string };

/** `confluent`: also Karapace and Apicurio's compatible API. */
export type RegistryApi = "confluent" | "apicurio";

/** Which half of a record is read. */
export type Half = "key" | "value";

type HeaderValue = RecordHeaders[string];

const PLAIN: Frame = { kind: "plain" };

export const frameOf = (
  bytes: Buffer,
  headers: RecordHeaders | undefined,
  api: RegistryApi,
  half: Half = "value",
): Frame => (headers === undefined ? undefined : headerFrame(headers, api, half)) ?? bytesFrame(bytes, api);

const bytesFrame = (bytes: Buffer, api: RegistryApi): Frame => {
  const first = bytes[0];
  if (first === 0xc3 && bytes[1] === 0x01) {
    return bad(
      "the value is a single Avro object (c3 01), which names its schema by a fingerprint: no registry knows it; have the producer write with a schema registry's serializer",
    );
  }
  if (first !== 0) return PLAIN;
  if (bytes.length < 5) return bad(`the value begins with 00 and has ${bytes.length} bytes: a schema ID needs five`);
  const short = bytes.readUInt32BE(1);
  if (short !== 0)
    return api === "confluent" ? framed(`id:${short}`, 5, "indexes") : framed(`content:${short}`, 5, "reference");
  // Apicurio's older frame has eight bytes, and its IDs count up from one: the upper four are 0, and no registry gives the ID 0.
  if (api === "confluent") {
    return bad(
      "the value names schema ID 0, which no registry gives; if Apicurio's Legacy8ByteIdHandler wrote it, set SCHEMA_REGISTRY_API=apicurio",
    );
  }
  return bytes.length < 9
    ? bad("the value names schema ID 0, which no registry gives")
    : framed(`content:${bytes.readBigUInt64BE(1)}`, 9, "reference");
};

const headerFrame = (headers: RecordHeaders, api: RegistryApi, half: Half): Frame | undefined => {
  const confluent = `__${half}_schema_id`;
  const guid = bytesOf(headers[confluent]);
  if (guid !== undefined) return api === "confluent" ? guidFrame(guid, half) : otherApi(confluent, "confluent");
  for (const kind of ["content", "global"] as const) {
    const name = `apicurio.${half}.${kind}Id`;
    const id = bytesOf(headers[name]);
    if (id === undefined) continue;
    return api === "apicurio" ? apicurioFrame(`${kind}:`, id, { name, headers, half }) : otherApi(name, "apicurio");
  }
  return undefined;
};

const otherApi = (header: string, api: RegistryApi): Frame =>
  bad(`the header ${header} names a schema that only SCHEMA_REGISTRY_API=${api} can ask for`);

const guidFrame = (header: Buffer, half: Half): Frame => {
  const name = `the header __${half}_schema_id`;
  if (header[0] === 0 && header.length >= 5) {
    return framed(`id:${header.readUInt32BE(1)}`, 0, "none", header.subarray(5));
  }
  if (header[0] !== 1 || header.length < 17) {
    return bad(
      `${name} has ${header.length} bytes; it should be 01 and a GUID of 16 bytes, or 00 and an ID of 4 bytes`,
    );
  }
  const hex = header.toString("hex", 1, 17);
  const guid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  return framed(`guid:${guid}`, 0, "none", header.subarray(17));
};

const apicurioFrame = (
  kind: "content:" | "global:",
  id: Buffer,
  { name, headers, half }: { readonly name: string; readonly headers: RecordHeaders; readonly half: Half },
): Frame => {
  if (id.length !== 8) return bad(`the header ${name} has ${id.length} bytes; it should have 8`);
  const encoding = bytesOf(headers[`apicurio.${half}.encoding`])?.toString().toUpperCase();
  if (encoding !== undefined && encoding !== "BINARY") {
    return bad(
      `the header apicurio.${half}.encoding says ${encoding.slice(0, 20)}, and Avro is read in its binary encoding: set apicurio.registry.avro.encoding=BINARY in the producer`,
    );
  }
  const frame = framed(`${kind}${id.readBigUInt64BE()}`, 0, "none");
  const message = bytesOf(headers[half === "key" ? "apicurio.protobuf.type.key" : "apicurio.protobuf.type"]);
  return message === undefined ? frame : { ...frame, message: message.toString() };
};

const framed = (
  schema: SchemaName,
  at: number,
  mark: MessageMark,
  indexes?: Buffer,
): Extract<Frame, { readonly kind: "framed" }> => ({
  kind: "framed",
  schema,
  at,
  mark,
  ...(indexes !== undefined && indexes.length > 0 && { indexes }),
});

const bad = (detail: string): Frame => ({ kind: "bad", detail });

/** The last one counts, where a header stands several times. */
const bytesOf = (value: HeaderValue): Buffer | undefined => {
  const last = Array.isArray(value) ? value.at(-1) : value;
  return typeof last === "string" ? Buffer.from(last, "latin1") : (last ?? undefined);
};
