/** Long records that name a schema, and those that `translate` reads, are read in a thread as they would be where they are decoded. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { FirstRecords } from "#src/formats/mapping/first-records.js";
import { DEFAULT_RULES } from "#src/formats/read-alert.js";
import { LONG_BYTES } from "#src/formats/reading-thread.js";
import { createItemReader } from "#src/formats/record-items.js";
import { compileSchema } from "#src/formats/registry/schema-reader.js";
import type { Known } from "#src/formats/registry/schema-store.js";
import type { Shape } from "#src/formats/shaped-codec.js";
import type { EncodedRecord } from "#src/runtime/ports.js";
import { avroBytes } from "#test/support/avro-values.js";
import { quietLog } from "#test/support/quiet.js";
import {
  bothWays,
  comparable,
  ENVELOPES,
  type EnvelopeName,
  long,
  openThread,
  REGISTRY,
  registryOf,
} from "#test/unit/formats/beside.js";
import { mappingOf } from "#test/unit/formats/mapping/mappings.js";

const text = (name: string) => ({ name, type: "string" });
const LABELS = { name: "labels", type: { type: "map", values: "string" } };
const ALERT = { type: "record", name: "Alert", fields: [text("deviceId"), text("message"), LABELS, text("pad")] };
/** Of these fields no short way makes an alert. */
const EVENT = { type: "record", name: "Event", fields: [text("d"), text("m"), LABELS, text("pad")] };
const WRAPPED = {
  type: "record",
  name: "Envelope",
  fields: [
    { name: "op", type: "string" },
    { name: "after", type: ALERT },
  ],
};
const PROTO =
  'syntax = "proto3"; message Alert { string deviceId = 1; string message = 2; map<string, string> labels = 3; string pad = 4; }';
const SCHEMAS = {
  1: { type: "AVRO", text: JSON.stringify(ALERT), references: [] },
  2: { type: "AVRO", text: JSON.stringify(EVENT), references: [] },
  3: { type: "PROTOBUF", text: PROTO, references: [] },
  4: { type: "JSON", text: "{}", references: [] },
  5: { type: "AVRO", text: '"string"', references: [] },
  6: { type: "AVRO", text: JSON.stringify(WRAPPED), references: [] },
} as const;
type Id = keyof typeof SCHEMAS;

const known = async (): Promise<Map<string, Known>> => {
  const all = Object.entries(SCHEMAS).map(async ([id, schema]): Promise<[string, Known]> => {
    return [`id:${id}`, { kind: "reader", reader: await compileSchema(schema, undefined), schema }];
  });
  return new Map<string, Known>([
    ...(await Promise.all(all)),
    ["id:8", { kind: "missing", detail: "the schema registry has no schema id:8" }],
    ["id:9", { kind: "unusable", detail: "schema id:9: it is no schema" }],
  ]);
};

const framed = (id: number, body: Buffer | string): Buffer => {
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(id, 1);
  return Buffer.concat([frame, Buffer.from(body)]);
};
const field = (number: number, body: string | Buffer): Buffer => {
  const bytes = Buffer.from(body);
  const length: number[] = [];
  let rest = bytes.length;
  for (; rest >= 128; rest >>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([number * 8 + 2, ...length, rest]), bytes]);
};

interface Said {
  readonly device: string;
  readonly message: string;
  readonly labels: readonly (readonly [string, string])[];
}
const PAD = "p".repeat(LONG_BYTES);
const avro = { 1: ["deviceId", "message"], 2: ["d", "m"] } as const;
const avroBody = (id: 1 | 2, { device, message, labels }: Said): Buffer => {
  const [d, m] = avro[id];
  return avroBytes(id === 1 ? ALERT : EVENT, { [d]: device, [m]: message, labels, pad: PAD });
};
const bodyOf = (id: Id, said: Said): Buffer => {
  const { device, message, labels } = said;
  if (id === 1 || id === 2) return avroBody(id, said);
  if (id === 5) return avroBytes("string", device + PAD);
  if (id === 6) return Buffer.concat([avroBytes("string", "c"), avroBody(1, said)]);
  if (id === 4)
    return long(JSON.stringify({ deviceId: device, message, labels: Object.fromEntries(labels), d: 1, m: "" }));
  const entries = labels.map(([name, label]) => field(3, Buffer.concat([field(1, name), field(2, label)])));
  // Index 0: the first message.
  return Buffer.concat([Buffer.from([0]), field(1, device), field(2, message), ...entries, field(4, PAD)]);
};

