import assert from "node:assert/strict";
import { test } from "node:test";
import { cloudEventsEnvelope as cloudevents } from "#src/formats/envelopes/cloudevents.js";
import { fieldsOf, keyTextOf, opening, type Sent, saidOf } from "./records.js";

const DATA = { deviceId: "boiler-7", message: "hot" };
const ATTRIBUTES = {
  specversion: "1.0",
  id: "e-1",
  source: "/plants/busan",
  type: "com.example.overheated",
  subject: "boiler-7",
  time: "2026-11-21T08:30:00Z",
};
const structured = (more: object): object => ({ ...ATTRIBUTES, ...more });
const STRUCTURED: Sent = { headers: { "content-type": "application/cloudevents+json; charset=UTF-8" } };
const binary = (contentType?: string, more: Readonly<Record<string, string>> = {}): Sent => ({
  headers: {
    ...Object.fromEntries(Object.entries(ATTRIBUTES).map(([name, text]) => [`ce_${name}`, text])),
    ...(contentType !== undefined && { "content-type": contentType }),
    ...more,
  },
});
const READ = { ...DATA, type: ATTRIBUTES.type, occurredAt: ATTRIBUTES.time, alertId: "e-1" };

test("binary and structured events with the same content are the same alert", () => {
  assert.deepEqual(fieldsOf(cloudevents, DATA, binary("application/json")), READ);
  assert.deepEqual(fieldsOf(cloudevents, DATA, binary()), READ);
  assert.deepEqual(fieldsOf(cloudevents, structured({ data: DATA }), STRUCTURED), READ);
  const base64 = Buffer.from(JSON.stringify(DATA)).toString("base64");
  assert.deepEqual(fieldsOf(cloudevents, structured({ data_base64: base64 }), STRUCTURED), READ);
  assert.deepEqual(fieldsOf(cloudevents, structured({ data: JSON.stringify(DATA) }), STRUCTURED), READ);
});

test("a structured event is known by its value where the producer forgot the header", () => {
  assert.deepEqual(fieldsOf(cloudevents, structured({ data: DATA })), READ);
});

test("what the data says itself is not overwritten by attributes", () => {
  const own = { ...DATA, type: "HOT", occurredAt: "2026-01-01T00:00:00Z", alertId: "a-9" };
  assert.deepEqual(fieldsOf(cloudevents, own, binary()), own);
});

test("a device that the data does not name is the extension's, the key's, the subject or the source", () => {
  const data = { message: "hot" };
  const deviceOf = (sent: Sent, more = {}) => fieldsOf(cloudevents, { ...data, ...more }, sent)["deviceId"];
  assert.equal(deviceOf(binary(undefined, { ce_deviceid: "pump-1" })), "pump-1");
  assert.equal(deviceOf({ ...binary(), key: "key-1" }), undefined);
  assert.equal(deviceOf(binary()), "boiler-7");
  const { ce_subject: _, ...headers } = binary().headers as Readonly<Record<string, string>>;
  assert.equal(deviceOf({ headers }), "/plants/busan");
  assert.equal(keyTextOf(cloudevents, structured({ data }), '"boiler-7"'), "boiler-7");
});

test("a key that need not be the device comes after the subject, and before the source", () => {
  const event = { specversion: "1.0", id: "1", type: "T", source: "/s", data: { message: "m" } };
  const of = (more: object) => fieldsOf(cloudevents, { ...event, ...more }, { key: "evt-1" }, "any")["deviceId"];
  assert.equal(of({ subject: "d-1" }), "d-1");
  assert.equal(of({ subject: "d-1", deviceid: "d-2" }), "d-2");
  // Nothing of its own: whoever reads it takes the key.
  assert.equal(of({}), undefined);
});

test("text is a message, and an event without data says all in its attributes", () => {
  assert.equal(fieldsOf(cloudevents, Buffer.from("too hot"), binary("text/plain"))["message"], "too hot");
  assert.equal(
    fieldsOf(cloudevents, structured({ data: "too hot", datacontenttype: "text/plain" }), STRUCTURED)["message"],
    "too hot",
  );
  const text = Buffer.from("너무 뜨겁다").toString("base64");
  assert.equal(
    fieldsOf(cloudevents, structured({ data_base64: text, datacontenttype: "text/plain" }), STRUCTURED)["message"],
    "너무 뜨겁다",
  );
  for (const data of [42, true])
    assert.equal(
      fieldsOf(cloudevents, structured({ data }), STRUCTURED)["message"],
      data,
      "as a number of an alert is",
    );
  const bare = fieldsOf(cloudevents, structured({}), STRUCTURED);
  assert.deepEqual(
    [bare["message"], bare["type"], bare["deviceId"]],
    [undefined, "com.example.overheated", "boiler-7"],
  );
  assert.equal(fieldsOf(cloudevents, Buffer.alloc(0), binary())["type"], "com.example.overheated");
});

test("a mapping sees the same event in both modes: attributes, extensions, data", () => {
  const inBinary = opening(cloudevents, DATA, binary(undefined, { ce_site: "busan" }));
  const inStructured = opening(cloudevents, structured({ data: DATA, site: "busan" }), STRUCTURED);
  assert.ok(inBinary.kind === "content" && inStructured.kind === "content");
  assert.deepEqual(inBinary.value, inStructured.value);
  assert.deepEqual(inBinary.value, { ...ATTRIBUTES, site: "busan", data: DATA });
});

test("what is no event that can be read is told of", () => {
  const batch = { headers: { "content-type": "application/cloudevents-batch+json" } };
  for (const [value, sent, said] of [
    [DATA, {}, /no CloudEvent: it has no header ce_specversion/],
    [[structured({ data: DATA })], batch, /a batch of CloudEvents/],
    [
      DATA,
      { headers: { "content-type": "application/cloudevents+avro" } },
      /a CloudEvent as application\/cloudevents\+avro/,
    ],
    [structured({ specversion: "0.3", data: DATA }), STRUCTURED, /version 0\.3: 1\.0 is read/],
    [structured({ data_base64: "***" }), STRUCTURED, /its data_base64 is not base64/],
    [structured({ data_base64: "AAAA" }), STRUCTURED, /^not-json: data_base64: /],
    [Buffer.from("{"), binary(), /^not-json: /],
    [Buffer.from([0xff]), binary("text/plain"), /^not-utf8: /],
    [null, STRUCTURED, /ignored: its value is null/],
  ] as const)
    assert.match(saidOf(cloudevents, value, sent), said);
  assert.deepEqual(fieldsOf(cloudevents, structured({ data: [1, 2] }), STRUCTURED), [1, 2]);
});
