/** What is read in a thread is what would have been read where it is decoded, whatever stands around it. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { MAX_VALUE_BYTES } from "#src/core/alert.js";
import { FirstRecords, type LookingOn } from "#src/formats/mapping/first-records.js";
import { LONG_BYTES } from "#src/formats/reading-thread.js";
import type { EncodedRecord } from "#src/runtime/ports.js";
import { quietLog } from "#test/support/quiet.js";
import { bothWays, comparable, type EnvelopeName, long } from "#test/unit/formats/beside.js";
import { mappingOf } from "#test/unit/formats/mapping/mappings.js";

const word = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom("critical", "RESOLVED", "7", "{}", "1e400"));
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", maxDepth: 4 },
    word,
    fc.integer(),
    fc.constantFrom(null, true, 0.5, 2 ** 60),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(word, fc.constant("deviceId")), tie("value"), { maxKeys: 4 }),
  ),
})).value;
const alert = fc.record(
  {
    deviceId: fc.oneof(fc.constant("d"), json),
    message: fc.oneof(fc.constant("m"), fc.string({ minLength: 5_000, maxLength: 5_000 }), json),
    severity: word,
    status: word,
    value: json,
    occurredAt: fc.oneof(fc.constant("2026-07-01T08:00:00Z"), json),
    labels: fc.oneof(fc.dictionary(word, json, { maxKeys: 300 }), json),
    raw: json,
  },
  { requiredKeys: ["deviceId", "message"] },
);

const connectType = (value: unknown): object => {
  if (Array.isArray(value)) return { type: "array", items: connectType(value[0] ?? "") };
  if (typeof value !== "object" || value === null) return { type: "string", optional: true, default: "by default" };
  const fields = Object.entries(value).map(([field, one]) => ({ field, ...connectType(one) }));
  return { type: "struct", fields };
};
const maps = (value: object): object => ({
  type: "struct",
  fields: [
    ...["deviceId", "message"].map((field) => ({ field, type: "string" })),
    { field: "labels", type: "map", values: { type: "string", default: "none" } },
    { field: "occurredAt", type: "int64", name: "org.apache.kafka.connect.data.Timestamp" },
    ...("raw" in value ? [{ field: "raw", type: "string", name: "io.debezium.data.Json" }] : []),
  ],
});

type Wrapping = (alert: object) => unknown;
const WRAPPINGS: readonly (readonly [name: string, EnvelopeName | undefined, Wrapping])[] = [
  ["Connect without a schema", "connect", (alert) => alert],
  ["Connect with a schema", "connect", (payload) => ({ schema: connectType(payload), payload })],
  ["Connect with maps and times", "connect", (payload) => ({ schema: maps(payload), payload })],
  ["a change event", "debezium", (after) => ({ op: "u", before: null, after, source: { table: "alerts" } })],
  ["a row whose labels are a text", "debezium", (alert) => ({ ...alert, labels: JSON.stringify(alert) })],
  ["an outbox", "debezium", (alert) => JSON.stringify(alert)],
  ["an outbox with a schema", "debezium", (alert) => ({ schema: { type: "string" }, payload: JSON.stringify(alert) })],
  ["an event", "cloudevents", (data) => ({ specversion: "1.0", id: "1", source: "/s", type: "t", data })],
  [
    "an event in base64",
    "cloudevents",
    (data) => ({
      specversion: "1.0",
      id: "1",
      source: "/s",
      data_base64: Buffer.from(JSON.stringify(data)).toString("base64"),
    }),
  ],
  ["no envelope", undefined, (alert) => alert],
];
const MAPPINGS = [
  "fields: { deviceId: /deviceId, message: /message, severity: /severity, labels: { from: /labels, texts: true } }",
  'fields: { deviceId: [/deviceId, key], message: "{/message} of {#/source/table}{#/id}", labels: { from: "", texts: true } }',
  "unwrap: /raw\nfields: { deviceId: '#/deviceId', message: ['/0', '#/message'] }",
  "open: [/labels]\nonly: { /severity: [critical, '7'] }\nfields: { deviceId: /deviceId, message: /labels/message, type: header:kind }",
];

describe("what is read beside is what is read where it is decoded", () => {
  for (const [name, envelope, wrapped] of WRAPPINGS)
    for (const mapping of envelope === undefined ? MAPPINGS : [undefined, ...MAPPINGS])
      it(`${name}${mapping === undefined ? "" : `, ${mapping.slice(0, 40).replaceAll("\n", " ")}…`}`, async () => {
        const { here, there, took } = bothWays(envelope, mapping);
        const records = fc.array(
          fc.tuple(alert, fc.option(fc.nat(), { freq: 8 }), fc.constantFrom(null, "d", '{"id":"d"}')),
          {
            minLength: 1,
            maxLength: 3,
          },
        );
        let asked = 0;
        await fc.assert(
          fc.asyncProperty(records, async (some) => {
            const encoded = some.map(([alert, damage, key]): EncodedRecord => {
              const text = JSON.stringify(wrapped(alert));
              const cut = damage === null ? text : text.slice(0, damage % text.length);
              return {
                key: key === null ? null : Buffer.from(key),
                value: long(cut),
                headers: { kind: Buffer.from("k") },
              };
            });
            await there.ahead?.(encoded);
            asked += encoded.length;
            for (const record of encoded)
              assert.deepEqual(comparable(there.decode(record)), comparable(here.decode(record)));
          }),
          { numRuns: 10 },
        );
        assert.equal(took(), asked);
      });
});

describe("a thread for long records", () => {
  const record = (json: string): EncodedRecord => ({ key: null, value: long(json) });
  const FIELDS = "fields: { deviceId: /d, message: /m }";

  it("is not asked for short ones, nor for those that are too long to be read", () => {
    const { there } = bothWays("connect", undefined);
    const values = [LONG_BYTES - 1, MAX_VALUE_BYTES + 1].map((bytes) => Buffer.alloc(bytes, 0x20));
    assert.equal(there.ahead?.(values.map((value) => ({ key: null, value }))), undefined);
    assert.equal(there.ahead?.([{ key: null, value: null }]), undefined);
  });

  it("a mapping that changes after the reading counts at once", async () => {
    const mappings = [FIELDS, "fields: { deviceId: /d, message: /other }"].map(mappingOf);
    let now = 0;
    const { there, took } = bothWays(undefined, undefined, { mapping: () => mappings[now] });
    const value = record('{"d":"d","m":"before","other":"after"}');
    const messages: string[] = [];
    for (const next of [0, 1, 1]) {
      await there.ahead?.([value]);
      now = next;
      const decoded = there.decode(value);
      messages.push(decoded.kind === "alert" ? there.parse(decoded.bytes).message : decoded.kind);
    }
    assert.deepEqual(messages, ["before", "after", "after"]);
    assert.equal(took(), 2);
  });

  it("what lies in the same memory later is another record", async () => {
    const { there } = bothWays("connect", undefined);
    const memory = long('{"deviceId":"d","message":"first"}');
    const messageOf = (): string => {
      const decoded = there.decode({ key: null, value: memory });
      return decoded.kind === "alert" ? there.parse(decoded.bytes).message : decoded.kind;
    };
    await there.ahead?.([{ key: null, value: memory }]);
    memory.write("other", memory.indexOf("first"));
    await there.ahead?.([{ key: null, value: memory }]);
    assert.deepEqual([messageOf(), messageOf()], ["other", "other"]);
  });

  it("who looks on sees what the mapping found there, and what became of each record", async () => {
    const told: string[] = [];
    const firstRecords: LookingOn = {
      seen: (mapping) => looking.seen(mapping),
      mapped: (item) => told.push(item?.kind ?? "none"),
    };
    const looking = new FirstRecords(quietLog);
    const text = `only: { /k: a }\n${FIELDS.replace(" }", ", unit: /u }")}`;
    const { there, took } = bothWays(undefined, text, { firstRecords });
    const records = ['{"k":"a","d":"d","m":"m"}', '{"k":"b"}', "{"].map(record);
    await there.ahead?.(records);
    for (const one of records) there.decode(one);
    assert.deepEqual(told, ["alert", "ignored"]);
    assert.equal(took(), 3);
    const mapping = mappingOf(text);
    assert.deepEqual(
      [...(looking.seen(mapping) ?? [])],
      mapping.sources.map(() => 0),
      "another mapping begins anew",
    );
  });

  it("one that ends leaves the record to who decodes it, and the next has another thread", async () => {
    const ends = new URL(
      'data:text/javascript,import { parentPort } from "node:worker_threads"; parentPort.once("message", () => process.exit(1))',
    );
    const { there, took } = bothWays("connect", undefined, {}, ends);
    for (let time = 0; time < 2; time++) {
      const value = record('{"deviceId":"d","message":"m"}');
      await there.ahead?.([value]);
      assert.equal(there.decode(value).kind, "alert");
    }
    assert.equal(took(), 0);
  });
});
