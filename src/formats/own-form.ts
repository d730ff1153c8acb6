import { type Alert, WRITTEN_FIELDS } from "../core/alert.js";
import { CUT_NOTE, cutIn, cutNote } from "./cut-note.js";

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
  const { asWritten, cut } = alert;
  const isPlain = asWritten === undefined && cut === undefined;
  return Buffer.from(JSON.stringify(isPlain ? own : { ...own, ...asWritten, severity, ...cutNote(cut) }));
};

/** The own form of an alert as a dead letter's document has it; only texts are taken for what was written. */
export const ownFormOf = ({ asWritten, cut, ...fields }: Readonly<Record<string, unknown>>): Buffer => {
  const written = (typeof asWritten === "object" ? asWritten : null) as Readonly<Record<string, unknown>> | null;
  const texts = WRITTEN_FIELDS.filter((field) => typeof written?.[field] === "string");
  return Buffer.from(
    JSON.stringify({
      ...fields,
      ...Object.fromEntries(texts.map((field) => [field, written?.[field]])),
      ...cutNote(cutIn({ [CUT_NOTE]: cut })?.cut),
    }),
  );
};
