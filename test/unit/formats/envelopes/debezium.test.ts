import assert from "node:assert/strict";
import { test } from "node:test";
import { debeziumEnvelope as debezium } from "#src/formats/envelopes/debezium.js";
import { field, fieldsOf, keyTextOf, opening, saidOf, struct } from "./records.js";

const ROW = { deviceId: "boiler-7", message: "hot", severity: "critical" };
const event = (op: string, after: unknown, before: unknown = null) => ({
  before,
  after,
  source: { connector: "postgresql", table: "alerts", ts_ms: 1 },
  op,
  ts_ms: 2,
});

test("inserts, updates and rows of a snapshot are alerts, with and without a schema around them", () => {
  for (const op of ["c", "u", "r"]) {
    assert.deepEqual(fieldsOf(debezium, event(op, ROW)), ROW);
    assert.deepEqual(fieldsOf(debezium, { schema: struct([]), payload: event(op, ROW) }), ROW);
  }
});

test("deletes, truncates, messages of the log and tombstones are ignored, whatever before holds", () => {
  assert.equal(saidOf(debezium, event("d", null, { deviceId: "", message: "" })), "ignored: a row was deleted");
  assert.equal(saidOf(debezium, event("t", null)), "ignored: a table was truncated");
  assert.equal(
    saidOf(debezium, { op: "m", source: {}, message: { prefix: "p", content: "eA==" } }),
    "ignored: a message in the database's log, not a row",
  );
  assert.equal(saidOf(debezium, { schema: null, payload: null }), "ignored: its payload is null: a tombstone");
});

test("what a connector says of itself is ignored: heartbeats, transactions, changes of a table's columns", () => {
  assert.equal(saidOf(debezium, { ts_ms: 1 }), "ignored: a heartbeat of the connector");
  const begin = { status: "BEGIN", id: "571", ts_ms: 1, event_count: null, data_collections: null };
  assert.equal(saidOf(debezium, begin), "ignored: the begin or end of a transaction");
  assert.equal(saidOf(debezium, { schema: struct([]), payload: begin }), "ignored: the begin or end of a transaction");
  const table = {
    source: {},
    ts_ms: 1,
    databaseName: "plant",
    schemaName: null,
    ddl: "CREATE TABLE a",
    tableChanges: [],
  };
  assert.equal(saidOf(debezium, table), "ignored: a change of a table's columns");
  const row = { ...ROW, status: "firing", id: 7, ts_ms: 1 };
  assert.deepEqual(fieldsOf(debezium, row), row);
});

test("a change event that says nothing it can be is told of, not guessed", () => {
  assert.equal(
    saidOf(debezium, event("x", ROW)),
    'not-an-alert: op is "x", none of c, u, r, d, t, m of a change event',
  );
  assert.equal(saidOf(debezium, event("u", null)), "not-an-alert: the change event (op u) has no row in after");
  assert.equal(saidOf(debezium, [1]), "not-an-alert: the value is no change event: it is no object");
  assert.equal(
    saidOf(debezium, "hello"),
    "not-an-alert: the value is a text without JSON in it, not an event of an outbox",
  );
});

test("columns are read by the schemas of the row: decimals, microseconds, JSON", () => {
  const row = struct([
    field("value", "bytes", { name: "org.apache.kafka.connect.data.Decimal", parameters: { scale: "1" } }),
    field("occurredAt", "int64", { name: "io.debezium.time.MicroTimestamp" }),
    field("labels", "string", { name: "io.debezium.data.Json" }),
  ]);
  const schema = struct([
    { ...row, field: "before" },
    { ...row, field: "after" },
    field("op", "string"),
    field("source", "struct", { fields: [] }),
  ]);
  const after = {
    ...ROW,
    value: "AZ8=",
    occurredAt: Date.parse("2026-11-21T08:30:00Z") * 1000,
    labels: '{"site":"busan"}',
  };
  assert.deepEqual(fieldsOf(debezium, { schema, payload: event("c", after) }), {
    ...ROW,
    value: 41.5,
    occurredAt: "2026-11-21T08:30:00.000",
    labels: { site: "busan" },
  });
});

test("labels in a column of JSON are opened where no schema says what they are", () => {
  assert.deepEqual(fieldsOf(debezium, event("c", { ...ROW, labels: '{"site":"busan"}' }))["labels"], { site: "busan" });
  assert.equal(fieldsOf(debezium, event("c", { ...ROW, labels: "none" }))["labels"], "none");
});

test("an outbox writes its payload: JSON in a text, wrapped or not, or an object", () => {
  const text = JSON.stringify(ROW);
  assert.deepEqual(fieldsOf(debezium, text), ROW);
  assert.deepEqual(
    fieldsOf(debezium, { schema: { type: "string", name: "io.debezium.data.Json" }, payload: text }),
    ROW,
  );
  assert.deepEqual(fieldsOf(debezium, { schema: { type: "string" }, payload: text }), ROW);
  assert.deepEqual(fieldsOf(debezium, ROW), ROW);
});

test("a device's number of nineteen digits keeps them all in an outbox's payload", () => {
  const text = '{"deviceId":1234567890123456789,"message":"hot"}';
  const alert = { deviceId: "1234567890123456789", message: "hot" };
  assert.deepEqual(fieldsOf(debezium, text), alert);
  assert.deepEqual(fieldsOf(debezium, { payload: text, eventType: "Alert" }), alert);
});

test("an outbox that puts columns beside the payload is opened all the same; a row with a payload of its own is not", () => {
  const alert = { deviceId: "p-1", message: "hot" };
  const envelope = (payload: unknown) => ({ payload, eventType: "Alert" });
  for (const value of [envelope(JSON.stringify(alert)), envelope(alert)])
    assert.deepEqual(fieldsOf(debezium, value), alert);
  const schema = struct([field("payload", "string"), field("eventType", "string")]);
  assert.deepEqual(fieldsOf(debezium, { schema, payload: envelope(JSON.stringify(alert)) }), alert);
  const row = { ...alert, payload: '{"message":"inside"}' };
  assert.deepEqual(fieldsOf(debezium, row), row);
});

test("a row without its change event is an alert, unless it says that it was deleted", () => {
  assert.deepEqual(fieldsOf(debezium, { ...ROW, __deleted: "false", __op: "c" }), {
    ...ROW,
    __deleted: "false",
    __op: "c",
  });
  assert.equal(saidOf(debezium, { ...ROW, __deleted: "true" }), "ignored: a row was deleted");
  assert.equal(saidOf(debezium, { ...ROW, __op: "d" }), "ignored: a row was deleted");
});

test("a mapping sees the row, and the whole change event around it", () => {
  const opened = opening(debezium, event("c", ROW));
  assert.ok(opened.kind === "content");
  assert.deepEqual([opened.value, (opened.whole as { op: string }).op], [ROW, "c"]);
});

test("the key is the column that it was made of", () => {
  assert.equal(keyTextOf(debezium, event("c", ROW), '{"deviceId":"boiler-7"}'), "boiler-7");
  assert.equal(
    keyTextOf(
      debezium,
      event("c", ROW),
      '{"schema":{"type":"struct","fields":[{"field":"id","type":"int32"}]},"payload":{"id":5}}',
    ),
    "5",
  );
});
