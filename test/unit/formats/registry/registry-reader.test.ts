import assert from "node:assert/strict";
import { test } from "node:test";
import { RegistryReader } from "#src/formats/registry/registry-reader.js";
import { compileSchema } from "#src/formats/registry/schema-reader.js";
import type { EncodedRecord } from "#src/runtime/ports.js";

const readerOf = async (type: "AVRO" | "JSON", schema: unknown): Promise<RegistryReader> => {
  const written = { type, text: JSON.stringify(schema), references: [] };
  const known = { kind: "reader", reader: await compileSchema(written, undefined), schema: written } as const;
  return new RegistryReader({ get: () => known, want: () => Promise.resolve() }, "confluent");
};

const record = (...fields: readonly { readonly name: string; readonly type: unknown }[]) => ({
  ...{ type: "record", name: "Key" },
  fields,
});
const framed = (body: string): EncodedRecord => ({
  key: Buffer.concat([Buffer.from([0, 0, 0, 0, 7]), Buffer.from(body, "latin1")]),
  value: Buffer.alloc(0),
});
const text = (key: Buffer | null): string | undefined => key?.toString();

test("a framed key is the text in it, and of a record with one field that field, as Debezium writes them", async () => {
  const ofText = await readerOf("AVRO", "string");
  assert.equal(text(ofText.key(framed("\x06p-1"))), "p-1");
  const ofRecord = await readerOf("AVRO", record({ name: "device_id", type: "string" }));
  assert.equal(text(ofRecord.key(framed("\x06p-1"))), "p-1");
  const ofNumber = await readerOf("AVRO", record({ name: "id", type: ["null", "long"] }));
  assert.equal(text(ofNumber.key(framed("\x02\x2a"))), "21");
  assert.equal(ofNumber.key(framed("\x00")), null);
  const bare = {
    ...framed(""),
    key: Buffer.from("\x06p-1"),
    headers: { __key_schema_id: Buffer.from("0000000007", "hex") },
  };
  assert.equal(text(ofRecord.key(bare)), "p-1");
});

test("a framed key with several fields is shown as JSON and names no device by itself", async () => {
  const reader = await readerOf("AVRO", record({ name: "site", type: "string" }, { name: "id", type: "int" }));
  assert.equal(text(reader.key(framed("\x02a\x04"))), '{"site":"a","id":2}');
});

test("a framed key of JSON is its text; of an object with one field that field", async () => {
  const reader = await readerOf("JSON", {});
  assert.equal(text(reader.key(framed('"p-1"'))), '"p-1"');
  assert.equal(text(reader.key(framed('{"device":"p-1"}'))), "p-1");
  assert.equal(text(reader.key(framed('{"device":'))), '{"device":');
});

test("a key that is not as its schema says stays the bytes that it is", async () => {
  const reader = await readerOf("AVRO", "string");
  const cut = framed("\x06p");
  assert.deepEqual(reader.key(cut), cut.key);
});

test("a value that is a text with an alert in it is opened once, as JSON in a JSON string is", async () => {
  const reader = await readerOf("AVRO", ["null", "string"]);
  const readText = (inner: string): unknown => {
    const read = reader.read({
      key: null,
      value: Buffer.concat([Buffer.from([0, 0, 0, 0, 7, 2, 2 * inner.length]), Buffer.from(inner)]),
    });
    return read?.kind === "value" ? read.value : undefined;
  };
  assert.deepEqual(readText('{"deviceId":"d","n":9007199254740993}'), { deviceId: "d", n: "9007199254740993" });
  assert.deepEqual(readText(btoa('{"deviceId":"d"}')), { deviceId: "d" });
  for (const inner of ["41.5", "too hot", "{too hot", '"{}"']) assert.equal(readText(inner), inner);
});
