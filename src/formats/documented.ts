/** Whether an alert is written as documented: nearly all are, and need no second look. */

import type { Severity, Status } from "../core/alert.js";
import type { AlertFields } from "./read-alert.js";

/** Optional fields may be null, which many serialisers write for "absent". */
export type DocumentedFields = {
  readonly deviceId: string;
  readonly message: string;
  readonly deviceName?: string | null;
  readonly severity?: Severity | null;
  readonly status?: Status | null;
  readonly type?: string | null;
  readonly value?: number | null;
  readonly threshold?: number | null;
  readonly unit?: string | null;
  readonly occurredAt?: string | null;
  readonly alertId?: string | null;
  readonly labels?: Readonly<Record<string, string>> | null;
};

const MAX_DEVICE_ID = 256;

/**
 * Of an object whose texts are characters, or bytes of UTF-8 as Latin-1. False also where that is not sure: of an ID, message or type that begins with what may be
 * white space, or a long ID. Field by field: a loop over names was measured at twice the time.
 */
export const isDocumented = (fields: AlertFields): fields is DocumentedFields => {
  const { deviceId, message, deviceName, type, unit, alertId, value, threshold, severity, status, occurredAt, labels } =
    fields;
  return (
    typeof deviceId === "string" &&
    deviceId.length <= MAX_DEVICE_ID &&
    beginsWithInk(deviceId) &&
    typeof message === "string" &&
    beginsWithInk(message) &&
    (type == null || (typeof type === "string" && beginsWithInk(type))) &&
    isTextOrAbsent(deviceName) &&
    isTextOrAbsent(unit) &&
    isTextOrAbsent(alertId) &&
    (value == null || (typeof value === "number" && isExact(value))) &&
    (threshold == null || (typeof threshold === "number" && isExact(threshold))) &&
    (severity == null || severity === "warning" || severity === "critical" || severity === "info") &&
    (status == null || status === "firing" || status === "resolved") &&
    (occurredAt == null || (typeof occurredAt === "string" && isDocumentedTime(occurredAt))) &&
    (labels == null || areTexts(labels))
  );
};

const isTextOrAbsent = (value: unknown): boolean => value == null || typeof value === "string";

/** What it begins with is neither white space nor the first byte of a character that may be some: nothing that is blank gets through. */
const beginsWithInk = (text: string): boolean => {
  const first = text.charCodeAt(0);
  return (first > 0x20 && first < 0x7f) || (first > 0xe3 && first < 0xef) || (first >= 0xac00 && first <= 0xd7a3);
};

/** Finite, and not one of several whole numbers that come to the same. */
export const isExact = (value: number): boolean =>
  Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));

const TIME =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-4]):[0-5]\d(:([0-5]\d|60)([.,]\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)$/;

/** ISO 8601 with an offset. */
export const isDocumentedTime = (text: string): boolean => TIME.test(text);

const areTexts = (labels: unknown): boolean => {
  if (typeof labels !== "object" || Array.isArray(labels)) return false;
  const texts = labels as Record<string, unknown>;
  for (const name of Object.keys(texts)) if (typeof texts[name] !== "string") return false;
  return true;
};
