import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import fc from "fast-check";
import { createAlertCodec } from "#src/formats/codec.js";
import { readPlainJson } from "#src/formats/plain-json.js";
import type { DecodedAlert } from "#src/runtime/ports.js";

const codec = createAlertCodec();
const decode = (key: string | Buffer | null, json: string | Buffer) => {
  const record = { key: key === null ? null : Buffer.from(key as string), value: Buffer.from(json as string) };
  const decoded = codec.decode(record);
  const { kind, deviceId, severity, status, type, occurredAt, repairs } = decoded as DecodedAlert;
  const told = { kind, deviceId, severity, status, type, occurredAt, repairs };
  return (kind === "alert" ? told : decoded) as Partial<DecodedAlert & { reason: string; detail: string }>;
};

const alert = (fields: Record<string, unknown>): string => JSON.stringify({ deviceId: "d", message: "m", ...fields });

describe("decoding, whichever bytes an alert is made of", () => {
  it("reads IDs and types that are not ASCII, written as they are or as escapes", () => {
    const occurredAt = "2026-11-21T00:00:12Z";
    const expected = {
      ...{ kind: "alert", deviceId: "펌프-é", severity: "warning", status: "firing", type: "온도" },
      ...{ occurredAt, repairs: [] },
    };
    const json = alert({ deviceId: "펌프-é", type: "온도", occurredAt });
    assert.deepEqual(decode("펌프-é", json), expected);
    const escaped = json.replace(/[^\0-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
    assert.notEqual(escaped, json);
    assert.deepEqual(decode("펌프-é", escaped), expected);
  });

  it("does not take an escaped ID for one whose bytes only look like it", () => {
    // U+00EB U+00B6 U+0080 as characters are the bytes of 부 in UTF-8.
    const decoded = decode("부", '{"deviceId":"\\u00eb\\u00b6\\u0080","message":"m"}');
    assert.equal(decoded.reason, "key-mismatch");
  });

  it("says what is wrong in the words of the record, not in garbled ones", () => {
    const decoded = decode("b", alert({ deviceId: "위험" }));
    assert.match(decoded.detail ?? "", /deviceId is "위험"/);
  });

  it("refuses bytes that are not UTF-8 wherever they stand", () => {
    const bytes = Buffer.from(alert({ message: "?" }));
    bytes[bytes.lastIndexOf("?")] = 0xff;
    const decoded = decode(null, bytes);
    assert.equal(decoded.reason, "not-utf8");
  });

  it("comes to what JSON.parse reads, for any text in any field", () => {
    const text = fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary-ascii" }), fc.string());
    const fields = fc.record(
      {
        deviceId: text.filter((id) => id.trim() !== "" && [...id].length <= 256),
        message: text.filter((message) => message.trim() !== ""),
        deviceName: text,
        type: text,
        severity: fc.constantFrom("info", "warning", "critical", null),
        status: fc.constantFrom("firing", "resolved", null),
        labels: fc.dictionary(text, text),
        extra: fc.jsonValue(),
      },
      { requiredKeys: ["deviceId", "message"] },
    );
    fc.assert(
      fc.property(fields, fc.boolean(), (wire, escaped) => {
        const plain = JSON.stringify(wire);
        const json = escaped
          ? plain.replace(/[^\0-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)
          : plain;
        assert.deepEqual(decode(wire.deviceId, json), {
          kind: "alert",
          deviceId: wire.deviceId,
          severity: wire.severity ?? "warning",
          status: wire.status ?? "firing",
          type: wire.type?.trim() === "" ? undefined : wire.type,
          occurredAt: undefined,
          repairs: [],
        });
        assert.equal(decode(`${wire.deviceId}x`, json).reason, "key-mismatch");
      }),
    );
  });
});

test("bytes that a schema registry's serializer wrote are told as such", () => {
  for (const hex of ["0000000007026106686f74", "00000000070261ff"]) {
    const reading = readPlainJson(Buffer.from(hex, "hex"));
    assert.ok(!reading.ok);
    assert.match(
      reading.detail,
      /it begins with 00, as a schema registry's serializer writes: set SCHEMA_REGISTRY_URL$/,
    );
  }
  const other = readPlainJson(Buffer.from("03000102", "hex"));
  assert.ok(!other.ok && !/SCHEMA_REGISTRY/.test(other.detail));
});