const word = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom("d", "critical", "7", "{}"));
const said = fc.record({
  device: word,
  message: fc.oneof(word, fc.string({ minLength: 5_000, maxLength: 5_000 })),
  labels: fc.uniqueArray(fc.tuple(word, word), { maxLength: 300, selector: ([name]) => name }),
});
const anyKey = (device: string) =>
  [null, Buffer.from(device), framed(5, avroBytes("string", device)), framed(8, "k"), framed(9, "k")] as const;
const record = fc
  .tuple(said, fc.constantFrom(1, 2, 3, 4, 5, 6, 8, 9, 0), fc.nat(4), fc.option(fc.nat(), { freq: 4 }))
  .map(([says, id, keyAt, damage]): EncodedRecord => {
    const body = id in SCHEMAS ? bodyOf(id as Id, says) : long("{}");
    const value = framed(id, body);
    // Behind what makes it long, so that it stays so.
    if (damage !== null) value[5 + (damage % 30)] = damage & 0xff;
    return { key: anyKey(says.device)[keyAt] ?? null, value };
  });

const FIELDS = "fields: { deviceId: [/d, /deviceId], message: [/m, /message], labels: { from: /labels, texts: true } }";

describe("records that name a schema", () => {
  for (const [name, envelope, mapping] of [
    ["alerts", undefined, undefined],
    ["mapped ones", undefined, FIELDS],
    ["change events", "debezium", undefined],
    ["change events that are mapped", "debezium", FIELDS],
  ] as const)
    it(`${name} are read beside as where they are decoded`, async () => {
      const { here, there, took } = bothWays(envelope, mapping, { registry: registryOf(await known()) });
      let asked = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 3 }), async (records) => {
          await there.ahead?.(records);
          asked += records.length;
          for (const one of records) assert.deepEqual(comparable(there.decode(one)), comparable(here.decode(one)));
        }),
        { numRuns: 20 },
      );
      assert.equal(took(), asked);
    });

  const alert = (id: number, message: string): EncodedRecord => ({
    key: null,
    value: framed(id, avroBody(1, { device: "d", message, labels: [] })),
  });

  it("one whose schema nobody knows yet is not read, nor what comes behind it", async () => {
    const schemas = await known();
    const { there, took } = bothWays(undefined, undefined, { registry: registryOf(schemas) });
    const first = alert(1, "1");
    const records = [first, alert(7, "2"), alert(1, "3")];
    await there.ahead?.(records);
    const kinds = (): readonly string[] => records.map((one) => there.decode(one).kind);
    assert.deepEqual([kinds(), took()], [["alert", "unreadable", "alert"], 1]);
    schemas.set("id:7", schemas.get("id:1") as Known);
    await there.ahead?.(records);
    assert.deepEqual([kinds(), took()], [["alert", "alert", "alert"], 4]);
  });

  it("a schema that was missing, and is there now, counts at once", async () => {
    const schemas = await known();
    const { there } = bothWays(undefined, undefined, { registry: registryOf(schemas) });
    const one = alert(8, "m");
    await there.ahead?.([one]);
    assert.equal(there.decode(one).kind, "unreadable");
    schemas.set("id:8", schemas.get("id:1") as Known);
    await there.ahead?.([one]);
    assert.equal(there.decode(one).kind, "alert");
  });

  it("of hundreds of schemas each is known when its record comes, the first one again", async () => {
    const schemas = await known();
    const ids = Array.from({ length: 110 }, (_, index) => 1_000 + index);
    for (const id of ids) schemas.set(`id:${id}`, { ...(schemas.get("id:1") as Known) });
    const { there, took } = bothWays(undefined, undefined, { registry: registryOf(schemas) });
    const records = [...ids, ids[0] as number].map((id) => alert(id, `m${id}`));
    await there.ahead?.(records);
    for (const [at, one] of records.entries()) {
      const decoded = there.decode(one);
      assert.ok(decoded.kind === "alert");
      assert.equal(there.parse(decoded.bytes).message, `m${ids[at] ?? ids[0]}`);
    }
    assert.equal(took(), records.length);
  });
});

