import assert from "node:assert/strict";
import { test } from "node:test";
import { AlertWords } from "#src/formats/alert-words.js";
import { DEFAULT_RULES } from "#src/formats/read-alert.js";
import { frameOf } from "#src/formats/registry/framing.js";
import { compileSchema, type SchemaReader } from "#src/formats/registry/schema-reader.js";
import { goldenRecords } from "#test/support/golden-records.js";
import { Random } from "#test/support/random.js";

/** `RUNS_FACTOR=50` makes a million of them, `SEED` others. */
const RUNS = Math.round(20_000 * Number(process.env["RUNS_FACTOR"] ?? 1));
const SEED = Number(process.env["SEED"] ?? 20_261_121);
/** Processor time, of one value of at most a few hundred bytes. */
const LONGEST_MS = 250;

const bytesOf = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => random.between(0, 255)));

/** A few bytes of it changed, cut, doubled or put in. */
const damaged = (random: Random, whole: Buffer): Buffer => {
  let bytes = Buffer.from(whole);
  for (let times = random.between(1, 4); times > 0; times--) {
    const at = random.between(0, Math.max(0, bytes.length - 1));
    const kind = random.between(0, 3);
    if (kind === 0 && bytes.length > 0) bytes[at] = random.pick([0, 1, 2, 0x7f, 0x80, 0xff, random.between(0, 255)]);
    else if (kind === 1) bytes = bytes.subarray(0, at);
    else if (kind === 2)
      bytes = Buffer.concat([bytes.subarray(0, at), bytesOf(random, random.between(1, 12)), bytes.subarray(at)]);
    else bytes = Buffer.concat([bytes.subarray(0, at), Buffer.alloc(random.between(1, 12), 0xff), bytes.subarray(at)]);
  }
  return bytes;
};

interface Victim {
  readonly reader: SchemaReader & { readonly kind: "values" };
  readonly whole: Buffer;
}

const victims = async (type: string): Promise<readonly Victim[]> => {
  const made = goldenRecords()
    .filter(({ schema, headers }) => schema.type === type && Object.keys(headers).length === 0)
    .map(async ({ schema, value }) => ({ reader: await compileSchema(schema, undefined), whole: value.subarray(5) }));
  return (await Promise.all(made)).filter((victim): victim is Victim => victim.reader.kind === "values");
};

/** What headers may say of the message: of the schema, of no schema, of what JavaScript has by itself. */
const MESSAGES = ["Alert", "com.example.Alert", "example.Alert", "Other", "", ".", "__proto__", "constructor", "경보"];

const messageInHeaders = (random: Random): { readonly message?: string; readonly indexes?: Buffer } => {
  const name = random.chance(0.2) ? bytesOf(random, random.between(0, 20)).toString() : random.pick(MESSAGES);
  return {
    ...(random.chance(0.7) && { message: name }),
    ...(random.chance(0.3) && { indexes: bytesOf(random, random.between(1, 6)) }),
  };
};

for (const [type, mark, named] of [
  ["AVRO", "none", "not"],
  ["PROTOBUF", "indexes", "not"],
  ["PROTOBUF", "reference", "not"],
  ["PROTOBUF", "none", "in headers"],
] as const) {
  test(`whatever bytes come, the reader of ${type} (${mark}) answers, and soon`, async () => {
    const random = new Random(SEED);
    const words = new AlertWords(DEFAULT_RULES);
    const all = await victims(type);
    let read = 0;
    for (let run = 0; run < RUNS; run++) {
      const { reader, whole } = random.pick(all);
      const bytes = random.chance(0.2) ? bytesOf(random, random.between(0, 60)) : damaged(random, whole);
      const frame = { at: 0, mark, ...(named === "in headers" && messageInHeaders(random)) };
      const before = process.cpuUsage();
      const reading = reader.read({ bytes, ...frame });
      const { user, system } = process.cpuUsage(before);
      const tookMs = (user + system) / 1_000;
      assert.ok(tookMs < LONGEST_MS, `${tookMs} ms for ${bytes.toString("hex")}, SEED=${SEED}`);
      if (reading.ok) read++;
      else assert.match(reading.detail, /\w/);
      // Straight into an alert's own form: of nothing that is not as its schema says.
      const short = reader.short?.(bytes, frame, null, words);
      assert.ok(short === undefined || reading.ok, `${bytes.toString("hex")}, SEED=${SEED}`);
    }
    assert.ok(read < RUNS, "damage is noticed");
    assert.ok(read > 0, "some are read all the same");
  });
}

test("whatever bytes and headers come, the frame is one of three", () => {
  const random = new Random(SEED);
  const names = ["__value_schema_id", "apicurio.value.contentId", "apicurio.value.globalId", "other"];
  for (let run = 0; run < RUNS; run++) {
    const value = bytesOf(random, random.between(0, 20));
    if (random.chance(0.5) && value.length > 0) value[0] = random.pick([0, 0xc3]);
    const header = random.pick([
      bytesOf(random, random.between(0, 20)),
      "text",
      [],
      [bytesOf(random, 17), "x"],
      null,
      undefined,
    ]);
    const message = random.pick([bytesOf(random, random.between(0, 20)), "Alert", [], ["Alert", "Other"], null]);
    const encoding = random.pick(["BINARY", "JSON", Buffer.from("binary"), null]);
    const headers = random.chance(0.3)
      ? undefined
      : {
          [random.pick(names)]: header,
          ...(random.chance(0.5) && { "apicurio.protobuf.type": message }),
          ...(random.chance(0.2) && { "apicurio.value.encoding": encoding }),
        };
    const frame = frameOf(value, headers, random.pick(["confluent", "apicurio"]));
    assert.ok(["framed", "plain", "bad"].includes(frame.kind));
    if (frame.kind !== "framed") continue;
    assert.ok(frame.at <= value.length);
    assert.ok(frame.message === undefined || typeof frame.message === "string");
  }
});

test("three bytes cannot stand for a billion parts", async () => {
  const empty = { type: "record", name: "Empty", fields: [] };
  for (const items of ["null", empty, { type: "fixed", name: "F", size: 0 }]) {
    const text = JSON.stringify({ type: "array", items });
    const reader = await compileSchema({ type: "AVRO", text, references: [] }, undefined);
    assert.ok(reader.kind === "values");
    // A block of 2^30 items, none of which takes a byte.
    const reading = reader.read({ bytes: Buffer.from([0x80, 0x80, 0x80, 0x80, 0x08, 0]), at: 0, mark: "none" });
    assert.ok(!reading.ok);
    assert.match(reading.detail, /more than 10000 parts without a byte/);
  }
});

test("records in records that double at each level and take no byte are refused soon", async () => {
  let type: unknown = { type: "record", name: "R0", fields: [] };
  for (let level = 1; level <= 40; level++) {
    const fields = [
      { name: "a", type },
      { name: "b", type: `R${level - 1}` },
    ];
    type = { type: "record", name: `R${level}`, fields };
  }
  const reader = await compileSchema({ type: "AVRO", text: JSON.stringify(type), references: [] }, undefined);
  assert.ok(reader.kind === "values");
  const reading = reader.read({ bytes: Buffer.alloc(0), at: 0, mark: "none" });
  assert.ok(!reading.ok);
});
