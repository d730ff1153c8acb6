import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Alert, MAX_VALUE_BYTES } from "#src/core/alert.js";
import { TEXT_MAX, WHOLE_BYTES } from "#src/formats/bounded.js";
import { LABEL_MAX, LABELS_CHARS_MAX, LABELS_MAX } from "#src/formats/brief-json.js";
import { createAlertCodec } from "#src/formats/codec.js";
import { ownFormOf } from "#src/formats/own-form.js";
import { DEFAULT_RULES, type ReadingRules } from "#src/formats/read-alert.js";
import type { AlertCodec, DecodedAlert } from "#src/runtime/ports.js";

const codec = createAlertCodec();

const read = (fields: object, by: AlertCodec = codec): { readonly decoded: DecodedAlert; readonly alert: Alert } => {
  const value = Buffer.from(JSON.stringify({ deviceId: "d", message: "m", ...fields }));
  fc.pre(value.length <= MAX_VALUE_BYTES);
  const decoded = by.decode({ key: Buffer.from("d"), value });
  assert.ok(decoded.kind === "alert", JSON.stringify(decoded).slice(0, 300));
  return { decoded, alert: by.parse(decoded.bytes) };
};

const long = "x".repeat(200_000);

describe("what of a long alert is kept", () => {
  it("is all of it up to 4 KB, whatever is long in it, and its own bytes", () => {
    const fields = { message: "가".repeat(600), labels: { note: "y".repeat(2_000) } };
    const { decoded, alert } = read(fields);
    assert.equal(decoded.bytes.toString(), JSON.stringify({ deviceId: "d", ...fields }));
    assert.deepEqual([alert.message, alert.labels, alert.cut], [fields.message, fields.labels, undefined]);
  });

  it("is the beginning of its texts, and how long they were", () => {
    const { decoded, alert } = read({ message: long, deviceName: long, type: long, unit: long });
    assert.equal(alert.message, `${"x".repeat(4_096)}…`);
    for (const text of [alert.deviceName, alert.type, alert.unit]) assert.equal(text, `${"x".repeat(TEXT_MAX)}…`);
    const length = long.length;
    assert.deepEqual(alert.cut, { message: length, deviceName: length, type: length, unit: length });
    assert.deepEqual(decoded.repairs, ["message", "deviceName", "type", "unit"]);
    assert.equal(decoded.type, alert.type);
    assert.ok(decoded.bytes.length < 10 * 1024, String(decoded.bytes.length));
  });

  it("is never half a character", () => {
    assert.equal(read({ message: `x${"🔥".repeat(4_096)}` }).alert.message, `x${"🔥".repeat(2_047)}…`);
  });

  it("is nothing of fields that nobody knows", () => {
    const { decoded, alert } = read({ raw: long, severity: "critical" });
    assert.equal(decoded.bytes.toString(), '{"deviceId":"d","message":"m","severity":"critical","status":"firing"}');
    assert.equal(alert.cut, undefined);
    assert.deepEqual(decoded.repairs, []);
  });

  it("tells alerts apart whose IDs begin alike", () => {
    const [one, other] = [read({ alertId: `${long}1` }).alert, read({ alertId: `${long}2` }).alert];
    assert.notEqual(one.alertId, other.alertId);
    assert.ok((one.alertId?.length ?? 0) <= LABEL_MAX);
    assert.equal(one.alertId, read({ alertId: `${long}1` }).alert.alertId);
  });

  it("is the first labels that there is room for: a large one does not push out those behind it", () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`n${index}`, "v"]));
    const { alert } = read({ labels: { site: "busan-2", stack: long, [long]: "name", rack: "4", ...many } });
    const labels = alert.labels as Readonly<Record<string, string>>;
    assert.deepEqual(Object.keys(labels).slice(0, 4), ["site", "stack", "rack", "n0"]);
    assert.deepEqual([labels["site"], labels["rack"]], ["busan-2", "4"]);
    assert.equal(labels["stack"], `${"x".repeat(LABEL_MAX)}…`);
    assert.equal(Object.keys(labels).length, LABELS_MAX);
    assert.deepEqual(alert.cut, { labels: 1 + 10_003 + 1 - LABELS_MAX });
    const wide = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`n${index}`, "v".repeat(1_000)]));
    const kept = read({ labels: wide }).alert.labels as object;
    const chars = Object.entries(kept).reduce((sum, [name, text]) => sum + name.length + text.length, 0);
    assert.ok(chars <= LABELS_CHARS_MAX && Object.keys(kept).length === 4, String(chars));
  });

  it("is the word for its severity as SEVERITY_MAP reads it, however many blanks stand around it", () => {
    const rules: ReadingRules = { ...DEFAULT_RULES, severities: new Map([["p1", "critical"]]) };
    const { decoded, alert } = read({ severity: `P1${" ".repeat(900_000)}` }, createAlertCodec(rules));
    assert.deepEqual([decoded.severity, alert.severity, alert.asWritten], ["critical", "critical", undefined]);
    assert.ok(decoded.bytes.length < 200);
    const unknown = read({ severity: long });
    assert.equal(unknown.alert.asWritten?.severity?.length, 200);
    assert.ok(unknown.decoded.bytes.length < 500);
  });

  it("is a time of nanoseconds, of numbers their value, and of what cannot be read its beginning", () => {
    const occurredAt = `2026-11-21T00:00:12.123456789${"0".repeat(500_000)}Z`;
    const { decoded, alert } = read({ occurredAt, value: long });
    assert.equal(alert.occurredAt, "2026-11-21T00:00:12.123456789Z");
    assert.equal(decoded.occurredAt, alert.occurredAt);
    assert.equal(alert.asWritten?.value?.length, 200);
  });
});

