import assert from "node:assert/strict";
import { test } from "node:test";
import { createAlertCodec } from "#src/formats/codec.js";
import { cloudEventsEnvelope as envelope } from "#src/formats/envelopes/cloudevents.js";
import { DEFAULT_RULES as rules } from "#src/formats/read-alert.js";
import { recordItems } from "#src/formats/record-items.js";
import { createShapedCodec } from "#src/formats/shaped-codec.js";
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

test("what it writes is read as an alert by whoever has the input's settings, too", () => {
  const shape = { registry: undefined, envelope, mapping: () => undefined };
  const { translate } = createTranslation({
    topic: "raw",
    partition: 0,
    readItems: (record) => recordItems(shape, record, rules),
    codec: createAlertCodec(rules),
  });
  const event = { specversion: "1.0", id: "1", source: "/s", type: "HOT", data: { deviceId: "d-1", message: "hot" } };
  const record = { offset: 7, timestampMs: 5, key: null, value: Buffer.from(JSON.stringify(event)) };
  const [{ key, value, headers } = assert.fail("no alert")] = translate(record).alerts;
  const decoded = createShapedCodec(shape, rules).decode({ key, value, headers });
  assert.ok(decoded.kind === "alert");
  assert.deepEqual([decoded.deviceId, decoded.type], ["d-1", "HOT"]);
});

test("the letter of an alert that it cannot read says how bad that calls itself", () => {
  const shape = { registry: undefined, envelope: undefined, mapping: () => undefined };
  const { translate } = createTranslation({
    topic: "raw",
    partition: 0,
    readItems: (record) => recordItems(shape, record, rules),
    codec: createAlertCodec(rules),
  });
  const value = Buffer.from(JSON.stringify({ deviceId: "d-1", severity: "fatal" }));
  const { letters } = translate({ offset: 7, timestampMs: 5, key: null, value });
  assert.deepEqual(
    letters.map(({ reason, severity }) => [reason, severity]),
    [["not-an-alert", "critical"]],
  );
});
