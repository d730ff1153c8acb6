import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AlertWords } from "#src/formats/alert-words.js";
import { createAlertCodec } from "#src/formats/codec.js";
import { decodedOf } from "#src/formats/decoded.js";
import { DEFAULT_RULES, type ReadingRules, readAlert } from "#src/formats/read-alert.js";
import { keyOf } from "#src/formats/record-key.js";
import { compileSchema } from "#src/formats/registry/schema-reader.js";
import * as some from "#test/support/alert-arbitraries.js";
import { type AvroType, avroBytes, avroLong } from "#test/support/avro-values.js";
import { told } from "#test/support/decoded-facts.js";
import { KeptForms } from "#test/support/kept-forms.js";
import { checkAsyncProperty } from "#test/support/property.js";

/** A type of a field, and a value of it. */
interface Typed {
  readonly type: AvroType;
  readonly value: unknown;
}
type Typing = fc.Arbitrary<Typed>;

const of = (type: AvroType, values: fc.Arbitrary<unknown>): Typing => values.map((value) => ({ type, value }));
/** As it is, or in a union with null on either side. */
const perhaps = (typing: Typing): Typing =>
  fc.tuple(typing, fc.constantFrom(0, 0, 1, 2), fc.boolean()).map(([{ type, value }, union, isNull]) => {
    if (union === 0) return { type, value };
    const nullAt = union - 1;
    const at = isNull ? nullAt : 1 - nullAt;
    return { type: nullAt === 0 ? ["null", type] : [type, "null"], value: { at, value: isNull ? null : value } };
  });
const enumOf = (name: string, symbols: readonly string[]): Typing =>
  of({ type: "enum", name, symbols }, fc.nat({ max: symbols.length - 1 }));
const text = (values: fc.Arbitrary<unknown> = some.bytesOrText): Typing =>
  fc.oneof(of("string", values), of({ type: "string", "avro.java.string": "String" }, values));
const long = (logicalType: string, values: fc.Arbitrary<unknown>): Typing => of({ type: "long", logicalType }, values);
const usually = (typing: Typing, other: Typing): Typing => fc.oneof({ weight: 12, arbitrary: typing }, other);

const labels = fc.array(fc.tuple(some.texts, some.bytesOrText), { maxLength: 3 });
const TYPES: Readonly<Record<string, Typing>> = {
  deviceName: perhaps(text()),
  severity: perhaps(fc.oneof(text(some.severities), enumOf("Severity", ["info", "warning", "critical", "MAJOR", "X"]))),
  status: perhaps(fc.oneof(text(some.statuses), enumOf("Status", ["firing", "resolved", "CLEARED"]))),
  type: perhaps(fc.oneof(text(), enumOf("Type", ["TEMPERATURE_HIGH", "b"]))),
  unit: perhaps(fc.oneof(text(), enumOf("Unit", ["C", "bar"]))),
  alertId: perhaps(usually(text(), of("long", fc.maxSafeInteger()))),
  value: perhaps(
    fc.oneof(
      of("double", some.numbers),
      of("float", fc.float()),
      of("int", fc.integer()),
      of("long", fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
    ),
  ),
  threshold: perhaps(of("double", some.numbers)),
  occurredAt: perhaps(
    fc.oneof(
      long("timestamp-millis", some.instantsMs),
      long(
        "timestamp-micros",
        some.instantsMs.map((ms) => BigInt(ms) * 1_000n + 7n),
      ),
      text(some.timeTexts),
    ),
  ),
  labels: perhaps(of({ type: "map", values: "string" }, labels)),
  other: fc.oneof(
    of("int", fc.integer()),
    of({ type: "array", items: "long" }, fc.array(fc.integer(), { maxLength: 3 })),
  ),
};

const values = fc
  .tuple(
    fc.tuple(usually(text(some.deviceIds), of(["null", "string"], fc.constant({ at: 0, value: null }))), text()),
    fc
      .subarray(Object.keys(TYPES))
      .chain((names) => fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), TYPES[name] as Typing)))),
    fc.boolean(),
  )
  .map(([[deviceId, message], optional, isLast]) => {
    const needed: [string, Typed][] = [
      ["deviceId", deviceId],
      ["message", message],
    ];
    const named: [string, Typed][] = isLast ? [...optional, ...needed] : [...needed, ...optional];
    const fields = named.map(([name, { type }]) => ({ name, type }));
    const schema = { type: "record", name: "Alert", fields };
    return {
      schema,
      body: avroBytes(schema, Object.fromEntries(named.map(([name, { value }]) => [name, value]))),
      deviceId: (deviceId.value as { value?: unknown }).value === null ? undefined : (deviceId.value as string),
    };
  });

const damages = fc.oneof(
  { weight: 6, arbitrary: fc.constant((body: Buffer): Buffer => body) },
  fc.nat().map(
    (at) =>
      (body: Buffer): Buffer =>
        body.subarray(0, body.length === 0 ? 0 : at % body.length),
  ),
  fc.tuple(fc.nat(), fc.nat({ max: 255 })).map(([at, byte]) => (body: Buffer): Buffer => {
    const torn = Buffer.from(body);
    if (torn.length > 0) torn[at % torn.length] = byte;
    return torn;
  }),
  fc.constant((body: Buffer): Buffer => Buffer.concat([body, avroLong(0)])),
);

const RULES: readonly ReadingRules[] = [
  DEFAULT_RULES,
  { key: "any", severities: new Map() },
  {
    key: "device",
    severities: new Map([
      ["p1", "critical"],
      ["info", "warning"],
    ]),
  },
];

test("what is read of Avro by the short way is what readAlert reads of it", async () => {
  const forms = new KeptForms();
  let short = 0;
  let all = 0;
  const property = fc.asyncProperty(
    values,
    damages,
    fc.constantFrom("own", "own", "own", "none", "other"),
    fc.constantFrom(...RULES),
    async ({ schema, body, deviceId }, damaged, keyed, rules) => {
      const text = JSON.stringify(schema);
      const reader = await compileSchema({ type: "AVRO", text, references: [] }, undefined);
      assert.equal(reader.kind, "values");
      const value = Buffer.concat([Buffer.from("before"), damaged(body), Buffer.from("behind")]).subarray(6, -6);
      const key = keyed === "none" ? null : Buffer.from(keyed === "own" ? (deviceId ?? "d") : "other");
      const framed = { bytes: value, at: 0, mark: "none" } as const;
      all++;
      const found = reader.short?.(value, framed, rules.key === "any" ? null : key, new AlertWords(rules), forms.room);
      if (found === undefined) return;
      short++;
      const read = reader.read(framed);
      const long = read.ok ? decodedOf(readAlert(read.value, keyOf(key), rules)) : undefined;
      const { parse } = createAlertCodec(rules);
      assert.deepEqual(told(found, parse), long && told(long, parse));
      forms.keep(found);
    },
  );
  await checkAsyncProperty(property, { runs: 3_000, rerun: "npm run test:volume -- registry/avro-alert" });
  assert.ok(short > all / 5, `${short} of ${all}`);
});