describe("a long alert in its own form", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc
      .tuple(fc.string({ unit: "grapheme", minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 3_000 }))
      .map(([part, times]) => part.repeat(times)),
    fc.integer({ min: 1_000, max: 4_110 }).map((length) => "…".repeat(length)),
  );
  const fields = fc.record(
    {
      // Without a message, and with a blank type, it is no alert.
      message: text.map((some) => `m${some}`),
      deviceName: text,
      severity: text,
      status: text,
      type: text,
      value: fc.oneof(text, fc.double()),
      unit: text,
      occurredAt: text,
      alertId: text,
      labels: fc.oneof(text, fc.dictionary(fc.oneof(fc.string(), text), fc.jsonValue()), fc.dictionary(text, text)),
      extra: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );

  it("is read again as the same alert, by whichever way it comes back: from the buffer, a topic, a dead letter", () => {
    fc.assert(
      fc.property(fields, (some) => {
        const { decoded, alert } = read({ ...some, type: `t${some.type ?? ""}` });
        for (const bytes of [decoded.bytes, ownFormOf({ ...alert })]) {
          const again = codec.decode({ key: Buffer.from("d"), value: bytes });
          assert.ok(again.kind === "alert");
          assert.deepEqual(codec.parse(again.bytes), alert);
          const { severity, status, type, occurredAt } = again;
          assert.deepEqual(
            { severity, status, type, occurredAt },
            { severity: alert.severity, status: alert.status, type: alert.type, occurredAt: alert.occurredAt },
          );
        }
      }),
      { numRuns: 100 },
    );
  });

  it("has a size that has a bound", () => {
    fc.assert(
      fc.property(fields, (some) => {
        const { alert } = read({ ...some, type: `t${some.type ?? ""}` });
        const characters = JSON.stringify(alert).length;
        // Each of them may be an escape of six.
        assert.ok(
          characters <= 6 * (WHOLE_BYTES + 3 * TEXT_MAX + LABEL_MAX + LABELS_CHARS_MAX + 4_000),
          String(characters),
        );
      }),
      { numRuns: 100 },
    );
  });

  it("has no note by a producer's hand but one that could be true", () => {
    const note = (cut: unknown) => read({ "alert-digest.cut": cut }).alert.cut;
    for (const cut of [null, 1, "message", [], {}, { message: "9" }, { message: -1 }, { other: 5 }, { message: 1e300 }])
      assert.equal(note(cut), undefined);
    assert.deepEqual(note({ message: 9, other: 5 }), { message: 9 });
  });
});
