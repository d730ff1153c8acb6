import assert from "node:assert/strict";
import { test } from "node:test";
import { keyIn } from "#src/formats/envelopes/connect.js";
import { createKeyNames } from "#src/formats/key-names.js";

const of = (names: ReturnType<typeof createKeyNames>, key: string | null): string | undefined =>
  names.deviceOf({ key: key === null ? null : Buffer.from(key, "latin1") });

test("a key names the device as the records' envelope has keys", () => {
  const plain = createKeyNames(undefined);
  assert.equal(of(plain, "p-1"), "p-1");
  assert.equal(of(plain, '"p-1"'), "p-1");
  assert.equal(of(plain, '{"id":"p-1"}'), '{"id":"p-1"}');
  assert.equal(of(plain, null), undefined);
  assert.equal(of(plain, "\xff"), undefined);
  assert.equal(plain.prepare, undefined);
  const connect = createKeyNames(undefined, keyIn);
  assert.equal(of(connect, '{"schema":{"type":"string"},"payload":"p-1"}'), "p-1");
  assert.equal(of(connect, '{"id":"p-1"}'), "p-1");
});
