import { wholeOf } from "../core/partition-types.js";
import type { Decoded } from "../runtime/ports.js";
import { ownForm } from "./own-form.js";
import type { Reading } from "./read-alert.js";

/** What the runtime needs of a reading. `bytes`: what `parse` reads the same of, where there are such; else they are made. */
export const decodedOf = (reading: Reading, bytes?: Buffer): Decoded => {
  if (!reading.ok) {
    const { reason, detail, severity } = reading;
    return severity === undefined ? unreadable(reason, detail) : { kind: "unreadable", reason, detail, severity };
  }
  const { alert, repairs, severityWord } = reading;
  const { deviceId, severity, status, type, occurredAt, asWritten } = alert;
  const own = bytes ?? ownForm(alert, severityWord);
  const device = wholeOf(Buffer.from(deviceId));
  const decoded: Decoded = { kind: "alert", deviceId, device, severity, status, type, occurredAt, repairs, bytes: own };
  return asWritten === undefined ? decoded : { ...decoded, asWritten };
};

export const unreadable = (reason: (Decoded & { kind: "unreadable" })["reason"], detail: string): Decoded => ({
  kind: "unreadable",
  reason,
  detail,
});
