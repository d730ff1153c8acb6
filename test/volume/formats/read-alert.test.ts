import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createAlertCodec } from "#src/formats/codec.js";

describe("a text without end, in any field", () => {
  // A pattern that goes back and tries again would be at half a million digits for hours.
  const LENGTH = 500_000;
  const FIELDS = ["message", "deviceName", "severity", "status", "type", "value", "threshold"] as const;
  const OTHERS = ["unit", "occurredAt", "alertId", "labels", "somethingElse"] as const;

  it("is read at once, whatever it repeats and however it ends", () => {
    const codec = createAlertCodec();
    for (const field of [...FIELDS, ...OTHERS]) {
      for (const part of ["1", "0", "9.", " ", "-", '"', "1e", ";", "{", "=", "a@", "2026-11-21T"]) {
        const text = `${part.repeat(LENGTH / part.length)}x`;
        const value = Buffer.from(JSON.stringify({ deviceId: "d1", message: "m", [field]: text }));
        const decoded = codec.decode({ key: Buffer.from("d1"), value });
        assert.equal(decoded.kind, value.length > 1_048_576 ? "unreadable" : "alert", `${field}: ${part}…`);
      }
    }
  });
});
