/** `RECORD_ENVELOPE=cloudevents`: CloudEvents 1.0 by the Kafka protocol binding, binary and structured. */

import { isUtf8 } from "node:buffer";
import type { EncodedRecord, RecordHeaders } from "../../runtime/ports.js";
import { structureIn } from "../opened.js";
import type { ReadingRules } from "../read-alert.js";
import { keyIn } from "./connect.js";
import {
  type BytesReading,
  type Envelope,
  headerText,
  ignored,
  isObject,
  type Opened,
  type ReadValue,
  unreadable,
} from "./envelope.js";

/** Its content is the whole event as in the structured mode: attributes, and what it carries under `data`. */
export const cloudEventsEnvelope: Envelope = {
  keyIn,

  open(record, read) {
    const { headers } = record;
    const contentType = (
      headerText(headers, "content-type") ??
      headerText(headers, "Content-Type") ??
      ""
    ).toLowerCase();
    if (contentType.startsWith("application/cloudevents-batch"))
      return unreadable("a batch of CloudEvents: the producer has to send each by itself");
    if (contentType.startsWith("application/cloudevents")) {
      return /^application\/cloudevents(\+json)?\s*(;|$)/.test(contentType)
        ? structured(record, read)
        : unreadable(`a CloudEvent as ${contentType.slice(0, 80)}: only application/cloudevents+json is read`);
    }
    if (headerText(headers, "ce_specversion") !== undefined) return binary(record, contentType, read);
    return structured(record, read);
  },

  alertOf(value, key, keyRule) {
    if (!isObject(value)) return value;
    const { data, id, source, subject, time, type, deviceid } = value;
    if (Array.isArray(data)) return data;
    const said = isObject(data) ? data : { message: data };
    return {
      ...said,
      // Without all of these the key is the device. A key that need not be it comes after the subject.
      deviceId: said["deviceId"] ?? deviceid ?? (key === undefined ? (subject ?? source) : unlessKey(subject, keyRule)),
      type: said["type"] ?? type,
      occurredAt: said["occurredAt"] ?? time,
      alertId: said["alertId"] ?? id,
    };
  },
};

const unlessKey = (subject: unknown, keyRule: ReadingRules["key"]): unknown =>
  keyRule === "any" ? subject : undefined;

const structured = (record: EncodedRecord, read: ReadValue): Opened => {
  const { key } = record;
  const json = read(record);
  if (!json.ok) return { kind: "unreadable", reason: json.reason, detail: json.detail };
  if (json.value === null) return ignored("its value is null: a tombstone");
  if (!isObject(json.value) || typeof json.value["specversion"] !== "string")
    return unreadable("no CloudEvent: it has no header ce_specversion, and its value has no specversion");
  const { data_base64: encoded, ...event } = json.value;
  if (encoded === undefined || encoded === null) return contentOf({ ...event, data: unquoted(event["data"]) }, key);
  if (typeof encoded !== "string" || !BASE64.test(encoded)) return unreadable("its data_base64 is not base64");
  const { datacontenttype } = event;
  const data = dataOf(
    { key: null, value: Buffer.from(encoded, "base64") },
    typeof datacontenttype === "string" ? datacontenttype : "",
    read,
  );
  return data.ok
    ? contentOf({ ...event, data: data.value }, key)
    : unreadable(`data_base64: ${data.detail}`, data.reason);
};

const binary = (record: EncodedRecord, contentType: string, read: ReadValue): Opened => {
  const { key, headers } = record;
  const data = dataOf(record, contentType, read);
  if (!data.ok) return unreadable(data.detail, data.reason);
  const attributes = attributesIn(headers);
  return contentOf({ ...attributes, ...(contentType && { datacontenttype: contentType }), data: data.value }, key);
};

const attributesIn = (headers: RecordHeaders | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.keys(headers ?? {}).flatMap((name) => {
      const text = name.startsWith("ce_") ? headerText(headers, name) : undefined;
      return text === undefined ? [] : [[name.slice("ce_".length), text] as const];
    }),
  );

const contentOf = (event: Readonly<Record<string, unknown>>, key: Buffer | null): Opened => {
  const version = String(event["specversion"]);
  if (!/^1\./.test(version)) return unreadable(`a CloudEvent of version ${version.slice(0, 20)}: 1.0 is read`);
  return { kind: "content", value: event, whole: event, key: keyIn(key) };
};

/** Nothing at all is an event that says everything in its attributes. */
const dataOf = (record: EncodedRecord, contentType: string, read: ReadValue): BytesReading => {
  const { value: bytes } = record;
  if (bytes.length === 0) return { ok: true, value: undefined };
  if (/^\s*text\//i.test(contentType)) {
    if (!isUtf8(bytes)) return { ok: false, reason: "not-utf8", detail: "the data is not valid UTF-8" };
    return { ok: true, value: bytes.toString() };
  }
  const data = read(record);
  return data.ok ? { ok: true, value: unquoted(data.value) } : data;
};

/** JSON in a text, as some producers send it; base64 has a member of its own. */
const unquoted = (data: unknown): unknown => (typeof data === "string" ? (structureIn(data) ?? data) : data);

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
