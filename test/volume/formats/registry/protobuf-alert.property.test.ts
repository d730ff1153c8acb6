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
import { told } from "#test/support/decoded-facts.js";
import { KeptForms } from "#test/support/kept-forms.js";
import { checkAsyncProperty } from "#test/support/property.js";

/** A field as the schema has it, and its values as the wire has them: none, one, or several. */
interface Field {
  readonly type: string;
  readonly parts: readonly Buffer[];
}

const varint = (value: number | bigint): Buffer => {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
};
const part = (bytes: string | Buffer): Buffer => {
  const inner = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
  return Buffer.concat([varint(inner.length), inner]);
};
const double = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
};
const tagged = (number: number, wire: number, bytes: Buffer): Buffer =>
  Buffer.concat([varint(number * 8 + wire), bytes]);

/** Nearly always once; the name's layout stands with it. */
const field = (type: string, wire: number, values: fc.Arbitrary<Buffer>) =>
  fc
    .tuple(
      fc.array(values, { minLength: 1, maxLength: 2 }),
      fc.constantFrom(...Array.from({ length: 24 }, () => 1), 0, 0, 0, 2),
      fc.constantFrom("", "", "optional "),
      fc.constantFrom(...Array.from({ length: 60 }, () => wire), 0, 2),
    )
    .map(([list, times, label, found]) => ({
      type: `${label}${type}`,
      wire: found,
      parts: times === 0 ? [] : times === 1 ? list.slice(0, 1) : list,
    }));

const texts = (values: fc.Arbitrary<string | Buffer> = some.bytesOrText) => field("string", 2, values.map(part));
const stamp = fc
  .tuple(some.instantsMs, fc.nat({ max: 999_999_999 }), fc.constantFrom(0, 0, 1, 2, 3))
  .map(([ms, nanos, how]) => {
    const seconds = tagged(1, 0, varint(Math.floor(ms / 1_000)));
    const below = tagged(
      2,
      0,
      varint([nanos - (nanos % 1_000_000), nanos, nanos - (nanos % 1_000), -1][how] as number),
    );
    return part(how === 3 && nanos % 2 === 0 ? Buffer.concat([below, seconds]) : Buffer.concat([seconds, below]));
  });
const entries = fc
  .tuple(some.texts, some.bytesOrText, fc.constantFrom(...Array.from({ length: 20 }, () => 0), 1, 2, 3))
  .map(([name, text, how]) => {
    const [one, two] = [tagged(1, 2, part(name)), tagged(2, 2, part(text))];
    return part(Buffer.concat([[one, two], [two, one], [one], [two]][how] as Buffer[]));
  });
const labels = fc.array(entries, { maxLength: 3 }).map((parts) => ({ type: "map<string, string>", wire: 2, parts }));

const FIELDS = {
  device_name: texts(),
  severity: fc.oneof(
    texts(some.severities),
    field("Severity", 0, fc.constantFrom(0, 1, 2, 3, 9, -1).map(varint)),
    field("Vague", 0, fc.constantFrom(0, 1).map(varint)),
  ),
  status: fc.oneof(texts(some.statuses), field("Status", 0, fc.constantFrom(0, 1).map(varint))),
  type: texts(),
  unit: texts(),
  alert_id: fc.oneof({ weight: 9, arbitrary: texts() }, field("int64", 0, fc.integer().map(varint))),
  value: fc.oneof(
    field("double", 1, some.numbers.map(double)),
    field("int64", 0, fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(varint)),
    field("sint32", 0, fc.nat().map(varint)),
  ),
  threshold: field("double", 1, some.numbers.map(double)),
  occurred_at: fc.oneof(field("google.protobuf.Timestamp", 2, stamp), texts(some.timeTexts)),
  labels,
  other: fc.oneof(field("int32", 0, fc.integer().map(varint)), texts()),
};

const SHARED = `
enum Severity { warning = 0; info = 1; critical = 2; MAJOR = 3; }
enum Vague { VAGUE_UNSPECIFIED = 0; VAGUE_CRITICAL = 1; }
enum Status { firing = 0; CLEARED = 1; }
`;

const values = fc
  .tuple(
    texts(some.deviceIds),
    texts(),
    fc.subarray(Object.keys(FIELDS) as (keyof typeof FIELDS)[]),
    fc.constantFrom(0, 0, 0, 1),
  )
  .chain(([device, message, names, unknown]) =>
    fc.tuple(...names.map((name) => FIELDS[name])).chain((found) => {
      const fields = [["device_id", device], ["message", message], ...names.map((name, i) => [name, found[i]])] as [
        string,
        Field & { readonly wire: number },
      ][];
      const lines = fields.map(([name, { type }], index) => `  ${type} ${name} = ${numberOf(index)};`);
      const text = `syntax = "proto3"; import "google/protobuf/timestamp.proto";\nmessage Alert {\n${lines.join("\n")}\n}\n${SHARED}`;
      const wires = fields.map(([, { parts, wire }], index) => parts.map((one) => tagged(numberOf(index), wire, one)));
      const more = unknown === 1 ? [[tagged(999, 2, part("new"))]] : [];
      // Mostly in order, and all of one field together.
      const ordered = fc.oneof(
        { weight: 3, arbitrary: fc.constant(wires.flat()) },
        fc.shuffledSubarray([...wires, ...more], { minLength: wires.length }).map((shuffled) => shuffled.flat()),
        fc.shuffledSubarray(wires.flat(), { minLength: wires.flat().length }),
      );
      return ordered.map((list) => ({ text, body: Buffer.concat(list), device: device.parts.at(-1)?.subarray(1) }));
    }),
  );
/** Also one whose tag has two bytes. */
const numberOf = (index: number): number => (index === 5 ? 40 : index + 1);

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
);
const RULES: readonly ReadingRules[] = [DEFAULT_RULES, { key: "any", severities: new Map([["major", "info"]]) }];

test("what is read of Protobuf by the short way is what readAlert reads of it", async () => {
  const forms = new KeptForms();
  let short = 0;
  let all = 0;
  const property = fc.asyncProperty(
    values,
    damages,
    fc.constantFrom("own", "own", "own", "none", "other"),
    fc.constantFrom(...RULES),
    async ({ text, body, device }, damaged, keyed, rules) => {
      const reader = await compileSchema({ type: "PROTOBUF", text, references: [] }, undefined);
      assert.equal(reader.kind, "values");
      const value = Buffer.concat([Buffer.from("before"), damaged(body), Buffer.from("behind")]).subarray(6, -6);
      const key = keyed === "none" ? null : keyed === "own" ? (device ?? Buffer.from("d")) : Buffer.from("other");
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
  await checkAsyncProperty(property, { runs: 1_000, rerun: "npm run test:volume -- registry/protobuf-alert" });
  assert.ok(short > all / 20, `${short} of ${all}`);
});
