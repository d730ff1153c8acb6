import assert from "node:assert/strict";
import { test } from "node:test";
import { letterMessage } from "#src/kafka/dead-letters.js";

test("a record's dead letter keeps the record's headers byte by byte, and says anew what is ours", () => {
  const binary = Buffer.from([1, 0xff, 0]);
  const { headers } = letterMessage(
    {
      ...{ kind: "record", stage: "decode", reason: "not-an-alert", detail: "why" },
      ...{ topic: "alerts", partition: 3, offset: 7, timestampMs: 5, key: null, value: Buffer.from("{}") },
      headers: {
        "content-type": "application/cloudevents+json",
        __value_schema_id: binary,
        twice: [Buffer.from("a"), Buffer.from("b")],
        empty: null,
        "dead-letter.reason": "of before",
        "alert-digest.only-to": "kim@x",
      },
    },
    { group: "g", failedAt: "now" },
  );
  const kept = Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => !name.startsWith("dead-letter.")));
  assert.deepEqual(kept, {
    "content-type": "application/cloudevents+json",
    __value_schema_id: binary,
    twice: [Buffer.from("a"), Buffer.from("b")],
  });
  assert.equal(String(headers?.["dead-letter.reason"]), "not-an-alert");
});

test("of a record that was not kept, its letter says so", () => {
  const letter = {
    kind: "record",
    stage: "decode",
    reason: "too-large",
    detail: "why",
    ...{ topic: "alerts", partition: 3, offset: 7, timestampMs: 5, key: null, value: Buffer.alloc(0) },
  } as const;
  const said = (isUnkept: object) =>
    String(letterMessage({ ...letter, ...isUnkept }, { group: "g", failedAt: "now" }).headers?.["dead-letter.value"]);
  assert.deepEqual([said({ isUnkept: true }), said({})], ["not kept", "undefined"]);
});

test("a record's dead letter says how bad the record calls itself, where that can be read", () => {
  const letter = {
    kind: "record",
    stage: "decode",
    reason: "key-mismatch",
    detail: "why",
    ...{ topic: "alerts", partition: 3, offset: 7, timestampMs: 5, key: null },
  } as const;
  const severityIn = (value: string) => {
    const { headers } = letterMessage({ ...letter, value: Buffer.from(value) }, { group: "g", failedAt: "now" });
    return headers?.["dead-letter.severity"]?.toString();
  };
  assert.equal(severityIn('{"deviceId":"d-1","message":"hot","severity":"CRITICAL"}'), "critical");
  assert.equal(severityIn('{"deviceId":"d-1"'), undefined);
  assert.equal(severityIn('{"severity":"unheard of"}'), undefined);
  const found = { ...letter, value: Buffer.from('{"severity":"p1"}'), severity: "critical" } as const;
  const { headers } = letterMessage(found, { group: "g", failedAt: "now" });
  assert.equal(headers?.["dead-letter.severity"]?.toString(), "critical", "by who read it");
});
