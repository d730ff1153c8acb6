import assert from "node:assert/strict";
import { test } from "node:test";
import { frameOf } from "#src/formats/registry/framing.js";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const GUID = "0123456789abcdef0123456789abcdef";

test("a zero byte and four bytes are the schema's ID; the value follows", () => {
  assert.deepEqual(frameOf(hex("00 00000007 0a"), undefined, "confluent"), {
    kind: "framed",
    schema: "id:7",
    at: 5,
    mark: "indexes",
  });
  assert.deepEqual(frameOf(hex("00 ffffffff 0a"), undefined, "apicurio"), {
    kind: "framed",
    schema: "content:4294967295",
    at: 5,
    mark: "reference",
  });
});

test("a header comes before the first byte: a bare value may begin with any", () => {
  const value = hex("00 00000007 0a");
  assert.deepEqual(frameOf(value, { __value_schema_id: hex(`01 ${GUID}`) }, "confluent"), {
    kind: "framed",
    schema: "guid:01234567-89ab-cdef-0123-456789abcdef",
    at: 0,
    mark: "none",
  });
  assert.deepEqual(frameOf(value, { __value_schema_id: hex(`01 ${GUID} 0402`) }, "confluent"), {
    kind: "framed",
    schema: "guid:01234567-89ab-cdef-0123-456789abcdef",
    at: 0,
    mark: "none",
    indexes: hex("0402"),
  });
  const content = { "apicurio.value.contentId": hex("0000000000000009") };
  assert.deepEqual(frameOf(value, content, "apicurio"), { kind: "framed", schema: "content:9", at: 0, mark: "none" });
  const global = { "apicurio.value.globalId": hex("0000000000000009") };
  assert.deepEqual(frameOf(value, global, "apicurio"), { kind: "framed", schema: "global:9", at: 0, mark: "none" });
  const ofKey = { "apicurio.key.globalId": hex("0000000000000009") };
  assert.deepEqual(frameOf(value, ofKey, "apicurio", "key"), {
    kind: "framed",
    schema: "global:9",
    at: 0,
    mark: "none",
  });
});

test("Apicurio's older frame has eight bytes", () => {
  assert.deepEqual(frameOf(hex("00 0000000000000009 0a"), undefined, "apicurio"), {
    kind: "framed",
    schema: "content:9",
    at: 9,
    mark: "reference",
  });
  const confluent = frameOf(hex("00 0000000000000009 0a"), undefined, "confluent");
  assert.ok(confluent.kind === "bad");
  assert.match(confluent.detail, /set SCHEMA_REGISTRY_API=apicurio/);
});

test("what names no schema is JSON", () => {
  for (const text of ["7b7d", "", "c302", "01 00000007"]) {
    assert.deepEqual(frameOf(hex(text), undefined, "confluent"), { kind: "plain" });
    assert.deepEqual(frameOf(hex(text), { other: hex("00") }, "apicurio"), { kind: "plain" });
  }
});

test("a frame that no registry can answer says why", () => {
  const detail = (value: string, headers?: Record<string, Buffer>): string => {
    const frame = frameOf(hex(value), headers, "confluent");
    return frame.kind === "bad" ? frame.detail : frame.kind;
  };
  assert.match(detail("c301 0102030405060708 00"), /single Avro object .* fingerprint/);
  assert.match(detail("00 0001"), /a schema ID needs five/);
  assert.match(detail("00", { __value_schema_id: hex("0102") }), /__value_schema_id has 2 bytes/);
  assert.match(detail("00", { "apicurio.value.globalId": hex("0102") }), /SCHEMA_REGISTRY_API=apicurio/);
});

test("Apicurio's headers also name the Protobuf message, and an encoding that is not Avro's binary one", () => {
  const headers = {
    "apicurio.value.contentId": hex("0000000000000009"),
    "apicurio.protobuf.type": Buffer.from("Alert"),
  };
  assert.deepEqual(frameOf(hex("0a"), headers, "apicurio"), {
    kind: "framed",
    schema: "content:9",
    at: 0,
    mark: "none",
    message: "Alert",
  });
  const encoded = (encoding: string) =>
    frameOf(hex("0a"), { ...headers, "apicurio.value.encoding": Buffer.from(encoding) }, "apicurio");
  assert.equal(encoded("BINARY").kind, "framed");
  const json = encoded("JSON");
  assert.ok(json.kind === "bad");
  assert.match(json.detail, /apicurio\.value\.encoding says JSON.*set apicurio\.registry\.avro\.encoding=BINARY/);
});
