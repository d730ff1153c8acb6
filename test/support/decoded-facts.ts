import type { AlertCodec, Decoded } from "#src/runtime/ports.js";

/** What a decoded record says, whoever read it: with the alert that its own form is read as, which need not be the same bytes. */
export const told = (decoded: Decoded, parse: AlertCodec["parse"]): unknown => {
  if (decoded.kind !== "alert") return decoded;
  const { kind, deviceId, device, severity, status, type, occurredAt, repairs, asWritten, bytes } = decoded;
  const alert = parse(bytes);
  return { kind, deviceId, device: Buffer.from(device), severity, status, type, occurredAt, repairs, asWritten, alert };
};
