import assert from "node:assert/strict";
import { test } from "node:test";
import { connectEnvelope as connect } from "#src/formats/envelopes/connect.js";
import { field, fieldsOf, keyTextOf, opening, saidOf, struct } from "./records.js";

const ALERT = { deviceId: "boiler-7", message: "hot" };

const decimal = (scale: string) => ({
  name: "org.apache.kafka.connect.data.Decimal",
  version: 1,
  parameters: { scale },
});
const named = (name: string) => ({ name, version: 1 });

/** The field `v` of a struct with it. */
const meantOf = (schema: object, v: unknown): unknown =>
  fieldsOf(connect, { schema: struct([{ field: "v", ...schema }]), payload: { v } })["v"];

test("a value without a schema is the alert itself, and one with a schema or a null for it is unwrapped", () => {
  assert.deepEqual(fieldsOf(connect, ALERT), ALERT);
  assert.deepEqual(fieldsOf(connect, { schema: null, payload: ALERT }), ALERT);
  const schema = struct([field("deviceId", "string"), field("message", "string")]);
  assert.deepEqual(fieldsOf(connect, { schema, payload: ALERT }), ALERT);
});

test("a payload that is a text or bytes with an alert in it is opened once, whatever is said of its schema", () => {
  const text = JSON.stringify(ALERT);
  assert.deepEqual(fieldsOf(connect, { schema: { type: "string", optional: false }, payload: text }), ALERT);
  const base64 = Buffer.from(text).toString("base64");
  assert.deepEqual(fieldsOf(connect, { schema: { type: "bytes", optional: false }, payload: base64 }), ALERT);
  assert.deepEqual(fieldsOf(connect, { schema: null, payload: text }), ALERT);
  assert.deepEqual(fieldsOf(connect, text), ALERT);
  assert.equal(fieldsOf(connect, { schema: { type: "string" }, payload: "too hot" }), "too hot");
});

test("an alert that happens to have a field schema or payload is not unwrapped", () => {
  const own = { ...ALERT, schema: null, payload: { a: 1 } };
  assert.deepEqual(fieldsOf(connect, own), own);
  assert.deepEqual(fieldsOf(connect, { schema: "v2", payload: ALERT }), { schema: "v2", payload: ALERT });
});

test("a decimal has the places that its schema says, and no digit is lost", () => {
  const bytes = (hex: string): string => Buffer.from(hex, "hex").toString("base64");
  const decimalOf = (scale: string, hex: string) => meantOf({ type: "bytes", ...decimal(scale) }, bytes(hex));
  assert.equal(decimalOf("2", "1036"), 41.5);
  assert.equal(decimalOf("2", "ff"), -0.01);
  assert.equal(decimalOf("0", "00ff"), 255);
  assert.equal(decimalOf("-3", "05"), 5000);
  assert.equal(decimalOf("0", "00"), 0);
  assert.equal(decimalOf("4", "80000000"), -214748.3648);
  // 12345678901234567890.12: more digits than a double has.
  assert.equal(
    decimalOf("2", BigInt("1234567890123456789012").toString(16).padStart(20, "0")),
    "12345678901234567890.12",
  );
  assert.equal(meantOf({ type: "bytes", ...decimal("2") }, 41.5), 41.5);
});

test("a decimal that does not fit its schema stays as it was written", () => {
  for (const [schema, value] of [
    [{ type: "bytes", ...decimal("two") }, "EDY="],
    [{ type: "bytes", ...decimal("2") }, "no base64!"],
    [{ type: "bytes", ...decimal("2") }, ""],
    [{ type: "bytes", name: "org.apache.kafka.connect.data.Decimal" }, "EDY="],
    [{ type: "bytes", ...decimal("100000000") }, "EDY="],
  ] as const)
    assert.equal(meantOf(schema, value), value);
});

test("times are times by the names of their schemas, of Kafka Connect in UTC, of Debezium without a zone", () => {
  const ms = Date.parse("2026-11-21T08:30:00.123Z");
  assert.equal(
    meantOf({ type: "int64", ...named("org.apache.kafka.connect.data.Timestamp") }, ms),
    "2026-11-21T08:30:00.123Z",
  );
  assert.equal(meantOf({ type: "int32", ...named("org.apache.kafka.connect.data.Date") }, 20_778), "2026-11-21");
  assert.equal(meantOf({ type: "int32", ...named("org.apache.kafka.connect.data.Time") }, 30_600_123), "08:30:00.123");
  const debezium = (name: string, value: unknown) =>
    meantOf({ type: "int64", ...named(`io.debezium.time.${name}`) }, value);
  assert.equal(debezium("Timestamp", ms), "2026-11-21T08:30:00.123");
  assert.equal(debezium("MicroTimestamp", ms * 1000 + 456), "2026-11-21T08:30:00.123");
  assert.equal(debezium("NanoTimestamp", ms * 1e6), "2026-11-21T08:30:00.123");
  assert.equal(debezium("MicroTime", 30_600_123_456), "08:30:00.123");
  assert.equal(debezium("Date", 20_778), "2026-11-21");
  assert.equal(debezium("ZonedTimestamp", "2026-11-21T08:30:00.123456Z"), "2026-11-21T08:30:00.123456Z");
  assert.deepEqual(
    [debezium("Timestamp", 1e300), debezium("Timestamp", "x"), debezium("MicroTime", -1)],
    [1e300, "x", -1],
  );
});

