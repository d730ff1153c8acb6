/** Records in envelopes, and what is in them. */

import assert from "node:assert/strict";
import type { Envelope, Opened } from "#src/formats/envelopes/envelope.js";
import { readJson } from "#src/formats/shaped-codec.js";

type Json = unknown;

export interface Sent {
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const bytesOf = (value: Json | Buffer): Buffer => (Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value)));

export const opening = (envelope: Envelope, value: Json | Buffer, { key, headers }: Sent = {}): Opened =>
  envelope.open(
    {
      key: key === undefined ? null : Buffer.from(key),
      value: bytesOf(value),
      headers: headers && Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
    },
    readJson,
  );

/** The fields that are read as an alert. */
export const fieldsOf = (
  envelope: Envelope,
  value: Json | Buffer,
  sent: Sent = {},
  keyRule: "any" | "device" = "device",
): Readonly<Record<string, unknown>> => {
  const opened = opening(envelope, value, sent);
  if (opened.kind !== "content") return assert.fail(JSON.stringify(opened));
  return envelope.alertOf(opened.value, opened.key, keyRule) as Readonly<Record<string, unknown>>;
};

export const keyTextOf = (envelope: Envelope, value: Json, key: string): string | undefined => {
  const opened = opening(envelope, value, { key });
  return opened.kind === "content" ? opened.key?.text : assert.fail(opened.detail);
};

/** `ignored: why`, or `unreadable reason: why`. */
export const saidOf = (envelope: Envelope, value: Json | Buffer, sent: Sent = {}): string => {
  const opened = opening(envelope, value, sent);
  if (opened.kind === "content") return assert.fail("it was read");
  return opened.kind === "ignored" ? `ignored: ${opened.detail}` : `${opened.reason}: ${opened.detail}`;
};

/** A field of a struct. */
export const field = (name: string, type: string, more: Readonly<Record<string, unknown>> = {}) => ({
  field: name,
  type,
  optional: true,
  ...more,
});

export const struct = (fields: readonly object[]) => ({ type: "struct", fields, optional: false });