describe("records of which translate reads every alert", () => {
  const rules = { ...DEFAULT_RULES, key: "any" as const };
  const item = fc.record({ d: word, m: word, k: fc.constantFrom("a", "b") }, { requiredKeys: ["m"] });
  const list = fc.array(fc.oneof(item, fc.constant(7)), { maxLength: 5 });
  const bothReaders = (envelope: EnvelopeName | undefined, shape: Partial<Shape>) => {
    const whole: Shape = {
      registry: undefined,
      envelope: envelope && ENVELOPES[envelope],
      mapping: () => undefined,
      ...shape,
    };
    const registry = whole.registry && REGISTRY;
    const thread = openThread({ as: "items", rules, envelope, registry }, whole.registry);
    return { read: createItemReader(whole, rules), thread, whole };
  };
  const told = (items: ReturnType<ReturnType<typeof createItemReader>> | undefined): unknown =>
    items?.map(({ at, decoded }) => ({ at, decoded: comparable(decoded) }));

  for (const [name, mapping, written] of [
    ["one alert", undefined, (items: readonly unknown[]) => JSON.stringify(items[0] ?? null)],
    [
      "a list",
      "each: /all\nonly: { /k: a }\nfields: { deviceId: /d, message: /m }",
      (all: readonly unknown[]) => JSON.stringify({ all }),
    ],
    [
      "lines",
      "lines: true\nfields: { deviceId: /d, message: /m }",
      (items: readonly unknown[]) => items.map((one) => JSON.stringify(one)).join("\n"),
    ],
  ] as const)
    it(`${name}: the same as where it is translated`, async () => {
      const compiled = mapping === undefined ? undefined : mappingOf(mapping);
      const { read, thread, whole } = bothReaders(undefined, { mapping: () => compiled });
      await fc.assert(
        fc.asyncProperty(list, async (items) => {
          const one = { key: Buffer.from("gateway"), value: long(written(items)) };
          await thread.ahead([one], whole);
          const taken = thread.taken(one, whole);
          assert.ok(taken !== undefined);
          assert.deepEqual(told(taken), told(read(one)));
        }),
        { numRuns: 40 },
      );
    });

  it("one that names a schema, in an envelope", async () => {
    const { read, thread, whole } = bothReaders("debezium", { registry: registryOf(await known()) });
    const one = { key: null, value: framed(6, bodyOf(6, { device: "d", message: "m", labels: [["a", "b"]] })) };
    await thread.ahead([one], whole);
    const [first, ...more] = thread.taken(one, whole) ?? [];
    assert.equal(first?.decoded.kind, "alert");
    assert.deepEqual(told(first && [first, ...more]), told(read(one)));
  });

  it("topics with mappings of their own share the thread, and who looks on sees what each found", async () => {
    const mappings = ["fields: { deviceId: /d, message: /a }", "fields: { deviceId: /d, message: /b }"].map(mappingOf);
    const { thread, whole } = bothReaders(undefined, {});
    const topics = mappings.map((mapping) => ({
      ...whole,
      mapping: () => mapping,
      firstRecords: new FirstRecords(quietLog),
    }));
    const records = topics.map(() => ({ key: null, value: long('{"d":"d","a":"of a","b":"of b"}') }));
    await Promise.all(topics.map((topic, at) => thread.ahead([records[at] as EncodedRecord], topic)));
    const messages = topics.map((topic, at) => {
      const [first] = thread.taken(records[at] as EncodedRecord, topic) ?? [];
      return first?.decoded.kind === "alert" ? JSON.parse(first.decoded.bytes.toString()).message : first;
    });
    assert.deepEqual(messages, ["of a", "of b"]);
    for (const [at, topic] of topics.entries())
      assert.deepEqual([...(topic.firstRecords.seen(mappings[at] as (typeof mappings)[0]) ?? [])], [2, 2]);
  });
});