test("a null with a default is the default, as Kafka Connect reads it; NaN in quotes stays a text", () => {
  assert.equal(meantOf({ type: "string", default: "warning" }, null), "warning");
  assert.equal(meantOf({ type: "string", default: "warning" }, undefined), "warning");
  assert.equal(meantOf({ type: "string" }, null), null);
  // As the converter writes it: a default is a value like any other.
  assert.equal(meantOf({ type: "bytes", ...decimal("2"), default: "H0A=" }, null), 80);
  const timestamp = named("org.apache.kafka.connect.data.Timestamp");
  assert.equal(meantOf({ type: "int64", ...timestamp, default: 0 }, undefined), "1970-01-01T00:00:00.000Z");
  assert.equal(meantOf({ type: "bytes", ...decimal("2"), default: null }, null), null);
  assert.equal(meantOf({ type: "double" }, "NaN"), "NaN");
});

test("lists, maps with any keys and structs in structs are read to their ends", () => {
  const schema = struct([
    {
      field: "labels",
      type: "map",
      keys: { type: "string" },
      values: { type: "int64", ...named("io.debezium.time.Timestamp") },
    },
    { field: "byNumber", type: "map", keys: { type: "int32" }, values: { type: "string" } },
    { field: "list", type: "array", items: { type: "int32", ...named("org.apache.kafka.connect.data.Date") } },
    { field: "inner", ...struct([{ field: "price", type: "bytes", ...decimal("1") }]) },
  ]);
  const payload = { labels: { at: 0 }, byNumber: [[1, "one"]], list: [0, 1], inner: { price: "Dw==", more: "kept" } };
  assert.deepEqual(fieldsOf(connect, { schema, payload }), {
    labels: { at: "1970-01-01T00:00:00.000" },
    byNumber: { 1: "one" },
    list: ["1970-01-01", "1970-01-02"],
    inner: { price: 1.5, more: "kept" },
  });
});

test("a decimal with a scale of its own and a JSON column are read by their schemas", () => {
  const variable = { type: "struct", name: "io.debezium.data.VariableScaleDecimal" };
  assert.equal(meantOf(variable, { scale: 1, value: "Dw==" }), 1.5);
  const json = { type: "string", name: "io.debezium.data.Json" };
  assert.deepEqual(meantOf(json, '{"site":"busan"}'), { site: "busan" });
  assert.equal(meantOf(json, '"text"'), '"text"');
});

test("a wrapped null is a tombstone", () => {
  assert.equal(saidOf(connect, { schema: null, payload: null }), "ignored: its payload is null: a tombstone");
  assert.equal(saidOf(connect, null), "ignored: its payload is null: a tombstone");
  assert.match(saidOf(connect, Buffer.from("{")), /^not-json: /);
});

test("a key is read in quotes, wrapped, as a struct with one field, and bare", () => {
  const keyOf = (key: string) => keyTextOf(connect, ALERT, key);
  assert.equal(keyOf('"boiler-7"'), "boiler-7");
  assert.equal(keyOf('"say \\"hi\\""'), 'say "hi"');
  assert.equal(keyOf('{"schema":{"type":"string","optional":false},"payload":"boiler-7"}'), "boiler-7");
  assert.equal(
    keyOf('{"schema":{"type":"struct","fields":[{"type":"string","field":"device"}]},"payload":{"device":"boiler-7"}}'),
    "boiler-7",
  );
  assert.equal(keyOf('{"device":"boiler-7"}'), "boiler-7");
  assert.equal(keyOf('{"id":1001}'), "1001");
  assert.equal(keyOf('{"id":1234567890123456789}'), "1234567890123456789");
  assert.equal(keyOf('{"schema":{"type":"int64"},"payload":1234567890123456789}'), "1234567890123456789");
  assert.equal(keyOf("boiler-7"), "boiler-7");
  assert.equal(keyOf("1001"), "1001");
  assert.equal(keyOf('{"a":1,"b":2}'), '{"a":1,"b":2}');
  assert.equal(keyOf("{half"), "{half");
  assert.equal(keyOf('{"schema":null,"payload":null}'), undefined);
});

test("a schema that goes in circles by its depth, or lies, ends", () => {
  const deep = 100_000;
  const schema = `${'{"type":"array","items":'.repeat(deep)}{}${"}".repeat(deep)}`;
  const text = `{"schema":${schema},"payload":${"[".repeat(deep)}${"]".repeat(deep)}}`;
  assert.equal(opening(connect, Buffer.from(text)).kind, "content");
  const lying = struct([field("v", "struct", { fields: [field("w", "array", { items: 7 })] }), { type: "map" }]);
  assert.deepEqual(fieldsOf(connect, { schema: lying, payload: { v: { w: "text" }, m: 1 } }), {
    v: { w: "text" },
    m: 1,
  });
});
