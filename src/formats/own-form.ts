import { type Alert, WRITTEN_FIELDS } from "../core/alert.js";

/**
 * An alert's own form: the documented JSON, and what could not be read as it was written, so that reading it again comes to the same alert.
 * `severityWord`: as the record has it, for `SEVERITY_MAP` reads it again.
 */
export const ownForm = (
  alert: Alert,
  severityWord: string | undefined = alert.asWritten?.severity ?? alert.severity,
): Buffer => {
  const { deviceId, message, deviceName, status, type, value, threshold, unit, occurredAt, alertId, labels } = alert;
  const severity = severityWord;
  // Field by field: a copy of all but one field takes as long as to write it.
  const own = {
    deviceId,
    message,
    deviceName,
    severity,
    status,
    type,
    value,
    threshold,
    unit,
    occurredAt,
    alertId,
    labels,
  };
  const { asWritten } = alert;
  return Buffer.from(JSON.stringify(asWritten === undefined ? own : { ...own, ...asWritten, severity }));
};

/** The own form of an alert as a dead letter's document has it; only texts are taken for what was written. */
export const ownFormOf = ({ asWritten, ...fields }: Readonly<Record<string, unknown>>): Buffer => {
  const written = (typeof asWritten === "object" ? asWritten : null) as Readonly<Record<string, unknown>> | null;
  const texts = WRITTEN_FIELDS.filter((field) => typeof written?.[field] === "string");
  return Buffer.from(
    JSON.stringify({ ...fields, ...Object.fromEntries(texts.map((field) => [field, written?.[field]])) }),
  );
};
