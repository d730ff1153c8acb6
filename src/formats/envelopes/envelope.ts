/** What an alert is wrapped in: Kafka Connect's JSON, Debezium's change events, CloudEvents. */

import type { DecodeReason, EncodedRecord, RecordHeaders } from "../../runtime/ports.js";
import type { ReadingRules } from "../read-alert.js";
import type { RecordKey } from "../record-key.js";

/** What the bytes of a record's value say, whatever their format. */
export type ReadValue = (record: EncodedRecord) => BytesReading;
export type BytesReading =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: DecodeReason; readonly detail: string };

/**
 * `content`: what the envelope holds. `value`: what a mapping points into, `whole`: with what stands around it. `key`: as the producer meant it.
 * `ignored`: it tells of something that is no alert.
 */
export type Opened =
  | { readonly kind: "content"; readonly value: unknown; readonly whole: unknown; readonly key: RecordKey | undefined }
  | { readonly kind: "ignored"; readonly detail: string }
  | { readonly kind: "unreadable"; readonly reason: DecodeReason; readonly detail: string };

export interface Envelope {
  /** How it has keys. */
  keyIn(key: Buffer | null): RecordKey | undefined;
  /** Never throws. */
  open(record: EncodedRecord, read: ReadValue): Opened;
  /** Of a `content`: what is read as an alert where no mapping says how. `keyRule`: `KAFKA_KEY`. */
  alertOf(value: unknown, key: RecordKey | undefined, keyRule: ReadingRules["key"]): unknown;
}

export const unreadable = (
  detail: string,
  reason: DecodeReason = "not-an-alert",
): Extract<Opened, { kind: "unreadable" }> => ({
  kind: "unreadable",
  reason,
  detail,
});

export const ignored = (detail: string): Extract<Opened, { kind: "ignored" }> => ({ kind: "ignored", detail });

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** As UTF-8; of a header that is there several times, the last one. */
export const headerText = (headers: RecordHeaders | undefined, name: string): string | undefined =>
  lastHeader(headers, name)?.toString();

/** The same as it stands. */
export const lastHeader = (headers: RecordHeaders | undefined, name: string): Buffer | string | undefined => {
  if (headers === undefined || !Object.hasOwn(headers, name)) return undefined;
  const header = headers[name];
  return (Array.isArray(header) ? header.at(-1) : header) ?? undefined;
};
