import assert from "node:assert/strict";
import { test } from "node:test";
import { frameOf } from "#src/formats/registry/framing.js";
import { compileSchema } from "#src/formats/registry/schema-reader.js";
import type { Reading } from "#src/formats/registry/unreadable.js";
import { type GoldenRecord, goldenRecords } from "#test/support/golden-records.js";

const GOLDEN = goldenRecords();

const read = async ({ schema, value, headers }: GoldenRecord, message?: string): Promise<Reading> => {
  const frame = frameOf(value, headers, "confluent");
  assert.equal(frame.kind, "framed");
  assert.ok(frame.kind === "framed");
  const reader = await compileSchema(schema, message);
  if (reader.kind === "json") return { ok: true, value: JSON.parse(value.toString("utf8", frame.at)) };
  return reader.read({ bytes: value, at: frame.at, mark: frame.mark, indexes: frame.indexes });
};

/** Without what only the prototype or an undefined field would make different. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

for (const golden of GOLDEN.filter(({ expected }) => expected !== null)) {
  test(`a record of another client is read as it was written: ${golden.name}`, async () => {
    const reading = await read(golden);
    assert.ok(reading.ok, reading.ok ? "" : reading.detail);
    assert.deepEqual(plain(reading.value), golden.expected);
  });
}

const named = (start: string): GoldenRecord => {
  const golden = GOLDEN.find(({ name }) => name.startsWith(start));
  assert.ok(golden, start);
  return golden;
};

test("a nested message is not guessed: the answer says which variable to set", async () => {
  const reading = await read(named("protobuf: a nested message"));
  assert.ok(!reading.ok);
  assert.match(reading.detail, /a message within a message .* set SCHEMA_REGISTRY_PROTOBUF_MESSAGE/);
});

test("a nested message is read once the configuration names it", async () => {
  const reading = await read(named("protobuf: a nested message"), "com.example.Alert.Inner");
  assert.deepEqual(reading, { ok: true, value: { text: "x" } });
});

test("a message at the top that is another one than the configured is refused, not read as that", async () => {
  const reading = await read(named("protobuf: the first message"), "com.example.Alert");
  assert.ok(!reading.ok);
  assert.match(
    reading.detail,
    /the record is a com.example.Other, SCHEMA_REGISTRY_PROTOBUF_MESSAGE says com.example.Alert/,
  );
});

test("no record that lost its end is taken for a whole one", async () => {
  const avro = GOLDEN.filter(({ schema, expected }) => schema.type === "AVRO" && expected !== null);
  for (const golden of avro) {
    const reader = await compileSchema(golden.schema, undefined);
    assert.ok(reader.kind === "values");
    const at = Object.keys(golden.headers).length === 0 ? 5 : 0;
    for (let end = at; end < golden.value.length; end++) {
      const reading = reader.read({ bytes: golden.value.subarray(0, end), at, mark: "none" });
      assert.ok(!reading.ok, `${golden.name}, cut at ${end}`);
    }
  }
});

test("bytes after the end of an Avro value are a sign of another schema, and are refused", async () => {
  const golden = named("avro: unions");
  const reading = await read({ ...golden, value: Buffer.concat([golden.value, Buffer.from([0])]) });
  assert.ok(!reading.ok);
  assert.match(reading.detail, /1 bytes are left over/);
});
