import type { Alert, Severity, Status, WrittenField } from "../core/alert.js";
import { cutAfter } from "../core/at-most.js";
import type { RepairedField } from "../runtime/ports.js";
import { cutIn } from "./cut-note.js";
import { isDocumentedTime, readTime } from "./occurred-at.js";
import { deviceIn, namesDevice, type RecordKey } from "./record-key.js";
import { comparable, SEVERITY_WORDS, type SeverityWords, STATUS_WORDS } from "./words.js";
import { cutWritten, isBlank, writtenText } from "./written-text.js";

/** How alerts are read. */
export interface ReadingRules {
  /** `any`: the key need not be the device ID. */
  readonly key: "device" | "any";
  /** The upstream's words, before the built-in ones; as `comparable` has them. */
  readonly severities: SeverityWords;
}

export const DEFAULT_RULES: ReadingRules = { key: "device", severities: new Map() };

/** What a record says by the names of the alert record, of whatever types its format has: numbers, bigints, texts, bytes, objects. */
export type AlertFields = { readonly [field in Exclude<keyof Alert, "asWritten" | "cut">]?: unknown };

/**
 * An alert, or why there is none. `repairs`: the fields that were not written as documented. `severityWord`: the alert's, as its record has it; undefined
 * where it has none.
 */
export type Reading =
  | {
      readonly ok: true;
      readonly alert: Alert;
      readonly repairs: readonly RepairedField[];
      readonly severityWord: string | undefined;
    }
  | {
      readonly ok: false;
      readonly reason: "not-an-alert" | "key-mismatch";
      readonly detail: string;
      /** What its word for it says; absent: it has none that is known. */
      readonly severity?: Severity;
    };

/**
 * The alert that an object says, whatever format it came in: the one place that knows what a field means. Pure, and throws at nothing. The device and the
 * message decide whether there is one; of every other field is made what can be made, and what cannot be read is kept as it was written.
 */
export const readAlert = (source: unknown, key: RecordKey | undefined, rules: ReadingRules): Reading => {
  if (typeof source !== "object" || source === null || Array.isArray(source))
    return notAnAlert(`the value is ${nameOf(source)}, not a JSON object`);
  const reading = readFields(source as AlertFields, key, rules);
  if (reading.ok) return reading;
  const severity = severityIn(source as AlertFields, rules);
  return severity === undefined ? reading : { ...reading, severity };
};

const readFields = (fields: AlertFields, key: RecordKey | undefined, rules: ReadingRules): Reading => {
  const notes = new Notes();
  const deviceId = deviceOf(fields.deviceId, key, notes);
  if (deviceId === undefined) return notAnAlert(noDevice(fields.deviceId, key));
  const problem = lengthProblem(deviceId);
  if (problem !== undefined) return notAnAlert(problem);
  if (key !== undefined && rules.key === "device" && !namesDevice(key, deviceId)) {
    const detail = `the key is ${quote(key.text)}, deviceId is ${quote(deviceId)}: they must be equal (KAFKA_KEY=any takes any key)`;
    return { ok: false, reason: "key-mismatch", detail };
  }
  const type = textIn("type", fields.type, notes);
  const message = messageOf(fields.message, type, notes);
  if (message === undefined) return notAnAlert("there is neither a message nor a type");
  const severityWord = wordIn(fields.severity);
  const alert = optionalFields({ deviceId, message, type }, severityWord, fields, rules, notes);
  return { ok: true, alert, repairs: notes.repairs, severityWord };
};

const optionalFields = (
  { deviceId, message, type }: Pick<Alert, "deviceId" | "message" | "type">,
  severityWord: string | undefined,
  fields: AlertFields,
  rules: ReadingRules,
  notes: Notes,
): Alert => ({
  deviceId,
  message,
  deviceName: textIn("deviceName", fields.deviceName, notes),
  severity: severityOf(severityWord, rules.severities, notes),
  status: statusOf(fields.status, notes),
  type,
  value: numberIn("value", fields.value, notes),
  threshold: numberIn("threshold", fields.threshold, notes),
  unit: textIn("unit", fields.unit, notes),
  occurredAt: timeOf(fields.occurredAt, notes),
  alertId: textIn("alertId", fields.alertId, notes),
  labels: labelsOf(fields.labels, notes),
  ...(notes.asWritten && { asWritten: notes.asWritten }),
  ...cutIn(fields),
});

/** What was not written as documented. */
class Notes {
  repairs: RepairedField[] = [];
  asWritten: Partial<Record<WrittenField, string>> | undefined;

  kindly(field: RepairedField): void {
    this.repairs.push(field);
  }

  unread(field: WrittenField, written: unknown): undefined {
    this.repairs.push(field);
    this.asWritten ??= {};
    this.asWritten[field] = cutWritten(writtenText(written));
    return undefined;
  }
}

/** A number is one by its decimal text; where there is none, or only blanks, the key names it. */
const deviceOf = (written: unknown, key: RecordKey | undefined, notes: Notes): string | undefined => {
  if (typeof written === "string" && !isBlank(written)) return written;
  const isAbsent = written == null || typeof written === "string";
  if (!isAbsent && typeof written !== "number" && typeof written !== "bigint") return undefined;
  const deviceId = isAbsent ? deviceIn(key) : String(written);
  // Blanks that no key replaces are an ID all the same: somebody is to be mailed.
  if (deviceId === undefined) return (written as string | null | undefined) || undefined;
  if (deviceId !== written) notes.kindly("deviceId");
  return deviceId;
};

