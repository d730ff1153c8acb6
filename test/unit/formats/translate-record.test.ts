import assert from "node:assert/strict";
import { test } from "node:test";
import { createTranslation } from "#src/formats/translate-record.js";

test("a record that was too large to be kept is a dead letter without its value; one without a value is passed over", () => {
  const { translate } = createTranslation({
    topic: "raw",
    partition: 2,
    readItems: () => assert.fail("there is nothing to read"),
    codec: { parse: () => assert.fail("there is nothing to parse") },
  });
  const record = { offset: 7, timestampMs: 5, key: Buffer.from("k"), value: null };
  assert.deepEqual(translate(record), { alerts: [], letters: [], ignored: 1 });
  const { letters, ignored } = translate({ ...record, unkeptBytes: 9_000_000 });
  assert.equal(ignored, 0);
  const [{ reason, detail, offset, value, isUnkept } = assert.fail("no letter")] = letters;
  assert.deepEqual([reason, offset, value.length, isUnkept], ["too-large", 7, 0, true]);
  assert.match(detail, /has 9000000 bytes/);
});
