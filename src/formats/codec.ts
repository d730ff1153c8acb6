import { type Alert, MAX_VALUE_BYTES, SEVERITIES, type Severity, type Status, tooLarge } from "../core/alert.js";
import type { Room } from "../core/alert-buffer.js";
import { COMMA } from "../core/ascii.js";
import { type WrittenBytes, wholeOf } from "../core/partition-types.js";
import type { AlertCodec, Decoded, EncodedRecord } from "../runtime/ports.js";
import { AlertWords } from "./alert-words.js";
import { bounded, decodeLong, WHOLE_BYTES } from "./bounded.js";
import { CUT_NOTE, cutIn } from "./cut-note.js";
import { decodedOf, unreadable } from "./decoded.js";
import { createKeyNames } from "./key-names.js";
import { isDocumentedTime } from "./occurred-at.js";
import { readPlainJson } from "./plain-json.js";
import { type AlertFields, DEFAULT_RULES, isExact, type ReadingRules, readAlert } from "./read-alert.js";
import { keyOf } from "./record-key.js";
import type { RegistryReader } from "./registry/registry-reader.js";
import { AlertScanner } from "./scan.js";
import { shallow } from "./shallow.js";
import { isBlank, writtenText } from "./written-text.js";

/** The alert record (docs/alert-record.md): the documented form by a short way, and whatever else a producer writes by a kind one. */
export const createAlertCodec = (rules: ReadingRules = DEFAULT_RULES, registry?: RegistryReader): AlertCodec => {
  // A documented word that the operator reads in another way.
  const mapsDocumented = SEVERITIES.some((word) => rules.severities.has(word));
  const words = new AlertWords(rules);
  const scanner = mapsDocumented ? undefined : new AlertScanner();
  return {
    decode(record, room) {
      const { from, to } = placeOf(record);
      if (to - from > MAX_VALUE_BYTES) return unreadable("too-large", tooLarge(to - from));
      if (registry !== undefined) return bounded(decodeFramed(record, registry, words, scanner, room), rules);
      return decodePlain(record, scanner, rules);
    },

    parse(bytes, deviceId) {
      const json = bytes[0] === COMMA ? restored(bytes, deviceId) : readJson(bytes);
      return !mapsDocumented && isDocumented(json as AlertFields)
        ? documentedAlert(json as DocumentedFields)
        : parseKindly(json, rules);
    },

    deviceOf: createKeyNames(registry).deviceOf,

    ...(registry !== undefined && { prepare: (records) => registry.prepare(records) }),
  };
};

const readJson = (bytes: Uint8Array): unknown => JSON.parse(shallow(textOf(bytes)));

/** Of an alert that is kept without its device (`PlacedAlert`): what is left begins with the comma behind it. */
const restored = (bytes: Uint8Array, deviceId: string | undefined): unknown => {
  const fields: AlertFields = JSON.parse(shallow(`{${textOf(bytes.subarray(1))}`));
  // Who reads it again for what it counts as does not ask whose it is.
  return Object.assign(fields, { deviceId: deviceId ?? SOME_DEVICE });
};

const textOf = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString("utf8");

const SOME_DEVICE = "?";

const decodeFramed = (
  record: EncodedRecord,
  registry: RegistryReader,
  words: AlertWords,
  scanner: AlertScanner | undefined,
  room: Room | undefined,
): Decoded => {
  const { rules } = words;
  const key = registry.key(record);
  const short = registry.short(record, rules.key === "any" ? null : key, words, room);
  if (short !== undefined) return short;
  const framed = registry.read(record);
  if (framed === undefined || framed.kind === "json") {
    const value = framed === undefined ? record.value : framed.body;
    return decodePlain({ key, value }, scanner, rules);
  }
  if (framed.kind === "unreadable") return unreadable(framed.reason, framed.detail);
  return decodedOf(readAlert(framed.value, keyOf(key), rules));
};

const decodePlain = (record: EncodedRecord, scanner: AlertScanner | undefined, rules: ReadingRules): Decoded => {
  const place = placeOf(record);
  if (place.to - place.from > WHOLE_BYTES) return decodeLong(record, rules);
  return scanner?.scan(rules.key === "any" ? null : keyPlaceOf(record), place) ?? decodeKindly(record, rules);
};

const placeOf = (record: EncodedRecord): WrittenBytes => record.place ?? wholeOf(record.value);

const keyPlaceOf = (record: EncodedRecord): WrittenBytes | null => {
  const { place } = record;
  if (place === undefined) return record.key && wholeOf(record.key);
  const { memory, keyFrom, keyTo } = place;
  return keyTo < keyFrom ? null : { memory, from: keyFrom, to: keyTo };
};

const decodeKindly = ({ key, value }: EncodedRecord, rules: ReadingRules): Decoded => {
  const json = readPlainJson(value);
  if (!json.ok) return unreadable(json.reason, json.detail);
  const reading = readAlert(json.value, keyOf(key), rules);
  if (!reading.ok) return decodedOf(reading);
  // `parse` is given the bytes and nothing else: they have to name the device.
  const { deviceId } = json.value as AlertFields;
  return decodedOf(reading, json.asItStands && deviceId === reading.alert.deviceId ? value : undefined);
};

const documentedAlert = (fields: DocumentedFields): Alert => {
  const alert: Alert = {
    deviceId: fields.deviceId,
    message: fields.message,
    deviceName: unlessBlank(fields.deviceName),
    severity: fields.severity ?? "warning",
    status: fields.status ?? "firing",
    type: fields.type ?? undefined,
    value: fields.value ?? undefined,
    threshold: fields.threshold ?? undefined,
    unit: unlessBlank(fields.unit),
    occurredAt: fields.occurredAt ?? undefined,
    alertId: unlessBlank(fields.alertId),
    labels: fields.labels ?? undefined,
  };
  return CUT_NOTE in fields ? { ...alert, ...cutIn(fields) } : alert;
};

const unlessBlank = (text: string | null | undefined): string | undefined =>
  text == null || isBlank(text) ? undefined : text;

const parseKindly = (json: unknown, rules: ReadingRules): Alert => {
  const reading = readAlert(json, undefined, rules);
  if (reading.ok) return reading.alert;
  // Not of bytes that `decode` gave. A mail that says little is better than none.
  const { deviceId, message } = json as AlertFields;
  return { deviceId: writtenText(deviceId), message: writtenText(message), severity: "warning", status: "firing" };
};

// Whether an alert is written as documented: nearly all are, and need no second look.

/** Optional fields may be null, which many serialisers write for "absent". */
type DocumentedFields = {
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
const isDocumented = (fields: AlertFields): fields is DocumentedFields => {
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

const areTexts = (labels: unknown): boolean => {
  if (typeof labels !== "object" || Array.isArray(labels)) return false;
  const texts = labels as Record<string, unknown>;
  for (const name of Object.keys(texts)) if (typeof texts[name] !== "string") return false;
  return true;
};
