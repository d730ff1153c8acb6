/** How Apicurio's serializers say which of a schema's messages a value is. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { FramedBody } from "#src/formats/registry/schema-reader.js";
import { compileSchema } from "#src/formats/registry/schema-reader.js";
import type { Reading } from "#src/formats/registry/unreadable.js";

const SCHEMA = `syntax = "proto3";
message Other { int32 x = 1; }
message Alert { string device_id = 1; string message = 2; }
message AlertMsg { string device_id = 1; string message = 2; }
`;
const VALUE = Buffer.from("\x0a\x03p-1\x12\x03hot");
const SAID = { deviceId: "p-1", message: "hot" };

const read = async (bytes: Buffer, frame: Partial<FramedBody>): Promise<Reading> => {
  const reader = await compileSchema({ type: "PROTOBUF", text: SCHEMA, references: [] }, undefined);
  assert.ok(reader.kind === "values");
  return reader.read({ bytes, at: 0, mark: "none", ...frame });
};

const reference = (name: string): Buffer =>
  Buffer.concat([Buffer.from([name.length + 2, 0x0a, name.length]), Buffer.from(name)]);

for (const message of ["Alert", "AlertMsg"]) {
  test(`a header names the message ${message}; version 3 names it a second time in front of the value, version 2 does not`, async () => {
    assert.deepEqual(await read(VALUE, { message }), { ok: true, value: SAID });
    const twice = Buffer.concat([reference(message), VALUE]);
    assert.deepEqual(await read(twice, { message }), { ok: true, value: SAID });
  });
}

test("a reference in front of the value names it, and so does a list of indexes, as with send-indexes", async () => {
  const referred = Buffer.concat([reference("Alert"), VALUE]);
  assert.deepEqual(await read(referred, { mark: "reference" }), { ok: true, value: SAID });
  const indexed = Buffer.concat([Buffer.from([2, 2]), VALUE]);
  assert.deepEqual(await read(indexed, { mark: "reference" }), { ok: true, value: SAID });
  assert.deepEqual(await read(Buffer.from([0, 8, 5]), { mark: "reference" }), { ok: true, value: { x: 5 } });
});

test("a header that names a message which is not at the top is refused with what to set", async () => {
  const reading = await read(VALUE, { message: "Inner" });
  assert.ok(!reading.ok);
  assert.match(reading.detail, /names the message "Inner", which is not at the top.*SCHEMA_REGISTRY_PROTOBUF_MESSAGE/);
});

test("an empty value behind a frame is refused, not read", async () => {
  const reading = await read(Buffer.alloc(0), { mark: "reference" });
  assert.ok(!reading.ok);
});
