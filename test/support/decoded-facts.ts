import assert from "node:assert/strict";
import { bytesOf } from "#src/core/partition-types.js";
import type { AlertCodec, Decoded } from "#src/runtime/ports.js";

/** What a decoded record says, whoever read it: with the alert that its own form is read as, which need not be the same bytes. */
export const told = (decoded: Decoded, parse: AlertCodec["parse"]): unknown => {
  if (decoded.kind !== "alert") return decoded;
  const { kind, deviceId, device, severity, status, type, occurredAt, repairs, asWritten, bytes, written } = decoded;
  const alert = parse(bytes);
  if (written !== undefined) {
    const kept = parse(written.memory.slice(written.from, written.to), deviceId);
    assert.deepEqual(kept, alert, "what is kept of it is the same alert");
  }
  return {
    kind,
    deviceId,
    device: Buffer.from(bytesOf(device)),
    severity,
    status,
    type,
    occurredAt,
    repairs,
    asWritten,
    alert,
  };
};
