import { isUtf8 } from "node:buffer";
import { type Alert, SEVERITIES, type Severity, STATUSES } from "../core/alert.js";
import type { AlertCodec, Decoded } from "../runtime/ports.js";

/** Largest value that is read as an alert, in bytes. */
export const MAX_VALUE_BYTES = 1024 * 1024;

/**
 * The alert record (docs/alert-record.md). Checked by hand: a schema library took 3 µs an alert where `JSON.parse` takes 3.6.
 * Optional fields may be null, which many serialisers write for "absent"; unknown fields are nobody's business.
 */
export const alertCodec: AlertCodec = {
  decode(key, value) {
    if (value.length > MAX_VALUE_BYTES)
      return bad("too-large", `the value has ${value.length} bytes, at most ${MAX_VALUE_BYTES} are read`);
    return decodeLatin1(key, value) ?? decodeUtf8(key, value);
  },

  parse(value) {
    const wire = JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.length).toString("utf8")) as WireAlert;
    const alert: Alert = {
      deviceId: wire.deviceId,
      message: wire.message,
      deviceName: wire.deviceName ?? undefined,
      severity: wire.severity ?? "warning",
      status: wire.status ?? "firing",
      type: wire.type ?? undefined,
      value: wire.value ?? undefined,
      threshold: wire.threshold ?? undefined,
      unit: wire.unit ?? undefined,
      occurredAt: wire.occurredAt ?? undefined,
      alertId: wire.alertId ?? undefined,
      labels: wire.labels ?? undefined,
    };
    return alert;
  },
};

/**
 * Most alerts, faster: the bytes are taken for Latin-1, which costs a copy instead of a decoding and keeps every text at a byte a character.
 * JSON's structure and all that is looked at here is ASCII, the same in both; texts that come out garbled are dropped again. Undefined: what
 * is looked at is not ASCII after all, or something is wrong and `decodeUtf8` is to say what.
 */
const decodeLatin1 = (key: Buffer | null, value: Buffer): Decoded | undefined => {
  if (!isUtf8(value)) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(value.toString("latin1"));
  } catch {
    return undefined;
  }
  if (problemOf(json) !== undefined) return undefined;
  const { deviceId, type } = json as WireAlert;
  if (!isAscii(deviceId) || (type != null && !isAscii(type))) return undefined;
  if (key !== null && !isSameAscii(key, deviceId)) return undefined;
  return okay(json as WireAlert);
};

const decodeUtf8 = (key: Buffer | null, value: Buffer): Decoded => {
  if (!isUtf8(value)) return bad("not-utf8", "the value is not valid UTF-8");
  let json: unknown;
  try {
    json = JSON.parse(value.toString());
  } catch (error) {
    return bad("not-json", (error as Error).message);
  }
  const problem = problemOf(json);
  if (problem !== undefined) return bad("not-an-alert", problem);
  const alert = json as WireAlert;
  if (key !== null && !(isUtf8(key) && key.toString() === alert.deviceId)) {
    return bad(
      "key-mismatch",
      `the key is ${quote(key.toString("utf8"))}, deviceId is ${quote(alert.deviceId)}: they must be equal`,
    );
  }
  return okay(alert);
};

const okay = ({ deviceId, severity, status, type, occurredAt }: WireAlert): Decoded => ({
  ok: true,
  deviceId,
  severity: severity ?? "warning",
  status: status ?? "firing",
  type: type ?? undefined,
  occurredAt: occurredAt ?? undefined,
});

/** As it stands in the record: optional fields may be missing or null. */
type WireAlert = Pick<Alert, "deviceId" | "message"> & {
  readonly [field in Exclude<keyof Alert, "deviceId" | "message">]?: Alert[field] | null;
} & { readonly severity?: Severity | null };

type UnknownFields = { readonly [field in keyof Alert]?: unknown };

const MAX_DEVICE_ID = 256;
/** ISO 8601 as RFC 3339 and its users write it: a date, or a date and a time, with or without an offset. */
const ISO_8601 =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-4]):[0-5]\d(:([0-5]\d|60)([.,]\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?)?$/;

/** What is wrong with it, or undefined. */
const problemOf = (json: unknown): string | undefined => {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    return `the value is ${nameOf(json)}, not a JSON object`;
  // Field by field: a loop over names was measured at twice the time.
  const { deviceId, message, deviceName, type, unit, alertId, value, threshold, severity, status, occurredAt, labels } =
    json as UnknownFields;
  if (typeof deviceId !== "string") return expected("deviceId", "a string", deviceId);
  if (deviceId.length === 0) return "deviceId is empty";
  if (deviceId.length > MAX_DEVICE_ID && [...deviceId].length > MAX_DEVICE_ID) {
    return `deviceId has ${[...deviceId].length} characters, at most ${MAX_DEVICE_ID} are allowed`;
  }
  if (typeof message !== "string") return expected("message", "a string", message);
  if (!isOptionalString(deviceName)) return expected("deviceName", "a string", deviceName);
  if (!isOptionalString(type)) return expected("type", "a string", type);
  if (!isOptionalString(unit)) return expected("unit", "a string", unit);
  if (!isOptionalString(alertId)) return expected("alertId", "a string", alertId);
  if (value != null && !Number.isFinite(value)) return expected("value", "a number", value);
  if (threshold != null && !Number.isFinite(threshold)) return expected("threshold", "a number", threshold);
  if (severity != null && !SEVERITIES.includes(severity as Severity))
    return expected("severity", SEVERITIES.join(", "), severity);
  if (status != null && !STATUSES.includes(status as "firing")) return expected("status", STATUSES.join(", "), status);
  if (occurredAt != null && (typeof occurredAt !== "string" || !ISO_8601.test(occurredAt))) {
    return expected("occurredAt", "a time as ISO 8601, like 2026-11-21T00:00:12Z", occurredAt);
  }
  if (labels != null) {
    if (typeof labels !== "object" || Array.isArray(labels)) return expected("labels", "an object of strings", labels);
    for (const name of Object.keys(labels)) {
      const label = (labels as Record<string, unknown>)[name];
      if (typeof label !== "string") return expected(`labels[${quote(name)}]`, "a string", label);
    }
  }
  return undefined;
};

const isOptionalString = (value: unknown): boolean => value == null || typeof value === "string";

const isAscii = (text: string): boolean => {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
};

/** Without making a string of the key. */
const isSameAscii = (key: Buffer, ascii: string): boolean => {
  if (key.length !== ascii.length) return false;
  for (let at = 0; at < key.length; at++) if (key[at] !== ascii.charCodeAt(at)) return false;
  return true;
};

const bad = (reason: (Decoded & { ok: false })["reason"], detail: string): Decoded => ({ ok: false, reason, detail });

const expected = (field: string, what: string, actual: unknown): string =>
  actual === undefined ? `${field} is missing, expected ${what}` : `${field} is ${nameOf(actual)}, expected ${what}`;

const nameOf = (value: unknown): string => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "string"
    ? quote(value)
    : typeof value === "object"
      ? "an object"
      : `${typeof value} ${String(value)}`;
};

const quote = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