const noDevice = (written: unknown, key: RecordKey | undefined): string => {
  if (written != null && typeof written !== "string") return `deviceId is ${nameOf(written)}, expected a string`;
  if (key === undefined) return "there is no deviceId, and no key to name the device";
  return `there is no deviceId, and the key ${key.isUtf8 ? "is empty" : "is not valid UTF-8"}`;
};

const MAX_DEVICE_ID = 256;

const lengthProblem = (deviceId: string): string | undefined => {
  if (deviceId.length <= MAX_DEVICE_ID) return undefined;
  let characters = 0;
  for (const _ of deviceId) characters++;
  return characters <= MAX_DEVICE_ID
    ? undefined
    : `deviceId has ${characters} characters, at most ${MAX_DEVICE_ID} are allowed`;
};

const messageOf = (written: unknown, type: string | undefined, notes: Notes): string | undefined => {
  const message = textIn("message", written, notes);
  if (message !== undefined || type === undefined) return message;
  notes.kindly("message");
  return type;
};

/** Any value is some text; blank is absent. */
const textIn = (field: RepairedField, written: unknown, notes: Notes): string | undefined => {
  if (written == null) return undefined;
  if (typeof written === "string") return isBlank(written) ? undefined : written;
  notes.kindly(field);
  return writtenText(written);
};

/** A word to be looked up; undefined: absent. */
const wordIn = (written: unknown): string | undefined => {
  if (written == null) return undefined;
  const word = writtenText(written);
  return isBlank(word) ? undefined : word;
};

const severityOf = (word: string | undefined, own: SeverityWords, notes: Notes): Severity => {
  if (word === undefined) return "warning";
  if (own.size === 0 && (word === "warning" || word === "critical" || word === "info")) return word;
  const said = severitySaid(word, own);
  if (said === undefined) return notes.unread("severity", word) ?? "warning";
  if (!said.asDocumented) notes.kindly("severity");
  return said.severity;
};

/** Of what is no alert; undefined: nobody knows. */
const severityIn = ({ severity }: AlertFields, { severities }: ReadingRules): Severity | undefined => {
  const word = wordIn(severity);
  return word === undefined ? undefined : severitySaid(word, severities)?.severity;
};

/** What a word that is not blank says; undefined: nobody knows it. */
export const severitySaid = (
  word: string,
  own: SeverityWords,
): { readonly severity: Severity; readonly asDocumented: boolean } | undefined => {
  const compared = comparable(word);
  const mapped = own.get(compared);
  // What the operator told us of is no surprise.
  if (mapped !== undefined) return { severity: mapped, asDocumented: true };
  const severity = SEVERITY_WORDS.get(compared);
  return severity && { severity, asDocumented: severity === word };
};

const statusOf = (written: unknown, notes: Notes): Status => {
  if (written === "firing" || written === "resolved") return written;
  const word = wordIn(written);
  if (word === undefined) return "firing";
  const status = statusSaid(word);
  if (status === undefined) return notes.unread("status", word) ?? "firing";
  notes.kindly("status");
  return status;
};

export const statusSaid = (word: string): Status | undefined => STATUS_WORDS.get(comparable(word));

const NUMERIC = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/** A whole number beyond 2^53 is shown and never compared: it would be another one. */
const numberIn = (field: "value" | "threshold", written: unknown, notes: Notes): number | undefined => {
  if (written == null) return undefined;
  if (typeof written === "number" && isExact(written)) return written;
  const text = typeof written === "string" || typeof written === "bigint" ? String(written).trim() : undefined;
  if (text === "") return undefined;
  const value = text !== undefined && NUMERIC.test(text) ? Number(text) : Number.NaN;
  if (!isExact(value)) return notes.unread(field, text ?? written);
  notes.kindly(field);
  return value;
};

const timeOf = (written: unknown, notes: Notes): string | undefined => {
  if (written == null) return undefined;
  if (typeof written === "string") {
    if (isDocumentedTime(written)) return written;
    if (isBlank(written)) return undefined;
  }
  const time = readTime(written);
  if (time === undefined) return notes.unread("occurredAt", written);
  notes.kindly("occurredAt");
  return time;
};

const labelsOf = (written: unknown, notes: Notes): Alert["labels"] => {
  if (written == null || (typeof written === "string" && isBlank(written))) return undefined;
  if (typeof written !== "object" || Array.isArray(written) || written instanceof Uint8Array)
    return notes.unread("labels", written);
  // Nearly always: the object is the labels. By their names: pairs of thousands take longer than to parse them.
  const labels = written as Readonly<Record<string, unknown>>;
  const names = Object.keys(labels);
  if (names.every((name) => typeof labels[name] === "string")) return written as Alert["labels"];
  notes.kindly("labels");
  const kept = names.filter((name) => labels[name] != null);
  return Object.fromEntries(kept.map((name) => [name, writtenText(labels[name])]));
};

const notAnAlert = (detail: string): Reading => ({ ok: false, reason: "not-an-alert", detail });

const nameOf = (value: unknown): string => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "string") return quote(value);
  return typeof value === "object" ? "an object" : `${typeof value} ${String(value)}`;
};

const quote = (text: string): string => JSON.stringify(cutAfter(text, 80));

/** Finite, and not one of several whole numbers that come to the same. */
export const isExact = (value: number): boolean =>
  Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));
