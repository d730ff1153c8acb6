import assert from "node:assert/strict";
import { test } from "node:test";
import { createAlertCodec } from "#src/formats/codec.js";
import { cloudEventsEnvelope as envelope } from "#src/formats/envelopes/cloudevents.js";
import { DEFAULT_RULES as rules } from "#src/formats/read-alert.js";
import { recordItems } from "#src/formats/record-items.js";
import { createShapedCodec, type Shape } from "#src/formats/shaped-codec.js";
import { createTranslation } from "#src/formats/translate-record.js";
import { readRecordSet } from "#src/kafka/fetch-answer.js";
import { FetchedRecords } from "#src/kafka/fetched-records.js";
import { encodeBatch, plainBatch } from "#test/support/record-batches.js";
import { mappingOf } from "#test/unit/formats/mapping/mappings.js";

const translationOf = (shape: Shape) =>
  createTranslation({
    topic: "raw",
    partition: 0,
    readItems: (record) => recordItems(shape, record, rules),
    codec: createAlertCodec(rules),
  });

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
  const { translate } = translationOf(shape);
  const event = { specversion: "1.0", id: "1", source: "/s", type: "HOT", data: { deviceId: "d-1", message: "hot" } };
  const record = { offset: 7, timestampMs: 5, key: null, value: Buffer.from(JSON.stringify(event)) };
  const [{ key, value, headers } = assert.fail("no alert")] = translate(record).alerts;
  const decoded = createShapedCodec(shape, rules).decode({ key, value, headers });
  assert.ok(decoded.kind === "alert");
  assert.deepEqual([decoded.deviceId, decoded.type], ["d-1", "HOT"]);
});

test("the letter of an alert that it cannot read says how bad that calls itself", () => {
  const shape = { registry: undefined, envelope: undefined, mapping: () => undefined };
  const { translate } = translationOf(shape);
  const value = Buffer.from(JSON.stringify({ deviceId: "d-1", severity: "fatal" }));
  const { letters } = translate({ offset: 7, timestampMs: 5, key: null, value });
  assert.deepEqual(
    letters.map(({ reason, severity }) => [reason, severity]),
    [["not-an-alert", "critical"]],
  );
});

/** A translation of records that hold a list of alerts, where a number in the list is none. */
const ofLists = (() => {
  const mapping = mappingOf('each: ""\nfields: { deviceId: /device, message: /text }');
  const shape = { registry: undefined, envelope: undefined, mapping: () => mapping };
  return translationOf(shape);
})();
const listOf = (bad: number, good: number) => {
  const list = [...new Array(bad).keys(), ...new Array(good).fill({ device: "d-1", text: "hot" })];
  return { offset: 7, timestampMs: 5, key: null, value: Buffer.from(JSON.stringify(list)) };
};

test("up to 16 alerts of a record that cannot be read are letters of their own, with one copy of the record, and the others go on", () => {
  const record = listOf(16, 3);
  const { alerts, letters } = ofLists.translate(record);
  assert.equal(alerts.length, 3);
  assert.deepEqual(
    letters.map(({ item }) => item),
    [...new Array(16).keys()].map((at) => `/${at}`),
  );
  assert.equal(new Set(letters.map(({ value }) => value)).size, 1);
  const written = Buffer.from(record.value);
  record.value.fill(0);
  assert.deepEqual(letters[0]?.value, written);
});

test("a record with more of them is one letter, and none of its alerts is written: a redrive brings back all of it", () => {
  const some = ofLists.translate(listOf(17, 3));
  assert.deepEqual([some.alerts, some.letters.length, some.letters[0]?.item], [[], 1, undefined]);
  assert.match(String(some.letters[0]?.detail), /^17 of its 20 alerts cannot be read, so none is written: \/0: /);

  const all = ofLists.translate(listOf(1_000, 0));
  assert.deepEqual([all.alerts, all.letters.length, all.letters[0]?.item], [[], 1, undefined]);
  assert.match(String(all.letters[0]?.detail), /^none of its 1000 alerts can be read: \/0: /);
});

test("a record of more lines than the alerts that are read of one is one letter", () => {
  const mapping = mappingOf("lines: true\nfields: { deviceId: /device, message: /text }");
  const shape = { registry: undefined, envelope: undefined, mapping: () => mapping };
  const read = (lines: number) =>
    recordItems(shape, { key: null, value: Buffer.from('{"device":"d-1","text":"hot"}\n'.repeat(lines)) }, rules);
  assert.equal(read(10_000).length, 10_000);
  const [{ at, decoded } = assert.fail("nothing"), ...others] = read(10_001);
  assert.deepEqual([at, decoded.kind, others], ["", "unreadable", []]);
  assert.match(String((decoded as { detail?: string }).detail), /more than the 10000 alerts/);
});

test("a letter has key and value of its record, as a fetch brings it", async () => {
  const batch = plainBatch(7, [
    { offsetDelta: 0, timestampDelta: 0, key: Buffer.from("k"), value: Buffer.from("{ not JSON"), headers: [] },
  ]);
  const unpacking = { decompress: () => assert.fail("it is not packed"), turn: async () => undefined };
  const { messages } = await readRecordSet(encodeBatch(batch), unpacking);
  const record = new FetchedRecords(messages).at(0) ?? assert.fail("no record");
  const shape = { registry: undefined, envelope: undefined, mapping: () => undefined };
  const translation = translationOf(shape);
  for (const letter of [...translation.translate(record).letters, translation.letterOf(record, "too large")])
    assert.deepEqual([letter.offset, String(letter.key), String(letter.value)], [7, "k", "{ not JSON"]);
});
