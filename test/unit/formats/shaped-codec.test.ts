import assert from "node:assert/strict";
import { test } from "node:test";
import { connectEnvelope } from "#src/formats/envelopes/connect.js";
import { debeziumEnvelope } from "#src/formats/envelopes/debezium.js";
import { FirstRecords } from "#src/formats/mapping/first-records.js";
import { DEFAULT_RULES } from "#src/formats/read-alert.js";
import { recordItems } from "#src/formats/record-items.js";
import { createShapedCodec, type Shape } from "#src/formats/shaped-codec.js";
import type { Decoded } from "#src/runtime/ports.js";
import { mappingOf } from "./mapping/mappings.js";

const shapeOf = (mapping?: string, more: Partial<Shape> = {}): Shape => {
  const compiled = mapping === undefined ? undefined : mappingOf(mapping);
  return { registry: undefined, envelope: undefined, mapping: () => compiled, ...more };
};

const decoding =
  (shape: Shape) =>
  (value: unknown, key?: string, headers?: Readonly<Record<string, string>>): Decoded =>
    createShapedCodec(shape, DEFAULT_RULES).decode({
      key: key === undefined ? null : Buffer.from(key),
      value: Buffer.isBuffer(value) ? value : Buffer.from(typeof value === "string" ? value : JSON.stringify(value)),
      headers,
    });

const said = (decoded: Decoded): string =>
  decoded.kind === "alert" ? `${decoded.deviceId} ${decoded.severity}` : `${decoded.kind}: ${decoded.detail}`;

const MAPPING = "only: { /kind: alarm }\nfields: { deviceId: /d, message: /m, severity: /s }";

test("a mapped record is an alert in its own form, which is read again without the mapping", () => {
  const shape = shapeOf(MAPPING);
  const decoded = decoding(shape)({ kind: "alarm", d: "boiler-7", m: "hot", s: "CRITICAL" }, "boiler-7");
  assert.equal(said(decoded), "boiler-7 critical");
  assert.ok(decoded.kind === "alert");
  const alert = createShapedCodec(shape, DEFAULT_RULES).parse(decoded.bytes);
  assert.deepEqual([alert.deviceId, alert.message, alert.severity], ["boiler-7", "hot", "critical"]);
});

test("what the mapping ignores is settled, and what it cannot read says why", () => {
  const decode = decoding(shapeOf(MAPPING));
  assert.equal(said(decode({ kind: "status" })), "ignored: only: /kind has another value");
  assert.match(said(decode({ kind: "alarm", d: "x" })), /^unreadable: the mapping found neither message nor type/);
  assert.match(said(decode("{")), /^unreadable: /);
  assert.match(said(decode({ kind: "alarm", d: "x", m: "y" }, "pump")), /^unreadable: .*key/);
  assert.match(said(decode(Buffer.alloc(1024 * 1024 + 1, 0x20))), /^unreadable: the value has 1048577 bytes/);
});

test("an envelope comes before the mapping, and the mapping sees what is around the row", () => {
  const shape = shapeOf("fields: { deviceId: /device, message: '{/text} in {#/source/table}' }", {
    envelope: debeziumEnvelope,
  });
  const event = { op: "c", source: { table: "alarms" }, after: { device: "boiler-7", text: "hot" } };
  const decoded = decoding(shape)(event, '{"device":"boiler-7"}');
  assert.ok(decoded.kind === "alert");
  assert.equal(createShapedCodec(shape, DEFAULT_RULES).parse(decoded.bytes).message, "hot in alarms");
});

test("the key of an envelope is held against the device, and names it where nothing else does", () => {
  const decode = decoding(shapeOf(undefined, { envelope: connectEnvelope }));
  const key = JSON.stringify({ schema: { type: "string" }, payload: "boiler-7" });
  assert.equal(said(decode({ deviceId: "boiler-7", message: "hot" }, key)), "boiler-7 warning");
  assert.equal(said(decode({ message: "hot" }, key)), "boiler-7 warning");
  assert.match(said(decode({ deviceId: "pump", message: "hot" }, key)), /^unreadable: .*boiler-7.*pump/);
});

test("a record that says that it is in an alert's own form is read so, whatever the others are", () => {
  const decode = decoding(shapeOf(MAPPING));
  const own = { deviceId: "boiler-7", message: "hot" };
  assert.equal(said(decode(own, "boiler-7", { "alert-digest.form": "alert" })), "boiler-7 warning");
  assert.equal(said(decode(own, "boiler-7")), "ignored: only: /kind has another value");
});

test("each line and each item of a record is by itself, and says where it stands", () => {
  const shape = shapeOf("lines: true\neach: /list\nfields: { deviceId: /d, message: /m }");
  const value = Buffer.from('{"list":[{"d":"a","m":"x"},{"d":"b"}]}\n\n  \r\n{broken\n{"list":[{"d":"c","m":"z"}]}');
  const items = recordItems(shape, { key: null, value }, DEFAULT_RULES);
  assert.deepEqual(
    items.map(({ at, decoded }) => `${at}: ${said(decoded).slice(0, 40)}`),
    [
      "line 1 /list/0: a warning",
      "line 1 /list/1: unreadable: the mapping found neither me",
      `line 4: ${said(items[2]?.decoded as Decoded).slice(0, 40)}`,
      "line 5 /list/0: c warning",
    ],
  );
  assert.match(said(items[2]?.decoded as Decoded), /^unreadable: .*JSON/);
});

test("after a hundred records the log names the fields for which nothing was found, once", () => {
  const lines: (readonly [object, string])[] = [];
  const none = (): void => undefined;
  const log = {
    debug: none,
    info: none,
    error: none,
    warn: (fields: object, message: string) => lines.push([fields, message]),
  };
  const mapping = mappingOf("fields: { deviceId: [/d, /e], message: /m, unit: [/unit, /u], value: /v }");
  const shape = shapeOf(undefined, { mapping: () => mapping, firstRecords: new FirstRecords(log) });
  const codec = createShapedCodec(shape, DEFAULT_RULES);
  const value = (more: object) => ({ key: null, value: Buffer.from(JSON.stringify({ d: "x", m: "y", ...more })) });
  for (let at = 0; at < 99; at++) codec.decode(value({}));
  codec.decode(value({ v: 1 }));
  assert.deepEqual(lines, [
    [{ records: 100, fields: ["unit: /unit, /u"] }, "the mapping found nothing for these fields in the first records"],
  ]);
  for (let at = 0; at < 300; at++) codec.decode(value({}));
  assert.equal(lines.length, 1);
});

test("a mapping that lets none of the first records through is told of, and a changed one is looked at anew", () => {
  const lines: string[] = [];
  const none = (): void => undefined;
  const log = { debug: none, info: none, error: none, warn: (_: object, message: string) => lines.push(message) };
  let mapping = mappingOf(MAPPING);
  const shape = shapeOf(undefined, { mapping: () => mapping, firstRecords: new FirstRecords(log) });
  const decode = decoding(shape);
  for (let at = 0; at < 150; at++) decode({ kind: "status" });
  mapping = mappingOf(MAPPING);
  for (let at = 0; at < 150; at++) decode({ kind: "status" });
  assert.deepEqual(
    lines,
    Array.from({ length: 2 }, () => "the mapping ignored each of the first records: only lets none through"),
  );
});
